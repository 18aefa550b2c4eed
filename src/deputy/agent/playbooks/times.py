"""The dates of a plan: which date column, which period, compared with what.

Owns how a request's periods meet those of an earlier plan. Must never compare an unfinished
period with a whole one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from deputy.agent.playbooks import calendars as cal
from deputy.agent.playbooks import columns as names
from deputy.agent.playbooks import phrasing
from deputy.agent.playbooks.outcomes import Clarify, Declined
from deputy.agent.playbooks.periods import (
    GAP_DAYS_MAX,
    Asked,
    Extent,
    Resolved,
    compare_with,
    resolve,
    unit_of,
)
from deputy.agent.playbooks.phrases import Mode
from deputy.agent.playbooks.plan import Compare, Group, Period, Plan
from deputy.agent.playbooks.requests import Request
from deputy.agent.playbooks.schema import Column, Table


@dataclass(frozen=True, slots=True)
class Times:
    """Dates settled, and what must be said about them."""

    column: str | None = None
    period: Period | None = None
    compare: Compare | None = None
    notes: tuple[str, ...] = ()

    def noting(self, *notes: str) -> Times:
        """Give these times with more to say."""
        return replace(self, notes=(*self.notes, *notes))


def times_of(
    table: Table, request: Request, base: Plan | None, group: Group | None, today: date
) -> Times | Clarify | Declined:
    """Settle the dates of a plan."""
    wanted = request.comparison.mode is not None or _needs_growth(request)
    trend = group is not None and group.by is not None
    inherits = base is not None and (base.period is not None or base.compare is not None)
    if not (request.periods or wanted or trend or inherits):
        return Times()
    found = _date_column(table, request, base)
    if isinstance(found, Clarify | Declined):
        return found
    column, notes = found
    extent = _extent(column, today)
    if extent is None:
        return phrasing.no_dates(table)
    start = Times(column.name, notes=notes)
    if group is not None and group.by == "year" and wanted:
        return Declined(
            "A table by year already shows each year beside the one before.",
            "Ask for it by month or quarter with the comparison, or by year without one.",
        )
    request = _from_one_to_the_other(request)
    if request.comparison.towards and len(request.periods) == 1 and not request.comparison.mode:
        # "Compared with 2025" names what to compare with; taking it as the period would mislead.
        return Clarify("Which two periods shall I compare? You named one of them.")
    if len(request.periods) > 1:
        return _pair(start, request, extent)
    return _settle(start, request, base, extent)


def _needs_growth(request: Request) -> bool:
    ranking = request.ranking
    return request.growth or (ranking is not None and ranking.by in {"growth", "change"})


def _date_column(
    table: Table, request: Request, base: Plan | None
) -> tuple[Column, tuple[str, ...]] | Clarify | Declined:
    named = request.roles.dates
    inherited = table.column(base.date_column) if base is not None else None
    candidates = named or ((inherited,) if inherited else names.event_dates(table))
    if not candidates:
        return phrasing.no_dates(table)
    if len({column.name for column in candidates}) > 1:
        listed = " or ".join(dict.fromkeys(column.name for column in candidates))
        return Clarify(f"Which date decides: {listed}?")
    column = candidates[0]
    if column.day_order == "unclear":
        return Declined(
            f"The dates in {column.name} can be read two ways (day or month first).",
            "Save the table with dates such as 2026-11-18, or as an Excel file with real dates.",
        )
    several = len(table.of_kind("date")) > 1 and not named and base is None
    return column, ((f"{column.name} is taken as the date that counts.",) if several else ())


def _extent(column: Column, today: date) -> Extent | None:
    try:
        first = date.fromisoformat(str(column.low)[:10])
        last = date.fromisoformat(str(column.high)[:10])
    except ValueError:
        return None
    if first > last or first.year < 1900 or last.year > 2200:
        return None
    return Extent(first, last, today, column.grain == "month")


def _pair(start: Times, request: Request, extent: Extent) -> Times | Clarify | Declined:
    if len(request.periods) > 2 or not request.comparison.pair:
        return Clarify("You named more than one period. Which one do you want?")
    first, second = _with_year(request.periods)
    pair = [resolve(one, extent) for one in (first, second)]
    question = next((one.question for one in pair if one.question), None)
    if question is not None:
        return Clarify(question)
    done = [one for one in pair if one.period is not None]
    earlier, later = sorted(done, key=lambda one: one.period.start if one.period else "")
    if earlier.period is None or later.period is None or earlier.unit != later.unit:
        return Clarify("I compare periods of the same kind. Which two do you want?")
    if earlier.period.start == later.period.start:
        return Clarify("Both periods are the same. Which two do you want to compare?")
    begins = date.fromisoformat(earlier.period.start)
    if (extent.first - begins).days > GAP_DAYS_MAX:
        return Clarify(
            f"The data begin on {cal.day(extent.first)}, so {earlier.period.label} is not complete "
            "and growth against it would be wrong. Which two whole periods do you want?"
        )
    notes = tuple(dict.fromkeys((*earlier.notes, *later.notes)))
    times = replace(start, period=later.period).noting(*notes)
    if not later.period.partial:
        compare = Compare(
            label=earlier.period.label, start=earlier.period.start, end=earlier.period.end
        )
        return replace(times, compare=compare)
    return _same_days(times, earlier, later.period)


def _from_one_to_the_other(request: Request) -> Request:
    """Read "the change from Q2 to Q3" as two periods set against each other."""
    asked = request.periods[0] if len(request.periods) == 1 else None
    if asked is None or asked.first is None or asked.last is None or not request.growth:
        return request
    if asked.first.unit != asked.last.unit or asked.first.unit == "day":
        return request
    pair = (Asked("named", first=asked.first), Asked("named", first=asked.last))
    comparison = replace(request.comparison, pair=True, towards=False)
    return replace(request, periods=pair, comparison=comparison)


def _with_year(asked: tuple[Asked, ...]) -> tuple[Asked, Asked]:
    """Let "Q2 vs Q3 2026" name one year for both."""
    first, second = asked[0], asked[1]
    if first.first and second.first and first.first.year is None and second.first.year:
        first = replace(first, first=replace(first.first, year=second.first.year))
    return first, second


def _same_days(times: Times, earlier: Resolved, later: Period) -> Times:
    """Cut the earlier period to as many months and days as the unfinished later one has."""
    if earlier.period is None:
        return times
    start, end = date.fromisoformat(later.start), date.fromisoformat(later.end)
    first = date.fromisoformat(earlier.period.start)
    months = (start.year - first.year) * 12 + start.month - first.month
    last = min(cal.add_months(end, -months), date.fromisoformat(earlier.period.end))
    name = earlier.period.label
    note = (
        f"{later.label} is not complete, so it is compared with the same days: "
        f"{cal.spoken(cal.Span(first, last))}."
    )
    label = f"{name} (to {cal.short_day(last)})"
    compare = Compare(label=label, start=earlier.period.start, end=last.isoformat())
    return replace(times, compare=compare).noting(note)


def _settle(times: Times, request: Request, base: Plan | None, extent: Extent) -> Times | Clarify:
    mode = _mode(request, base)
    settled = _period(times, request, base, extent, mode)
    if isinstance(settled, Clarify):
        return settled
    times, unit = settled
    period = times.period
    if mode is None or period is None or request.comparison.dropped:
        return times
    asked_unit = request.comparison.unit
    if asked_unit and unit and asked_unit != unit:
        return Clarify(f"A {unit} and a {asked_unit} cannot be compared. Which of the two?")
    if request.comparison.mode is None and not (base and base.compare):
        mode = "year" if _reaches_back(period, extent) else "previous"
        what = "the year before" if mode == "year" else "the period before"
        times = times.noting(f"Growth is measured against {what}.")
    compare, notes, question = compare_with(period, mode, extent)
    if question is not None:
        return Clarify(question)
    return replace(times, compare=compare).noting(*notes)


def _mode(request: Request, base: Plan | None) -> Mode | None:
    """Give how to compare: as asked, as in the plan before, or because growth needs it."""
    if request.comparison.mode is not None:
        return request.comparison.mode
    if base is not None and base.compare is not None and base.period is not None:
        before = date.fromisoformat(base.period.start)
        same = cal.shift_year(before, -1).isoformat() == base.compare.start
        return "year" if same else "previous"
    return "year" if _needs_growth(request) else None


def _period(
    times: Times, request: Request, base: Plan | None, extent: Extent, mode: Mode | None
) -> tuple[Times, cal.Unit | None] | Clarify:
    if not request.periods and base is not None and base.period is not None:
        again = replace(times, period=base.period)
        end = cal.day(date.fromisoformat(base.period.end))
        note = f"{base.period.label} is counted up to {end}."
        return again.noting(note) if base.period.partial else again, unit_of(base.period)
    if request.periods:
        done = resolve(request.periods[0], extent)
    elif mode is None:
        return times, None
    elif mode == "previous":
        done = resolve(Asked("latest", request.comparison.unit or "month"), extent)
        done = _explained(done, "No period was named, so the latest in the data is used: {}.")
    else:
        done = resolve(Asked("ytd", "year"), extent)
        done = _explained(done, "No period was named, so the latest year in the data is used: {}.")
    if done.question is not None:
        return Clarify(done.question)
    return replace(times, period=done.period).noting(*done.notes), done.unit


def _explained(done: Resolved, note: str) -> Resolved:
    label = done.period.label if done.period else ""
    return replace(done, notes=(note.format(label), *done.notes))


def _reaches_back(period: Period, extent: Extent) -> bool:
    return cal.shift_year(date.fromisoformat(period.start), -1) >= extent.first
