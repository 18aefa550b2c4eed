"""The nouns and rules of Deputy: pure values and pure functions.

Owns what every plane agrees on. Must never do I/O, read a clock or draw randomness.
"""
