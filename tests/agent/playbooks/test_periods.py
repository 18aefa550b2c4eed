"""Periods in words over data that end on 18 November 2026, asked on 20 November.

Owns the rules for unfinished, missing and compared periods.
"""

from __future__ import annotations

from datetime import date

import pytest

from deputy.agent.playbooks.language.periods import Extent, Resolved, compare_with, find, resolve
from deputy.agent.playbooks.language.words import TAKEN, read

DATA = Extent(date(2024, 1, 1), date(2026, 11, 18), date(2026, 11, 20))


def only(words: str, extent: Extent = DATA) -> Resolved:
    left, asked = find(read(words))
    assert len(asked) == 1, asked
    assert left.text.replace(TAKEN, " ").split() in ([], ["the"])
    return resolve(asked[0][2], extent)


@pytest.mark.parametrize(
    ("words", "label", "start", "end"),
    [
        ("this quarter", "Q4 2026 (to 18 Nov)", "2026-10-01", "2026-11-18"),
        ("last quarter", "Q3 2026", "2026-07-01", "2026-09-30"),
        ("this month", "November 2026 (to 18 Nov)", "2026-11-01", "2026-11-18"),
        ("last month", "October 2026", "2026-10-01", "2026-10-31"),
        ("last week", "the week of 9 Nov 2026", "2026-11-09", "2026-11-15"),
        ("last year", "2025", "2025-01-01", "2025-12-31"),
        ("year to date", "2026 (to 18 Nov)", "2026-01-01", "2026-11-18"),
        ("so far this year", "2026 (to 18 Nov)", "2026-01-01", "2026-11-18"),
        ("quarter to date", "Q4 2026 (to 18 Nov)", "2026-10-01", "2026-11-18"),
        ("in Q3 2026", "Q3 2026", "2026-07-01", "2026-09-30"),
        ("Q1-2025", "Q1 2025", "2025-01-01", "2025-03-31"),
        ("2025 Q2", "Q2 2025", "2025-04-01", "2025-06-30"),
        ("in the third quarter of 2025", "Q3 2025", "2025-07-01", "2025-09-30"),
        ("in H1 2025", "H1 2025", "2025-01-01", "2025-06-30"),
        ("the first half of 2025", "H1 2025", "2025-01-01", "2025-06-30"),
        ("in 2025", "2025", "2025-01-01", "2025-12-31"),
        ("March 2026", "March 2026", "2026-03-01", "2026-03-31"),
        ("in May", "May 2026", "2026-05-01", "2026-05-31"),
        ("in December", "December 2025", "2025-12-01", "2025-12-31"),
        ("since March", "1 Mar 2026 – 18 Nov 2026", "2026-03-01", "2026-11-18"),
        ("since 2026-10-05", "5 Oct 2026 – 18 Nov 2026", "2026-10-05", "2026-11-18"),
        ("after June 2026", "1 Jul 2026 – 18 Nov 2026", "2026-07-01", "2026-11-18"),
        ("before 2025", "1 Jan 2024 – 31 Dec 2024", "2024-01-01", "2024-12-31"),
        ("last 12 months", "19 Nov 2025 – 18 Nov 2026", "2025-11-19", "2026-11-18"),
        ("past two weeks", "5 Nov 2026 – 18 Nov 2026", "2026-11-05", "2026-11-18"),
        ("from March to June 2026", "1 Mar 2026 – 30 Jun 2026", "2026-03-01", "2026-06-30"),
        ("2024 to 2025", "1 Jan 2024 – 31 Dec 2025", "2024-01-01", "2025-12-31"),
        (
            "between 1 March 2026 and 3rd of April 2026",
            "1 Mar 2026 – 3 Apr 2026", "2026-03-01", "2026-04-03",
        ),
        ("from 01.03.2026 to 15.03.2026", "1 Mar 2026 – 15 Mar 2026", "2026-03-01", "2026-03-15"),
        ("all time", "1 Jan 2024 – 18 Nov 2026", "2024-01-01", "2026-11-18"),
        ("the latest month", "November 2026 (to 18 Nov)", "2026-11-01", "2026-11-18"),
    ],
)  # fmt: skip
def test_a_period_in_words_becomes_these_days(words: str, label: str, start: str, end: str) -> None:
    period = only(words).period
    assert period is not None
    assert (period.label, period.start, period.end) == (label, start, end)


@pytest.mark.parametrize("words", ["may we see it", "we march on", "03/04/2026", "Q5", "H3"])
def test_what_only_looks_like_a_period_is_left_alone(words: str) -> None:
    assert not [
        one for _, _, one in find(read(words))[1] if one.form != "named" or one.unit == "day"
    ]


@pytest.mark.parametrize(
    ("words", "mode", "start", "end"),
    [
        ("this quarter", "year", "2025-10-01", "2025-11-18"),
        ("this quarter", "previous", "2026-07-01", "2026-08-18"),
        ("last quarter", "previous", "2026-04-01", "2026-06-30"),
        ("last month", "year", "2025-10-01", "2025-10-31"),
        ("February 2025", "year", "2024-02-01", "2024-02-29"),
        ("year to date", "year", "2025-01-01", "2025-11-18"),
        ("in 2025", "previous", "2024-01-01", "2024-12-31"),
        ("from 2026-03-01 to 2026-03-10", "previous", "2026-02-19", "2026-02-28"),
        ("from 2026-03-01 to 2026-03-10", "year", "2025-03-01", "2025-03-10"),
    ],
)
def test_periods_are_compared_like_for_like(words: str, mode: str, start: str, end: str) -> None:
    period = only(words).period
    assert period is not None
    compare, notes, question = compare_with(period, "year" if mode == "year" else "previous", DATA)
    assert question is None
    assert compare is not None
    assert (compare.start, compare.end) == (start, end)
    assert bool(notes) == period.partial


def test_the_29th_of_february_is_compared_with_the_28th() -> None:
    extent = Extent(date(2023, 1, 1), date(2024, 2, 29), date(2024, 3, 1))
    period = only("from 2024-02-29 to 2024-02-29", extent).period
    assert period is not None
    compare, _, _ = compare_with(period, "year", extent)
    assert compare is not None
    assert compare.start == compare.end == "2023-02-28"


def test_a_finished_quarter_whose_data_stop_at_a_weekend_counts_as_whole() -> None:
    extent = Extent(date(2024, 1, 1), date(2026, 9, 28), date(2026, 11, 20))
    period = only("this quarter", extent).period
    assert period is not None
    assert (period.label, period.end, period.partial) == ("Q3 2026", "2026-09-30", False)


def test_a_finished_quarter_whose_data_stop_weeks_early_is_cut_and_said() -> None:
    extent = Extent(date(2024, 1, 1), date(2026, 8, 31), date(2026, 11, 20))
    done = only("Q3 2026", extent)
    assert done.period is not None
    assert (done.period.end, done.period.partial) == ("2026-08-31", True)
    assert "Q3 2026 is counted up to 31 Aug 2026." in done.notes


def test_monthly_figures_cover_their_whole_month() -> None:
    extent = Extent(date(2024, 1, 1), date(2026, 10, 1), date(2026, 11, 20), monthly=True)
    period = only("this quarter", extent).period
    assert period is not None
    assert (period.label, period.end) == ("Q4 2026 (to 31 Oct)", "2026-10-31")


def test_days_that_lie_ahead_do_not_count_as_this_quarter() -> None:
    extent = Extent(date(2024, 1, 1), date(2027, 6, 30), date(2026, 11, 20))
    period = only("this quarter", extent).period
    assert period is not None
    assert period.end == "2026-11-20"


def test_a_period_outside_the_data_is_asked_about() -> None:
    assert "nothing for Q3 2031" in str(only("Q3 2031").question)
    assert "nothing for 2019" in str(only("in 2019").question)


def test_nothing_to_compare_with_is_asked_about() -> None:
    period = only("in 2024").period
    assert period is not None
    compare, _, question = compare_with(period, "year", DATA)
    assert compare is None
    assert "nothing to compare" in str(question)
