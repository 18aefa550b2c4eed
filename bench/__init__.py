"""Benchmarks of Deputy: one module each, run by `script/bench NAME`.

Each prints a table and, as its last line, one JSON object {"bench": NAME, "figures": {...}}.
"""
