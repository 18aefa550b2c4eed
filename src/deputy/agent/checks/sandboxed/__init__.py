"""Checks and the parts they share; they run in a fresh sandbox of their own.

Owns how a delivered file is examined. Must never share code with what produced it, and must never
be imported on the product side.
"""
