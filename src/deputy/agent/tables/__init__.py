"""How tables are found in files and read: source that runs in the sandbox, joined to programs.

Owns which parts a program needs. Must never run any of it on the product side: the files are
hostile. `READING` gives a program `read_table`, `read_tables`, `column_named`, `numbers`, `dates`
and `names` (see `tables.reading`); `finding()` is the program that finds tables and says how to
read them. Whatever a program names beside `READING`, it shares one room with these parts, so its
own names must differ from theirs.
"""

from __future__ import annotations

from functools import cache

from deputy.agent import programs

READING = tuple(
    f"{__name__}.{part}"
    for part in (
        "refusals", "cells", "headings", "amounts", "days", "records", "workbooks", "sources",
        "derivations", "reading",
    )
)  # fmt: skip
FINDING = tuple(
    f"{__name__}.{part}"
    for part in (
        "refusals", "cells", "headings", "amounts", "days", "records", "workbooks", "sources",
        "encodings", "dialects", "units", "sums", "remarks", "layouts", "columns", "probing",
    )
)  # fmt: skip
HEADER = '''"""Reads which tables and columns the attached files have; prints one JSON line.

Runs in the sandbox with PARAMS["paths"]; it changes no file.
"""
'''


@cache
def finding() -> str:
    """Give the program that finds the tables of the attached files."""
    return programs.joined(HEADER, FINDING)
