"""The dates of a question: which date column, which period, compared with what.

Owns how periods in words meet the dates in the data. Must never compare an unfinished period with
a whole one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from math import log

from deputy.agent.plans import Compare, Period, Question, Unit
from deputy.agent.playbooks.language import calendars as cal
from deputy.agent.playbooks.language import facts
from deputy.agent.playbooks.language.items import Mode
from deputy.agent.playbooks.language.outcomes import ask, decline
from deputy.agent.playbooks.language.periods import (
    GAP_DAYS_MAX,
    Asked,
    Extent,
    Resolved,
    compare_with,
    resolve,
    unit_of,
)
from deputy.agent.playbooks.schema import Column, Table

GAPS_MAX = 21
SPARSE_DAYS_MIN = 1.2


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


@dataclass(frozen=True, slots=True)
class Wish:
    """What a question asks about time. `dates`: the columns its words name.

    `trend`: the calendar unit of its groups; `growth`: something has to be compared; `pair`: two
    periods stand against each other; `towards`: one stands behind "compared with"; `dropped`:
    without the comparison of the question before.
    """

    periods: tuple[Asked, ...] = ()
    dates: tuple[Column, ...] = ()
    trend: Unit | None = None
    mode: Mode | None = None
    unit: cal.Unit | None = None
    growth: bool = False
    pair: bool = False
    towards: bool = False
    dropped: bool = False


def times_of(table: Table, wish: Wish, base: Question | None, today: date) -> Times:
    """Settle the dates of a question; `base` is the question that it changes."""
    wanted = wish.mode is not None or wish.growth
    inherits = base is not None and (base.period is not None or base.compare is not None)
    if not (wish.periods or wanted or wish.trend or inherits):
        return Times()
    column, notes = date_column(table, wish, base)
    start = Times(column.name, notes=notes)
    extent = _extent(column, today)
    if extent is None:
        raise no_dates(table)
    if wish.trend == "year" and wanted:
        raise decline(
            "A table by year already shows each year beside the one before.",
            "Ask for it by month or quarter with the comparison, or by year without one.",
        )
    if wish.mode == "previous" and wish.trend and wish.unit in {None, wish.trend}:
        raise ask(
            f"I set one period against another, not each {wish.trend} against the one before. Do "
            f"you want it by {wish.trend} without the comparison, or compared with the year before?"
        )
    wish = _from_one_to_the_other(wish)
    if wish.towards and len(wish.periods) == 1 and not wish.mode:
        # "Compared with 2025" names what to compare with; taking it as the period would mislead.
        raise ask("Which two periods shall I compare? You named one of them.")
    if len(wish.periods) > 1:
        return _pair(start, wish, extent)
    return _settle(start, wish, base, extent)


def no_dates(table: Table) -> Exception:
    """Say that periods need a column of dates."""
    groups = facts.groupings(table)
    return decline(
        "The request is about time, but the table has no column of dates that I can read.",
        "Add a date column, or ask for the figures by another column"
        + (f", for example {groups[0].name}." if groups else "."),
    )


def date_column(table: Table, wish: Wish, base: Question | None) -> tuple[Column, tuple[str, ...]]:
    """Give the date that counts, and what must be said about it."""
    inherited = table.column(base.date_column) if base is not None else None
    candidates = wish.dates or ((inherited,) if inherited else facts.event_dates(table))
    if not candidates:
        raise no_dates(table)
    if len({column.name for column in candidates}) > 1:
        listed = " or ".join(dict.fromkeys(column.name for column in candidates))
        raise ask(f"Which date decides: {listed}?")
    column = candidates[0]
    if column.day_order == "unclear" and table.day_order is None:
        raise decline(
            f"The dates in {column.name} can be read two ways (day or month first).",
            "Save the table with dates such as 2026-11-18, or as an Excel file with real dates.",
        )
    several = len(table.of_kind("date")) > 1 and not wish.dates and base is None
    return column, ((f"{column.name} is taken as the date that counts.",) if several else ())


def _extent(column: Column, today: date) -> Extent | None:
    try:
        first = date.fromisoformat(str(column.low)[:10])
        last = date.fromisoformat(str(column.high)[:10])
    except ValueError:
        return None
    if first > last or first.year < 1900 or last.year > 2200:
        return None
    return Extent(first, last, today, column.grain == "month", _usual_gap(column, first, last))


def _usual_gap(column: Column, first: date, last: date) -> int:
    """Give how many days without data are nothing unusual: what chance makes the longest gap."""
    between = (last - first).days / column.distinct if column.distinct > 1 else 0.0
    if between < SPARSE_DAYS_MIN:
        return GAP_DAYS_MAX
    return max(GAP_DAYS_MAX, min(GAPS_MAX, int(between * (log(column.distinct) + 1))))


def extent_of(column: Column, today: date) -> Extent | None:
    """Give the first and last date of a column."""
    return _extent(column, today)


def _pair(start: Times, wish: Wish, extent: Extent) -> Times:
    if len(wish.periods) > 2 or not wish.pair:
        raise ask("You named more than one period. Which one do you want?")
    pair = [resolve(one, extent) for one in _with_year(wish.periods)]
    question = next((one.question for one in pair if one.question), None)
    if question is not None:
        raise ask(question)
    done = [one for one in pair if one.period is not None]
    earlier, later = sorted(done, key=lambda one: one.period.start if one.period else "")
    if earlier.period is None or later.period is None or earlier.unit != later.unit:
        raise ask("I compare periods of the same kind. Which two do you want?")
    if earlier.period.start == later.period.start:
        raise ask("Both periods are the same. Which two do you want to compare?")
    begins = date.fromisoformat(earlier.period.start)
    if (extent.first - begins).days > extent.gap:
        raise ask(
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


def _from_one_to_the_other(wish: Wish) -> Wish:
    """Read "the change from Q2 to Q3" as two periods set against each other."""
    asked = wish.periods[0] if len(wish.periods) == 1 else None
    if asked is None or asked.first is None or asked.last is None or not wish.growth:
        return wish
    if asked.first.unit != asked.last.unit or asked.first.unit == "day":
        return wish
    pair = (Asked("named", first=asked.first), Asked("named", first=asked.last))
    return replace(wish, periods=pair, pair=True, towards=False)


def _with_year(asked: tuple[Asked, ...]) -> tuple[Asked, Asked]:
    """Let "Q2 vs Q3 2026" name one year for both."""
    first, second = asked[0], asked[1]
    if first.first and second.first and first.first.year is None and second.first.year:
        first = replace(first, first=replace(first.first, year=second.first.year))
    if first.first and second.first and second.first.year is None and first.first.year:
        second = replace(second, first=replace(second.first, year=first.first.year))
    return first, second


def _same_days(times: Times, earlier: Resolved, later: Period) -> Times:
    """Cut the earlier period to as many months and days as the unfinished later one has."""
    if earlier.period is None:
        return times
    start, end = date.fromisoformat(later.start), date.fromisoformat(later.end)
    first = date.fromisoformat(earlier.period.start)
    months = (start.year - first.year) * 12 + start.month - first.month
    last = min(cal.add_months(end, -months), date.fromisoformat(earlier.period.end))
    note = (
        f"{later.label} is not complete, so it is compared with the same days: "
        f"{cal.spoken(cal.Span(first, last))}."
    )
    label = f"{earlier.period.label} (to {cal.short_day(last)})"
    compare = Compare(label=label, start=earlier.period.start, end=last.isoformat())
    return replace(times, compare=compare).noting(note)


def _settle(times: Times, wish: Wish, base: Question | None, extent: Extent) -> Times:
    mode = _mode(wish, base)
    times, unit = _period(times, wish, base, extent, mode)
    period = times.period
    if mode is None or period is None or wish.dropped:
        return times
    if wish.unit and unit and wish.unit != unit:
        raise ask(f"A {unit} and a {wish.unit} cannot be compared. Which of the two?")
    if wish.mode is None and not (base and base.compare):
        mode = "year" if _reaches_back(period, extent) else "previous"
        what = "the year before" if mode == "year" else "the period before"
        times = times.noting(f"Growth is measured against {what}.")
    compare, notes, question = compare_with(period, mode, extent)
    if question is not None:
        raise ask(question)
    return replace(times, compare=compare).noting(*notes)


def _mode(wish: Wish, base: Question | None) -> Mode | None:
    """Give how to compare: as asked, as in the question before, or because growth needs it."""
    if wish.mode is not None:
        return wish.mode
    if base is not None and base.compare is not None and base.period is not None:
        before = date.fromisoformat(base.period.start)
        same = cal.shift_year(before, -1).isoformat() == base.compare.start
        return "year" if same else "previous"
    return "year" if wish.growth else None


def _period(
    times: Times, wish: Wish, base: Question | None, extent: Extent, mode: Mode | None
) -> tuple[Times, cal.Unit | None]:
    if not wish.periods and base is not None and base.period is not None:
        again = replace(times, period=base.period)
        end = cal.day(date.fromisoformat(base.period.end))
        note = f"{base.period.label} is counted up to {end}."
        return again.noting(note) if base.period.partial else again, unit_of(base.period)
    if wish.periods:
        done = resolve(wish.periods[0], extent)
    elif mode is None:
        return times, None
    elif mode == "previous":
        done = resolve(Asked("latest", wish.unit or "month"), extent)
        done = _explained(done, "No period was named, so the latest in the data is used: {}.")
    else:
        done = resolve(Asked("ytd", "year"), extent)
        done = _explained(done, "No period was named, so the latest year in the data is used: {}.")
    if done.question is not None:
        raise ask(done.question)
    return replace(times, period=done.period).noting(*done.notes), done.unit


def _explained(done: Resolved, note: str) -> Resolved:
    label = done.period.label if done.period else ""
    return replace(done, notes=(note.format(label), *done.notes))


def _reaches_back(period: Period, extent: Extent) -> bool:
    return cal.shift_year(date.fromisoformat(period.start), -1) >= extent.first
