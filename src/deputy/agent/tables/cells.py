"""What a cell is: blank or filled, its text, and its words as two tables compare them.

Owns these few questions. Must never know where a cell stands.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

BLANK_GROUP = "(blank)"


class TableError(Exception):
    """The table cannot be read as planned; the message says what to change."""


def blank(cell: Any) -> bool:
    """Whether a cell holds nothing: no value, no number, or only white space."""
    if isinstance(cell, str):
        return not cell.strip()
    return cell is None or cell != cell


def blank_row(row: list[Any]) -> bool:
    """Whether every cell of a row is blank."""
    return all(blank(cell) for cell in row)


def text_of(cell: Any) -> str:
    """Give a cell as text: whole numbers without a point, midnight as the day alone."""
    if blank(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell)


def words_of(cell: Any) -> str:
    """Give a cell's text with single blanks between its words."""
    return " ".join(text_of(cell).split())


def key_of(cell: Any) -> str:
    """Give what two cells are compared by: words without regard to case."""
    return words_of(cell).casefold()
