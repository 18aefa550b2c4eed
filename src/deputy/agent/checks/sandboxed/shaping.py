"""Makes wide rows long and computes columns of a row, as a plan says, by the second route.

Owns what `unpivot` and `derived` mean to a check. Must never import what the reports are made with.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from math import isinf
from typing import Any

from deputy.agent.checks.sandboxed.sources import (
    ROWS_MAX,
    Column,
    Part,
    Rows,
    read_table,
    spelled,
)
from deputy.agent.checks.sandboxed.verdicts import UncheckedError

MICROSECOND = dt.timedelta(microseconds=1)
SPANS = {"days": 86_400_000_000, "hours": 3_600_000_000}
Known = Sequence[Decimal | None]


@dataclass(frozen=True)
class Origin:
    """Columns as the sources have them that one column of the rows holds, as dates or numbers."""

    name: str
    columns: tuple[str, ...]
    dated: bool


class ShapedRows(Rows):
    """The rows a question is answered from, long where the plan says so, with computed columns."""

    def __init__(self, asked: dict[str, Any]) -> None:
        super().__init__(asked)
        self._wide: dict[str, str] = {}  # key of a column made long, and its heading
        self._name = self._value = ""
        if asked.get("unpivot"):
            self._make_long(asked["unpivot"])
        for one in asked.get("derived") or ():
            key = spelled(one["name"])
            if self._has(key):
                raise UncheckedError(f"The computed column {one['name']!r} is there already.")
            self._columns[key] = _computed(one, [self.column(name) for name in one["of"]])

    def _make_long(self, unpivot: dict[str, Any]) -> None:
        name, value = spelled(unpivot["name"]), spelled(unpivot["value"])
        wide = {}
        for column in unpivot["columns"]:
            found = [one for _, table in self._tables for one in table.headings
                     if spelled(one) == spelled(column)]  # fmt: skip
            if not found or spelled(column) in wide:
                raise UncheckedError(f"The column {column!r} to be made long is not there once.")
            wide[spelled(column)] = found[0]
        taken = [one for one in (name, value) if one not in wide and self._own(one) is not None]
        if taken or name == value:
            raise UncheckedError(f"The column {(taken or [name])[0]!r} made long is there already.")
        self._wide, self._name, self._value = wide, name, value
        self.count *= len(wide)
        if self.count > ROWS_MAX:
            raise UncheckedError(f"Made long there are more than {ROWS_MAX:,} rows.")

    def _own(self, key: str) -> Column | None:
        if not self._wide:
            return super()._own(key)
        if key == self._name:
            names = list(self._wide.values())
            return Column(tuple(Part(names * len(table.rows), None, None)
                                for _, table in self._tables))  # fmt: skip
        if key == self._value:
            return self._woven([super(ShapedRows, self)._own(one) for one in self._wide])
        found = None if key in self._wide else super()._own(key)
        return self._woven([found] * len(self._wide)) if found else None

    def _woven(self, columns: Sequence[Column | None]) -> Column:
        """Put the cells of several columns below one another, row by row."""
        parts = []
        for side in zip(*(column.parts for column in columns if column), strict=True):
            cells = [cell for row in zip(*(part.cells for part in side), strict=True)
                     for cell in row]  # fmt: skip
            parts.append(Part(cells, side[0].mark, side[0].order))
        return Column(tuple(parts))

    def _has(self, key: str) -> bool:
        try:
            self.column(key)
        except UncheckedError:
            return False
        return True


def headings_of(asked: dict[str, Any]) -> set[str]:
    """Give the names of the columns that the rows of the first source have, made long or not."""
    headings = {spelled(heading) for heading in read_table(asked["source"]).headings}
    unpivot = asked.get("unpivot")
    if unpivot:
        headings -= {spelled(one) for one in unpivot["columns"]}
        headings |= {spelled(unpivot["name"]), spelled(unpivot["value"])}
    return headings


def origins(asked: dict[str, Any], name: str, dated: bool = False) -> Iterator[Origin]:
    """Yield the columns of the sources that a column of the rows is made of."""
    key, wide = spelled(name), asked.get("unpivot")
    made = [one for one in asked.get("derived") or () if spelled(one["name"]) == key]
    if made:
        earlier = {**asked, "derived": asked["derived"][: asked["derived"].index(made[0])]}
        how = made[0]["how"]
        found = [each for one in made[0]["of"] for each in origins(earlier, one, how in SPANS)]
        if how == "sum" and not any(one.dated for one in found):
            # Of columns added up some may hold nothing yet, such as the months to come.
            found = [Origin(name, tuple(column for one in found for column in one.columns), False)]
        yield from found
    elif wide and key == spelled(wide["value"]):
        yield Origin(name, tuple(wide["columns"]), dated)
    elif not wide or key != spelled(wide["name"]):
        yield Origin(name, (name,), dated)


def _computed(one: dict[str, Any], columns: Sequence[Column]) -> Column:
    """Compute a column row by row; a figure is kept as a cell would hold it."""
    how = one["how"]
    read: list[list[Any]] = [
        list(column.moments() if how in SPANS else column.numbers()) for column in columns
    ]
    bare = [all(value is None for value in values) for values in read]
    if all(bare) or (any(bare) and how != "sum"):
        raise UncheckedError(f"The column {one['of'][bare.index(True)]!r} has nothing to compute "
                             f"{one['name']!r} from.")  # fmt: skip
    if how not in RULES:
        raise UncheckedError(f"A column computed as {how!r} is not known.")
    figures = [RULES[how](row) for row in zip(*read, strict=True)]
    cells = [None if figure is None else float(figure) for figure in figures]
    return Column((Part([None if cell is None or isinf(cell) else cell for cell in cells],
                        None, None),))  # fmt: skip


def _span(unit: int, row: Sequence[dt.datetime | None]) -> Decimal | None:
    start, end = row
    return Decimal((end - start) // MICROSECOND) / unit if start and end else None


def _added(row: Known) -> Decimal | None:
    known = [number for number in row if number is not None]
    return sum(known, Decimal(0)) if known else None


def _less(row: Known) -> Decimal | None:
    first, second = row
    return None if first is None or second is None else first - second


def _by(row: Known) -> Decimal | None:
    first, second = row
    return first / second if first is not None and second else None


def _times(row: Known) -> Decimal | None:
    found = Decimal(1)
    for number in row:
        if number is None:
            return None
        found *= number
    return found


RULES: dict[str, Callable[[Any], Decimal | None]] = {
    "sum": _added, "difference": _less, "product": _times, "quotient": _by,
    **{how: partial(_span, unit) for how, unit in SPANS.items()},
}  # fmt: skip
