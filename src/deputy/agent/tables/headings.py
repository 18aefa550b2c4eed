"""The names of columns: formed from one or more rows, trimmed, each different.

Owns these names. Must never choose the rows: they are found or planned elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from deputy.agent.tables.cells import blank, words_of

HEADING_CHARACTERS_MAX = 200  # a table's heading holds 255


def headings_of(rows: list[list[Any]]) -> list[str]:
    """Give a name for every column up to the last filled heading cell.

    The rows are joined from top to bottom. In all but the last a blank cell repeats the one to its
    left, since a heading over several columns stands in the first of them. An empty heading is
    called "Column N", one that comes again "NAME (2)".
    """
    width = max((at + 1 for row in rows for at, cell in enumerate(row) if not blank(cell)),
                default=0)  # fmt: skip
    upper = [_spread(row, width) for row in rows[:-1]]
    lower = [words_of(cell) for cell in (rows[-1] + [None] * width)[:width]]
    found: list[str] = []
    taken: set[str] = set()
    for at in range(width):
        parts = [row[at] for row in [*upper, lower] if row[at]]
        plain = " ".join(dict.fromkeys(parts)).replace("\ufeff", "").strip()
        heading = free_name(plain[:HEADING_CHARACTERS_MAX] or f"Column {at + 1}", taken)
        taken.add(heading.casefold())
        found.append(heading)
    return found


def free_name(name: str, taken: Collection[str]) -> str:
    """Give `name`, or "name (2)" and so on when it is taken; `taken` is without case."""
    free, copy = name, 1
    while free.casefold() in taken:
        copy += 1
        free = f"{name} ({copy})"
    return free


def _spread(row: list[Any], width: int) -> list[str]:
    cells: list[str] = []
    for cell in (row + [None] * width)[:width]:
        cells.append(words_of(cell) or (cells[-1] if cells else ""))
    return cells
