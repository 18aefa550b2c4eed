"""Formulas of the workbook: structured references and conditional aggregates over its own data.

Owns how a figure is computed live in the spreadsheet. Must never place a cell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from deputy.agent.playbooks.reports.program.figures import Figures

LINES, RESULT, TREND = "Lines", "Result", "Trend"
LIVE_ROWS_MAX = 150_000
PLAIN_NAME = re.compile(r"[^\W\d_][\w &.,()/'’+–-]*")
WORDS_A_SPREADSHEET_READS = re.compile(
    r"(true|false|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\W*\d.*)", re.IGNORECASE
)
IFS = {"sum": "SUMIFS", "mean": "AVERAGEIFS", "min": "_xlfn.MINIFS", "max": "_xlfn.MAXIFS"}
WHOLE = {"sum": "SUM", "mean": "AVERAGE", "min": "MIN", "max": "MAX"}


@dataclass(frozen=True)
class Condition:
    """A column of the data, a comparison and what it is compared with, as formula text."""

    column: str
    operator: str
    operand: str


@dataclass(frozen=True)
class Book:
    """What every sheet must know: column names, and whether formulas can be live."""

    figures: Figures
    measure: str  # heading of the measure in the data, "" when rows are counted
    group: str  # heading of the group in the data, "" without groups
    date: str  # heading of the date in the data, "" without dates
    live: bool
    exact: bool  # names that a criterion would misread are compared one by one

    def total(self, which: str) -> str | None:
        """Give the formula of the total for "period" or "compare"."""
        return self._formula(self._dates(which)) if self.live else None

    def by_group(self, which: str, group_heading: str) -> str | None:
        """Give the formula of one group's figure for "period" or "compare"."""
        if not self.live or (self.exact and self._how() in ("min", "max")):
            return None
        own = Condition(self.group, "=", this_row(RESULT, group_heading))
        return self._formula([own, *self._dates(which)])

    def by_span(self) -> str | None:
        """Give the formula of one point of the trend."""
        if not self.live:
            return None
        return self._formula([
            Condition(self.date, ">=", this_row(TREND, "From")),
            Condition(self.date, "<", this_row(TREND, "To") + "+1"),
        ])  # fmt: skip

    def _how(self) -> str:
        return str(self.figures.plan["measure"]["aggregate"])

    def _dates(self, which: str) -> list[Condition]:
        part = self.figures.plan[which]
        if not part or part.get("kind") == "all":
            return []
        name = which.capitalize()
        return [Condition(self.date, ">=", f"{name}_start"),
                Condition(self.date, "<", f"{name}_end+1")]  # fmt: skip

    def _formula(self, conditions: list[Condition]) -> str:
        how = self._how()
        if not conditions:
            return self._of_all(how)
        exact = self.exact and any(one.operator == "=" for one in conditions)
        found = self._row_by_row(how, conditions) if exact else self._by_criteria(how, conditions)
        return "=" + (f'IFERROR({found},"n/a")' if how == "mean" else found)

    def _of_all(self, how: str) -> str:
        if how == "count":
            first = str(self.figures.rows.table.columns[0])
            return f"=ROWS({column(LINES, self.measure or self.group or first)})"
        return f"={WHOLE[how]}({column(LINES, self.measure)})"

    def _by_criteria(self, how: str, conditions: list[Condition]) -> str:
        pairs = ",".join(
            f"{column(LINES, one.column)},"
            + (one.operand if one.operator == "=" else f'"{one.operator}"&{one.operand}')
            for one in conditions
        )
        if how == "count":
            return f"COUNTIFS({pairs})"
        return f"{IFS[how]}({column(LINES, self.measure)},{pairs})"

    def _row_by_row(self, how: str, conditions: list[Condition]) -> str:
        hits = "*".join(
            f"({column(LINES, one.column)}{one.operator}{one.operand})" for one in conditions
        )
        count, values = f"SUMPRODUCT(1*{hits})", column(LINES, self.measure)
        if how == "count":
            return count
        added = f"SUMPRODUCT(1*{hits},{values})"
        return added if how == "sum" else f"{added}/{count}"


def plan_book(figures: Figures, measure: str, group: str, date: str) -> Book:
    """Decide what can be live: medians and distinct counts, and very long data, cannot."""
    how = figures.plan["measure"]["aggregate"]
    used = int((figures.rows.current | figures.rows.compare).sum())
    live = how not in ("median", "distinct") and used <= LIVE_ROWS_MAX
    exact = not all(_plain(line.name) for line in figures.lines)
    return Book(figures, measure, group, date, live, exact)


def _plain(name: str) -> bool:
    fits = PLAIN_NAME.fullmatch(name) and len(name) <= 200
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


def escape(heading: str) -> str:
    """Escape a heading for use in a structured reference."""
    return re.sub(r"(['\[\]#@])", r"'\1", heading)


def growth_formula(book: Book, value: str, compare: str) -> str:
    """Give growth, "new" where nothing was before, "n/a" where no rate can be formed."""
    if book.figures.plan["measure"]["aggregate"] in ("sum", "count", "distinct"):
        other = f'IF(AND({compare}=0,{value}>0),"new","n/a")'
        return f"=IF({compare}>0,{value}/{compare}-1,{other})"
    missing = f'IF(AND(N({value})>0,NOT(ISNUMBER({compare}))),"new","n/a")'
    rate = f'IF({compare}>0,{value}/{compare}-1,IF(AND({compare}=0,{value}>0),"new","n/a"))'
    return f"=IF(COUNT({value},{compare})=2,{rate},{missing})"


def change_formula(book: Book, value: str, compare: str) -> str:
    """Give the difference, "n/a" where one side is missing."""
    if book.figures.plan["measure"]["aggregate"] in ("sum", "count", "distinct"):
        return f"={value}-{compare}"
    return f'=IF(COUNT({value},{compare})=2,{value}-{compare},"n/a")'


def cell_value(value: Any, missing: str = "n/a") -> Any:
    """Give what a formula's cached value must hold."""
    return missing if value is None else value
