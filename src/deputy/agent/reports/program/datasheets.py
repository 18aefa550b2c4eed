"""Lays out the sheet Data: the rows used, and the columns that formulas read.

Owns which rows and columns of the source are copied, and which helping columns stand beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from deputy.agent.reports.program.figures import Result
from deputy.agent.reports.program.formulas import (
    MARK,
    WITHOUT_FORMULA,
    Book,
    Condition,
    Ingredient,
    Recipe,
    literal,
    plain,
)
from deputy.agent.reports.program.selecting import Cells, Values, passing
from deputy.agent.reports.program.wording import shorten

LIVE_ROWS_MAX = 150_000
LIVE_COMPARISONS_MAX = 20_000_000  # rows that all formulas of the workbook look at together
PIVOT_FORMULAS_MAX = 5_000
DATA_CELLS_MAX = 250_000
DATA_COLUMNS_MAX = 40
HELPER_CHARACTERS_MAX = 120


@dataclass
class Data:
    """The rows and columns of the sheet Data as they grow."""

    cells: Cells
    rows: pd.Series  # True where a row of the table is copied
    table: pd.DataFrame
    roles: dict[str, str] = field(default_factory=dict)  # a source column: what it was made
    helping: dict[tuple[Any, ...], str] = field(default_factory=dict)
    dated: list[str] = field(default_factory=list)
    needed: list[str] = field(default_factory=list)
    forms: dict[str, bool] = field(default_factory=dict)  # amounts; True where percent
    formulas: dict[str, str] = field(default_factory=dict)  # of computed columns, row by row

    def numbers(self, name: str, fraction: bool = False) -> str:
        """Give the column that holds a source column as numbers, blank where there is none."""
        heading = self._source(name, "numbers", self.cells.numbers(name).astype(object))
        self.forms[heading] = fraction
        return heading

    def dates(self, name: str) -> str:
        """Give the column that holds a source column as dates."""
        heading = self._source(name, "dates", self.cells.dates(name))
        if heading not in self.dated:
            self.dated.append(heading)
        return heading

    def names(self, name: str) -> str:
        """Give the column that holds a source column as group names."""
        return self._source(name, "names", self.cells.names(name))

    def helper(self, key: tuple[Any, ...], heading: str, values: pd.Series) -> str:
        """Give a helping column, made once for each key."""
        if key not in self.helping:
            free = shorten(heading, HELPER_CHARACTERS_MAX)
            taken = {name.casefold() for name in self.table.columns}
            while free.casefold() in taken:
                free += " *"
            self.table[free] = values[self.rows]
            self.helping[key] = free
            self.needed.append(free)
        return self.helping[key]

    def flag(self, key: tuple[Any, ...], heading: str, hit: pd.Series) -> Condition:
        """Give the condition that a helping column holds 1."""
        ones = hit.map({True: 1.0, False: None}).astype(object)
        return Condition(self.helper(key, heading, ones), "=", "1")

    def _source(self, name: str, role: str, values: pd.Series) -> str:
        """Keep a source column in the one form formulas need, or put a copy beside it."""
        heading = self.cells.named(name)
        if self.roles.setdefault(heading, role) != role:
            return self.helper((heading, role), f"{heading} ({role})", values)
        self.table[heading] = values[self.rows]
        if heading not in self.needed:
            self.needed.append(heading)
        return heading

    def bounded(self) -> pd.DataFrame:
        """Give the table with the needed columns and as many others as there is room for."""
        room = min(DATA_COLUMNS_MAX, DATA_CELLS_MAX // max(1, len(self.table)))
        spare = max(0, room - len(self.needed))
        keep = []
        for heading in self.table.columns:
            if heading in self.needed or spare > 0:
                keep.append(heading)
                spare -= heading not in self.needed
        return self.table[keep]


def lay_out(results: Sequence[Result], more: pd.Series | None) -> tuple[Data, list[Book]]:
    """Choose the rows (those used, and `more`) and give a book for each question."""
    cells = results[0].rows.cells
    rows = results[0].rows.used.copy()
    for result in results[1:]:
        rows |= result.rows.used
    if more is not None:
        rows |= more
    data = Data(cells, rows, cells.table[rows].copy())
    budget = LIVE_COMPARISONS_MAX if len(data.table) <= LIVE_ROWS_MAX else 0
    books = []
    for result in results:
        sides = ([line.name for line in result.lines], result.across)
        marked = tuple(not all(map(plain, side)) for side in sides)
        exact = not all(literal(name) for side in sides for name in side)
        marked = (False, False) if exact else marked
        cost = _formulas(result) * len(data.table) * (2 if exact else 1)
        live = cost <= budget and _formulas(result) > 0
        budget -= cost if live else 0
        books.append(_book(data, result, live, exact, marked, len(results) > 1))
    return data, books


def _formulas(result: Result) -> int:
    """Count the conditional formulas a question's table would hold."""
    able = sum(one["aggregate"] not in WITHOUT_FORMULA for one in result.question["measures"])
    if result.pivot:
        cells = (len(result.lines) + 1) * (len(result.across) + 1)
        return able * cells if cells <= PIVOT_FORMULAS_MAX else 0
    return able * (len(result.lines) + 1) * (2 if result.compared else 1)


def _book(data: Data, result: Result, live: bool, exact: bool, marked: tuple[bool, ...],
          several: bool) -> Book:  # fmt: skip
    question, place = result.question, result.place
    name = f"Result{place + 1}" if several else "Result"
    first = str(data.table.columns[0])
    if not live:
        none = tuple(None for _ in question["measures"])
        return Book(result, name, first, (), "", (), none, False, marked, exact)
    recipes = tuple(
        _recipe(data, result, measure, values)
        for measure, values in zip(question["measures"], result.rows.values, strict=True)
    )
    date = data.dates(question["date_column"]) if result.rows.date is not None else ""
    groups = tuple(
        _group_column(data, result, at, marked[at]) for at in range(len(question["groups"]))
    )
    filters: tuple[Condition, ...] = ()
    if not result.rows.filtered[data.rows].all():
        key = ("filters", str(question["filters"]))
        filters = (data.flag(key, f"In: {question['title']}", result.rows.filtered),)
    keep = data.needed[0] if data.needed else first
    if keep not in data.needed:
        data.needed.append(keep)
    return Book(result, name, keep, groups, date, filters, recipes, True, marked, exact)


def _group_column(data: Data, result: Result, at: int, marked: bool) -> str:
    group, names = result.question["groups"][at], result.rows.groups[at]
    if marked:
        names = MARK + names
    if group["by"] or marked:
        key = ("unit", marked, data.cells.named(group["column"]), group["by"],
               str(result.question["compare"] and result.question["period"]),
               str(result.question["compare"]))  # fmt: skip
        return data.helper(key, f"{group['label']} counted", names)
    return data.names(group["column"])


def _recipe(data: Data, result: Result, measure: dict[str, Any], values: Values) -> Recipe | None:
    """Say how a measure is computed from columns of the data; None where it cannot be."""
    how, column, label = measure["aggregate"], measure["column"], measure["label"]
    fraction = measure["unit"] == "%"
    where: tuple[Condition, ...] = ()
    if how in WITHOUT_FORMULA:
        return None
    if measure["where"] and how not in ("missing",) and not (how == "count" and column):
        hit = passing(data.cells, measure["where"])
        where = (data.flag(("where", str(measure["where"])), f"Counts: {label}", hit),)
    if how == "ratio":
        return _ratio_recipe(data, result, measure, values, where)
    if column is None:
        return Recipe("count", Ingredient("", where))
    if how in ("count", "missing"):
        key = (how, data.cells.named(column), str(measure["where"]))
        flag = data.flag(key, f"Counts: {label}", values.counts)
        return Recipe("count", Ingredient("", (flag,)))
    return Recipe(how, Ingredient(data.numbers(column, fraction), where))


def _ratio_recipe(data: Data, result: Result, measure: dict[str, Any], values: Values,
                  where: tuple[Condition, ...]) -> Recipe:  # fmt: skip
    """Divide two sums; rows that lack one of both need columns of their own."""
    column, over = measure["column"], measure["over"]
    if not (result.rows.used & ~values.counts).any():
        part = Ingredient(data.numbers(column) if column else "", where)
        return Recipe("ratio", part, Ingredient(data.numbers(over) if over else ""))
    assert values.base is not None
    key = (str(column), str(over), str(measure["where"]))
    sides = [
        data.helper((side, *key), f"{measure['label']}: {side}",
                    amounts.where(values.counts).astype(object))
        for side, amounts in (("part", values.value), ("base", values.base))
    ]  # fmt: skip
    return Recipe("ratio", Ingredient(sides[0]), Ingredient(sides[1]))
