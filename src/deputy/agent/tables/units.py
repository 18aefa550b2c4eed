"""The currency or percent a column is in, by its heading, number formats or signs.

Owns the signs and codes that are known. Must never convert anything.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import Any

from deputy.agent.tables.amounts import CODES

CURRENCIES = {
    "€": "EUR", "US$": "USD", "A$": "AUD", "C$": "CAD", "R$": "BRL", "$": "USD", "£": "GBP",
    "¥": "JPY", "₹": "INR", "₩": "KRW", "₺": "TRY", "₽": "RUB", "zł": "PLN", "Kč": "CZK",
}  # fmt: skip
FIGURE_MARKS = re.compile(r"[\d.,'()+\s-]+")
UNIT_SAMPLE = 50


def unit_of(name: str, formats: list[str], present: Iterable[Any]) -> str | None:
    """Give the currency or % seen in the heading, the number formats or the cells."""
    texts = (cell for cell in present if isinstance(cell, str) and any(c.isdigit() for c in cell))
    sample = " ".join(itertools.islice(texts, UNIT_SAMPLE))
    for text in (name.replace("_", " "), " ".join(formats), sample):
        if re.search(r"%|\bpct\b|\bpercent\b", text, re.IGNORECASE):
            return "%"
        if found := currencies(text):
            return found[0]
    return None


def currencies(text: str) -> list[str]:
    """Give every currency a text names by code or by sign."""
    plain = re.sub(r"\[\$([^\]-]*)(?:-[0-9A-Fa-f]+)?\]", r"\1", text)
    codes = [c for c in CODES if re.search(rf"(?<![A-Za-z]){c}(?![A-Za-z])", plain.upper())]
    for sign, code in CURRENCIES.items():
        if sign in plain:
            codes.append(code)
            plain = plain.replace(sign, " ")
    return list(dict.fromkeys(codes))


def mixed_units(formats: list[str], present: Iterable[Any]) -> list[str]:
    """Give the currencies of the amounts themselves when they are more than one."""
    marks = {FIGURE_MARKS.sub(" ", cell) for cell in present if isinstance(cell, str)}
    found = currencies(" ".join((*formats, *sorted(marks))))
    return found if len(found) > 1 else []
