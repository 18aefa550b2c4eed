"""Figures computed from others of the same row: sums, differences, products, quotients, spans.

Owns this arithmetic, in decimals: 2.3 less 0.1 is 2.2 and passes "at least 2.2". Must never read
a cell: numbers and moments come in.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

SECONDS_OF = {"days": 86_400, "hours": 3_600}


def computed(how: str, rows: Iterable[Sequence[Any]]) -> list[float | None]:
    """Give a figure for each row of floats, or of timestamps for "days" and "hours".

    What is missing in a row is NaN or NaT; only a sum does without it.
    """
    if how in SECONDS_OF:
        return [_span(row, SECONDS_OF[how]) for row in rows]
    return [_figure(how, [Decimal(repr(float(n))) for n in row if n == n], len(row))
            for row in rows]  # fmt: skip


def _span(row: Sequence[Any], seconds: int) -> float | None:
    start, end = row
    return (end - start).total_seconds() / seconds if start == start and end == end else None


def _figure(how: str, known: list[Decimal], wanted: int) -> float | None:
    if not known or (len(known) < wanted and how != "sum"):
        return None
    if how == "sum":
        found = sum(known, Decimal(0))
    elif how == "product":
        found = math.prod(known, start=Decimal(1))
    elif how == "difference":
        found = known[0] - known[1]
    elif known[1]:
        found = known[0] / known[1]
    else:
        return None
    size = float(found)
    return size if math.isfinite(size) else None
