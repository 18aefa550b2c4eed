"""Reports over computed columns and over wide tables made long, judged by the checks.

Owns that both routes and the workbook's own formulas agree on them.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from deputy.agent import checks
from deputy.agent.plans import Plan
from tests.agent.reports.asking import planned, reported, table
from tests.agent.reports.making import run

STOCK = "Item,Site,Units,Unit price,Reorder level\n" + "".join(
    f"I{n},{'North' if n % 3 else 'South'},{n * 7 % 11},{n % 4}.35,{n % 5}\n" for n in range(1, 31)
) + "I31,North,,2.00,3\nI32,South,4,n/a,9\n"  # fmt: skip
TICKETS = "Case,Team,Opened,Closed\n" + "".join(
    f"T{n},{'AB'[n % 2]},2026-03-{n:02} {n % 24:02}:30,2026-04-{n * 5 % 29 + 1:02}\n"
    for n in range(1, 25)
) + "T25,A,2026-03-09,\n"  # fmt: skip
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SPENT_BY = {name: [1_000 + (at * 7 + month * 5) % 13 * 90 for month in range(11)]
            for at, name in enumerate(("Sales", "Operations", "IT", "HR"))}  # fmt: skip
BUDGET = f"Department,Code,{','.join(MONTHS)}\n" + "".join(
    f"{name},C,{','.join(map(str, spent))},\n" for name, spent in SPENT_BY.items()
)
SITE = {"column": "Site", "label": "Site"}
MONTH = {"column": "Month", "label": "Month"}
DEPARTMENT = {"column": "Department", "label": "Department"}
SPENT = {"column": "Budget", "label": "Budget", "unit": "EUR"}
LONG = {"columns": list(MONTHS), "name": "Month", "value": "Budget"}
PUMPS = "Car,Fuel,Station,Litres\n" + "".join(
    f"C{n},{'Diesel' if n % 2 else 'Petrol'},{('Shell', 'Total', 'Aral')[n % 3]},{n % 7 + 30}.25\n"
    for n in range(24)
)
LITRES = {"column": "Litres", "label": "Litres"}
QUESTIONS: dict[str, dict[str, Any]] = {
    "stock": {
        "derived": [
            {"name": "Stock value", "how": "product", "of": ["Units", "Unit price"]},
            {"name": "Spare", "how": "difference", "of": ["Units", "Reorder level"]},
            {"name": "Value of spare", "how": "product", "of": ["Spare", "Unit price"]},
        ],
        "questions": [
            {"title": "Stock value by site", "groups": [SITE],
             "measures": [{"column": "Stock value", "label": "Stock value", "unit": "EUR"},
                          {"column": "Value of spare", "label": "Largest spare",
                           "aggregate": "max"}]},
            {"title": "Items below reorder level by site", "groups": [SITE],
             "filters": [{"column": "Spare", "op": "lt", "value": 0}],
             "measures": [{"label": "Items", "aggregate": "count"}]},
        ],
    },
    "tickets": {
        "derived": [{"name": "Days open", "how": "days", "of": ["Opened", "Closed"]},
                    {"name": "Hours open", "how": "hours", "of": ["Opened", "Closed"]}],
        "questions": [
            {"title": "Days open by team", "groups": [{"column": "Team", "label": "Team"}],
             "measures": [{"column": "Days open", "label": "Mean days open", "aggregate": "mean"},
                          {"column": "Hours open", "label": "Hours", "aggregate": "max"},
                          {"label": "Share over 30 days", "aggregate": "ratio", "unit": "%",
                           "where": [{"column": "Days open", "op": "gt", "value": 30}]}]},
        ],
    },
    "budget": {
        "unpivot": LONG,
        "questions": [
            {"title": "Budget by month", "groups": [MONTH], "measures": [SPENT]},
            {"title": "Budget by department and month", "groups": [DEPARTMENT, MONTH],
             "measures": [SPENT]},
            {"title": "Largest months", "groups": [MONTH], "measures": [SPENT],
             "rank": {"top": 3}},
        ],
    },
    "pumps": {
        "source": {"path": "pumps.csv"},
        "questions": [{"title": "Litres by station", "measures": [LITRES],
                       "groups": [{"column": "Station", "label": "Station"}]}],
    },
    "full-year": {
        "source": {"path": "budget.csv"},
        "derived": [{"name": "Full year", "how": "sum", "of": list(MONTHS)}],
        "questions": [{"title": "Full year by department", "groups": [DEPARTMENT],
                       "measures": [{"column": "Full year", "label": "Full year"}]}],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, Any]]]:
    folder: Path = tmp_path_factory.mktemp("computed")
    files = []
    for name, text in (
        ("stock", STOCK),
        ("tickets", TICKETS),
        ("budget", BUDGET),
        ("pumps", PUMPS),
    ):
        files.append(folder / f"{name}.csv")
        files[-1].write_text(text)
    plans = [planned(**{"source": {"path": f"{name}.csv"}, "stem": name, **parts})
             for name, parts in QUESTIONS.items()]  # fmt: skip
    told = reported(folder, plans, files)
    assert [one.get("error") for one in told] == [None] * len(plans)
    return folder, {name: {**one, "plan": plan}
                    for name, one, plan in zip(QUESTIONS, told, plans, strict=True)}  # fmt: skip


def test_every_check_agrees_with_reports_over_computed_columns(
    made: tuple[Path, dict[str, dict[str, Any]]],
) -> None:
    folder, told = made
    for number, (name, one) in enumerate(told.items()):
        asked = [q.model_dump(mode="json") for q in Plan.model_validate(one["plan"]).asked()]
        requests = [
            {"id": f"c{place}.{check}", "check": check, "target": f"out/{name}.{kind}",
             "params": {"asked": question, "others": asked}}
            for place, question in enumerate(asked)
            for kind in ("xlsx", "csv", "pdf")
            for check in ("file.opens", "workbook.formulas_recompute", "figures.in_tables",
                          "workbook.chart_equals_table", "sources.read_whole", "figures.in_text")
            if checks.fits(check, f"x.{kind}") and (kind != "csv" or len(asked) == 1)
        ]  # fmt: skip
        code, params = checks.program(requests)
        said = checks.parse(run(folder / str(number), code, params).stdout, requests)
        assert [(s.id, s.target, s.detail) for s in said if s.verdict != "pass"] == [], name


def test_beside_a_group_called_total_the_line_of_all_rows_is_called_otherwise(
    made: tuple[Path, dict[str, dict[str, Any]]],
) -> None:
    sheet = made[1]["pumps"]["sheets"]["Summary"]
    rows = table(sheet, "Station")
    assert (rows["Total"]["Litres"], rows["Overall"]["Litres"]) == (264.0, 792.0)


def test_months_that_were_columns_stand_in_the_order_of_the_columns(
    made: tuple[Path, dict[str, dict[str, Any]]],
) -> None:
    sheets = made[1]["budget"]["sheets"]
    assert list(table(sheets["Budget by month"], "Month")) == [*MONTHS, "Total"]
    pivot = table(sheets["Budget by department and month"], "Department")
    assert list(pivot["IT"]) == [*MONTHS, "Total"]
    ranked = list(table(sheets["Largest months"], "Month"))
    assert ranked != [*MONTHS, "Total"]


def test_computed_columns_are_formulas_over_their_row_and_are_told_in_words(
    made: tuple[Path, dict[str, dict[str, Any]]],
) -> None:
    folder, told = made
    with zipfile.ZipFile(folder / "0" / "out" / "stock.xlsx") as book:
        pages = [book.read(n).decode() for n in book.namelist() if "worksheets/sheet" in n]
    formula = "<f>Lines[[#This Row],[Units]]*Lines[[#This Row],[Unit price]]</f>"
    assert [page.count(formula) for page in pages if formula in page] == [30]
    notes = [str(row) for row in told["stock"]["sheets"]["Notes"]]
    assert any("Stock value: Units times Unit price" in row for row in notes)
