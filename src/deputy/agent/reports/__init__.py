"""The report program: one readable Python text that turns a plan into finished files.

Owns which parts it has. Must never run any of it on the product side.
"""

from __future__ import annotations

from functools import cache

from deputy.agent import programs, tables

PARTS = (
    "selecting", "figures", "wording", "telling", "courses", "formulas", "datasheets", "styles",
    "tables", "charts", "rankings",
    "questions", "overviews", "rowsheets", "workings", "notesheets", "workbooks",
    "drawings", "grids", "template", "page", "plain", "running",
)  # fmt: skip
HEADER = '''"""Computes one report from one plan and writes it as Excel, PDF and CSV.

Runs in the sandbox with PARAMS["plan"]; prints one JSON line. It reads the source files, writes
below out/, and needs nothing else.
"""
'''


@cache
def source() -> str:
    """Give the whole program."""
    own = [f"{__name__}.program.{part}" for part in PARTS]
    return programs.joined(HEADER, [*tables.READING, *own])
