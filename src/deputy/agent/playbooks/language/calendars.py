"""Calendar arithmetic on whole days: units, neighbours, names, and dates written in words.

Owns days, weeks (ISO, from Monday), months, quarters, half-years and years. Must never know data.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Unit = Literal["day", "week", "month", "quarter", "half", "year"]

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_SHORT = {name[:3]: index for index, name in enumerate(MONTHS, start=1)} | {"sept": 9}
_MONTH_NUMBER = {name: index for index, name in enumerate(MONTHS, start=1)} | _SHORT
_ORDINAL = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4
}  # fmt: skip
_MONTHS_IN_UNIT = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_YEAR = r"(?:19|20)\d\d"
_MONTH = "|".join(sorted(_MONTH_NUMBER, key=len, reverse=True))

ENDPOINT = (
    r"(?:"
    rf"({_YEAR}-\d\d-\d\d)"
    r"|(\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d)"
    rf"|(?:the )?(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_MONTH})\.?(?:,? ({_YEAR}))?"
    rf"|({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?(?:,? ({_YEAR}))?(?!\d)"
    rf"|({_MONTH})\.?(?:,? ?(?:of )?({_YEAR}))?"
    rf"|q ?([1-4])(?: ?[/-]? ?(?:of )?({_YEAR}))?"
    rf"|({_YEAR}) ?[/-]? ?q([1-4])"
    rf"|(?:the )?(first|second|third|fourth|1st|2nd|3rd|4th) (quarter|half)"
    rf"(?: (?:of |in )?({_YEAR}))?"
    rf"|h([12])(?: ?[/-]? ?({_YEAR}))?"
    rf"|(?:the )?(?:calendar )?(?:year )?({_YEAR})"
    r")"
)
"""A date, month, quarter, half-year or year in words: 20 groups, read by `endpoint`."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A calendar unit named in words. `year` is missing when the words leave it open."""

    unit: Unit
    year: int | None = None
    index: int = 1
    day: int = 1
    doubtful: bool = False

    def span(self, year: int) -> Span:
        """Give its days in a year."""
        if self.unit == "year":
            return unit_of(date(year, 1, 1), "year")
        if self.unit == "day":
            last = monthrange(year, self.index)[1]
            moment = date(year, self.index, min(self.day, last))
            return Span(moment, moment)
        months = _MONTHS_IN_UNIT[self.unit]
        return unit_of(date(year, (self.index - 1) * months + 1, 1), self.unit)


def endpoint(groups: Sequence[str | None]) -> Endpoint | None:
    """Read the groups of one `ENDPOINT`; nothing when they are no date."""
    iso, numeric, *rest = groups
    if iso is not None:
        return _day(*(int(part) for part in iso.split("-")))
    if numeric is not None:
        return _numeric(numeric)
    d1, m1, y1, m2, d2, y2, m3, y3, q1, yq1, yq2, q2, nth, what, yn, h, yh, y = rest
    if m1 and d1:
        return _day_of(y1, m1, d1)
    if m2 and d2:
        return _day_of(y2, m2, d2)
    if m3:
        return Endpoint("month", _int(y3), _MONTH_NUMBER[m3], doubtful=_doubtful(m3, y3))
    if q1 or q2:
        return Endpoint("quarter", _int(yq1 or yq2), int(q1 or q2 or 1))
    if nth and what:
        if what == "half" and _ORDINAL[nth] > 2:
            return None
        return Endpoint("half" if what == "half" else "quarter", _int(yn), _ORDINAL[nth])
    if h:
        return Endpoint("half", _int(yh), int(h))
    return Endpoint("year", _int(y)) if y else None


def _int(text: str | None) -> int | None:
    return int(text) if text else None


def _doubtful(month: str, year: str | None) -> bool:
    return year is None and month in {"may", "march", "mar", "sep", "dec", "jan"}


def _day(year: int, month: int, day: int) -> Endpoint | None:
    try:
        date(year, month, day)
    except ValueError:
        return None
    return Endpoint("day", year, month, day)


def _day_of(year: str | None, month: str, day: str) -> Endpoint | None:
    checked = _day(int(year or 2000), _MONTH_NUMBER[month], int(day))
    return checked and Endpoint("day", _int(year), checked.index, checked.day)


def _numeric(text: str) -> Endpoint | None:
    first, second, year = (int(part) for part in re.split(r"[./]", text))
    if "." in text or first > 12 or first == second:
        return _day(year, second, first)
    # 03/04/2026 reads differently on two sides of an ocean: it stays unread and is asked about.
    return _day(year, first, second) if second > 12 else None


def unit_of(day: date, unit: Unit) -> Span:
    """Give the whole calendar unit a day lies in."""
    if unit == "day":
        return Span(day, day)
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return Span(monday, monday + timedelta(days=6))
    months = _MONTHS_IN_UNIT[unit]
    month = (day.month - 1) // months * months + 1
    end = month + months - 1
    return Span(date(day.year, month, 1), date(day.year, end, monthrange(day.year, end)[1]))


def shift_unit(span: Span, unit: Unit, count: int) -> Span:
    """Give the unit `count` units later (earlier when negative)."""
    if unit in {"day", "week"}:
        move = timedelta(days=count * (1 if unit == "day" else 7))
        return Span(span.first + move, span.last + move)
    return unit_of(add_months(span.first, count * _MONTHS_IN_UNIT[unit]), unit)


def add_months(day: date, count: int) -> date:
    """Move a day by months, staying inside the month it reaches."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    year = min(max(year, 1), 9999)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def shift_year(day: date, count: int) -> date:
    """Move a day by years; 29 February becomes the 28th."""
    return add_months(day, 12 * count)


def year_before(span: Span, unit: Unit | None) -> Span:
    """Give the same unit, or the same days, one year before."""
    if unit in _MONTHS_IN_UNIT and unit is not None:
        return unit_of(shift_year(span.first, -1), unit)
    return Span(shift_year(span.first, -1), shift_year(span.last, -1))


def just_before(span: Span) -> Span:
    """Give as many days directly before."""
    return Span(span.first - (span.last - span.first) - timedelta(days=1), span.first - _DAY)


_DAY = timedelta(days=1)


def back(last: date, unit: Unit, count: int, *, whole_months: bool) -> date:
    """Give the first day of the `count` units that end on a day."""
    if unit in {"day", "week"}:
        return last - timedelta(days=max(count, 1) * (1 if unit == "day" else 7)) + _DAY
    months = max(count, 1) * _MONTHS_IN_UNIT[unit]
    if whole_months or last == unit_of(last, "month").last:
        return unit_of(add_months(unit_of(last, "month").first, 1 - months), "month").first
    return add_months(last, -months) + _DAY


def name(span: Span, unit: Unit | None) -> str:
    """Give a span's name: "Q4 2026", "November 2026", "2026", "1 Mar 2026 – 5 Apr 2026"."""
    first = span.first
    match unit:
        case "year":
            return str(first.year)
        case "half":
            return f"H{(first.month - 1) // 6 + 1} {first.year}"
        case "quarter":
            return f"Q{(first.month - 1) // 3 + 1} {first.year}"
        case "month":
            return f"{MONTHS[first.month - 1].title()} {first.year}"
        case "week":
            return f"the week of {day(first)}"
        case _:
            return spoken(span)


def spoken(span: Span) -> str:
    """Give two days in words."""
    if span.first == span.last:
        return day(span.first)
    return f"{day(span.first)} – {day(span.last)}"


def day(moment: date) -> str:
    """Give a day in words: "18 Nov 2026"."""
    return f"{short_day(moment)} {moment.year}"


def short_day(moment: date) -> str:
    """Give a day without its year: "18 Nov"."""
    return f"{moment.day} {MONTHS[moment.month - 1][:3].title()}"
