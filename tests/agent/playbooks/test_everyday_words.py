"""Everyday words are read as what the table calls so, where only one thing can be meant.

Owns the proofs of these rewordings. Must never assert the wording of a whole question.
"""

from __future__ import annotations

import pytest

from deputy.agent.plans import Question
from deputy.agent.playbooks.language.compile import compile_request
from deputy.agent.playbooks.language.outcomes import Planned
from deputy.agent.playbooks.schema import Table
from tests.agent.playbooks.schemas import SALES, TICKETS, TODAY, day, number, text

WASHES = Table(
    path="uploads/washes.csv", rows=700,
    columns=(
        day("Washed", "2026-01-02", "2026-10-30"),
        day("Picked up", "2026-01-02", "2026-11-04"),
        text("Bay", "East", "West", "Yard"),
        text("Programme", "Basic", "Shine", "Polish"),
        number("Fee", 4, 30, "EUR"),
        number("Hours", 0.2, 4),
        number("Grade", 1, 6),
    ),
)  # fmt: skip
STATEMENT = Table(
    path="uploads/account.csv", rows=300,
    columns=(
        day("Date", "2025-01-02", "2026-10-30"),
        text("Category", "Rent", "Tax", "Wages"),
        number("Debit", 4, 900), number("Credit", 4, 900), number("Balance", 100, 9000),
    ),
)  # fmt: skip


def _only(words: str, table: Table) -> Question:
    outcome = compile_request(words, [table], base=None, today=TODAY)
    assert isinstance(outcome, Planned), outcome
    assert len(outcome.plan.questions) == 1, outcome
    return outcome.plan.questions[0]


@pytest.mark.parametrize(
    ("words", "table", "measured", "groups"),
    [
        ("takings per bay", WASHES, [("Fee", "sum")], ["Bay"]),
        ("hours by programme pls", WASHES, [("Hours", "sum")], ["Programme"]),
        ("highest single fee per bay", WASHES, [("Fee", "max")], ["Bay"]),
        ("matrix of fee, bays by programmes", WASHES, [("Fee", "sum")], ["Bay", "Programme"]),
        ("fee: bays x programmes", WASHES, [("Fee", "sum")], ["Bay", "Programme"]),
        ("Pivot of hours: bays in rows, programmes in columns", WASHES, [("Hours", "sum")],
         ["Bay", "Programme"]),
        ("spending by category", STATEMENT, [("Debit", "sum")], ["Category"]),
        ("lowest and highest balance by category", STATEMENT,
         [("Balance", "min"), ("Balance", "max")], ["Category"]),
        ("revenue by chanel", SALES, [("Revenue (EUR)", "sum")], ["Channel"]),
        ("average satisfaction score by team, Low excluded", TICKETS,
         [("satisfaction_score", "mean")], ["team"]),
    ],
)  # fmt: skip
def test_an_everyday_word_is_read_as_the_only_thing_it_can_mean(
    words: str, table: Table, measured: list[tuple[str, str]], groups: list[str]
) -> None:
    question = _only(words, table)
    assert [(one.column, one.aggregate) for one in question.measures] == measured
    assert sorted(one.column for one in question.groups) == groups


def test_what_a_word_is_read_as_is_told() -> None:
    outcome = compile_request("takings per bay", [WASHES], base=None, today=TODAY)
    assert isinstance(outcome, Planned)
    assert any("takings" in note and "Fee" in note for note in outcome.plan.assumptions)


def test_what_is_excluded_behind_its_name_is_left_out() -> None:
    question = _only("hours by bay, Polish excluded", WASHES)
    assert [(one.column, one.op, one.value) for one in question.filters] == [
        ("Programme", "ne", "Polish")
    ]


def test_the_date_that_bears_the_name_of_the_rows_decides() -> None:
    assert _only("number of washes by month", WASHES).groups[0].column == "Washed"


@pytest.mark.parametrize(
    ("words", "table"),
    [
        ("income by bay", WASHES.model_copy(
            update={"columns": (*WASHES.columns, number("Supplement", 1, 5, "EUR"))})),
        ("outgoings by category", STATEMENT.model_copy(
            update={"columns": (*STATEMENT.columns[:2], number("Cost", 1, 5),
                                number("Discount", 1, 5))})),
        ("average monthly spending in 2026", STATEMENT),
        ("which bay serves the most", WASHES),
        ("fee collected by bay", WASHES),
        ("biggest categories by spend", STATEMENT.model_copy(
            update={"columns": (*STATEMENT.columns[:2], number("Amount", -500, 900))})),
    ],
)  # fmt: skip
def test_a_word_that_two_things_can_mean_is_asked_about(words: str, table: Table) -> None:
    outcome = compile_request(words, [table], base=None, today=TODAY)
    assert not isinstance(outcome, Planned), outcome
