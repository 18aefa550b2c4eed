"""Requests that must not be answered: asked about or declined, naming what was not understood.

Owns the border of the grammar. Must never accept an answer to half a request.
"""

from __future__ import annotations

import pytest

from deputy.agent.playbooks.language.compile import TYPED_CHARS_MAX, compile_request
from deputy.agent.playbooks.language.outcomes import Clarify, Declined, Outcome, Planned
from deputy.agent.playbooks.schema import Column, Table
from tests.agent.playbooks.schemas import SALES, SPEND, TICKETS, TODAY, day, number, text
from tests.requirement import requirement


def outcome(words: str, *tables: Table) -> Outcome:
    return compile_request(words, tables, base=None, today=TODAY)


DECLINED = [
    ("forecast next quarter sales", "forecast"),
    ("Predict revenue by region for 2027", "forecast"),
    ("email the sales by region to Bob", "send"),
    ("sales by region, then post it to Slack", "send"),
    ("why did sales fall in Germany?", "not why"),
    ("explain the change in revenue by product", "not why"),
    ("merge this with the customer list and show revenue by region", "no other matching"),
    ("correlation of units and revenue", "beyond"),
    ("cumulative revenue by month", "beyond"),
    ("sentiment of the comments by region", "free text"),
    ("sales by region as a PowerPoint presentation", "Excel, PDF and CSV"),
    ("build me a dashboard of revenue by region", "Excel, PDF and CSV"),
    ("clean the table and remove duplicates", "never change"),
    ("recommend which products to drop", "advice"),
    ("revenue by region in a pie chart", "no other kind of chart"),
    ("revenue by region versus target", "against each other"),
    ("revenue by region converted to dollars with the exchange rate", "currencies"),
    ("revenue by region every Monday automatically", "later"),
    ("revenue by region against the market on the web", "outside"),
    ("send it to Bob: revenue by region", "send"),
    ("revenue by region and email it to Bob", "send"),
]


@requirement("R314")
@pytest.mark.parametrize(("words", "why"), DECLINED)
def test_what_lies_beyond_the_grammar_is_declined_with_a_better_way(words: str, why: str) -> None:
    found = outcome(words, SALES)
    assert isinstance(found, Declined), found
    assert why in found.reason
    assert len(found.better) > 20


ASKED = [
    ("sales by region excluding returns", "“excluding returns”"),
    ("revenue by region for wholesale", "“wholesale”"),
    ("revenue per square metre by region", "“per square metre”"),
    ("average sales per month", "mean two things"),
    ("regions with sales over 10,000", "single rows"),
    ("revenue by region in Q3 2031", "nothing for Q3 2031"),
    ("revenue by region since 03/04/2026", "“since”"),
    ("revenue by region in fiscal 2026", "“fiscal”"),
    ("revenue by region for Anvil or Retail", "across two columns"),
    ("sales excluding Germany and Retail by region", "across two columns"),
    ("revenue by region except for last month", "“except for last month”"),
    ("revenue by region, not in 2026", "“not in 2026”"),
    ("revenue by region in 2025, and 2026", "more than one period"),
    ("revenue by region compared with the same period in 2019", "not a year apart"),
    ("revenue by region compared with 2025", "two periods"),
    ("revenue by region this quarter compared with last month", "quarter"),
    ("top 5 by revenue", "What shall I rank"),
    ("hello", "What shall I report"),
    ("please summarise the table", "What shall I report"),
    ("top 10 customers by revenue", "“customers”"),
    ("revenue by region without VAT", "“without VAT”"),
    ("revenue by region per capita", "“per capita”"),
    ("number of extract out of stock by region", "“stock”"),
    ("share of Germany by country", "within a single Country"),
    ("revenue in Germany by region, and France", "no row is both"),
    ("revenue in Germany by month and the top 5 products", "Does “Germany” hold"),
    ("revenue units by region", "is no column of the table"),
    ("which products are below 5 units", "single rows"),
    ("units value by region", "is no column"),
    ("top 10% of products by revenue", "“10%”"),
    ("revenue by region, product and channel", "at most two breakdowns"),
    ("revenue per visit", "A row of the table is one order"),
    ("revenue by channel compared to Online", "set side by side"),
    ("revenue of Germany versus Online", "set side by side"),
    ("🙂 λόγος by region", "λόγος"),
    ("sum of revenue for the three best regions", "those few alone"),
    ("average revenue of the top 5 products", "those few alone"),
    ("revenue by region as of June", "“since …” or “up to …”"),
]


@pytest.mark.parametrize(("words", "named"), ASKED)
def test_what_is_open_or_not_understood_is_asked_by_name(words: str, named: str) -> None:
    found = outcome(words, SALES)
    assert isinstance(found, Clarify), found
    assert named in found.question


@pytest.mark.parametrize("words", ["spend by department in 2026", "amount by supplier"])
def test_two_figures_that_fit_equally_well_are_asked_about(words: str) -> None:
    found = outcome(words, SPEND)
    assert isinstance(found, Clarify)
    assert "Net amount USD or Gross amount USD" in found.question


@pytest.mark.parametrize("lean", ["net", "gross"])
def test_a_word_that_leans_one_way_settles_the_figure(lean: str) -> None:
    found = outcome(f"{lean} spend by department in 2026", SPEND)
    assert isinstance(found, Planned)
    assert found.plan.questions[0].measures[0].column == f"{lean.title()} amount USD"
    assert any("is read as the column" in note for note in found.plan.assumptions)


def test_no_figure_named_and_none_that_stands_out_is_asked_about() -> None:
    found = outcome("summarise by team", TICKETS)
    assert isinstance(found, Clarify)
    assert "resolution_hours, satisfaction_score, or the number of rows" in found.question


def test_a_period_without_a_date_column_is_declined() -> None:
    table = Table(path="a.csv", rows=3, columns=(text("Region", "N"), number("Revenue", 1, 2)))
    found = outcome("revenue by region this quarter", table)
    assert isinstance(found, Declined)
    assert "no column of dates" in found.reason


def test_dates_that_can_be_read_two_ways_are_declined() -> None:
    columns = (day("Day", "2026-01-02", "2026-05-06", unclear=True), number("Revenue", 1, 2))
    found = outcome("revenue by month", Table(path="a.csv", rows=3, columns=columns))
    assert isinstance(found, Declined)
    assert "two ways" in found.reason


def test_two_event_dates_are_asked_about_unless_one_is_named() -> None:
    columns = (
        day("Order date", "2026-01-02", "2026-05-06"),
        day("Invoice date", "2026-01-02", "2026-05-06"),
        number("Revenue", 1, 2),
    )
    table = Table(path="a.csv", rows=3, columns=columns)
    found = outcome("revenue by month", table)
    assert isinstance(found, Clarify)
    asked = outcome("revenue this year", table)
    assert isinstance(asked, Clarify)
    assert "Order date or Invoice date" in asked.question
    named = outcome("revenue by month by invoice date", table)
    assert isinstance(named, Planned)
    assert named.plan.questions[0].groups[0].column == "Invoice date"


def test_several_tables_that_fit_are_asked_about_and_a_name_settles_it() -> None:
    columns = (*SALES.columns, text("Note", "Old"))
    other = SALES.model_copy(update={"sheet": "Archive", "columns": columns[1:6] + columns[8:]})
    found = outcome("revenue by region", SALES, other)
    assert isinstance(found, Clarify)
    assert "“Extract” or “Archive”" in found.question
    named = outcome("revenue by region from the sheet Archive", SALES, other)
    assert isinstance(named, Planned)
    assert named.plan.source.sheet == "Archive"


def test_the_one_table_that_fits_is_used_and_said() -> None:
    found = outcome("revenue by region", SALES, TICKETS)
    assert isinstance(found, Planned)
    assert "Of the tables at hand, “orders.xlsx” is used." in found.plan.assumptions


def test_many_subtotals_are_declined_rather_than_counted_twice() -> None:
    marks = [{"column": "Region", "value": f"Total {n}"} for n in range(7)]
    table = Table.model_validate({**SALES.model_dump(), "subtotals": marks})
    assert isinstance(outcome("revenue by region", table), Declined)


def test_a_very_long_request_is_declined() -> None:
    assert isinstance(outcome("revenue " * TYPED_CHARS_MAX, SALES), Declined)


def test_an_empty_table_is_declined() -> None:
    assert isinstance(outcome("revenue by region", Table(path="a.csv")), Declined)


@pytest.mark.parametrize("words", ["email the revenue to my boss", "revenue, then email it to Bob"])
def test_a_wish_to_send_is_declined_even_where_its_verb_is_a_value(words: str) -> None:
    column = text("Channel", "Email", "Shop")
    found = outcome(words, SALES.model_copy(update={"columns": (*SALES.columns, column)}))
    assert isinstance(found, Declined)
    assert "send" in found.reason


def test_amounts_of_several_currencies_never_run_into_one_figure() -> None:
    column = number("Fee", 1, 9, "EUR").model_copy(update={"mixed_units": ("EUR", "USD")})
    table = SALES.model_copy(update={"columns": (*SALES.columns, column)})
    found = outcome("total fee by region", table)
    assert isinstance(found, Declined)
    assert "EUR and USD" in found.reason
    assert isinstance(outcome("revenue by region", table), Planned)


@pytest.mark.parametrize(
    "currency",
    [text("Currency", "Taler", "Gulden"), text("In", "EUR", "usd")],
    ids=["name", "codes"],
)
def test_a_column_of_currencies_asks_for_one_of_them(currency: Column) -> None:
    table = SALES.model_copy(update={"columns": (*SALES.columns, currency, number("Fee", 1, 9))})
    for words in ("fee by region", f"fee by {currency.name}", "average fee"):
        found = outcome(words, table)
        assert isinstance(found, Clarify), words
        assert currency.values[0] in found.question
    for words in (f"fee by region in {currency.values[0]}", "units by region", "revenue by region"):
        assert isinstance(outcome(words, table), Planned), words


def test_a_figure_per_another_figure_divides_and_by_it_groups() -> None:
    visits = number("Visits", 1, 9).model_copy(update={"distinct": 9})
    table = SALES.model_copy(update={"columns": (*SALES.columns, visits)})
    found = outcome("revenue per visit", table)
    assert isinstance(found, Planned)
    (measure,) = found.plan.questions[0].measures
    assert (measure.aggregate, measure.over) == ("ratio", "Visits")
    grouped = outcome("revenue by visits", table)
    assert isinstance(grouped, Planned)
    assert grouped.plan.questions[0].groups[0].column == "Visits"


def test_growth_against_a_period_that_is_not_complete_is_asked_about() -> None:
    sales = SALES.model_copy(
        update={"columns": (day("Order date", "2025-07-01", "2026-11-18"), *SALES.columns[2:])}
    )
    for words in ("this year compared with last year", "2026 versus 2025"):
        found = outcome(f"revenue by region {words}", sales)
        assert isinstance(found, Clarify)
        assert "data begin on 1 Jul 2025" in found.question
    assert isinstance(
        outcome("revenue by region since 1 Jul 2026 compared with last year", sales), Planned
    )
