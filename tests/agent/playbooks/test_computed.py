"""What a request computes of other columns of a row: which two, in which order, or a question.

Owns the proofs of computed columns. Must never assert only that there is a plan.
"""

from __future__ import annotations

import pytest

from deputy.agent.plans import Plan
from deputy.agent.playbooks.language.compile import compile_request
from deputy.agent.playbooks.language.outcomes import Clarify, Planned
from deputy.agent.playbooks.schema import Column, Table
from tests.agent.playbooks.schemas import TICKETS, TODAY, day, number, text


def gappy(column: Column) -> Column:
    return column.model_copy(update={"missing": 20})


REPAIRS = Table(
    path="uploads/repairs.csv", rows=300,
    columns=(
        text("Job ref", distinct=300),
        text("Workshop", "Harbour", "Mill"),
        day("Booked in", "2025-01-02", "2026-10-30"),
        day("Promised", "2025-01-05", "2026-11-12"),
        gappy(day("Finished", "2025-01-04", "2026-11-18")),
        number("Parts quantity", 1, 30),
        number("Unit price (EUR)", 2, 80, "EUR"),
        number("Quoted hours", 1, 40),
    ),
)  # fmt: skip
BUDGET = Table(
    path="uploads/cost_centres.csv", rows=48,
    columns=(
        text("Cost centre", "Lab", "Sales"),
        text("Account", "Travel", "Rent"),
        number("Planned (EUR)", 100, 900, "EUR"),
        number("Actual (EUR)", 100, 900, "EUR"),
    ),
)  # fmt: skip
STATEMENT = Table(
    path="uploads/statement.csv", rows=90,
    columns=(
        day("Date", "2026-01-02", "2026-11-12"),
        text("Payee", "Northgrid", "Papermill"),
        gappy(number("Money in", 1, 900)),
        gappy(number("Money out", 1, 900)),
    ),
)  # fmt: skip


def plan(words: str, table: Table, base: Plan | None = None) -> Plan:
    outcome = compile_request(words, [table], base=base, today=TODAY)
    assert isinstance(outcome, Planned), outcome
    return outcome.plan


@pytest.mark.parametrize(
    ("words", "table", "how", "of", "aggregate"),
    [
        ("total value of parts by workshop (parts quantity x unit price)", REPAIRS, "product",
         ("Parts quantity", "Unit price (EUR)"), "sum"),
        ("revenue by workshop", REPAIRS, "product", ("Parts quantity", "Unit price (EUR)"), "sum"),
        ("average repair time in days by workshop", REPAIRS, "days", ("Booked in", "Finished"),
         "mean"),
        ("how long did jobs take on average, by workshop?", REPAIRS, "days",
         ("Booked in", "Finished"), "mean"),
        ("median number of days between promised and finished by workshop", REPAIRS, "days",
         ("Promised", "Finished"), "median"),
        ("variance by cost centre", BUDGET, "difference", ("Actual (EUR)", "Planned (EUR)"), "sum"),
        ("planned minus actual by account", BUDGET, "difference",
         ("Planned (EUR)", "Actual (EUR)"), "sum"),
        ("difference between planned and actual per account", BUDGET, "difference",
         ("Actual (EUR)", "Planned (EUR)"), "sum"),
    ],
)  # fmt: skip
def test_words_for_a_figure_of_two_columns_compute_it_row_by_row(
    words: str, table: Table, how: str, of: tuple[str, str], aggregate: str
) -> None:
    made = plan(words, table)
    (one,) = made.derived
    assert (one.how, one.of) == (how, of)
    (measure,) = made.questions[0].measures
    assert (measure.column, measure.aggregate) == (one.name, aggregate)
    assert any(of[0] in note for note in made.assumptions)


@pytest.mark.parametrize(
    ("words", "table", "of", "op", "value"),
    [
        ("How many jobs were finished late, per workshop?", REPAIRS, ("Promised", "Finished"),
         "gt", 0),
        ("number of jobs finished on time by workshop", REPAIRS, ("Promised", "Finished"), "le", 0),
        ("How many jobs took longer than 14 days?", REPAIRS, ("Booked in", "Finished"), "gt", 14),
        ("how many rows where actual is above planned, per cost centre", BUDGET,
         ("Actual (EUR)", "Planned (EUR)"), "gt", 0),
    ],
)  # fmt: skip
def test_two_columns_compared_are_a_filter_on_their_difference(
    words: str, table: Table, of: tuple[str, str], op: str, value: int
) -> None:
    made = plan(words, table)
    (one,) = made.derived
    (kept,) = made.questions[0].filters
    assert one.of == of
    assert (kept.column, kept.op, kept.value) == (one.name, op, value)


def test_planned_against_actual_shows_both_and_the_difference_when_asked() -> None:
    made = plan("planned vs actual by cost centre with the difference", BUDGET)
    assert [one.column for one in made.questions[0].measures] == [
        "Planned (EUR)", "Actual (EUR)", made.derived[0].name
    ]  # fmt: skip
    assert plan("planned vs actual by account", BUDGET).derived == ()


def test_a_column_that_holds_the_figure_is_never_computed() -> None:
    made = plan("average time to resolution by team", TICKETS)
    assert made.derived == ()
    assert made.questions[0].measures[0].column == "resolution_hours"


@pytest.mark.parametrize(
    ("words", "table"),
    [
        ("overdue jobs by workshop", REPAIRS),
        ("late tickets by team", TICKETS),
        ("money in minus money out by payee", STATEMENT),
    ],
)
def test_what_is_not_sure_is_asked(words: str, table: Table) -> None:
    outcome = compile_request(words, [table], base=None, today=TODAY)
    assert isinstance(outcome, Clarify), outcome


def test_a_change_of_the_report_keeps_the_computed_column() -> None:
    first = plan("variance by cost centre", BUDGET)
    second = plan("now by account instead", BUDGET, first)
    assert second.derived == first.derived
    assert second.questions[0].groups[0].column == "Account"
