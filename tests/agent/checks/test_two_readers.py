"""Numbers and dates written by people are read alike by the two routes, which share no code.

Owns this agreement. Must never need the sandbox: both readers are pure.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deputy.agent.checks.sandboxed.amounts import to_decimal
from deputy.agent.checks.sandboxed.moments import to_moments
from deputy.agent.tables.amounts import number_in
from deputy.agent.tables.days import moments

AMOUNTS = (
    "US$1.5", "1.234 kr", "Rs. 500", "zł 3", "5,00 zł", "CHF 1'234.50", "1 234,50", "(1.5)",
    "-(1.5)", "5-", "5 %", "(5 %)", "5%-", "12,34,567.5", "1.234.567", "–5", "1e3", "A12", "5 m",
    "1,5", "1.000,5", "(5", "",
)  # fmt: skip
DATES = (
    "1st March 2026", "March 2nd, 2026", "4. März 2026", "Montag, 2. März 2026", "Jan-26",
    "Mar '26", "2026-Mar-03", "3 juin 2026", "15 août 2026", "4 enero 2026", "5th of June 2026",
    "1 / 2 / 2026", "2026 1 5", "Tuesday 3/3/2026 10:15Z", "1/2/2026 12:01 am", "1/2/2026 13:00 pm",
    "Market 2026", "2026.12", "1999", "31.04.2026", "Q1 2026", "20260301",
)  # fmt: skip
PIECES = st.sampled_from(["1", "34", "567", "000", "0", ".", ",", "-", "+", "(", ")"])
PARTS = st.sampled_from(["1", "03", "12", "28", "31"])
COLUMNS = st.lists(st.builds("{}/{}/{}".format, PARTS, PARTS, st.sampled_from(["2026", "26"])),
                   min_size=1, max_size=6)  # fmt: skip


def read(text: str, mark: str | None) -> float | None:
    found = to_decimal(text, mark)
    return None if found is None else float(found)


@pytest.mark.parametrize("text", AMOUNTS)
@pytest.mark.parametrize("mark", [None, ".", ","])
def test_an_amount_is_one_number_to_both(text: str, mark: str | None) -> None:
    assert read(text, mark) == number_in(text, mark)


@settings(max_examples=300)
@given(text=st.lists(PIECES, min_size=1, max_size=6).map("".join),
       mark=st.sampled_from([".", ","]))  # fmt: skip
def test_digits_and_marks_are_one_number_to_both(text: str, mark: str) -> None:
    assert read(text, mark) == number_in(text, mark)


@pytest.mark.parametrize("text", DATES)
@pytest.mark.parametrize("order", [None, "dmy", "mdy"])
def test_a_date_is_one_day_to_both(text: str, order: str | None) -> None:
    assert to_moments([text], order) == [moments([text], order)[0].get(text)]


@settings(max_examples=300)
@given(column=COLUMNS, order=st.sampled_from([None, "dmy", "mdy"]))
def test_a_column_of_dates_has_one_order_to_both(column: list[str], order: str | None) -> None:
    found = moments(sorted(set(column)), order)[0]
    assert to_moments(column, order) == [found.get(text) for text in column]


def test_one_impossible_day_does_not_turn_days_into_years() -> None:
    column = [f"{day:02}/03/26" for day in range(1, 29)] + ["31/04/26"]
    found, order, _ = moments(column, None)
    assert (order, len(found)) == ("dmy", 28)
