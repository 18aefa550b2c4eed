"""Reports made from plans of many kinds; every applicable check must pass on each."""

from __future__ import annotations

import csv
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from deputy.agent.reports import source
from tests.agent.reports.making import EXAMPLE, every_check, judge, plan, report, run
from tests.requirement import requirement

PLANS: dict[str, dict[str, Any]] = {
    "the demo": {},
    "a mean by product": {
        "measures": [{"column": "Discount", "label": "Average discount", "aggregate": "mean",
                    "unit": "%"}],
        "groups": [{"column": "Product", "label": "Product"}],
    },
    "a count by month": {
        "measures": [{"column": None, "label": "Order lines", "aggregate": "count"}],
        "groups": [{"column": "Order date", "label": "Month", "by": "month"}],
        "period": {"kind": "year", "label": "2026 to date", "start": "2026-01-01",
                   "end": "2026-11-18", "partial": True},
        "compare": {"label": "2025, same days", "start": "2025-01-01", "end": "2025-11-18"},
        "rank": None,
    },
    "no comparison": {"compare": None, "period": None, "rank": {"by": "value", "top": 5}},
    "forty groups and a filter": {
        "groups": [{"column": "Customer", "label": "Customer"}],
        "rank": {"by": "change", "top": 5, "order": "asc"},
        "filters": [{"column": "Region", "op": "in", "value": ["dach", "France "]}],
    },
    "no group": {"groups": [], "rank": None},
    "one group": {"filters": [{"column": "Region", "op": "eq", "value": "DACH"}],
                  "date_column": None, "period": None, "compare": None, "rank": None},
    "a median": {"measures": [{"column": "Net sales (EUR)", "label": "Median order line",
                             "aggregate": "median", "unit": "EUR"}]},
    "distinct values": {"measures": [{"column": "Customer", "label": "Active customers",
                                    "aggregate": "distinct"}]},
    "a maximum": {"measures": [{"column": "Net sales (EUR)", "label": "Largest order line",
                              "aggregate": "max", "unit": "EUR"}]},
    "no date": {"date_column": None, "period": None, "compare": None,
                "rank": {"by": "value", "top": 2}},
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(EXAMPLE, tmp_path / "sales.xlsx")
    return tmp_path


def failures(folder: Path, made: dict[str, Any]) -> list[str]:
    """Give what any applicable check has against the files; a chart needs two groups."""
    return [
        f"{one.check} {one.target} {one.verdict}: {one.detail}"
        for one in judge(folder, made, *every_check(made))
        if one.verdict != "pass"
    ]


@requirement("R083")
@pytest.mark.parametrize("changes", PLANS.values(), ids=PLANS.keys())
def test_a_report_of_every_kind_passes_every_check(folder: Path, changes: dict[str, Any]) -> None:
    made = plan(**changes)
    told = report(folder, made)
    assert told["files"] == [f"out/sales-by-region.{kind}" for kind in ("xlsx", "pdf", "csv")]
    assert failures(folder, made) == []


def test_the_same_plan_gives_the_same_bytes(folder: Path) -> None:
    made = plan()
    report(folder, made)
    first = {path.name: path.read_bytes() for path in (folder / "out").iterdir()}
    report(folder, made)
    assert first == {path.name: path.read_bytes() for path in (folder / "out").iterdir()}


MESSY = [
    ["Report of the north office", "", "", ""],
    ["", "", "", ""],
    ["Ort", "Datum", "Umsatz [€] #1", "Größe"],
    ["=SUM(A1)", "03.10.2026", "1.234,50", "5"],
    ["@cmd", "04.10.2026", "€ 2.000,00", ""],
    ["Nord*", "05.10.2026", "(12,00)", "7"],
    ["nord", "06.10.2026", "45,25", "7"],
    ["Nord ", "07.10.2025", "40", "7"],
    ["0012", "08.10.2025", "0", "7"],
    ["12", "08.10.2026", "-7,5", "7"],
    ["", "09.10.2026", "1", "7"],
    ["TRUE", "10.10.2026", "keine Angabe", "7"],
    ["A very long name of a place that goes on and on & on, beyond any column", "11.10.2026",
     "3'000,00", "7"],
    ["Summe", "", "9.999,99", ""],
]  # fmt: skip


def test_a_messy_text_table_with_decimal_commas_and_hostile_names_is_read(tmp_path: Path) -> None:
    with (tmp_path / "messy.csv").open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows(MESSY)
    made = plan(
        source={"path": "messy.csv", "header_row": 2, "encoding": "cp1252", "delimiter": ";",
                "decimal": ",", "skip_footer": 1},
        measures=[{"column": "Umsatz [€] #1", "label": "Umsatz [€] #1", "unit": "EUR"}],
        groups=[{"column": "Ort", "label": "Ort"}], date_column="Datum",
        filters=[{"column": "Größe", "op": "ne", "value": 99}],
    )  # fmt: skip
    told = report(tmp_path, made)
    assert told["headline"][1]["value"] == pytest.approx(6261.25)
    assert failures(tmp_path, made) == []
    text = (tmp_path / "out/sales-by-region.csv").read_text("utf-8-sig")
    assert "'=SUM(A1)" in text
    assert "'@cmd" in text


def test_losses_and_missing_bases_show_no_false_growth(tmp_path: Path) -> None:
    draw = random.Random(4)
    rows = [["Unit", "Day", "Result"]]
    for unit in ("Alpha", "Beta", "Gamma", "Delta"):
        for year in (2025, 2026):
            amount = {"Alpha": -500, "Beta": 0 if year == 2025 else 80}.get(unit, 300)
            rows.append([unit, f"{year}-10-{draw.randint(1, 31):02d}", str(amount + year % 7)])
    rows.append(["Newcomer", "2026-10-09", "90"])
    with (tmp_path / "result.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    made = plan(
        source={"path": "result.csv", "encoding": "utf-8", "delimiter": ",", "decimal": "."},
        measures=[{"column": "Result", "label": "Result"}],
        groups=[{"column": "Unit", "label": "Unit"}], date_column="Day",
    )  # fmt: skip
    report(tmp_path, made)
    assert failures(tmp_path, made) == []
    text = (tmp_path / "out/sales-by-region.csv").read_text("utf-8-sig")
    table = list(csv.reader(text.splitlines()))
    growth = {row[0]: row[4] for row in table[1:]}
    assert growth["Alpha"] == "n/a"
    assert growth["Newcomer"] == "new"


@pytest.mark.parametrize(
    ("changes", "cure"),
    [
        ({"groups": [{"column": "Continent", "label": "Continent"}]}, "Name one of these"),
        ({"source": {"path": "sales.xlsx", "sheet": "Sheet1"}}, "Name one of these"),
        ({"source": {"path": "gone.xlsx"}}, "Attach it again"),
        ({"measures": [{"column": "Customer", "label": "Customer"}]}, "Name a column of figures"),
        ({"filters": [{"column": "Region", "op": "eq", "value": "Mars"}]}, "Drop that condition"),
    ],
)
def test_bad_data_is_answered_with_the_cure(
    folder: Path, changes: dict[str, Any], cure: str
) -> None:
    done = run(folder, source(), {"plan": plan(**changes)})
    assert done.returncode != 0
    last = done.stderr.decode().strip().splitlines()[-1]
    assert last.startswith(("ReportError", "TableError"))
    assert cure in last


def test_the_program_is_one_text_without_clashes_or_imports_of_ours() -> None:
    text = source()
    defined = [line.split("(")[0].split(":")[0] for line in text.splitlines()
               if line.startswith(("def ", "class "))]  # fmt: skip
    assert len(defined) == len(set(defined))
    assert "deputy." not in text
