"""Words that a plan leaves out are asked about, and words that it holds are not.

Owns the proofs of the second look. Must never assert the wording of a whole question.
"""

from __future__ import annotations

import pytest

from deputy.agent.playbooks.language.compile import compile_request
from deputy.agent.playbooks.language.outcomes import Clarify, Planned
from deputy.agent.playbooks.schema import Table
from tests.agent.playbooks.schemas import SALES, TICKETS, TODAY, number, text

ORDERS = Table(
    path="uploads/order_lines.csv", rows=640,
    columns=(
        text("Order no", distinct=210),
        number("Line", 1, 4),
        text("Article", "Clamp", "Gasket", "Hinge"),
        text("Rating", "A", "B", "C"),
        number("Duration (s)", 5, 900),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("words", "table", "named"),
    [
        ("net revenue by region before tax in thousands", SALES, ""),
        ("cumulative total of revenue by month", SALES, "cumulative"),
        ("revenue by region from customers who ordered at least twice", SALES, ""),
        ("new revenue by region", SALES, "new"),
        ("existing revenue by region", SALES, "existing"),
        ("revenue by region in thousands", SALES, ""),
        ("the regions down the side and revenue", SALES, ""),
        ("average duration in minutes by article", ORDERS, "minutes"),
        ("revenue by region, not only that", SALES, ""),
    ],
)
def test_a_word_that_would_change_the_figure_is_asked_about(
    words: str, table: Table, named: str
) -> None:
    outcome = compile_request(words, [table], base=None, today=TODAY)
    assert not isinstance(outcome, Planned), outcome
    assert not isinstance(outcome, Clarify) or named in outcome.question


@pytest.mark.parametrize(
    ("words", "table"),
    [
        ("revenue by region for the first half of 2026", SALES),
        ("revenue by region up to and including June 2026", SALES),
        ("How many tickets have a satisfaction score of at least 4?", TICKETS),
        ("revenue by region without the Retail channel", SALES),
        ("top 3 products by revenue in 2026 and their share of the total", SALES),
        ("how many tickets are not closed, per team", TICKETS),
        ("the two biggest regions by units in Q3 2026, no chart please", SALES),
    ],
)
def test_a_plan_that_holds_every_word_is_not_questioned(words: str, table: Table) -> None:
    outcome = compile_request(words, [table], base=None, today=TODAY)
    assert not isinstance(outcome, Clarify) or "not sure" not in outcome.question, outcome


def test_what_the_requester_lets_go_is_let_go() -> None:
    outcome = compile_request(
        "new revenue by region", [SALES], base=None, today=TODAY, leave_out=True
    )
    assert isinstance(outcome, Planned)


def test_the_numbers_of_lines_are_no_figure() -> None:
    outcome = compile_request("average line by article", [ORDERS], base=None, today=TODAY)
    assert not isinstance(outcome, Planned)


@pytest.mark.parametrize(
    ("words", "table"),
    [
        ("How many different regions are there, and revenue by country?", SALES),
        ("number of orders, and units by region", SALES),
        ("What is the highest revenue at each region?", SALES),
    ],
)
def test_a_figure_that_may_be_meant_otherwise_is_asked_about(words: str, table: Table) -> None:
    outcome = compile_request(words, [table], base=None, today=TODAY)
    if isinstance(outcome, Planned):
        (one,) = outcome.plan.questions
        assert one.groups
        assert one.rank is None


def test_a_column_of_amounts_that_cannot_be_read_is_never_counted() -> None:
    ledger = Table(
        path="uploads/pumps.csv", rows=90,
        columns=(text("Depot", "North", "South"), text("Cost", "n/a", "� 12", distinct=88)),
    )  # fmt: skip
    outcome = compile_request("cost by depot", [ledger], base=None, today=TODAY)
    assert isinstance(outcome, Clarify)
    assert "cannot read as numbers" in outcome.question
