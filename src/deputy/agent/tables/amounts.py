"""Numbers written as text: currency signs, thousands marks, decimal commas, parentheses.

Owns what such a text is worth. Must never guess: what does not read as one number is none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

AMOUNT_CHARACTERS_MAX = 60
MINUS = str.maketrans({"\u2212": "-", "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-"})
CODES = (
    "EUR", "USD", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "CZK", "INR",
    "CNY", "BRL", "MXN", "HUF", "RON", "TRY", "ZAR", "KRW", "SGD", "HKD", "NZD",
)  # fmt: skip
WORDS = "|".join((*CODES, r"kr\.?", r"Fr\.?", r"Rs\.?", "zł", "Kč", "Ft", "lei"))
CURRENCY_WORDS = re.compile(rf"^([-+(]?)(?:{WORDS})(?=[-+(\d.,])|(?<=[\d.,)%-])(?:{WORDS})$")
DOLLAR_LANDS = re.compile(r"\b(?:US|CA?|AU?|R|NZ|HK|S|MX)(?=\$)")
SIGNED = re.compile(
    r"(\(|[-+])?(\(|[-+])?([\d.,]+(?:[eE][-+]?\d{1,3})?)(\))?([-+])?(\))?", re.ASCII
)
PLAIN_AMOUNT = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?", re.ASCII)  # the commonest, read at once
PERCENT = re.compile(r"^%|%(?=[-+)]{0,2}$)")
GROUPED = r"\d{1,3}(?:%s\d{3})+|\d{1,2}(?:%s\d{2})+%s\d{3}"
SIGNS = {("", ""), ("-", ""), ("+", ""), ("", "-"), ("", "+"), ("(", ")"), ("(-", ")"), ("-(", ")")}


def number_in(cell: Any, decimal: str | None = None) -> float | None:
    """Read one cell: a number, or text such as "€ 1.234,50", "(12.00)", "45 %", "12-".

    Without `decimal` the text itself must tell which mark splits off the decimals.
    """
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return float(cell) if cell == cell and abs(cell) != float("inf") else None
    if not isinstance(cell, str) or len(cell) > AMOUNT_CHARACTERS_MAX:
        return None
    if decimal == "." and PLAIN_AMOUNT.fullmatch(cell):
        return float(cell)
    shape = SIGNED.fullmatch(bare_amount(cell))
    if shape is None:
        return None
    first, second, digits, close, trail, outer = (part or "" for part in shape.groups())
    before, after = first + second, close + trail + outer
    if (before, after) not in SIGNS:
        return None
    size = _size(digits, decimal or mark_in(digits) or ".")
    if size is None:
        return None
    return -size if "-" in before + after or "(" in before else size


def bare_amount(text: str) -> str:
    """Give an amount's digits and marks: no blanks, currencies, percent or apostrophes."""
    plain = DOLLAR_LANDS.sub("", text.translate(MINUS))
    kept = (c for c in plain if not c.isspace() and c not in "'\u2019")
    bare = "".join(c for c in kept if unicodedata.category(c) != "Sc")
    return CURRENCY_WORDS.sub(lambda found: found[1] or "", _without_percent(bare), count=1)


def _without_percent(bare: str) -> str:
    return PERCENT.sub("", bare)


def mark_in(digits: str) -> str | None:
    """Tell the decimal mark of bare digits: "." or ",", or nothing when they do not tell."""
    if "," in digits and "." in digits:
        return max(",.", key=digits.rindex)
    for mark, other in ((",", "."), (".", ",")):
        if digits.count(mark) > 1:
            return other if re.fullmatch(GROUPED.replace("%s", re.escape(mark)), digits) else None
        if mark in digits and not re.fullmatch(rf"[1-9]\d{{0,2}}{re.escape(mark)}\d{{3}}", digits):
            return mark
    return None


def decimal_mark(cells: Iterable[Any]) -> str | None:
    """Give the decimal mark most texts tell, or nothing when no text does."""
    votes = {",": 0, ".": 0}
    for cell in cells:
        shape = SIGNED.fullmatch(bare_amount(cell)) if likely_amount(cell) else None
        mark = mark_in(shape[3]) if shape else None
        if mark is not None:
            votes[mark] += 1
    best = max(votes, key=lambda mark: (votes[mark], mark == "."))
    return best if votes[best] else None


def likely_amount(cell: Any) -> bool:
    """Whether a cell is a short text with a digit: the only kind worth a closer look."""
    short = isinstance(cell, str) and len(cell) <= AMOUNT_CHARACTERS_MAX
    return short and any(mark in cell for mark in ",.") and any(c.isdigit() for c in cell)


def _size(digits: str, mark: str) -> float | None:
    """Read unsigned digits; thousands marks must part them in threes (or as lakhs)."""
    thousands = "," if mark == "." else "."
    whole, _, rest = digits.partition(mark)
    grouped = GROUPED.replace("%s", re.escape(thousands))
    if thousands in rest or (thousands in whole and not re.fullmatch(grouped, whole)):
        return None
    try:
        return float(whole.replace(thousands, "") + ("." + rest if rest else ""))
    except ValueError:
        return None
