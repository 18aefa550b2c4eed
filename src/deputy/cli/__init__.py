"""The command line.

Owns commands, their words on a terminal and their exit codes. Must never hold a rule: it asks the
API, as any other client would, or the composition root.
"""
