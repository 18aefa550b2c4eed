"""Wide tables: months in columns are read as months, and totals are never counted twice.

Owns the proofs of tables made long. Must never assert only that there is a plan.
"""

from __future__ import annotations

import pytest

from deputy.agent.plans import Plan
from deputy.agent.playbooks.language.compile import compile_request
from deputy.agent.playbooks.language.outcomes import Planned
from deputy.agent.playbooks.schema import Table
from tests.agent.playbooks.schemas import TODAY, number, text

SHORT = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PLANNED = Table(
    path="uploads/energy_budget_2026.xlsx", sheet="Sites", rows=40,
    columns=(
        text("Site", "Dock", "Quarry"), text("Carrier", "Gas", "Power"),
        *(number(month, 10, 900) for month in SHORT), number("Full year", 500, 9000),
    ),
)  # fmt: skip
SCENARIOS = Table(
    path="uploads/turnover.xlsx", sheet="Lines", rows=24,
    columns=(
        text("Line", "Ferries", "Trams"), text("Scenario", "Plan", "Actual"),
        *(number(f"Q{at}", 10, 900) for at in (1, 2, 3, 4)),
    ),
)  # fmt: skip


def plan(words: str, table: Table, base: Plan | None = None) -> Plan:
    outcome = compile_request(words, [table], base=base, today=TODAY)
    assert isinstance(outcome, Planned), outcome
    return outcome.plan


@pytest.mark.parametrize(
    ("words", "months"),
    [
        ("budget in March by site", ("Mar",)),
        ("Q2 budget by site", ("Apr", "May", "Jun")),
        ("budget by site from January to April", ("Jan", "Feb", "Mar", "Apr")),
        ("H1 2026 budget by site", SHORT[:6]),
        ("budget by site, second half", SHORT[6:]),
        ("budget year to date by site", SHORT[:11]),
    ],
)
def test_a_time_that_is_spread_over_columns_counts_those_columns_alone(
    words: str, months: tuple[str, ...]
) -> None:
    made = plan(words, PLANNED)
    assert made.unpivot is not None
    assert made.unpivot.columns == SHORT
    (one,) = made.questions
    (kept,) = one.filters
    assert kept.column == "Month"
    assert (kept.value if isinstance(kept.value, tuple) else (kept.value,)) == months
    assert one.measures[0].column == made.unpivot.value
    assert [group.column for group in one.groups] == ["Site"]


def test_a_breakdown_by_month_makes_the_table_long() -> None:
    made = plan("budget by month", PLANNED)
    assert made.unpivot is not None
    assert [group.column for group in made.questions[0].groups] == ["Month"]


@pytest.mark.parametrize(
    "words", ["full year budget by site", "budget by site", "annual budget 2026 by site"]
)
def test_the_column_of_totals_is_used_alone(words: str) -> None:
    made = plan(words, PLANNED)
    assert made.unpivot is None
    assert [one.column for one in made.questions[0].measures] == ["Full year"]


def test_months_against_each_other_stand_side_by_side() -> None:
    made = plan("March vs April budget by site", PLANNED)
    assert {group.column for group in made.questions[0].groups} == {"Site", "Month"}


def test_without_a_column_of_totals_the_year_is_all_columns() -> None:
    made = plan("planned turnover by line for the full year", SCENARIOS)
    assert made.unpivot is not None
    assert made.unpivot.name == "Quarter"
    assert [(one.column, one.value) for one in made.questions[0].filters] == [("Scenario", "Plan")]


@pytest.mark.parametrize(
    ("words", "table"),
    [
        ("turnover by line for Q2", SCENARIOS),
        ("budget for 2027 by site", PLANNED),
        ("average monthly budget by site", PLANNED),
        ("growth of the budget from Q1 to Q2 by site", PLANNED),
        ("average budget by site in Q1", PLANNED),
        ("budget by quarter", PLANNED),
    ],
)
def test_what_would_mislead_is_asked(words: str, table: Table) -> None:
    assert not isinstance(compile_request(words, [table], base=None, today=TODAY), Planned)


def test_a_change_of_the_report_stays_with_the_table_made_long() -> None:
    first = plan("budget in March by site", PLANNED)
    second = plan("now by carrier instead", PLANNED, first)
    assert second.unpivot == first.unpivot
    assert second.questions[0].groups[0].column == "Carrier"
    assert second.questions[0].filters == first.questions[0].filters


def test_all_regions_together_is_no_breakdown() -> None:
    made = plan("budget by month, all sites together", PLANNED)
    assert [group.column for group in made.questions[0].groups] == ["Month"]
