"""Periods in words: finding them, and turning them into dates over the data at hand.

Owns the grammar of time and the rules for unfinished and missing periods. Must never read a
clock: today comes in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from deputy.agent.plans import Compare, Period, PeriodKind
from deputy.agent.playbooks.language import calendars as cal
from deputy.agent.playbooks.language.calendars import Span, Unit
from deputy.agent.playbooks.language.words import NUMBER, Words, number, pattern

GAP_DAYS_MAX = 3
"""A finished period whose data stop this short of its end still counts as whole; so it does where
data are so sparse that a gap of that length is nothing unusual."""


@dataclass(frozen=True, slots=True)
class Extent:
    """The first and last date in the data, and the day the question is asked."""

    first: date
    last: date
    today: date
    monthly: bool = False
    gap: int = GAP_DAYS_MAX

    @property
    def known(self) -> date:
        """Give the last day the data can speak of."""
        if self.monthly:
            return cal.unit_of(self.last, "month").last
        return min(self.last, self.today) if self.first <= self.today else self.last


@dataclass(frozen=True, slots=True)
class Asked:
    """A period as asked for, before the data are looked at."""

    form: Literal["unit", "latest", "named", "rolling", "since", "until", "between", "ytd", "all"]
    unit: Unit = "day"
    count: int = 0
    first: cal.Endpoint | None = None
    last: cal.Endpoint | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """A period in dates, what must be said about it, or the question that has to be asked."""

    period: Period | None = None
    unit: Unit | None = None
    notes: tuple[str, ...] = ()
    question: str | None = None


_GAPS: dict[Unit, int] = {"month": 4, "quarter": 10, "half": 14, "year": 21}
"""So many days at the end of a period may lack data where data are sparse."""
_E = cal.ENDPOINT
_UNITS = r"(week|month|quarter|year)"
_UNTIL = r"(?:(?:up )?(?:to|until|till)|through|thru)(?: and including)?"
_BETWEEN = pattern(rf"(?:from|between) {_E} (?:{_UNTIL}|and|-) {_E}")
_SPAN = pattern(rf"{_E} ?(?:{_UNTIL}|-) ?{_E}")
_COMPARING = re.compile(r"compar\w*\s+(?:the\s+)?$", re.IGNORECASE)
_SINCE = pattern(rf"(?:since|as of|starting(?: in| from)?|from) {_E}(?: onwards?| on)?")
_SIDE = pattern(rf"(after|until|till|up to|through|before)(?: and including)? (?:the end of )?{_E}")
_YTD = pattern(
    r"(?:the )?(?:year to date|ytd|so far this year|this year so far"
    r"|(?:since|from) (?:the )?(?:start|beginning) of (?:the|this) year)(?: figures?)?"
)
_TO_DATE = pattern(r"(quarter|month|week) to date|(qtd|mtd|wtd)|so far this (quarter|month|week)")
_ROLLING = pattern(
    rf"(?:over |in |for |during )?(?:the )?(?:last|past|previous|trailing) ({NUMBER})"
    r" (day|week|month|quarter|year)s?"
)
_UNIT = pattern(
    rf"(this|current|last|previous|prior|past|latest|most recent|newest) (?:calendar )?{_UNITS}"
)
_NAMED = pattern(rf"(?:(?:in|for|during|of|on) )?(?:the )?{_E}")
_ONLY_THIS = re.compile(r"\b(?:only|just)\s+(?:for\s+|in\s+|the\s+)*\Z")
_THIS_ONLY = re.compile(r"\s+(?:only|alone)\b")
_ALL = pattern(
    r"all time|all years|all periods|all dates|(?:the )?(?:entire|whole|full) (?:period|history"
    r"|time|timespan|data ?set|data)|over all (?:the )?data"
)
_DAY = pattern(r"(today|yesterday)")


def find(words: Words) -> tuple[Words, tuple[tuple[int, int, Asked], ...]]:
    """Take every period out of the words; give where each stands, in their order."""
    found: list[tuple[int, int, Asked]] = []
    for compiled, build in _FORMS:
        for match in compiled.finditer(words.text):
            # "Compare 2025 to 2026" names two periods, not a span of two years.
            two = compiled is _SPAN and _COMPARING.search(words.original[: match.start()])
            asked = None if two else build(match)
            if asked is not None:
                found.append((match.start(), match.end(), asked))
                words = words.take(*match.span())
                for alone in (_ONLY_THIS.search(words.text, 0, match.start()),
                              _THIS_ONLY.match(words.text, match.end())):  # fmt: skip
                    words = words.take(*alone.span()) if alone else words
    return words, tuple(sorted(found, key=lambda one: one[0]))


def _between(match: re.Match[str]) -> Asked | None:
    half = len(match.groups()) // 2
    first, last = cal.endpoint(match.groups()[:half]), cal.endpoint(match.groups()[half:])
    if first is None or last is None:
        return None
    if first.year is None and last.unit == "year" and "-" in match[0]:
        return Asked("named", first=replace(first, year=last.year))  # "Q1-2025"
    if first.year is None and last.year is not None:
        first = replace(first, year=last.year)
    return Asked("between", first=first, last=last)


def _since(match: re.Match[str]) -> Asked | None:
    first = cal.endpoint(match.groups())
    return None if first is None else Asked("since", first=first)


def _side(match: re.Match[str]) -> Asked | None:
    side, *rest = match.groups()
    edge = cal.endpoint(rest)
    if edge is None:
        return None
    if side == "after":
        return Asked("since", first=edge, count=1)
    return Asked("until", last=edge, count=1 if side == "before" else 0)


def _to_date(match: re.Match[str]) -> Asked:
    units: dict[str, Unit] = {"q": "quarter", "m": "month", "w": "week"}
    return Asked("unit", units[next(filter(None, match.groups()))[0]])


def _unit(match: re.Match[str]) -> Asked:
    which, unit = match[1], match[2]
    if re.match("latest|most|newest", which):
        return Asked("latest", _as_unit(unit))
    return Asked("unit", _as_unit(unit), 0 if which in {"this", "current"} else -1)


def _named(match: re.Match[str]) -> Asked | None:
    first = cal.endpoint(match.groups())
    if first is None:
        return None
    # "may", "march", "second" and the like are months only where something says so.
    if first.doubtful and not re.match(r"(?:in|for|during|of)\b", match[0]):
        return None
    return Asked("named", first=first)


def _as_unit(word: str) -> Unit:
    units: dict[str, Unit] = {
        "day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"
    }  # fmt: skip
    return units[word]


_FORMS = (
    (_ALL, lambda match: Asked("all")),
    (_YTD, lambda match: Asked("ytd", "year")),
    (_TO_DATE, _to_date),
    (_BETWEEN, _between),
    (_SINCE, _since),
    (_SIDE, _side),
    (_SPAN, _between),
    (_ROLLING, lambda match: Asked("rolling", _as_unit(match[2]), number(match[1], 0))),
    (_UNIT, _unit),
    (_DAY, lambda match: Asked("unit", "day", 0 if match[1] == "today" else -1)),
    (_NAMED, _named),
)


def resolve(asked: Asked, extent: Extent) -> Resolved:
    """Turn a period as asked into dates over these data, by the stated rules."""
    match asked.form:
        case "all":
            return Resolved(_all(extent))
        case "unit" | "latest":
            return _resolve_unit(asked, extent)
        case "ytd":
            year = cal.unit_of(extent.today, "year")
            done = _close(year, "year", extent, moved=year.first > extent.known)
            return replace(
                done, period=done.period and done.period.model_copy(update={"kind": "ytd"})
            )
        case "named":
            return _resolve_named(asked, extent)
        case _:
            return _resolve_range(asked, extent)


def _all(extent: Extent) -> Period:
    return Period(
        kind="all",
        label=cal.spoken(Span(extent.first, extent.last)),
        start=extent.first.isoformat(),
        end=extent.last.isoformat(),
    )


def _resolve_unit(asked: Asked, extent: Extent) -> Resolved:
    if asked.form == "latest":
        return _close(cal.unit_of(extent.known, asked.unit), asked.unit, extent)
    span = cal.shift_unit(cal.unit_of(extent.today, asked.unit), asked.unit, asked.count)
    if asked.count == 0:
        return _close(span, asked.unit, extent, moved=span.first > extent.known)
    return _inside(span, asked.unit, extent)


def _resolve_named(asked: Asked, extent: Extent) -> Resolved:
    edge = asked.first
    if edge is None:
        return Resolved(question="Which period do you mean?")
    span, notes = _span(edge, extent)
    done = _inside(span, edge.unit, extent)
    return replace(done, notes=notes + done.notes)


def _span(edge: cal.Endpoint, extent: Extent) -> tuple[Span, tuple[str, ...]]:
    """Give an endpoint's span; without a year, the latest one that has begun in the data."""
    if edge.year is not None:
        return edge.span(edge.year), ()
    limit = max(extent.known, extent.first)
    year = limit.year if edge.span(limit.year).first <= limit else limit.year - 1
    span = edge.span(year)
    name = cal.name(span, edge.unit)
    return span, (f"No year was named, so the latest in the data is used: {name}.",)


def _resolve_range(asked: Asked, extent: Extent) -> Resolved:
    notes: tuple[str, ...] = ()
    first, last = extent.first, extent.known
    if asked.form == "rolling":
        first = cal.back(extent.known, asked.unit, asked.count, whole_months=extent.monthly)
        notes = (f"The period is counted back from {cal.day(extent.known)}, where the data end.",)
    if asked.first is not None:
        span, notes = _span(asked.first, extent)
        first = span.last + timedelta(days=1) if asked.count else span.first
    if asked.last is not None:
        span, more = _span(asked.last, extent)
        last = span.first - timedelta(days=1) if asked.count else span.last
        notes = tuple(dict.fromkeys(notes + more))
    if first > last:
        return Resolved(question="That period ends before it begins. Which dates do you mean?")
    return _add_notes(_inside(Span(first, last), None, extent), notes)


def _add_notes(done: Resolved, notes: tuple[str, ...]) -> Resolved:
    return replace(done, notes=notes + done.notes)


def _inside(span: Span, unit: Unit | None, extent: Extent) -> Resolved:
    if span.first > extent.known or span.last < extent.first:
        name = cal.name(span, unit)
        return Resolved(
            question=f"The data run from {cal.day(extent.first)} to {cal.day(extent.known)}, so "
            f"there is nothing for {name}. Which period shall I use instead?"
        )
    return _close(span, unit, extent)


def _close(span: Span, unit: Unit | None, extent: Extent, *, moved: bool = False) -> Resolved:
    """End a period where the data end; `moved`: take the latest one in the data instead."""
    notes: tuple[str, ...] = ()
    if moved and unit is not None:
        asked = cal.name(span, unit)
        span = cal.unit_of(extent.known, unit)
        notes = (
            f"The data end on {cal.day(extent.known)}, before {asked} begins, so the latest "
            f"{unit} in the data is used: {cal.name(span, unit)}.",
        )
    gap = (span.last - extent.known).days
    usual = min(extent.gap, _GAPS.get(unit or "day", GAP_DAYS_MAX))
    partial = gap > 0 and (span.last >= extent.today or gap > usual)
    last = extent.known if partial else span.last
    label = cal.name(span, unit)
    if partial:
        label = (
            f"{label} (to {cal.short_day(last)})" if unit else cal.spoken(Span(span.first, last))
        )
        notes += (f"{cal.name(span, unit)} is counted up to {cal.day(last)}.",)
    if span.first < extent.first and unit is not None:
        notes += (f"The data begin on {cal.day(extent.first)}.",)
    period = Period(
        kind=_kind(unit),
        label=label,
        start=span.first.isoformat(),
        end=last.isoformat(),
        partial=partial,
    )
    return Resolved(period, unit, notes)


def _kind(unit: Unit | None) -> PeriodKind:
    if unit == "quarter" or unit == "month" or unit == "year":
        return unit
    return "range"


def compare_with(
    period: Period, mode: Literal["year", "previous"], extent: Extent
) -> tuple[Compare | None, tuple[str, ...], str | None]:
    """Give the like-for-like dates to compare with, what to say about them, or a question."""
    span = Span(date.fromisoformat(period.start), date.fromisoformat(period.end))
    unit = unit_of(period)
    whole = cal.unit_of(span.first, unit) if unit else span
    if mode == "year":
        base = cal.year_before(whole, unit)
        end = cal.shift_year(span.last, -1) if period.partial else base.last
    else:
        base = cal.shift_unit(whole, unit, -1) if unit else cal.just_before(span)
        end = base.last
        if period.partial and unit == "year":
            end = cal.shift_year(span.last, -1)
        elif period.partial and unit:
            end = min(base.last, base.first + (span.last - span.first))
    name = cal.name(base, unit)
    label = f"{name} (to {cal.short_day(end)})" if end < base.last else name
    if end < extent.first:
        return (
            None,
            (),
            (
                f"There is nothing to compare {period.label} with: the data begin on "
                f"{cal.day(extent.first)}. Do you want it without the comparison, or for another "
                "period?"
            ),
        )
    notes: tuple[str, ...] = ()
    if period.partial:
        notes += (
            f"{period.label} is not complete, so it is compared with the same days: "
            f"{cal.spoken(Span(base.first, end))}.",
        )
    if (extent.first - base.first).days > extent.gap:
        from_then = cal.day(cal.shift_year(extent.first, 1))
        since = f", for example since {from_then}" if mode == "year" else ""
        return (
            None,
            (),
            (
                f"The data begin on {cal.day(extent.first)}, so {name} is not complete and growth "
                "against it would be wrong. Do you want it without the comparison, or for another "
                f"period{since}?"
            ),
        )
    return Compare(label=label, start=base.first.isoformat(), end=end.isoformat()), notes, None


def unit_of(period: Period) -> Unit | None:
    """Give the calendar unit a period is, if it is one."""
    if period.kind == "ytd":
        return "year"
    if period.kind == "quarter" or period.kind == "month" or period.kind == "year":
        return period.kind
    return None


def patterns() -> Iterator[str]:
    """Give the sources of these patterns: their words are never taken for slips of the pen."""
    yield from (compiled.pattern for compiled, _ in _FORMS)
