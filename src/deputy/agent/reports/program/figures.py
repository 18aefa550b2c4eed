"""Computes the figures of a question: the table by group, the ranking, what leads together.

Owns the arithmetic. Must never choose rows, format or write anything.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from deputy.agent.reports.program.selecting import (
    Cells,
    ReportError,
    Rows,
    Values,
    in_order_of_time,
    select,
)
from deputy.agent.tables.cells import BLANK_GROUP

ADDITIVE = ("sum", "count", "missing")
NOUGHT_WITHOUT_ROWS = ("sum", "count", "missing", "distinct")
PIVOT_COLUMNS_MAX = 200
NAMED_BESIDE_MAX = 5  # a longer ranking is the order of the table itself
TOTAL, OVERALL = "Total", "Overall"
TOTALS = (TOTAL, OVERALL)


@dataclass(frozen=True)
class Figure:
    """One figure of one line; None where there is none."""

    value: float | None
    compare: float | None = None
    change: float | None = None
    growth: float | None = None


NO_FIGURE = Figure(None)


@dataclass(frozen=True)
class Line:
    """One line of a table: a figure a measure; in a pivot one a column and last the line's own."""

    name: str
    cells: tuple[Figure, ...]
    share: float | None = None
    rank: int | None = None


@dataclass(frozen=True)
class Result:
    """All figures of one question."""

    place: int  # of the question in the plan, from 0
    question: dict[str, Any]
    rows: Rows
    lines: tuple[Line, ...]
    total: Line
    across: tuple[str, ...]  # the columns of a pivot, else nothing
    ranked: tuple[Line, ...]  # the named lines, in order
    together: Line | None  # the named lines taken together

    @property
    def compared(self) -> bool:
        """Whether the question asks for a comparison."""
        return self.question["compare"] is not None

    @property
    def pivot(self) -> bool:
        """Whether the question has two groups."""
        return len(self.question["groups"]) == 2

    @property
    def group(self) -> dict[str, Any] | None:
        """The group down the side."""
        return self.question["groups"][0] if self.question["groups"] else None

    @property
    def timed(self) -> bool:
        """Whether the lines have an order of their own: of time, or of columns made long."""
        if self.group is None or self.group["by"]:
            return self.group is not None
        return self.question["rank"] is None and bool(listed(self, 0))

    @property
    def main(self) -> int:
        """Which measure is ranked, charted and shared: its place among the cells of a line."""
        if self.pivot:
            return len(self.across)
        return int(self.question["rank"]["measure"]) if self.question["rank"] else 0

    @property
    def main_measure(self) -> dict[str, Any]:
        """The measure at `main`."""
        chosen: dict[str, Any] = self.question["measures"][0 if self.pivot else self.main]
        return chosen

    @property
    def shared(self) -> bool:
        """Whether the lines have shares of the total."""
        return any(line.share is not None for line in self.lines)

    @property
    def drawn(self) -> bool:
        """Whether there may be a chart."""
        wish = self.question["chart"]
        return not (wish and wish["kind"] == "none")

    @property
    def rank_by(self) -> str:
        """What lines are ranked by: value, growth or change."""
        rank = self.question["rank"]
        return str(rank["by"]) if rank and self.compared else "value"

    def all_of(self, at: int) -> list[float]:
        """Give every known value and compared value of one place."""
        cells = [line.cells[at] for line in (*self.lines, self.total)]
        both = [amount for cell in cells for amount in (cell.value, cell.compare)]
        return [amount for amount in both if amount is not None]


def compute(place: int, question: dict[str, Any], cells: Cells) -> Result:
    """Give every figure of one question."""
    rows = select(question, cells)
    empty = Result(place, question, rows, (), Line(_total_name(rows), ()), (), (), None)
    across = _across(empty)
    total = Line(empty.total.name, figures_where(empty, across, rows.used))
    bare = replace(empty, across=across, total=total)
    if not question["groups"]:
        return bare
    lines = _placed(bare, _in_order(bare, _shares(bare, _lines(bare))))
    ranked = _ranked(bare, lines)
    whole = replace(bare, lines=tuple(lines), ranked=tuple(ranked))
    if question["rank"] and question["rank"]["together"] and ranked:
        return replace(whole, together=_together(whole, ranked))
    return whole


def _total_name(rows: Rows) -> str:
    """Name the line of all rows, apart from every group: a company may be called Total."""
    named = any((names.str.casefold() == TOTAL.casefold()).any() for names in rows.groups)
    return OVERALL if named else TOTAL


def listed(result: Result, at: int) -> dict[str, int]:
    """Give the places of a group's names where they were headings of columns made long."""
    group, cells = result.question["groups"][at], result.rows.cells
    if group["by"]:
        return {}
    names = cells.table.attrs.get("orders", {}).get(cells.named(group["column"]), ())
    return {name.casefold(): place for place, name in enumerate(names)}


def aggregate(values: Values, rows: pd.Series) -> float | None:
    """Give one figure of the rows marked; None where nothing can be averaged or compared."""
    hit = rows & values.counts
    found = values.value[hit]
    if values.how == "ratio":
        assert values.base is not None
        base = float(values.base[hit].sum())
        return float(found.sum()) / base if base else None
    if values.how in ADDITIVE:
        return math.fsum(found)
    if values.how == "distinct":
        return float(found.nunique())
    return None if found.empty else float(getattr(found, values.how)())


def figure(value: float | None, compare: float | None, compared: bool) -> Figure:
    """Give a figure with its change and its growth."""
    if not compared:
        return Figure(value)
    if value is None or compare is None:
        return Figure(value, compare)
    growth = value / compare - 1 if compare > 0 else None
    return Figure(value, compare, value - compare, growth)


def figures_where(result: Result, across: Sequence[str], among: pd.Series) -> tuple[Figure, ...]:
    """Give a line's cells, computed from the rows marked."""
    rows = result.rows
    now, then = among & rows.current, among & rows.compare
    if result.pivot:
        values, column = rows.values[0], rows.groups[1]
        named = _by_group(values, now, column)
        return (*(Figure(named.get(name, _without_rows(values))) for name in across),
                Figure(aggregate(values, now)))  # fmt: skip
    return tuple(
        figure(aggregate(one, now), aggregate(one, then) if result.compared else None,
               result.compared)
        for one in rows.values
    )  # fmt: skip


def _without_rows(values: Values) -> float | None:
    return 0.0 if values.how in NOUGHT_WITHOUT_ROWS else None


def _by_group(values: Values, rows: pd.Series, *groups: pd.Series) -> dict[Any, float]:
    """Give the figure of each group that has one."""
    hit = rows & values.counts
    keys = [group[hit] for group in groups]
    parts = values.value[hit].groupby(keys if len(keys) > 1 else keys[0], sort=False)
    if values.how == "ratio":
        assert values.base is not None
        base = values.base[hit].groupby(keys if len(keys) > 1 else keys[0], sort=False).sum()
        found = parts.sum()[base != 0] / base[base != 0]
    elif values.how in ADDITIVE:
        found = parts.sum()
    else:
        found = parts.nunique() if values.how == "distinct" else getattr(parts, values.how)()
    return {name: float(value) for name, value in found.items()}


def _across(result: Result) -> tuple[str, ...]:
    """Give the columns of a pivot: in the order of time, else the largest first."""
    if not result.pivot:
        return ()
    rows, group = result.rows, result.question["groups"][1]
    column = rows.groups[1]
    known = column[rows.used].unique()
    if len(known) > PIVOT_COLUMNS_MAX:
        raise ReportError(
            f"{group['label']} has {len(known):,} different values, too many for columns "
            f"(at most {PIVOT_COLUMNS_MAX}). Let it run down the side, or choose a coarser one."
        )
    if group["by"]:
        return tuple(sorted(known, key=in_order_of_time(group["by"])))
    if places := listed(result, 1):
        return tuple(sorted(known, key=lambda name: places.get(name.casefold(), len(places))))
    size = _by_group(rows.values[0], rows.current, column)
    return tuple(sorted(known, key=lambda name: (-size.get(name, -math.inf), name)))


def _lines(result: Result) -> list[Line]:
    """Give one line for each value of the first group among the rows used."""
    rows = result.rows
    group = rows.groups[0]
    known = list(group[rows.used].unique())
    if result.pivot:
        return pivot_lines(result, known)
    now = [_by_group(values, rows.current, group) for values in rows.values]
    then = [_by_group(values, rows.compare, group) if result.compared else {}
            for values in rows.values]  # fmt: skip
    lines = []
    for name in known:
        cells = [
            figure(now[at].get(name, _without_rows(values)),
                   then[at].get(name, _without_rows(values)), result.compared)
            for at, values in enumerate(rows.values)
        ]  # fmt: skip
        lines.append(Line(name, tuple(cells)))
    return lines


def pivot_lines(result: Result, known: list[str]) -> list[Line]:
    """Give the lines of a pivot, in the order of the names given."""
    rows, values = result.rows, result.rows.values[0]
    inner = _by_group(values, rows.current, *rows.groups)
    outer = _by_group(values, rows.current, rows.groups[0])
    without = _without_rows(values)
    return [
        Line(name, (*(Figure(inner.get((name, column), without)) for column in result.across),
                    Figure(outer.get(name, without))))
        for name in known
    ]  # fmt: skip


def _shares(result: Result, lines: list[Line]) -> list[Line]:
    """Give each line its share, where the parts add up and none is below zero."""
    total = result.total.cells[result.main].value
    parts = [line.cells[result.main].value for line in lines]
    if result.main_measure["aggregate"] not in ADDITIVE or not total or total <= 0:
        return lines
    if any(part is None or part < 0 for part in parts):
        return lines
    return [replace(line, share=(part or 0.0) / total)
            for line, part in zip(lines, parts, strict=True)]  # fmt: skip


def _in_order(result: Result, lines: list[Line]) -> list[Line]:
    """Sort: the order of time; else as ranked if a chart draws that; else the largest first."""
    group, rank, chart = result.group, result.question["rank"], result.question["chart"]
    assert group is not None
    if group["by"]:
        key = in_order_of_time(group["by"])
        return sorted(lines, key=lambda line: key(line.name))
    if result.timed:
        places = listed(result, 0)
        return sorted(lines, key=lambda line: places.get(line.name.casefold(), len(places)))
    drawn = bool(rank and (rank["top"] > NAMED_BESIDE_MAX or (chart and chart["top"])))
    by = result.rank_by if drawn else "value"
    rising = bool(rank and rank["order"] == "asc" and (drawn or result.rank_by == "value"))
    last = BLANK_GROUP if rank else None

    def place(line: Line) -> tuple[Any, ...]:
        return (line.name == last, *_sort_key(result, line, by, rising), line.name)

    return sorted(lines, key=place)


def _sort_key(result: Result, line: Line, by: str, rising: bool) -> tuple[bool, float]:
    amount = getattr(line.cells[result.main], by)
    return amount is None, (amount or 0.0) * (1 if rising else -1)


def _placed(result: Result, lines: list[Line]) -> list[Line]:
    """Number the lines by what they are ranked by; equal ones keep the table's order.

    What has no name is not named: the group of blanks takes no place.
    """
    rank = result.question["rank"]
    if not rank:
        return lines
    rising = rank["order"] == "asc"
    able = [at for at, line in enumerate(lines)
            if getattr(line.cells[result.main], result.rank_by) is not None
            and line.name != BLANK_GROUP]  # fmt: skip
    able.sort(key=lambda at: (*_sort_key(result, lines[at], result.rank_by, rising), at))
    place = {at: number for number, at in enumerate(able, start=1)}
    return [replace(line, rank=place.get(at)) for at, line in enumerate(lines)]


def _ranked(result: Result, lines: list[Line]) -> list[Line]:
    rank = result.question["rank"]
    if not rank:
        return []
    named = sorted((line for line in lines if line.rank), key=lambda line: line.rank or 0)
    return named[: rank["top"]]


def _together(result: Result, ranked: list[Line]) -> Line:
    """Give the named lines as one, computed from their rows."""
    among = result.rows.groups[0].isin([line.name for line in ranked])
    cells = figures_where(result, result.across, among)
    share = math.fsum(line.share or 0.0 for line in ranked) if result.shared else None
    return Line("Together", cells, share)
