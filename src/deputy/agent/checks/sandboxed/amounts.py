"""Reads numbers from cells and from text as people write it, in decimal arithmetic.

Owns what "€ 1.234,50", "(12.00)" and "45 %" mean. Must never guess beyond what a column shows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

SIGNS = re.compile(r"[\s'’%€$£¥￥₹₽₩₺₴₦¢฿₫₱]")
MINUSES = str.maketrans("−–‐‑‒", "-----")
LANDS = re.compile(r"\b(US|CA?|AU?|R|NZ|HK|S|MX)(?=\$)")
CODE = re.compile(r"^[A-Z]{3}(?=[\d(+.,-])|(?<=[\d).,-])[A-Z]{3}$")
UNIT = "(kr|Fr|Rs|zł|Kč|Ft|lei)"
WORD = re.compile(rf"^{UNIT}\.?(?=[\d(+.,-])|(?<=[\d).,-]){UNIT}\.?$")
SHAPE = re.compile(r"(-\(|\(-|\(|[-+])?([\d.,]*\d[\d.,]*)(\)|[-+])?", re.ASCII)
DIGIT = re.compile("[0-9]")
ROUND = ("(", "-(", "(-")
POWER = re.compile(r"[-+]?\d+(\.\d+)?[eE][-+]?\d{1,3}", re.ASCII)
TEXT_CHARACTERS_MAX = 60


def to_decimal(cell: Any, mark: str | None) -> Decimal | None:
    """Read a number from a cell or its text; `mark` is the decimal point, null where unknown."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float | Decimal):
        number = Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)
        return number if number.is_finite() else None
    if not isinstance(cell, str) or len(cell) > TEXT_CHARACTERS_MAX or not DIGIT.search(cell):
        return None
    bare = _bare(cell)
    if POWER.fullmatch(bare):
        return Decimal(bare)
    shape = SHAPE.fullmatch(bare)
    if not shape:
        return None
    before, digits, after = shape.group(1) or "", shape.group(2), shape.group(3) or ""
    # Brackets come in pairs, and a sign stands on one side only.
    if (before in ROUND) != (after == ")") or (before and after and before not in ROUND):
        return None
    size = _size(digits, mark or _point(digits))
    negative = before in ("-", *ROUND) or after == "-"
    return -size if size is not None and negative else size


def _size(digits: str, point: str) -> Decimal | None:
    """Read bare digits; the other mark may only part thousands (or lakhs), never stray."""
    other = "," if point == "." else "."
    whole, _, rest = digits.partition(point)
    parts = whole.split(other)
    threes = all(len(part) == 3 for part in parts[1:])
    lakhs = len(parts[-1]) == 3 and all(len(part) == 2 for part in parts[1:-1])
    if not rest.isdigit() and rest:
        return None
    if len(parts) > 1 and not (1 <= len(parts[0]) <= (3 if threes else 2) and (threes or lakhs)):
        return None
    try:
        return Decimal("".join(parts) + ("." + rest if rest else ""))
    except InvalidOperation:
        return None


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
    return WORD.sub("", CODE.sub("", SIGNS.sub("", LANDS.sub("", text).translate(MINUSES))))


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
