"""Decides which rows count for a question, in which group, and with which values.

Owns filters, periods, calendar units and what a measure takes from a row. Must never add up.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from deputy.agent.tables.cells import BLANK_GROUP
from deputy.agent.tables.reading import column_named, dates, names, numbers

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
COUNTED = ("count", "missing", "distinct")
NOTHING_LEFT = (
    "No row of the table falls into the period and the filters asked for. "
    "Name another period or drop a filter."
)
FILTER_VALUES_SHOWN = 12
FILTER_WORDS = {
    "eq": "is", "in": "is one of", "ne": "is not", "not_in": "is none of", "gt": "is above",
    "lt": "is below", "ge": "is at least", "le": "is at most", "between": "lies between",
    "contains": "contains", "starts": "starts with", "ends": "ends with",
    "missing": "is empty", "present": "is filled",
}  # fmt: skip


class ReportError(Exception):
    """The report cannot be made; the message says what to change."""


@dataclass
class Cells:
    """The table's cells, each column read once: as numbers, as dates, as names."""

    table: pd.DataFrame
    decimal: str | None
    day_order: str | None
    known: dict[tuple[str, str], pd.Series] = field(default_factory=dict)

    def named(self, column: str) -> str:
        """Give the table's own spelling of a column."""
        return column_named(self.table, column)

    def numbers(self, column: str) -> pd.Series:
        """Give a column as floats; missing where a cell is no number."""
        return self._read("numbers", column)

    def dates(self, column: str) -> pd.Series:
        """Give a column as timestamps; missing where a cell is no date."""
        return self._read("dates", column)

    def names(self, column: str) -> pd.Series:
        """Give a column as group names; blank cells have the name "(blank)"."""
        return self._read("names", column)

    def folded(self, column: str) -> pd.Series:
        """Give a column as text without regard to case; missing where a cell is blank."""
        return self._read("folded", column)

    def _read(self, how: str, column: str) -> pd.Series:
        key = (how, self.named(column))
        if key not in self.known:
            cells = self.table[key[1]]
            if how == "numbers":
                self.known[key] = numbers(cells, self.decimal)
            elif how == "dates":
                self.known[key] = dates(cells, self.day_order)
            elif how == "names":
                self.known[key] = names(cells)
            else:
                plain = self.names(column)
                self.known[key] = plain.where(plain != BLANK_GROUP).str.casefold()
        return self.known[key]


@dataclass(frozen=True)
class Values:
    """What one measure takes from each row: where it counts, its value, for a ratio its base."""

    how: str
    value: pd.Series
    counts: pd.Series
    base: pd.Series | None = None


@dataclass(frozen=True)
class Rows:
    """The rows of one question; all series share the table's index."""

    cells: Cells
    current: pd.Series  # True where the row is used in the period
    compare: pd.Series  # True where it is used in the comparison
    groups: tuple[pd.Series, ...]  # the name of each row's group, one series a planned group
    values: tuple[Values, ...]
    date: pd.Series | None
    filtered: pd.Series  # True where the row satisfies the question's filters
    undated: int  # rows left out for want of a date
    unreadable: tuple[int, ...]  # a measure: used rows without a value it can take

    @property
    def used(self) -> pd.Series:
        """Where a row is used at all."""
        return self.current | self.compare


def select(question: dict[str, Any], cells: Cells) -> Rows:
    """Apply a question's filters and periods to the table."""
    kept = passing(cells, question["filters"])
    date = cells.dates(question["date_column"]) if question["date_column"] else None
    period, compare = timed(question["period"]), question["compare"]
    current = kept if period is None else kept & _between(date, period)
    before = kept & _between(date, compare) if compare else kept & False
    if not current.any():
        raise ReportError(_nothing_left(question, cells))
    values = tuple(_values(measure, cells) for measure in question["measures"])
    used = current | before
    return Rows(
        cells, current, before, _groups(question, cells, before), values, date, kept,
        int((kept & date.isna()).sum()) if date is not None and (period or compare) else 0,
        tuple(_unreadable(measure, cells, used)
              for measure in question["measures"]),
    )  # fmt: skip


def _nothing_left(question: dict[str, Any], cells: Cells) -> str:
    """Name the first filter that leaves no row, if one alone does so."""
    for rule in question["filters"]:
        if not _passes(cells, rule).any():
            return (f"In no row of the table “{filter_text(rule)}” holds. Drop that condition, or "
                    "say it with a value that stands in the table.")  # fmt: skip
    return NOTHING_LEFT


def timed(period: dict[str, Any] | None) -> dict[str, Any] | None:
    """Give a period that leaves anything out, or nothing."""
    return period if period and period["kind"] != "all" else None


def _between(date: pd.Series | None, period: dict[str, Any]) -> pd.Series:
    if date is None:
        raise ReportError("A period was asked for but no column of dates was named. Name one.")
    after = pd.Timestamp(period["end"]) + pd.Timedelta(days=1)
    return (date >= pd.Timestamp(period["start"])) & (date < after)


def filter_text(rule: dict[str, Any]) -> str:
    """Say a filter in words."""
    value = rule["value"]
    said = f"{rule['column']} {FILTER_WORDS[rule['op']]}"
    if value is None:
        return said
    listed = list(value) if isinstance(value, list | tuple) else [value]
    link = " and " if rule["op"] == "between" else ", "
    shown = link.join(map(str, listed[:FILTER_VALUES_SHOWN]))
    more = len(listed) - FILTER_VALUES_SHOWN
    return f"{said} {shown}" + (f" and {more} more" if more > 0 else "")


def passing(cells: Cells, rules: list[dict[str, Any]]) -> pd.Series:
    """Tell for each row whether it satisfies every filter."""
    kept = pd.Series(True, index=cells.table.index)
    for rule in rules:
        kept &= _passes(cells, rule)
    return kept


def _passes(cells: Cells, rule: dict[str, Any]) -> pd.Series:
    """Tell for each row whether it satisfies one filter."""
    op, column = rule["op"], rule["column"]
    text = cells.folded(column)
    if op in ("missing", "present"):
        return text.isna() if op == "missing" else text.notna()
    listed = isinstance(rule["value"], list | tuple)
    wanted = list(rule["value"]) if listed else [rule["value"]]
    if op in ("contains", "starts", "ends"):
        return _has_part(text, op, [_fold(one) for one in wanted])
    if op in ("ne", "not_in"):
        return ~_equal(cells, column, wanted)
    if op in ("eq", "in"):
        return _equal(cells, column, wanted)
    found, bounds = _comparable_cells(cells, column, wanted)
    first, last = bounds[0], bounds[-1]
    tests = {"gt": found > first, "ge": found >= first, "lt": found < first,
             "le": found <= first, "between": (found >= first) & (found <= last)}  # fmt: skip
    return tests[op] & found.notna()


def _fold(value: Any) -> str:
    return " ".join(str(value).split()).casefold()


def _has_part(text: pd.Series, op: str, parts: list[str]) -> pd.Series:
    known = text.fillna("")
    hit = known.astype(bool) & False
    for part in parts:
        hit |= {"contains": known.str.contains(part, regex=False),
                "starts": known.str.startswith(part),
                "ends": known.str.endswith(part)}[op]  # fmt: skip
    return hit & text.notna()


def _equal(cells: Cells, column: str, wanted: list[Any]) -> pd.Series:
    """Tell which cells equal one of the values: as text, else as dates or numbers."""
    text = cells.folded(column)
    words = [one for one in wanted if isinstance(one, str)]
    figures = [float(one) for one in wanted if not isinstance(one, str)]
    hit = text.isin([_fold(one) for one in words])
    days = [pd.Timestamp(one) for one in words if is_day(one)]
    if days and len(days) == len(words):
        hit |= cells.dates(column).dt.normalize().isin(days)
    if figures:
        hit |= cells.numbers(column).isin(figures)
    return hit


def _comparable_cells(cells: Cells, column: str, wanted: list[Any]) -> tuple[pd.Series, list[Any]]:
    """Give the cells and the bounds in one kind: dates, numbers or text."""
    if all(isinstance(one, str) and is_day(one) for one in wanted):
        return cells.dates(column).dt.normalize(), [pd.Timestamp(one) for one in wanted]
    bounds = [_bound(one) for one in wanted]
    if None not in bounds:
        return cells.numbers(column), bounds
    return cells.folded(column), [_fold(one) for one in wanted]


def _bound(value: Any) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def is_day(text: str) -> bool:
    """Whether a text is an ISO date."""
    try:
        return bool(dt.date.fromisoformat(text)) and len(text) == len("2026-01-01")
    except ValueError:
        return False


def _values(measure: dict[str, Any], cells: Cells) -> Values:
    """Read what one measure takes from each row."""
    how, column = measure["aggregate"], measure["column"]
    where = passing(cells, measure["where"])
    one = pd.Series(1.0, index=cells.table.index)
    if how == "ratio":
        return _ratio(measure, cells, where)
    if column is None:
        return Values("count", one, where)
    if how == "missing":
        return Values(how, one, where & cells.folded(column).isna())
    if how in ("count", "distinct"):
        text = cells.folded(column)
        return Values(how, text if how == "distinct" else one, where & text.notna())
    found = _figures_of(cells, column)
    return Values(how, found, where & found.notna())


def _figures_of(cells: Cells, column: str) -> pd.Series:
    found = cells.numbers(column)
    if not found.notna().any():
        raise ReportError(f"Column {column!r} holds no numbers. Name a column of figures.")
    return found


def _ratio(measure: dict[str, Any], cells: Cells, where: pd.Series) -> Values:
    """Give numerators and bases; a row that lacks what it must give counts in neither."""
    one = pd.Series(1.0, index=cells.table.index)
    over = _figures_of(cells, measure["over"]) if measure["over"] else one
    part = _figures_of(cells, measure["column"]) if measure["column"] else one
    able = over.notna() & (part.notna() | ~where)
    return Values("ratio", part.where(where, 0.0), able, over)


def _unreadable(measure: dict[str, Any], cells: Cells, used: pd.Series) -> int:
    """Count the used rows whose cell should be a figure and is none."""
    if measure["column"] is None and measure["over"] is None:
        return 0
    if measure["aggregate"] in COUNTED:
        return 0
    where = used & passing(cells, measure["where"])
    lacking = where & False
    if measure["column"]:
        lacking |= where & cells.numbers(measure["column"]).isna()
    if measure["aggregate"] == "ratio" and measure["over"]:
        lacking |= used & cells.numbers(measure["over"]).isna()
    return int(lacking.sum())


def _groups(question: dict[str, Any], cells: Cells, before: pd.Series) -> tuple[pd.Series, ...]:
    """Name each row's groups."""
    return tuple(_group(question, group, cells, before) for group in question["groups"])


def _group(question: dict[str, Any], group: dict[str, Any], cells: Cells,
           before: pd.Series) -> pd.Series:  # fmt: skip
    """Name a row's group. Calendar units of a comparison go under what they compare with."""
    unit = group["by"]
    if unit is None:
        return cells.names(group["column"])
    moment = cells.dates(group["column"])
    if not moment.notna().any():
        raise ReportError(f"Column {group['column']!r} holds no dates. Name a column of dates.")
    period, compare = timed(question["period"]), question["compare"]
    own = question["date_column"] and cells.named(question["date_column"]) == cells.named(
        group["column"]
    )
    if own and compare and period and unit not in ("weekday", "hour"):
        moment = moment.mask(before, _moved(moment, period, compare, unit))
    return calendar_names(moment, unit)


def _moved(moment: pd.Series, period: dict[str, Any], compare: dict[str, Any],
           unit: str) -> pd.Series:  # fmt: skip
    """Move the comparison's days as far as it lies behind the period."""
    start, past = pd.Timestamp(period["start"]), pd.Timestamp(compare["start"])
    if unit == "week":
        return moment + pd.Timedelta(weeks=round((start - past).days / 7))
    months = (start.year - past.year) * 12 + start.month - past.month
    return moment + pd.DateOffset(months=months)


def calendar_names(moment: pd.Series, unit: str) -> pd.Series:
    """Name the calendar unit of each moment; "(blank)" where there is none."""
    stamp = moment.dt.floor("h") if unit == "hour" else moment.dt.normalize()
    named = {one: calendar_name(one, unit) for one in stamp.dropna().unique()}
    return stamp.map(named).fillna(BLANK_GROUP).astype(object)


def calendar_name(stamp: pd.Timestamp, unit: str) -> str:
    """Name the calendar unit of a moment, such as 2026-03, 2026-W07, Monday or 07."""
    year, week, day = stamp.isocalendar()
    return {"day": f"{stamp:%Y-%m-%d}", "week": f"{year}-W{week:02d}", "month": f"{stamp:%Y-%m}",
            "quarter": f"{stamp.year}-Q{stamp.quarter}", "year": f"{stamp.year}",
            "weekday": WEEKDAYS[day - 1], "hour": f"{stamp.hour:02d}"}[unit]  # fmt: skip


def in_order_of_time(unit: str) -> Any:
    """Give a sort key for the names of a calendar unit; "(blank)" comes last."""
    if unit == "weekday":
        return lambda name: WEEKDAYS.index(name) if name in WEEKDAYS else len(WEEKDAYS)
    return lambda name: (name == BLANK_GROUP, name)
