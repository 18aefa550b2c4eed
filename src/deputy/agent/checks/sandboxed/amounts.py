"""Reads numbers from cells and from text as people write it, in decimal arithmetic.

Owns what "€ 1.234,50", "(12.00)" and "45 %" mean. Must never guess beyond what a column shows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

SIGNS = re.compile(r"[\s'’%€$£¥₹₽₩₺₴₦¢฿₫₱]")
CODE = re.compile(r"^[A-Z]{3}(?=[\d(+.,-])|(?<=[\d).,-])[A-Z]{3}$")
SHAPE = re.compile(r"(\(|[-+])?([\d.,]*\d[\d.,]*)(\)|-)?", re.ASCII)
POWER = re.compile(r"[-+]?\d+(\.\d+)?[eE][-+]?\d{1,3}", re.ASCII)
TEXT_CHARACTERS_MAX = 60


def to_decimal(cell: Any, mark: str | None) -> Decimal | None:
    """Read a number from a cell or its text; `mark` is the decimal point, null where unknown."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float | Decimal):
        number = Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)
        return number if number.is_finite() else None
    if not isinstance(cell, str) or len(cell) > TEXT_CHARACTERS_MAX:
        return None
    bare = _bare(cell)
    if POWER.fullmatch(bare):
        return Decimal(bare)
    shape = SHAPE.fullmatch(bare)
    if not shape:
        return None
    digits = shape.group(2)
    point = mark or _point(digits)
    plain = "".join("." if c == point else c for c in digits if c.isdigit() or c == point)
    try:
        size = Decimal(plain)
    except InvalidOperation:
        return None
    return -size if shape.group(1) in ("(", "-") or shape.group(3) == "-" else size


def settled_mark(cells: Iterable[Any]) -> str | None:
    """Give the decimal mark that a column's own texts settle, or None where none does."""
    votes: Counter[str] = Counter()
    for cell in cells:
        if isinstance(cell, str) and len(cell) <= TEXT_CHARACTERS_MAX:
            shape = SHAPE.fullmatch(_bare(cell))
            mark = _plain_mark(shape.group(2)) if shape else None
            if mark:
                votes[mark] += 1
    return votes.most_common(1)[0][0] if votes else None


def _bare(text: str) -> str:
    return CODE.sub("", SIGNS.sub("", text).replace("−", "-"))


def _plain_mark(digits: str) -> str | None:
    """Give the decimal mark if the digits leave no doubt about it."""
    marks = [c for c in digits if c in ".,"]
    if not marks:
        return None
    if len(set(marks)) == 2:
        return marks[-1]
    in_threes = re.fullmatch(r"\d{1,3}([.,]\d{3})+", digits) is not None
    if len(marks) > 1:
        return ("." if marks[0] == "," else ",") if in_threes else None
    return None if in_threes and not digits.startswith("0") else marks[0]


def _point(digits: str) -> str:
    """Tell which mark is most likely the decimal point of a bare number."""
    plain = _plain_mark(digits)
    if plain:
        return plain
    # A single comma before three digits parts thousands, a single point does not.
    return "."
