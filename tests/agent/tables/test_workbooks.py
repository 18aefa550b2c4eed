"""Real workbooks, made and read with the data runtime's own libraries.

Owns what only a real file can show: merged cells, hidden sheets, dates counted from 1904, number
formats, and files that would fill the memory. One start of Python answers for all.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deputy.agent.playbooks.schema import Schema, Table
from deputy.agent.tables import finding
from deputy.execution import runtimes

SECONDS_MAX = 60
MAKING = """
import datetime
import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904
book = openpyxl.Workbook()
sheet = book.active
sheet.title = "Sales"
for row in (["Acme", None, None, None], [None, None, "Amounts", None],
            ["Region", "Day", "Plan", "Actual"],
            ["North", datetime.date(2026, 1, 5), 1.5, "1.234,50"],
            [None, datetime.date(2026, 1, 6), 2.5, "7,25"],
            ["South", datetime.date(2026, 1, 7), 3.5, "8,75"],
            ["Total", None, 7.5, None]):
    sheet.append(row)
sheet.merge_cells("C2:D2")
sheet.merge_cells("A4:A5")
for row in range(4, 7):
    sheet.cell(row, 3).number_format = '#,##0.00 [$\\u20ac-407]'
secret = book.create_sheet("Aside")
secret.append(["Code", "Name"])
secret.append(["A", "Ann"])
secret.sheet_state = "hidden"
book.save("sales.xlsx")
mac = openpyxl.Workbook()
mac.epoch = CALENDAR_MAC_1904
mac.active.append(["Day", "N"])
mac.active.append([datetime.date(2026, 3, 9), 1])
mac.save("mac.xlsx")
wide = openpyxl.Workbook()
wide.active["A1"], wide.active["B1"], wide.active["XFD1048576"] = "A", "B", 1
wide.save("wide.xlsx")
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    folder: Path = tmp_path_factory.mktemp("books")
    names = ["sales.xlsx", "mac.xlsx", "wide.xlsx"]
    python = str(runtimes.find("data") / "bin" / "python")
    running: dict[str, Any] = {"cwd": folder, "timeout": SECONDS_MAX, "check": True}
    subprocess.run([python, "-c", MAKING], **running)
    future = "from __future__ import annotations\n"
    program = finding().replace(future, f"{future}PARAMS = {{'paths': {names}}}\n", 1)
    done = subprocess.run([python, "-"], input=program.encode(), capture_output=True, **running)
    return Schema.model_validate(json.loads(done.stdout))


def _table(found: Schema, path: str, sheet: int = 0) -> Table:
    return [table for table in found.tables if table.path == path][sheet]


def test_merged_headings_and_merged_cells_are_read_as_meant(found: Schema) -> None:
    sales = _table(found, "sales.xlsx")
    names = [column.name for column in sales.columns]
    assert names == ["Region", "Day", "Amounts Plan", "Amounts Actual"]
    assert (sales.header_row, sales.header_rows, sales.rows) == (2, 2, 3)
    assert (sales.fill_down, sales.skip_footer) == (("Region",), 1)


def test_number_formats_and_texts_tell_units_and_decimal_marks(found: Schema) -> None:
    _, day, plan, actual = _table(found, "sales.xlsx").columns
    assert (day.kind, day.low) == ("date", "2026-01-05")
    assert plan.unit == "EUR"
    assert (actual.kind, actual.high) == ("number", 1234.5)
    assert _table(found, "sales.xlsx").decimal == ","


def test_a_hidden_sheet_comes_after_the_others_and_is_told(found: Schema) -> None:
    aside = _table(found, "sales.xlsx", 1)
    assert (aside.sheet, aside.notes) == ("Aside", ("The sheet 'Aside' is hidden.",))


def test_days_counted_from_1904_are_the_same_days(found: Schema) -> None:
    assert _table(found, "mac.xlsx").columns[0].low == "2026-03-09"


def test_a_sheet_of_few_cells_far_apart_is_refused_before_it_is_opened(found: Schema) -> None:
    assert [problem.path for problem in found.problems] == ["wide.xlsx"]
    assert "spans 17,179,869,184 cells, and 10,000,000 is the limit" in found.problems[0].reason
