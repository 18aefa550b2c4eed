"""The parts of the report program; they run in the sandbox, joined into one file.

Owns how a plan becomes files. Must never be imported on the product side.
"""
