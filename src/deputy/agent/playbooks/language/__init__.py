"""The language of the built-in model for tables: from words over a schema to a plan.

Owns nothing but the parts below. Must never do I/O, read a clock or keep state.
"""
