"""Computes the figures: which rows count, the table by group, the ranking, the trend.

Owns the arithmetic and every rule of meaning of the plan. Must never format or write anything.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from deputy.agent.playbooks.reports.program.reading import (
    ReportError,
    column_named,
    dates,
    names,
    numbers,
    read_table,
)

TREND_MONTHS_MAX = 24
ADDITIVE = ("sum", "count")
TOTAL = "Total"
NOTHING_LEFT = (
    "No row of the table falls into the period and the filters asked for. "
    "Name another period or drop a filter."
)


@dataclass(frozen=True)
class Line:
    """One line of the result; None where there is no figure."""

    name: str
    value: float | None
    compare: float | None = None
    change: float | None = None
    growth: float | None = None
    share: float | None = None
    rank: int | None = None


@dataclass(frozen=True)
class Bucket:
    """One point of the trend: dates inclusive."""

    label: str
    start: dt.date
    end: dt.date
    value: float | None


@dataclass(frozen=True)
class Rows:
    """The filtered rows beside what was read from them; all series share one index."""

    table: pd.DataFrame
    value: pd.Series  # the measure; for "distinct" text; missing where the row does not count
    group: pd.Series | None
    date: pd.Series | None
    current: pd.Series  # True where the row counts in the period
    compare: pd.Series  # True where it counts in the comparison
    read: int  # rows in the source
    undated: int  # rows left out for want of a date
    unreadable: int  # rows inside the periods left out for want of a figure


@dataclass(frozen=True)
class Figures:
    """All that the writers need."""

    plan: dict[str, Any]
    rows: Rows
    lines: tuple[Line, ...]
    total: Line
    ranked: tuple[Line, ...]
    trend: tuple[Bucket, ...]

    @property
    def compared(self) -> bool:
        """Whether the plan asks for a comparison."""
        return self.plan["compare"] is not None

    @property
    def cut(self) -> bool:
        """Whether the trend ends inside a month, quarter or year."""
        if not self.trend or self.trend[-1].start == self.trend[-1].end:
            return False
        return (self.trend[-1].end + dt.timedelta(days=1)).day != 1


def compute(plan: dict[str, Any]) -> Figures:
    """Give every figure of the plan, read from its source."""
    rows = _select(plan, read_table(plan["source"]))
    if not rows.current.any():
        raise ReportError(NOTHING_LEFT)
    how = plan["measure"]["aggregate"]
    total = _line(TOTAL, rows.value[rows.current], rows.value[rows.compare], how, plan)
    lines = _rank(plan, _lines(plan, rows, how, total))
    top = plan["rank"]["top"] if plan["rank"] else 0
    ranked = sorted((line for line in lines if line.rank), key=lambda line: line.rank or 0)
    return Figures(plan, rows, lines, total, tuple(ranked[:top]), _course(plan, rows, how))


def _select(plan: dict[str, Any], table: pd.DataFrame) -> Rows:
    """Apply filters and periods; rows that fail a filter are gone, others are marked."""
    read = len(table)
    decimal = plan["source"]["decimal"]
    for rule in plan["filters"]:
        table = table[_passes(table[column_named(table, rule["column"])], rule, decimal)]
    if table.empty:
        raise ReportError(NOTHING_LEFT)
    date = dates(table[column_named(table, plan["date_column"])]) if plan["date_column"] else None
    value = _measure(plan, table, decimal)
    period = plan["period"] if plan["period"] and plan["period"]["kind"] != "all" else None
    everything = pd.Series(True, index=table.index)
    inside = everything if period is None else _between(date, period)
    before = ~everything if plan["compare"] is None else _between(date, plan["compare"])
    undated = int(date.isna().sum()) if period is not None and date is not None else 0
    return Rows(
        table, value, _groups(plan, table, date, before), date,
        inside & value.notna(), before & value.notna(),
        read, undated, int(((inside | before) & value.isna()).sum()),
    )  # fmt: skip


def _between(date: pd.Series | None, period: dict[str, Any]) -> pd.Series:
    if date is None:
        raise ReportError("A period was asked for but no column of dates was named. Name one.")
    day = date.dt.normalize()
    return (day >= pd.Timestamp(period["start"])) & (day <= pd.Timestamp(period["end"]))


def _measure(plan: dict[str, Any], table: pd.DataFrame, decimal: str | None) -> pd.Series:
    """Give one value a row: a number, text for distinct, 1.0 for a count, missing if none."""
    column, how = plan["measure"]["column"], plan["measure"]["aggregate"]
    if column is None:
        return pd.Series(1.0, index=table.index)
    cells = table[column_named(table, column)]
    if how in ("count", "distinct"):
        text = names(cells)
        filled = text.where(text != "(blank)")
        return filled if how == "distinct" else filled.notna().map({True: 1.0})
    found = numbers(cells, decimal)
    if not found.notna().any():
        raise ReportError(f"Column {column!r} holds no numbers. Name a column of figures.")
    return found


def _passes(cells: pd.Series, rule: dict[str, Any], decimal: str | None) -> pd.Series:
    """Tell for each row whether it satisfies one filter."""
    listed = isinstance(rule["value"], list | tuple)
    wanted = list(rule["value"]) if listed else [rule["value"]]
    if rule["op"] in ("eq", "ne", "in") and all(isinstance(item, str) for item in wanted):
        text = names(cells).str.casefold()
        hit = text.isin([" ".join(item.split()).casefold() for item in wanted])
        if hit.any() or not all(_is_day(item) for item in wanted):
            return ~hit if rule["op"] == "ne" else hit
    if all(isinstance(item, str) and _is_day(item) for item in wanted):
        found, wanted = dates(cells).dt.normalize(), [pd.Timestamp(item) for item in wanted]
    else:
        found, wanted = numbers(cells, decimal), [float(item) for item in wanted]
    first, last = wanted[0], wanted[-1]
    tests = {"eq": found.isin(wanted), "in": found.isin(wanted), "ne": ~found.isin(wanted),
             "gt": found > first, "ge": found >= first, "lt": found < first,
             "le": found <= first, "between": (found >= first) & (found <= last)}  # fmt: skip
    return tests[rule["op"]]


def _is_day(text: str) -> bool:
    try:
        return bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def _groups(plan: dict[str, Any], table: pd.DataFrame, date: pd.Series | None,
            before: pd.Series) -> pd.Series | None:  # fmt: skip
    """Name each row's group. Calendar units of the comparison go under what they compare with."""
    group = plan["group"]
    if group is None:
        return None
    cells = table[column_named(table, group["column"])]
    if not group["by"]:
        return names(cells)
    day = dates(cells)
    if plan["compare"] is not None and plan["period"] is not None:
        shifted = day.map(lambda one: one + _distance(plan, group["by"]))
        day = day.mask(before, shifted)
    return day.map(lambda one: calendar_name(one, group["by"])).fillna("(blank)")


def _distance(plan: dict[str, Any], unit: str) -> pd.DateOffset:
    """How far the comparison lies behind the period, in days, weeks or months."""
    start, past = pd.Timestamp(plan["period"]["start"]), pd.Timestamp(plan["compare"]["start"])
    months = (start.year - past.year) * 12 + start.month - past.month
    if unit == "week":
        return pd.DateOffset(weeks=round((start - past).days / 7))
    return pd.DateOffset(months=months)


def calendar_name(day: pd.Timestamp, unit: str) -> str | None:
    """Name the calendar unit of a day: 2026-03, 2026-Q1, 2026, 2026-W07, 2026-03-09."""
    if pd.isna(day):
        return None
    year, week, _ = day.isocalendar()
    return {"day": f"{day:%Y-%m-%d}", "week": f"{year}-W{week:02d}", "month": f"{day:%Y-%m}",
            "quarter": f"{day.year}-Q{day.quarter}", "year": f"{day.year}"}[unit]  # fmt: skip


def aggregate(values: pd.Series, how: str) -> float | None:
    """Give one figure of some rows; None where nothing is there to average or compare."""
    if how in ("sum", "count"):
        return float(values.sum())
    if how == "distinct":
        return float(values.nunique())
    return None if values.empty else float(getattr(values, how)())


def _line(name: str, now: pd.Series, then: pd.Series, how: str, plan: dict[str, Any]) -> Line:
    value = aggregate(now, how)
    if plan["compare"] is None:
        return Line(name, value)
    compare = aggregate(then, how)
    if value is None or compare is None:
        return Line(name, value, compare)
    growth = value / compare - 1 if compare > 0 else None
    return Line(name, value, compare, value - compare, growth)


def _lines(plan: dict[str, Any], rows: Rows, how: str, total: Line) -> list[Line]:
    """Give one line a group, the largest first; calendar units in the order of time."""
    if rows.group is None:
        return []
    now = dict(list(rows.value[rows.current].groupby(rows.group)))
    then = dict(list(rows.value[rows.compare].groupby(rows.group)))
    none = rows.value.iloc[:0]
    lines = [_line(name, now.get(name, none), then.get(name, none), how, plan)
             for name in sorted({*now, *then})]  # fmt: skip
    if shares_make_sense(plan, [line.value for line in lines], total.value):
        lines = [Line(one.name, one.value, one.compare, one.change, one.growth,
                      (one.value or 0.0) / (total.value or 1.0)) for one in lines]  # fmt: skip
    if plan["group"]["by"]:
        return lines
    return sorted(lines, key=lambda one: (one.value is None, -(one.value or 0.0), one.name))


def shares_make_sense(plan: dict[str, Any], values: list[float | None],
                      total: float | None) -> bool:  # fmt: skip
    """A share needs parts that add up and none below zero."""
    return bool(plan["measure"]["aggregate"] in ADDITIVE and total and total > 0
                and all(value is not None and value >= 0 for value in values))  # fmt: skip


def _rank(plan: dict[str, Any], lines: list[Line]) -> tuple[Line, ...]:
    """Number the lines by the planned figure; equal ones keep the table's order."""
    if not plan["rank"] or not lines:
        return tuple(lines)
    by = plan["rank"]["by"]
    by = "value" if by == "share" or plan["compare"] is None else by
    sign = 1 if plan["rank"]["order"] == "asc" else -1
    able = [(sign * getattr(line, by), at) for at, line in enumerate(lines)
            if getattr(line, by) is not None]  # fmt: skip
    place = {at: number for number, (_, at) in enumerate(sorted(able), start=1)}
    return tuple(
        Line(one.name, one.value, one.compare, one.change, one.growth, one.share, place.get(at))
        for at, one in enumerate(lines)
    )


def _course(plan: dict[str, Any], rows: Rows, how: str) -> tuple[Bucket, ...]:
    """Give up to two years that end with the period, by month, or by day where days are few."""
    if rows.date is None or not rows.date.notna().any():
        return ()
    if plan["group"] and plan["group"]["by"]:
        return ()
    day = rows.date.dt.normalize()
    start, end = day[rows.value.notna()].min(), day[rows.value.notna()].max()
    if plan["period"] and plan["period"]["kind"] != "all":
        end = pd.Timestamp(plan["period"]["end"])
        start = max(start, (end.to_period("M") - TREND_MONTHS_MAX + 1).start_time)
    if pd.isna(start) or start > end:
        return ()
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    unit = "D" if months <= 2 else "M" if months <= 36 else "Q" if months <= 120 else "Y"
    buckets = []
    for span in pd.period_range(start, end, freq=unit):
        first, last = span.start_time.normalize(), min(span.end_time.normalize(), end)
        inside = (day >= first) & (day <= last) & rows.value.notna()
        buckets.append(Bucket(_span_name(first, unit), first.date(), last.date(),
                              aggregate(rows.value[inside], how)))  # fmt: skip
    return tuple(buckets) if len(buckets) > 1 else ()


def _span_name(first: pd.Timestamp, unit: str) -> str:
    if unit == "Q":
        return f"Q{first.quarter} {first.year}"
    form = {"D": f"{first.day} %b %Y", "M": "%b %Y", "Y": "%Y"}[unit]
    return str(first.strftime(form))
