"""Sandboxes: the port every backend fills, and one module per backend.

Owns nothing itself. There is no backend without walls.
"""
