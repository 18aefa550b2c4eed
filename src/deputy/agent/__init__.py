"""The cell's thinking half: sessions, loop, models, playbooks, tools and checks.

Owns how a turn is worked on. Must never import its siblings control, integration or execution.
"""
