"""What the schema-reading program finds in text tables and in rows of workbooks.

Owns the reading of messy tables. Workbooks are tried as rows: the library that opens them lives
in the sandbox's runtime alone.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from deputy.agent.playbooks.schema import Schema, Table, parse
from deputy.agent.tables import finding, probing, refusals
from deputy.agent.tables.workbooks import Sheet


def found(path: Path) -> Table:
    schema = Schema.model_validate(probing.main([str(path)]))
    assert not schema.problems
    return schema.tables[0]


def text_file(folder: Path, text: str, encoding: str = "utf-8") -> Table:
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return found(path)


def rows(cells: list[list[Any]], formats: dict[int, list[str]] | None = None) -> Table:
    described = probing.table_of(cells, None, Sheet("Sheet1", cells, formats=formats or {}))
    return Table.model_validate({"path": "book.xlsx", **described})


def kinds(table: Table) -> dict[str, str]:
    return {column.name: column.kind for column in table.columns}


def test_a_plain_table_is_described(tmp_path: Path) -> None:
    table = text_file(
        tmp_path, "Date,Region,Revenue\n2026-01-05,North,10.5\n2026-03-01,South,\n2026-02-01,,7\n"
    )
    assert kinds(table) == {"Date": "date", "Region": "text", "Revenue": "number"}
    assert (table.rows, table.header_row, table.delimiter, table.decimal) == (3, 0, ",", ".")
    date, region, revenue = table.columns
    assert (date.low, date.high, date.grain) == ("2026-01-05", "2026-03-01", "day")
    assert (set(region.values), region.missing) == ({"North", "South"}, 1)
    assert (revenue.low, revenue.high, revenue.missing) == (7, 10.5, 1)


def test_semicolons_decimal_commas_and_old_encodings_are_seen(tmp_path: Path) -> None:
    table = text_file(
        tmp_path, "Datum;Café;Umsatz €\n31.01.2026;Zoë;1.234,50\n01.02.2026;Léa;7,25\n", "cp1252"
    )
    assert (table.delimiter, table.decimal, table.encoding) == (";", ",", "cp1252")
    assert table.columns[1].name == "Café"
    assert (table.columns[2].high, table.columns[2].unit) == (1234.5, "EUR")
    assert (table.columns[0].kind, table.columns[0].day_order) == ("date", "clear")


@pytest.mark.parametrize(
    ("first", "second", "order", "low"),
    [
        ("25/03/2026", "01/04/2026", "clear", "2026-03-25"),
        ("03/25/2026", "04/01/2026", "clear", "2026-03-25"),
        ("03/04/2026", "05/06/2026", "unclear", None),
    ],
)
def test_the_order_of_day_and_month_is_found_or_called_unclear(
    tmp_path: Path, first: str, second: str, order: str, low: str | None
) -> None:
    table = text_file(tmp_path, f"Day,N\n{first},1\n{second},2\n")
    assert table.columns[0].day_order == order
    assert low is None or table.columns[0].low == low


def test_dates_that_stand_for_months_are_called_monthly(tmp_path: Path) -> None:
    table = text_file(tmp_path, "Month,N\n2026-01-01,1\n2026-02-01,2\n2026-02-01,3\n")
    assert table.columns[0].grain == "month"


def test_headings_below_a_title_and_totals_at_the_end_are_found() -> None:
    table = rows(
        [
            ["Acme: sales", None, None],
            [None, None, None],
            ["Region", "Product", "Revenue"],
            ["North", "Anvil", 10.0],
            ["South", "Anvil", 20.0],
            [None, None, None],
            ["Total", None, 30.0],
            ["Source: ledger", None, None],
        ]
    )
    assert (table.header_row, table.rows) == (2, 2)
    assert table.skip_footer == 2
    assert table.columns[2].high == 20.0


def test_subtotals_that_sum_up_their_rows_are_left_out() -> None:
    table = rows(
        [
            ["Region", "Product", "Revenue"],
            ["North", "Anvil", 10.0],
            ["North total", None, 10.0],
            ["South", "Total Care", 20.0],
            ["South", "Rocket", 20.0],
            ["North", "Rocket", 20.0],
        ]
    )
    assert (table.skip_rows, table.rows, table.subtotals) == ((2,), 4, ())
    assert set(table.columns[1].values) == {"Anvil", "Total Care", "Rocket"}
    assert table.notes == ("Row 3 sums up rows above or below as the words say; it is left out.",)


def test_workbook_cells_keep_their_kinds_and_units() -> None:
    table = rows(
        [
            ["Day", "Code", "Share", "Value"],
            [dt.datetime(2026, 1, 5, 10), "00123", 0.5, "€ 1,234.50"],  # noqa: DTZ001
            [dt.date(2026, 1, 6), "00124", 0.7, "(12.00)"],
        ],
        {2: ["0.0%"]},
    )
    assert kinds(table) == {"Day": "date", "Code": "text", "Share": "number", "Value": "number"}
    assert table.columns[2].unit == "%"
    assert (table.columns[3].low, table.columns[3].high, table.columns[3].unit) == (
        -12.0,
        1234.5,
        "EUR",
    )


def test_empty_and_double_headings_get_names_of_their_own() -> None:
    table = rows([["A", "", "a", "B"], ["x", 1, "y", 2], ["z", 3, "w", 4]])
    assert [column.name for column in table.columns] == ["A", "Column 2", "a (2)", "B"]


def test_a_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    good = tmp_path / "good.csv"
    good.write_text("A,B\nx,1\n")
    schema = Schema.model_validate(probing.main([str(tmp_path / "gone.csv"), str(good)]))
    assert [one.path for one in schema.tables] == [str(good)]
    assert "FileNotFoundError" in schema.problems[0].reason


@pytest.mark.parametrize("text", ["", "\n\n", ",,,\n", "one line of words\n", "a\x00b,c\n1,2\n"])
def test_files_that_hold_no_table_are_no_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(text)
    schema = Schema.model_validate(probing.main([str(path)]))
    assert len(schema.tables) + len(schema.problems) == 1


def test_what_is_printed_is_read_back_and_rubbish_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("A,B\nx,1\n")
    line = json.dumps(probing.main([str(path)]))
    schema = parse(f"a warning\n{line}\n")
    assert schema is not None
    assert schema.tables[0].rows == 1
    for rubbish in ("", "{", "[1]", '{"schema_version": 2}', '{"tables": 3, "schema_version": 1}'):
        assert parse(rubbish) is None


def test_amounts_in_two_currencies_are_told(tmp_path: Path) -> None:
    table = text_file(tmp_path, "Region,Fee,Net\nNorth,$1.50,€2\nSouth,€3,€4\nEast,2 GBP,€4\n")
    assert table.columns[1].mixed_units == ("GBP", "EUR", "USD")
    assert table.columns[2].mixed_units == ()


def test_a_locale_mark_in_a_number_format_is_no_second_currency() -> None:
    cells: list[list[Any]] = [["Region", "Fee", "Tax"], ["North", 1.5, 2.0], ["South", 2.5, 3.0]]
    formats = {1: ["#,##0.00 [$€-407]"], 2: ["[$$-409]#,##0.00", "#,##0.00 [$€-407]"]}
    table = rows(cells, formats)
    assert [one.mixed_units for one in table.columns] == [(), (), ("EUR", "USD")]
    assert table.columns[1].unit == "EUR"


def problem(folder: Path, name: str, raw: bytes) -> str:
    path = folder / name
    path.write_bytes(raw)
    schema = Schema.model_validate(probing.main([str(path)]))
    assert not schema.tables
    return schema.problems[0].reason


@pytest.mark.parametrize(
    ("start", "cure"),
    [
        (b"PK\x03\x04", "name it .xlsx"),
        (b"\xd0\xcf\x11\xe0", "name it .xlsx"),
        (b"\x89PNG\r\n", "it is a picture"),
        (b"%PDF-1.7\n", "it is a PDF"),
        (b"a,b", "as CSV in UTF-8"),
    ],
)
def test_bytes_that_are_no_text_are_no_table(tmp_path: Path, start: bytes, cure: str) -> None:
    assert cure in problem(tmp_path, "table.csv", start + b"\0\1\n1,2\n")


def test_a_line_that_never_ends_is_refused_with_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "LINE_CHARACTERS_MAX", 100)
    told = problem(tmp_path, "table.csv", b"Region,Sales\n" + b"North,1," * 20)
    assert "one of its lines has 160 characters, and 100 is the limit" in told


def test_a_workbook_that_unpacks_to_too_much_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/a", b"a" * (3 << 20))
        book.writestr("xl/b", b"")
    monkeypatch.setattr(refusals, "UNPACKED_BYTES_MAX", 1 << 20)
    told = problem(tmp_path, "book.xlsx", packed.getvalue())
    assert "it unpacks to 3 MiB, and 1 MiB is the limit" in told
    monkeypatch.setattr(refusals, "ENTRIES_MAX", 1)
    told = problem(tmp_path, "book.xlsx", packed.getvalue())
    assert "it is packed from 2 parts, and 1 is the limit" in told


def test_columns_beyond_the_limit_are_told(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    row = [f"c{n}" for n in range(250)]
    path.write_text(",".join(row) + "\n" + ",".join("1" for _ in row) + "\n")
    schema = Schema.model_validate(probing.main([str(path)]))
    assert len(schema.tables[0].columns) == 200
    assert schema.problems[0].reason == "it has 250 columns; only the first 200 are read"


def test_a_locked_workbook_names_its_cure(tmp_path: Path) -> None:
    locked = type("PasswordError", (Exception,), {})("Workbook is password protected")
    assert "save a copy without one" in refusals.told(locked, tmp_path / "book.xlsx")


def test_the_program_is_one_text_that_stands_alone() -> None:
    text = finding()
    compile(text, "probe", "exec")
    assert "deputy" not in text
