"""Formulas of the workbook: structured references and conditional aggregates over its own data.

Owns how a figure is computed live in the spreadsheet. Must never place a cell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deputy.agent.reports.program.figures import NOUGHT_WITHOUT_ROWS, Result

DATA = "Lines"  # the table on the sheet Data
PLAIN_NAME = re.compile(r"[^\W\d_][\w &.,()/'’+–-]*")
PLAIN_NAME_CHARACTERS_MAX = 200  # a criterion holds 255
WORDS_A_SPREADSHEET_READS = re.compile(
    r"(true|false|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\W*\d.*)", re.IGNORECASE
)
IFS = {"sum": "SUMIFS", "mean": "AVERAGEIFS", "min": "_xlfn.MINIFS", "max": "_xlfn.MAXIFS"}
WHOLE = {"sum": "SUM", "mean": "AVERAGE", "min": "MIN", "max": "MAX"}
MARK = "is "  # before names that a criterion would take for a number, a date or an operator
WITHOUT_FORMULA = ("median", "distinct")


@dataclass(frozen=True)
class Condition:
    """A column of the data, a comparison and what it is compared with, as formula text."""

    column: str
    operator: str
    operand: str


@dataclass(frozen=True)
class Ingredient:
    """What a formula adds up: a column ("" counts rows) under conditions of the measure's own."""

    column: str
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """How one measure is computed from the columns of the data."""

    how: str
    part: Ingredient
    base: Ingredient | None = None


@dataclass(frozen=True)
class Book:
    """What a question's sheet must know of the data to write live formulas."""

    result: Result
    name: str  # of the question's table
    first: str  # a column of the data that is always there
    groups: tuple[str, ...]  # the columns of the data that name the groups
    date: str
    filters: tuple[Condition, ...]
    recipes: tuple[Recipe | None, ...]  # None: the figure is a value
    live: bool
    marked: tuple[bool, ...]  # a group: whether its names in the data carry a mark
    exact: bool  # names that even so a criterion would misread are compared one by one

    def figure(self, at: int, which: str, group_heading: str = "",
               across: str = "") -> str | None:  # fmt: skip
        """Give the formula of a measure for "period" or "compare", of a line or of all."""
        recipe = self.recipes[at]
        if not self.live or recipe is None:
            return None
        own = []
        if group_heading:
            own.append(self._named(0, this_row(self.name, group_heading)))
        if across:
            own.append(self._named(1, heading_cell(self.name, across)))
        if own and self.exact and recipe.how in ("min", "max"):
            return None
        return self._recipe(recipe, [*own, *self.filters, *self.dates(which)])

    def _named(self, at: int, cell: str) -> Condition:
        """Give the condition that a row belongs to the group whose name a cell holds."""
        operand = f'"{MARK}"&{cell}' if self.marked[at] else cell
        return Condition(self.groups[at], "=", operand)

    def between(self, at: int, start: str, end: str) -> str | None:
        """Give the formula of a measure for the days from one cell to another."""
        recipe = self.recipes[at]
        if not self.live or recipe is None or not self.date:
            return None
        span = [Condition(self.date, ">=", start), Condition(self.date, "<", f"{end}+1")]
        return self._recipe(recipe, [*self.filters, *span])

    def dates(self, which: str) -> list[Condition]:
        """Give the conditions of the period or the comparison."""
        part = self.result.question[which]
        if not part or part.get("kind") == "all":
            return []
        start, end = date_names(self.result, which)
        return [Condition(self.date, ">=", start), Condition(self.date, "<", f"{end}+1")]

    def _recipe(self, recipe: Recipe, conditions: list[Condition]) -> str:
        if recipe.base is not None:
            part = self._sum(recipe.part, conditions)
            return f'=IFERROR({part}/{self._sum(recipe.base, conditions)},"n/a")'
        if recipe.how in ("sum", "count"):
            return "=" + self._sum(recipe.part, conditions)
        found = self._aggregate(recipe, conditions)
        if recipe.how == "mean":
            return f'=IFERROR({found},"n/a")'
        count = self._count([*conditions, Condition(recipe.part.column, "<>", '""'),
                             *recipe.part.conditions])  # fmt: skip
        return f'=IF({count}=0,"n/a",{found})'

    def _sum(self, what: Ingredient, conditions: list[Condition]) -> str:
        every = [*conditions, *what.conditions]
        if not what.column:
            return self._count(every)
        values = column(DATA, what.column)
        if not every:
            return f"SUM({values})"
        if self._row_by_row(every):
            return f"SUMPRODUCT(1*{_hits(every)},{values})"
        return f"SUMIFS({values},{_pairs(every)})"

    def _count(self, conditions: list[Condition]) -> str:
        if not conditions:
            return f"ROWS({column(DATA, self.first)})"
        if self._row_by_row(conditions):
            return f"SUMPRODUCT(1*{_hits(conditions)})"
        return f"COUNTIFS({_pairs(conditions)})"

    def _aggregate(self, recipe: Recipe, conditions: list[Condition]) -> str:
        every = [*conditions, *recipe.part.conditions]
        values = column(DATA, recipe.part.column)
        if not every:
            return f"{WHOLE[recipe.how]}({values})"
        if self._row_by_row(every):
            filled = [*every, Condition(recipe.part.column, "<>", '""')]
            return f"{self._sum(recipe.part, conditions)}/SUMPRODUCT(1*{_hits(filled)})"
        return f"{IFS[recipe.how]}({values},{_pairs(every)})"

    def _row_by_row(self, conditions: list[Condition]) -> bool:
        return self.exact and any(one.column in self.groups for one in conditions)


def _pairs(conditions: Sequence[Condition]) -> str:
    return ",".join(f"{column(DATA, one.column)},{_criterion(one)}" for one in conditions)


def _criterion(one: Condition) -> str:
    if one.operator == "=":
        return one.operand
    if one.operand == '""':
        return f'"{one.operator}"'
    return f'"{one.operator}"&{one.operand}'


def _hits(conditions: Sequence[Condition]) -> str:
    return "*".join(f"({column(DATA, one.column)}{one.operator}{one.operand})"
                    for one in conditions)  # fmt: skip


def date_names(result: Result, which: str) -> tuple[str, str]:
    """Name the cells that hold the first and the last day of a part."""
    stem = f"{which.capitalize()}_{result.place + 1}" if result.place else which.capitalize()
    return f"{stem}_start", f"{stem}_end"


def literal(name: str) -> bool:
    """Whether a criterion takes a name as it stands once a mark goes before it."""
    return not set(name) & set("*?~") and len(name) <= PLAIN_NAME_CHARACTERS_MAX


def plain(name: str) -> bool:
    """Whether a criterion takes a name as it stands."""
    fits = PLAIN_NAME.fullmatch(name) and len(name) <= PLAIN_NAME_CHARACTERS_MAX
    return bool(fits) and not WORDS_A_SPREADSHEET_READS.fullmatch(name)


def column(table: str, heading: str) -> str:
    """Refer to a whole column of a table."""
    escaped = escape(heading)
    return f"{table}[{escaped}]" if re.fullmatch(r"[\w ]+", heading) else f"{table}[[{escaped}]]"


def this_row(table: str, heading: str) -> str:
    """Refer to a column's cell in the formula's own row."""
    return f"{table}[[#This Row],[{escape(heading)}]]"


def totals(table: str, heading: str) -> str:
    """Refer to a column's cell in the totals row."""
    return f"{table}[[#Totals],[{escape(heading)}]]"


def heading_cell(table: str, heading: str) -> str:
    """Refer to a column's heading."""
    return f"{table}[[#Headers],[{escape(heading)}]]"


def escape(heading: str) -> str:
    """Escape a heading for use in a structured reference."""
    return re.sub(r"(['\[\]#@])", r"'\1", heading)


def growth_formula(how: str, value: str, compare: str) -> str:
    """Give growth, "new" where nothing was before, "n/a" where no rate can be formed."""
    if how in NOUGHT_WITHOUT_ROWS:
        other = f'IF(AND({compare}=0,{value}>0),"new","n/a")'
        return f"=IF({compare}>0,{value}/{compare}-1,{other})"
    missing = f'IF(AND(N({value})>0,NOT(ISNUMBER({compare}))),"new","n/a")'
    rate = f'IF({compare}>0,{value}/{compare}-1,IF(AND({compare}=0,{value}>0),"new","n/a"))'
    return f"=IF(COUNT({value},{compare})=2,{rate},{missing})"


def change_formula(how: str, value: str, compare: str) -> str:
    """Give the difference, "n/a" where one side is missing."""
    if how in NOUGHT_WITHOUT_ROWS:
        return f"={value}-{compare}"
    return f'=IF(COUNT({value},{compare})=2,{value}-{compare},"n/a")'


def cell_value(value: Any, missing: str = "n/a") -> Any:
    """Give what a formula's cached value must hold."""
    return missing if value is None else value
