"""Twelve phrasings over each of three tables, and the plan each must become.

Owns what the grammar promises. Must never assert only that there is a plan.
"""

from __future__ import annotations

from typing import Any

import pytest

from deputy.agent.plans import Measure, Plan, Question
from deputy.agent.playbooks.briefs import brief_of
from deputy.agent.playbooks.language.compile import compile_request
from deputy.agent.playbooks.language.outcomes import Planned
from deputy.agent.playbooks.language.phrasing import reading
from deputy.agent.playbooks.schema import Column, Subtotal, Table
from tests.agent.playbooks.schemas import SALES, SPEND, TICKETS, TODAY

DEMO = (
    "Summarise this quarter's sales by region, compare with the same period last year, identify "
    "the three fastest-growing regions; I need an Excel report with a chart and a one-page PDF"
)
Q4 = ("2026-10-01", "2026-11-18")
Q4_BEFORE = ("2025-10-01", "2025-11-18")
YEAR = ("2026-01-01", "2026-11-18")
YEAR_BEFORE = ("2025-01-01", "2025-11-18")
NET, GROSS = ("Net amount USD", "sum"), ("Gross amount USD", "sum")
REVENUE = ("Revenue (EUR)", "sum")
HOURS = "resolution_hours"


def plan(request: str, table: Table, base: Plan | None = None) -> Plan:
    outcome = compile_request(request, [table], base=base, today=TODAY)
    assert isinstance(outcome, Planned), outcome
    return outcome.plan


def told(made: Plan) -> dict[str, Any]:
    """Give a plan of one question in the short form in which the cases below are written."""
    assert len(made.questions) == 1, made.reading
    found = told_question(made.questions[0])
    if made.deliverables != ("xlsx", "pdf"):
        found["files"] = made.deliverables
    return found


def told_question(one: Question) -> dict[str, Any]:
    """Give a question in short, defaults left out; several figures or groups as lists."""
    figures = [_figure(measure) for measure in one.measures]
    found: dict[str, Any] = {"measure": figures[0] if len(figures) == 1 else figures}
    groups = [group.column if group.by is None else group.by for group in one.groups]
    if groups:
        found["group"] = groups[0] if len(groups) == 1 else groups
    if one.period is not None:
        found["period"] = (one.period.start, one.period.end)
        found["date"] = one.date_column
    if one.compare is not None:
        found["compare"] = (one.compare.start, one.compare.end)
    if one.rank is not None:
        found["rank"] = (one.rank.by, one.rank.top, one.rank.order)
        found |= {"together": True} if one.rank.together else {}
    if one.filters:
        found["filters"] = [(kept.column, kept.op, kept.value) for kept in one.filters]
    if one.chart is not None and one.chart.top:
        found["chart"] = one.chart.top
    return found


def _figure(measure: Measure) -> tuple[object, ...]:
    if measure.aggregate != "ratio":
        return (measure.column, measure.aggregate)
    where = [(kept.column, kept.op, kept.value) for kept in measure.where]
    return (measure.column, "ratio", measure.over, where)


def case(measure: tuple[str | None, str], date: str | None = None, **rest: Any) -> dict[str, Any]:
    return {"measure": measure, **({"date": date} if date else {}), **rest}


def sales(measure: tuple[str | None, str] = REVENUE, **rest: Any) -> dict[str, Any]:
    return case(measure, "Order date" if "period" in rest else None, **rest)


def tickets(measure: tuple[str | None, str], date: str = "opened", **rest: Any) -> dict[str, Any]:
    return case(measure, date if "period" in rest else None, **rest)


def spend(measure: tuple[str | None, str] = NET, **rest: Any) -> dict[str, Any]:
    return case(measure, "Month" if "period" in rest else None, **rest)


SALES_CASES = {
    DEMO: sales(group="Region", period=Q4, compare=Q4_BEFORE, rank=("growth", 3, "desc")),
    "Total revenue by country in Q3 2026": sales(
        group="Country", period=("2026-07-01", "2026-09-30")
    ),
    "Top 5 products by turnover this year as CSV": sales(
        group="Product", period=YEAR, rank=("value", 5, "desc"), files=("csv",)
    ),
    "Which region has the highest sales this month?": sales(
        group="Region", period=("2026-11-01", "2026-11-18"), rank=("value", 1, "desc")
    ),
    "average unit price per channel since March": sales(
        ("Unit price", "mean"), group="Channel", period=("2026-03-01", "2026-11-18")
    ),
    "How many orders per country last month, compared with the month before?": sales(
        ("Order ID", "distinct"), group="Country", period=("2026-10-01", "2026-10-31"),
        compare=("2026-09-01", "2026-09-30"),
    ),
    "monthly sales in Germany for 2026, only Retail": sales(
        group="month", period=YEAR,
        filters=[("Country", "eq", "Germany"), ("Channel", "eq", "Retail")],
    ),
    "sales by region excluding North, year to date vs last year": sales(
        group="Region", period=YEAR, compare=YEAR_BEFORE, filters=[("Region", "ne", "North")]
    ),
    "How many units were sold by product in the last 12 months": sales(
        ("Units", "sum"), group="Product", period=("2025-11-19", "2026-11-18")
    ),
    "Sales by channel, Q3 2026 versus Q2 2026": sales(
        group="Channel", period=("2026-07-01", "2026-09-30"), compare=("2026-04-01", "2026-06-30")
    ),
    "show the worst two products by units for Italy and France in 2025": sales(
        ("Units", "sum"), group="Product", period=("2025-01-01", "2025-12-31"),
        rank=("value", 2, "asc"), filters=[("Country", "in", ("Italy", "France"))],
    ),
    "sales by region, only rows where units more than 10": sales(
        group="Region", filters=[("Units", "gt", 10)]
    ),
}  # fmt: skip

TICKET_CASES = {
    "How many tickets per team this quarter compared with last year": tickets(
        ("ticket_no", "distinct"), group="team", period=("2026-10-01", "2026-11-02"),
        compare=("2025-10-01", "2025-11-02"),
    ),
    "average resolution hours by priority since June 2026": tickets(
        (HOURS, "mean"), group="priority", period=("2026-06-01", "2026-11-02")
    ),
    "tickets by team": tickets(("ticket_no", "distinct"), group="team"),
    "number of tickets by month this year, only high priority": tickets(
        ("ticket_no", "distinct"), group="month", period=("2026-01-01", "2026-11-02"),
        filters=[("priority", "eq", "High")],
    ),
    "average satisfaction score by agent in 2026, lowest two": tickets(
        ("satisfaction_score", "mean"), group="agentName", period=("2026-01-01", "2026-11-02"),
        rank=("value", 2, "asc"),
    ),
    "median resolution hours per team for tickets opened in Q3 2026": tickets(
        (HOURS, "median"), group="team", period=("2026-07-01", "2026-09-30")
    ),
    "how many tickets were closed last month by agent": tickets(
        ("ticket_no", "distinct"), "closed", group="agentName",
        period=("2026-10-01", "2026-10-31"),
    ),
    "total resolution hours of Ann Lee and Cleo Kay by week since October 2026": tickets(
        (HOURS, "sum"), group="week", period=("2026-10-01", "2026-11-02"),
        filters=[("agentName", "in", ("Ann Lee", "Cleo Kay"))],
    ),
    "Which team's tickets grew the most year on year?": tickets(
        ("ticket_no", "distinct"), group="team", period=("2026-01-01", "2026-11-02"),
        compare=("2025-01-01", "2025-11-02"), rank=("growth", 1, "desc"),
    ),
    "maximum resolution hours for each priority, without Billing, in H1 2026": tickets(
        (HOURS, "max"), group="priority", period=("2026-01-01", "2026-06-30"),
        filters=[("team", "ne", "Billing")],
    ),
    "Please count the rows by team and give me a spreadsheet": tickets(
        (None, "count"), group="team", files=("xlsx",)
    ),
    "number of tickets per priority where satisfaction score is at least 4": tickets(
        ("ticket_no", "distinct"), group="priority", filters=[("satisfaction_score", "ge", 4)]
    ),
}  # fmt: skip

SPEND_CASES = {
    "net spend by department this year compared with last year": spend(
        group="Department", period=("2026-01-01", "2026-09-30"),
        compare=("2025-01-01", "2025-09-30"),
    ),
    "gross amount by supplier for IT, Q3 2026 vs Q2 2026": spend(
        GROSS, group="Supplier", period=("2026-07-01", "2026-09-30"),
        compare=("2026-04-01", "2026-06-30"), filters=[("Department", "eq", "IT")],
    ),
    "which three suppliers grew the most year on year, net amount": spend(
        group="Supplier", period=("2026-01-01", "2026-09-30"),
        compare=("2025-01-01", "2025-09-30"), rank=("growth", 3, "desc"),
    ),
    "this quarter's net amount by department against the same quarter last year": spend(
        group="Department", period=("2026-07-01", "2026-09-30"),
        compare=("2025-07-01", "2025-09-30"),
    ),
    "net amount by supplier, last 6 months, as excel": spend(
        group="Supplier", period=("2026-04-01", "2026-09-30"), files=("xlsx",)
    ),
    "quarterly net amount for HR and Finance": spend(
        group="quarter", filters=[("Department", "in", ("HR", "Finance"))]
    ),
    "average net amount per department in 2025": spend(
        ("Net amount USD", "mean"), group="Department", period=("2025-01-01", "2025-12-31")
    ),
    "biggest increase in gross amount by supplier, this month against the previous month": spend(
        GROSS, group="Supplier", period=("2026-09-01", "2026-09-30"),
        compare=("2026-08-01", "2026-08-31"), rank=("change", 3, "desc"),
    ),
    "Top supplier by gross amount from March to June 2026": spend(
        GROSS, group="Supplier", period=("2026-03-01", "2026-06-30"), rank=("value", 1, "desc")
    ),
    "net amount by month this year compared with last year, one-page PDF": spend(
        group="month", period=("2026-01-01", "2026-09-30"),
        compare=("2025-01-01", "2025-09-30"), files=("pdf",),
    ),
    "how many different suppliers does each department have": spend(
        ("Supplier", "distinct"), group="Department"
    ),
    "share of net amount by department in September 2026, excluding Sales": spend(
        group="Department", period=("2026-09-01", "2026-09-30"),
        filters=[("Department", "ne", "Sales")],
    ),
}  # fmt: skip

CASES = [
    *((SALES, words, expected) for words, expected in SALES_CASES.items()),
    *((TICKETS, words, expected) for words, expected in TICKET_CASES.items()),
    *((SPEND, words, expected) for words, expected in SPEND_CASES.items()),
]


@pytest.mark.parametrize(("table", "words", "expected"), CASES)
def test_a_plain_request_becomes_exactly_this_plan(
    table: Table, words: str, expected: dict[str, Any]
) -> None:
    assert told(plan(words, table)) == expected


def test_twelve_phrasings_are_tried_on_each_table() -> None:
    assert [len(one) for one in (SALES_CASES, TICKET_CASES, SPEND_CASES)] == [12, 12, 12]


def test_the_plan_says_how_the_table_is_read() -> None:
    source = plan(DEMO, SALES).source
    assert (source.path, source.sheet, source.header_row) == ("uploads/orders.xlsx", "Extract", 2)
    assert (source.skip_footer, source.delimiter, source.decimal) == (1, None, None)
    text = plan("tickets by team", TICKETS).source
    read_as = (text.encoding, text.delimiter, text.decimal, text.sheet)
    assert read_as == ("utf-8-sig", ";", ",", None)


def test_every_choice_made_for_the_requester_is_an_assumption() -> None:
    made = plan(DEMO, SALES)
    assert made.assumptions == (
        "“sales” is read as the column Revenue (EUR).",
        "Q4 2026 is counted up to 18 Nov 2026.",
        "Q4 2026 (to 18 Nov) is not complete, so it is compared with the same days: "
        "1 Oct 2025 – 18 Nov 2025.",
        "The last row is not counted: totals or remarks, no data.",
    )
    (one,) = made.questions
    assert one.period is not None
    assert one.period.partial
    assert (one.period.label, one.measures[0].unit) == ("Q4 2026 (to 18 Nov)", "EUR")
    assert made.title == "Revenue by region, Q4 2026 (to 18 Nov)"
    stem = "out/revenue-by-region-q4-2026"
    assert made.paths() == (f"{stem}.xlsx", f"{stem}.pdf")


def test_a_quarter_without_data_gives_way_to_the_latest_one_and_says_so() -> None:
    made = plan("this quarter's net amount by department", SPEND)
    period = made.questions[0].period
    assert period is not None
    assert (period.label, period.partial) == ("Q3 2026", False)
    assert made.assumptions[0].startswith("The data end on 30 Sep 2026, before Q4 2026 begins")


def test_rows_that_are_totals_of_others_are_left_out() -> None:
    subtotals = (Subtotal(column="Region", value="Total"),)
    table = SALES.model_copy(update={"subtotals": subtotals})
    made = plan("revenue by region", table)
    assert told(made)["filters"] == [("Region", "ne", "Total")]
    assert "Rows that are totals of other rows are not counted." in made.assumptions


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "revenue by region in the north",
            sales(group="Region", filters=[("Region", "eq", "North")]),
        ),
        ("sales in the North region", sales(filters=[("Region", "eq", "North")])),
        (
            "change in revenue by region from Q2 2026 to Q3 2026",
            sales(
                group="Region",
                period=("2026-07-01", "2026-09-30"),
                compare=("2026-04-01", "2026-06-30"),
            ),
        ),
        (
            "compare Q3 2026 to Q3 2025 by region",
            sales(
                group="Region",
                period=("2026-07-01", "2026-09-30"),
                compare=("2025-07-01", "2025-09-30"),
            ),
        ),
        (
            "2025 vs 2026 revenue by region",
            sales(group="Region", period=YEAR, compare=YEAR_BEFORE),
        ),
        (
            "revenue by region but not France and Italy",
            sales(group="Region", filters=[("Country", "not_in", ("France", "Italy"))]),
        ),
        (
            "revenue up to and including June 2026 by region",
            sales(group="Region", period=("2024-10-01", "2026-06-30")),
        ),
        (
            "revenue from March up to and including June 2026",
            sales(period=("2026-03-01", "2026-06-30")),
        ),
        ("revenue by region, pdf only", sales(group="Region", files=("pdf",))),
        ("just a csv: revenue by region", sales(group="Region", files=("csv",))),
        (
            "revenue in Germany or France by region",
            sales(group="Region", filters=[("Country", "in", ("Germany", "France"))]),
        ),
    ],
)
def test_words_that_are_easily_misread_are_read_as_meant(
    words: str, expected: dict[str, Any]
) -> None:
    assert told(plan(words, SALES)) == expected


FOLLOW_UPS = [
    ("now by product instead", {"group": "Product"}),
    ("by product instead of region", {"group": "Product"}),
    ("only Germany", {"filters": [("Country", "eq", "Germany")]}),
    ("and for France", {"filters": [("Country", "eq", "France")]}),
    ("as CSV", {"files": ("csv",)}),
    ("also as csv", {"files": ("xlsx", "pdf", "csv")}),
    ("same but without pdf", {"files": ("xlsx",)}),
    ("top 5 instead", {"rank": ("growth", 5, "desc")}),
    ("what about units?", {"measure": ("Units", "sum")}),
    ("use units instead of revenue", {"measure": ("Units", "sum")}),
    ("average instead", {"measure": ("Revenue (EUR)", "mean")}),
    (
        "last quarter instead",
        {"period": ("2026-07-01", "2026-09-30"), "compare": ("2025-07-01", "2025-09-30")},
    ),
    (
        "compare with the previous quarter instead",
        {"compare": ("2026-07-01", "2026-08-18")},
    ),
    ("without the comparison", {"compare": None, "rank": None}),
    ("by month instead", {"group": "month", "rank": None}),
]


@pytest.mark.parametrize(("words", "changes"), FOLLOW_UPS)
def test_a_plain_change_keeps_the_rest_of_the_plan(words: str, changes: dict[str, Any]) -> None:
    base = plan(DEMO, SALES)
    expected = {key: value for key, value in {**told(base), **changes}.items() if value is not None}
    assert told(plan(words, SALES, base)) == expected


def test_a_whole_new_request_forgets_the_plan_before() -> None:
    made = plan("Sales by channel in 2025", SALES, plan(DEMO, SALES))
    assert told(made) == sales(group="Channel", period=("2025-01-01", "2025-12-31"))


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ("all countries but Germany", {"filters": [("Country", "ne", "Germany")]}),
        (
            "every country but France",
            {"group": "Country", "filters": [("Country", "ne", "France")]},
        ),
        ("also France", {"filters": [("Country", "in", ("Germany", "France"))]}),
        ("France too", {"filters": [("Country", "in", ("Germany", "France"))]}),
        ("make it a csv too", {"files": ("xlsx", "pdf", "csv")}),
        ("only Q1 2026", {"period": ("2026-01-01", "2026-03-31")}),
    ],
)
def test_a_change_is_never_read_as_its_opposite(words: str, changes: dict[str, Any]) -> None:
    base = plan("revenue by product in 2025, only Germany", SALES)
    assert told(plan(words, SALES, base)) == {**told(base), **changes}


def test_all_countries_lifts_the_filter_and_keeps_the_table() -> None:
    base = plan("revenue by product in 2025, only Germany", SALES)
    made = told(plan("all countries", SALES, base))
    assert made == sales(group="Product", period=("2025-01-01", "2025-12-31"))


@pytest.mark.parametrize(
    ("name", "high", "unit", "averaged"),
    [
        ("Conversions", 19.0, None, False),
        ("Conversion", 0.4, None, True),
        ("Conversion", 40.0, "%", True),
        ("Unit cost", 90.0, "EUR", True),
        ("Cost per piece", 90.0, "EUR", True),
        ("Units", 90.0, None, False),
    ],
)
def test_only_what_cannot_be_added_up_is_averaged(
    name: str, high: float, unit: str | None, averaged: bool
) -> None:
    column = Column(name=name, kind="number", low=0, high=high, unit=unit, distinct=20)
    table = SALES.model_copy(update={"columns": (SALES.columns[2], column)})
    made = plan(f"{name} by region", table)
    assert made.questions[0].measures[0].aggregate == ("mean" if averaged else "sum")


def test_a_figure_alone_promises_no_chart_and_says_so() -> None:
    made = plan("total revenue with a chart", SALES)
    assert "One figure alone has no chart: name a breakdown to get one." in made.assumptions
    assert "chart" not in reading(made, one_page=True)
    criteria = brief_of("", Planned(made, ""), [SALES])["criteria"]
    drawn = next(one for one in criteria if one["check"] == "workbook.chart_equals_table")
    assert drawn["params"] == {"charts_min": 0}
