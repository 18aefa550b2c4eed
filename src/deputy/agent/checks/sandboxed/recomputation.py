"""Computes a question's figures from the source files by a second route, in decimal arithmetic.

Owns the independent reading of a question. Must never import what the reports are made with.
"""

from __future__ import annotations

import calendar
import datetime as dt
import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from deputy.agent.checks.sandboxed.selection import kept
from deputy.agent.checks.sandboxed.shaping import ShapedRows
from deputy.agent.checks.sandboxed.sources import BLANK, Rows, empty, label
from deputy.agent.checks.sandboxed.verdicts import UncheckedError

GROUPS_MAX = 200_000
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ADDED = ("sum", "count", "missing")
Picked = Sequence[int]
Compute = Callable[[Picked], float | None]


@dataclass(frozen=True)
class Figure:
    """A group's figures; None where there is nothing to aggregate or to compare."""

    value: float | None
    compare: float | None = None

    @property
    def change(self) -> float | None:
        """Give value less compare."""
        known = self.value is not None and self.compare is not None
        return self.value - self.compare if known else None  # type: ignore[operator]

    @property
    def growth(self) -> float | None:
        """Give change over compare where compare is above zero."""
        if self.change is None or not self.compare or self.compare < 0:
            return None
        return self.change / self.compare


@dataclass(frozen=True)
class Line:
    """One group: its name, a figure for each measure, and its cells across (pivots only).

    `optional`: the group has rows but nothing that counts, so it may be shown or left out.
    """

    name: str
    figures: tuple[Figure, ...]
    across: dict[str, Figure]
    optional: bool


@dataclass(frozen=True)
class Answer:
    """What the source says to a question; groups by folded name in the order first met."""

    lines: dict[str, Line]
    across: dict[str, Line]
    total: tuple[Figure, ...]
    together: Figure | None
    leaders: tuple[str, ...]
    rows: int
    ranked: int = 0
    """The measure ranked by: its place in the question."""


@dataclass(frozen=True)
class _Sets:
    """Row numbers in the period and in the dates compared with."""

    now: list[int]
    then: list[int]


@dataclass(frozen=True)
class Expected:
    """What a report of one measure by one group must say; groups by name as first met."""

    groups: dict[str, Figure]
    total: Figure
    rows: int


def recompute(plan: dict[str, Any]) -> Expected:
    """Compute a plan of one measure, as briefs of one question state it."""
    parts = ("filters", "date_column", "period", "compare")
    question = {part: plan.get(part) for part in parts} | {"measures": [plan["measure"]]}
    question["groups"] = [plan["group"]] if plan.get("group") else []
    if question["groups"] and question["groups"][0].get("by") and plan.get("date_column"):
        question["groups"] = [{**plan["group"], "column": plan["date_column"]}]
    found = answer({"source": plan["source"], "question": question})
    groups = {line.name: line.figures[0] for line in found.lines.values() if not line.optional}
    return Expected(groups, found.total[0], found.rows)


def answer(asked: dict[str, Any]) -> Answer:
    """Read the sources and compute every group and the total; once for all checks of a program."""
    return _answer(json.dumps(asked, sort_keys=True))


@lru_cache(maxsize=32)
def _answer(text: str) -> Answer:
    asked = json.loads(text)
    rows, question = ShapedRows(asked), asked["question"]
    used = _used(rows, question)
    measures = [_measure(rows, one) for one in question["measures"]]
    compared = question.get("compare") is not None

    def figures(some: _Sets) -> tuple[Figure, ...]:
        return tuple(Figure(one(some.now), one(some.then) if compared else None)
                     for one in measures)  # fmt: skip

    counted = _counted(rows, question["measures"])
    bins = [_bins(rows, question, group, used) for group in question.get("groups") or ()]
    lines = {}
    for key, (name, some) in (bins[0] if bins else {}).items():
        across = _crossed(some, bins[1], measures[0]) if len(bins) > 1 else {}
        nothing = not any(counted[row] for row in (*some.now, *some.then))
        lines[key] = Line(name, figures(some), across, nothing)
    columns = {
        key: Line(name, figures(some), {},
                  not any(counted[row] for row in (*some.now, *some.then)))
        for key, (name, some) in (bins[1] if len(bins) > 1 else {}).items()
    }  # fmt: skip
    leaders = leading(question, lines)
    together = None
    if leaders and question["rank"].get("together"):
        ours = [bins[0][key][1] for key in leaders]
        taken = _Sets([r for s in ours for r in s.now], [r for s in ours for r in s.then])
        together = figures(taken)[int(question["rank"].get("measure") or 0)]
    return Answer(lines, columns, figures(used), together, leaders,
                  len(set(used.now) | set(used.then)),
                  int((question.get("rank") or {}).get("measure") or 0))  # fmt: skip


def leading(question: dict[str, Any], lines: dict[str, Line]) -> tuple[str, ...]:
    """Give the keys of the groups the question ranks first."""
    rank = question.get("rank")
    if not rank:
        return ()
    ranked = [(value, key) for key in lines if (value := ranked_by(question, lines[key]))
              is not None and not lines[key].optional and key != BLANK]  # fmt: skip
    ranked.sort(key=lambda pair: pair[0], reverse=rank.get("order", "desc") == "desc")
    return tuple(key for _, key in ranked[: int(rank.get("top") or 3)])


def ranked_by(question: dict[str, Any], line: Line) -> float | None:
    """Give the figure a line is ranked by."""
    rank = question["rank"]
    figure = line.figures[int(rank.get("measure") or 0)]
    by = rank.get("by") or "value"
    found: float | None = getattr(figure, by if by in ("growth", "change") else "value")
    return found


def _used(rows: Rows, question: dict[str, Any]) -> _Sets:
    keep = kept(rows, question.get("filters") or ())
    period, compare = question.get("period"), question.get("compare")
    limited = period is not None and period.get("kind") != "all"
    days: list[dt.date | None] = [None] * rows.count
    if limited or compare is not None:
        if not question.get("date_column"):
            raise UncheckedError("The question has a period and no date column.")
        days = [m.date() if m else None for m in rows.column(question["date_column"]).moments()]
    held = [row for row, hit in enumerate(keep) if hit]
    now = [row for row in held if not limited or _within(period, days[row])]
    return _Sets(now, [row for row in held if _within(compare, days[row])])


def _within(part: dict[str, Any] | None, day: dt.date | None) -> bool:
    return part is not None and day is not None and part["start"] <= day.isoformat() <= part["end"]


def _counted(rows: Rows, measures: Sequence[dict[str, Any]]) -> list[bool]:
    """Tell for each row whether some measure has anything to count in it."""
    found = [False] * rows.count
    for measure in measures:
        name, how = measure.get("column"), measure.get("aggregate") or "sum"
        if name is None or how in ("missing", "ratio"):
            return [True] * rows.count
        column = rows.column(name)
        if how in ("count", "distinct"):
            hits = [not empty(cell) for cell in column.cells()]
        else:
            hits = [number is not None for number in column.numbers()]
        found = [a or b for a, b in zip(found, hits, strict=True)]
    return found


def _measure(rows: Rows, measure: dict[str, Any]) -> Compute:
    """Give what computes one figure from row numbers."""
    how, name = measure.get("aggregate") or "sum", measure.get("column")
    where = measure.get("where") or ()
    fits = kept(rows, where) if where else None
    if how == "ratio":
        return _ratio(rows, measure, fits)
    compute = _over_rows(how) if name is None else _over_cells(rows, name, how)
    if fits is None:
        return compute
    return lambda picked: compute([row for row in picked if fits[row]])


def _over_rows(how: str) -> Compute:
    if how not in ("count", "sum"):
        raise UncheckedError(f"The aggregate {how!r} needs a column.")
    return lambda picked: float(len(picked))


def _over_cells(rows: Rows, name: str, how: str) -> Compute:
    column = rows.column(name)
    if how in ("count", "distinct", "missing"):
        texts = [None if empty(c) else label(c).casefold() for c in column.cells()]
        if how == "missing":
            return lambda picked: float(sum(texts[row] is None for row in picked))
        if how == "count":
            return lambda picked: float(sum(texts[row] is not None for row in picked))
        return lambda picked: float(len({texts[row] for row in picked} - {None}))
    numbers = column.numbers()

    def compute(picked: Picked) -> float | None:
        values = [value for row in picked if (value := numbers[row]) is not None]
        return _aggregate(values, how)

    return compute


def _ratio(rows: Rows, measure: dict[str, Any], fits: list[bool] | None) -> Compute:
    one = [Decimal(1)] * rows.count
    above: Sequence[Decimal | None] = one
    below: Sequence[Decimal | None] = one
    if measure.get("column") is not None:
        above = rows.column(measure["column"]).numbers()
    if measure.get("over") is not None:
        below = rows.column(measure["over"]).numbers()

    def compute(picked: Picked) -> float | None:
        numerator = denominator = Decimal(0)
        for row in picked:
            needed = fits is None or fits[row]
            bottom, top = below[row], above[row] if needed else Decimal(0)
            if bottom is None or top is None:
                continue
            numerator += top
            denominator += bottom
        return float(numerator / denominator) if denominator else None

    return compute


def _aggregate(values: Sequence[Decimal], how: str) -> float | None:
    if how == "sum":
        return float(sum(values, Decimal(0)))
    if not values:
        return None
    if how == "mean":
        return float(sum(values, Decimal(0)) / len(values))
    if how == "median":
        return float(statistics.median(values))
    if how in ("min", "max"):
        return float(min(values) if how == "min" else max(values))
    raise UncheckedError(f"The aggregate {how!r} is not known.")


def _crossed(some: _Sets, across: dict[str, tuple[str, _Sets]], compute: Compute,
             ) -> dict[str, Figure]:  # fmt: skip
    mine = set(some.now)
    crossed = {key: [row for row in other.now if row in mine]
               for key, (_, other) in across.items()}  # fmt: skip
    return {key: Figure(compute(both)) for key, both in crossed.items() if both}


def _bins(rows: Rows, question: dict[str, Any], group: dict[str, Any],
          used: _Sets) -> dict[str, tuple[str, _Sets]]:  # fmt: skip
    """Part the rows by the value of one group, calendar units in the order of time."""
    column, unit = rows.column(group["column"]), group.get("by")
    if unit:
        moments = column.moments()
        dated = group["column"] == question.get("date_column")

        def name(row: int, moved: bool) -> str:
            return _calendar_name(question, moments[row], unit, moved and dated)
    else:
        labels = column.labels()
        if group["column"] == question.get("date_column"):
            days = column.moments()
            labels = [day.date().isoformat() if day else text
                      for day, text in zip(days, labels, strict=True)]  # fmt: skip

        def name(row: int, moved: bool) -> str:
            return labels[row]

    bins: dict[str, tuple[str, _Sets]] = {}
    for picked, moved in ((used.now, False), (used.then, True)):
        for row in picked:
            own = name(row, moved)
            some = bins.setdefault(own.casefold(), (own, _Sets([], [])))[1]
            (some.then if moved else some.now).append(row)
    if len(bins) > GROUPS_MAX:
        raise UncheckedError(f"The question has more than {GROUPS_MAX:,} groups.")
    return _in_time(bins, unit) if unit else bins


def _in_time(bins: dict[str, tuple[str, _Sets]], unit: str) -> dict[str, tuple[str, _Sets]]:
    days = [day.casefold() for day in WEEKDAYS]

    def place(key: str) -> tuple[bool, Any]:
        blank = key == BLANK
        return blank, days.index(key) if unit == "weekday" and not blank else key

    return {key: bins[key] for key in sorted(bins, key=place)}


def _calendar_name(question: dict[str, Any], moment: dt.datetime | None, unit: str,
                   moved: bool) -> str:  # fmt: skip
    """Name a moment's calendar unit; a day of the comparison goes where it is compared with."""
    if moment is None:
        return BLANK
    if unit == "weekday":
        return WEEKDAYS[moment.weekday()]
    if unit == "hour":
        return f"{moment.hour:02d}"
    day = moment.date()
    period = question.get("period")
    if moved and period and period.get("kind") != "all":
        day = _move(period, question["compare"], day, unit)
    year, week, _ = day.isocalendar()
    named = {
        "day": day.isoformat(),
        "week": f"{year}-W{week:02d}",
        "month": day.isoformat()[:7],
        "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
        "year": str(day.year),
    }
    if unit not in named:
        raise UncheckedError(f"The unit {unit!r} is not known.")
    return named[unit]


def _move(period: dict[str, Any], compare: dict[str, Any], day: dt.date, unit: str) -> dt.date:
    start, past = (dt.date.fromisoformat(part["start"]) for part in (period, compare))
    if unit == "week":
        return day + dt.timedelta(weeks=round((start - past).days / 7))
    months = (start.year - past.year) * 12 + start.month - past.month + day.year * 12
    year, month = divmod(months + day.month - 1, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
