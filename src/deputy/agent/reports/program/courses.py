"""The course of a figure over time, beside what was asked.

Owns the spans of time shown. Must never write them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from deputy.agent.reports.program.figures import Result, aggregate
from deputy.agent.reports.program.selecting import timed

COURSE_MONTHS_MAX = 24


@dataclass(frozen=True)
class Bucket:
    """One point of the course: dates inclusive."""

    label: str
    start: dt.date
    end: dt.date
    value: float | None


@dataclass(frozen=True)
class Course:
    """The points in order, and the rows they are made of."""

    buckets: tuple[Bucket, ...]
    rows: pd.Series

    @property
    def cut(self) -> bool:
        """Whether the course ends inside a month, quarter or year."""
        last = self.buckets[-1]
        return last.start != last.end and (last.end + dt.timedelta(days=1)).day != 1


def course_of(result: Result) -> Course | None:
    """Give up to two years that end with the period, by month, or by day where days are few."""
    rows = result.rows
    if rows.date is None or result.pivot or any(one["by"] for one in result.question["groups"]):
        return None
    values = rows.values[result.main]
    able = rows.filtered & values.counts & rows.date.notna()
    if not able.any():
        return None
    day = rows.date.dt.normalize()
    start, end = day[able].min(), day[able].max()
    period = timed(result.question["period"])
    if period:
        end = pd.Timestamp(period["end"])
        start = max(start, (end.to_period("M") - COURSE_MONTHS_MAX + 1).start_time)
    if start > end:
        return None
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    unit = "D" if months <= 2 else "M" if months <= 36 else "Q" if months <= 120 else "Y"
    buckets, inside = [], able & False
    for span in pd.period_range(start, end, freq=unit):
        first, last = span.start_time.normalize(), min(span.end_time.normalize(), end)
        hit = able & (day >= first) & (day <= last)
        inside |= hit
        buckets.append(Bucket(_span_name(first, unit), first.date(), last.date(),
                              aggregate(values, hit)))  # fmt: skip
    return Course(tuple(buckets), inside) if len(buckets) > 1 else None


def _span_name(first: pd.Timestamp, unit: str) -> str:
    if unit == "Q":
        return f"Q{first.quarter} {first.year}"
    form = {"D": f"{first.day} %b %Y", "M": "%b %Y", "Y": "%Y"}[unit]
    return str(first.strftime(form))
