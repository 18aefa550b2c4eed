"""Contracts between planes: signatures, permits, authority.

Owns what crosses a border and how it is verified. Must never decide anything.
"""
