"""What a right answer must hold: figures of named groups, cells of pivots, orders, totals.

Owns these shapes and the plain arithmetic that fills them. Must never read a product's output nor
use any of the product's code.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]
Rows = Sequence[Row]
Key = Callable[[Row], str | None]
Amount = int | float | Decimal
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Figure:
    """One figure. A percentage may be shown as 12.34 or 0.1234; money out may be shown positive."""

    value: float
    percent: bool = False
    any_sign: bool = False


@dataclass(frozen=True)
class Pairs:
    """Every group's name with its figure (None: the name alone).

    A name is text as the table has it, or `month:2025-03`, `quarter:2025-Q1`, `year:2025`,
    `weekday:Monday`, `hour:07`. `ordered`: in this order, and before any of `others`. None of
    `absent` may stand among them. `listing`: rows of the table itself were asked for.
    """

    pairs: tuple[tuple[str, Figure | None], ...]
    ordered: bool = False
    others: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    listing: bool = False


@dataclass(frozen=True)
class Cells:
    """A pivot: (name of the row, heading of the column, figure); an empty cell means 0."""

    cells: tuple[tuple[str, str, Figure], ...]


@dataclass(frozen=True)
class Totals:
    """Figures of everything asked for, without a group."""

    figures: tuple[Figure, ...]


Part = Pairs | Cells | Totals
Reading = tuple[Part, ...]
"""All that must be found if the words are read in one way."""
Expected = tuple[Reading, ...]
"""The sensible readings; one of them must be found. None at all: nothing can be right."""


def figure(value: Amount, *, percent: bool = False, any_sign: bool = False) -> Figure:
    """Make a figure of a number."""
    return Figure(float(value), percent, any_sign)


def share(part: Amount, whole: Amount) -> Figure:
    """Give a part of a whole in percent."""
    return figure(Decimal(part) * 100 / Decimal(whole), percent=True)


def growth(now: Amount, before: Amount) -> Figure:
    """Give growth in percent."""
    return share(Decimal(now) - Decimal(before), before)


def of(column: str) -> Key:
    """Group by what a column holds."""
    return lambda row: row[column]


def month(column: str) -> Key:
    """Group by calendar month."""
    return lambda row: row[column] and f"month:{row[column]:%Y-%m}"


def quarter(column: str) -> Key:
    """Group by calendar quarter."""
    return lambda row: f"quarter:{row[column].year}-Q{(row[column].month + 2) // 3}"


def year(column: str) -> Key:
    """Group by calendar year."""
    return lambda row: f"year:{row[column].year}"


def weekday(column: str) -> Key:
    """Group by day of the week."""
    return lambda row: f"weekday:{WEEKDAYS[row[column].weekday()]}"


def hour(column: str) -> Key:
    """Group by hour of the day."""
    return lambda row: f"hour:{row[column].hour:02}"


def groups(rows: Iterable[Row], key: Key) -> dict[str, list[Row]]:
    """Split rows into groups, names in order; rows without a name are left out."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if (name := key(row)) is not None:
            found.setdefault(name, []).append(row)
    return dict(sorted(found.items()))


def values(rows: Iterable[Row], column: str) -> list[Any]:
    """Give what a column holds, empty cells left out."""
    return [row[column] for row in rows if row[column] is not None]


def total(rows: Iterable[Row], column: str) -> Amount:
    """Add a column up."""
    return sum(values(rows, column))


def mean(rows: Iterable[Row], column: str) -> Amount:
    """Give the average of a column."""
    found = values(rows, column)
    return Decimal(sum(found)) / len(found)


def median(rows: Iterable[Row], column: str) -> Amount:
    """Give the median of a column."""
    return statistics.median(values(rows, column))


def distinct(rows: Iterable[Row], column: str) -> int:
    """Count different values of a column."""
    return len(set(values(rows, column)))


def each(found: Mapping[str, Amount | Figure], **more: Any) -> Pairs:
    """Expect a figure for every group."""
    pairs = {n: v if isinstance(v, Figure) else figure(v) for n, v in found.items()}
    return Pairs(tuple(pairs.items()), **more)


def sums(rows: Iterable[Row], key: Key, column: str, **more: Any) -> Pairs:
    """Expect a column's sum for every group."""
    return each({n: total(g, column) for n, g in groups(rows, key).items()}, **more)


def counts(rows: Iterable[Row], key: Key, **more: Any) -> Pairs:
    """Expect the number of rows of every group."""
    return each({n: len(g) for n, g in groups(rows, key).items()}, **more)


def means(rows: Iterable[Row], key: Key, column: str) -> Pairs:
    """Expect a column's average for every group."""
    return each({n: mean(g, column) for n, g in groups(rows, key).items()})


def medians(rows: Iterable[Row], key: Key, column: str) -> Pairs:
    """Expect a column's median for every group."""
    return each({n: median(g, column) for n, g in groups(rows, key).items()})


def ranked(
    found: Mapping[str, Amount | Figure],
    top: int | None = None,
    *,
    lowest: bool = False,
    any_sign: bool = False,
) -> Pairs:
    """Expect the largest (or lowest) groups in order; a tie at any place is a mistake of ours."""
    figures = {
        n: v if isinstance(v, Figure) else figure(v, any_sign=any_sign) for n, v in found.items()
    }
    order = sorted(figures, key=lambda n: figures[n].value, reverse=not lowest)
    top = len(order) if top is None else top
    compared = [figures[n].value for n in order[: top + 1]]
    assert len(set(compared)) == len(compared), f"a tie: {compared}"
    named = tuple((n, figures[n]) for n in order[:top])
    return Pairs(named, ordered=True, others=tuple(order[top:]))


def summed(rows: Iterable[Row], key: Key, column: str) -> dict[str, Amount]:
    """Add a column up for every group."""
    return {n: total(g, column) for n, g in groups(rows, key).items()}


def counted(rows: Iterable[Row], key: Key) -> dict[str, Amount]:
    """Count the rows of every group."""
    return {n: len(g) for n, g in groups(rows, key).items()}


def cross(
    rows: Sequence[Row], down: Key, across: Key, found: Callable[[Iterable[Row]], Amount]
) -> Cells:
    """Expect a figure for every pair of two groups."""
    return Cells(
        tuple(
            (a, b, figure(found([r for r in inner if across(r) == b])))
            for a, inner in groups(rows, down).items()
            for b in groups(rows, across)
        )
    )


def totals(*found: Amount | Figure) -> Totals:
    """Expect figures without a group."""
    return Totals(tuple(v if isinstance(v, Figure) else figure(v) for v in found))


def signless(pairs: Pairs) -> Pairs:
    """Let money out be shown with or without its minus."""
    loose = tuple((n, f and Figure(f.value, f.percent, any_sign=True)) for n, f in pairs.pairs)
    return Pairs(loose, pairs.ordered, pairs.others, pairs.absent, pairs.listing)
