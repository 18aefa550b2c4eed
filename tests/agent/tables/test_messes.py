"""Each mess a table may be in, found and told: layouts, sums, dialects, encodings, numbers, days.

Owns small tables that each show one mess. Must never need the sandbox: these parts are pure.
"""

from __future__ import annotations

import ast
import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from deputy.agent import reports
from deputy.agent.playbooks.schema import Schema, Table
from deputy.agent.tables import finding, probing
from deputy.agent.tables.amounts import decimal_mark, number_in
from deputy.agent.tables.days import moment_in, moments
from deputy.agent.tables.dialects import dialect_of
from deputy.agent.tables.encodings import encoding_of
from deputy.agent.tables.workbooks import Sheet

Rows = list[list[Any]]


def table(rows: Rows, **more: Any) -> Table:
    found = probing.table_of([list(row) for row in rows], None, Sheet("S", [], **more))
    return Table.model_validate({"path": "book.xlsx", **found})


def text(path: Path, content: str | bytes) -> Schema:
    file = path / "table.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Schema.model_validate(probing.main([str(file)]))


def named(found: Table) -> list[str]:
    return [column.name for column in found.columns]


SALES: Rows = [["Region", "Product", "Units", "Revenue"], ["North", "Anvil", 1, 10.5],
               ["North", "Rocket", 2, 20.25], ["South", "Anvil", 3, 30.0],
               ["South", "Rocket", 4, 41.0]]  # fmt: skip


def test_a_heading_of_two_rows_is_read_together() -> None:
    found = table(
        [
            ["Plan and actual", None, None, None, None],
            [None, "2025", None, "2026", None],
            ["Region", "Plan", "Actual", "Plan", "Actual"],
            ["North", 1, 2, 3, 4],
            ["South", 5, 6, 7, 8],
        ]
    )
    assert named(found) == ["Region", "2025 Plan", "2025 Actual", "2026 Plan", "2026 Actual"]
    assert (found.header_row, found.header_rows, found.rows) == (2, 2, 2)
    assert found.notes == ("The headings stand in 2 rows (2 to 3) and are read together.",)


def test_a_row_of_units_below_the_headings_belongs_to_them() -> None:
    found = table([["Region", "Sales", "Weight"], [None, "EUR", "kg"], ["N", 1, 2], ["S", 3, 4]])
    assert named(found) == ["Region", "Sales EUR", "Weight kg"]
    assert (found.rows, found.columns[1].unit) == (2, "EUR")


def test_a_first_row_with_a_word_for_nothing_is_a_row() -> None:
    found = table([["Region", "Sales"], [None, "n/a"], ["N", 1], ["S", 3]])
    assert (found.header_rows, found.rows, found.columns[1].unread) == (1, 3, 1)


def test_a_title_of_two_cells_is_no_heading() -> None:
    found = table([["Report of", "Acme"], ["Region", "Sales"], ["N", 1], ["S", 3]])
    assert named(found) == ["Region", "Sales"]


def test_subtotals_and_a_grand_total_are_left_out_by_their_sums() -> None:
    found = table(
        [
            *SALES[:3], ["North total", None, 3, 30.75], *SALES[3:],
            ["South total", None, 7, 71.0], ["Grand total", None, 10, 101.75],
        ]
    )  # fmt: skip
    assert (found.skip_rows, found.skip_footer, found.rows) == ((3, 6), 1, 4)
    assert found.columns[2].high == 4
    assert found.notes == ("Rows 4, 7 sum up rows above or below as the words say; "
                           "they are left out.",)  # fmt: skip


def test_a_total_above_its_rows_is_left_out() -> None:
    found = table([SALES[0], ["All sums", None, 10, 101.75], *SALES[1:]])
    assert (found.skip_rows, found.rows) == ((1,), 4)


def test_a_product_that_is_called_total_is_a_row() -> None:
    rows = [SALES[0], ["North", "Total Care", 3, 71.0], *SALES[3:], ["West", "Sum Insured", 9, 1.0]]
    found = table(rows)
    assert (found.skip_rows, found.rows, found.subtotals, found.notes) == ((), 4, (), ())


def test_a_total_that_does_not_add_up_is_kept_and_named() -> None:
    found = table([*SALES[:3], ["North total", None, 9, 99.0], *SALES[3:]])
    assert (found.skip_rows, found.rows) == ((), 5)
    assert [one.value for one in found.subtotals] == ["North total"]
    assert "its figures are not the sums of the rows around it" in found.notes[0]


PUMPS: Rows = [["Car", "Fuel", "Station", "Litres"], ["A", "Diesel", "Shell", 41.5],
               ["B", "Petrol", "Total", 39.25], ["A", "Diesel", "Aral", 44.0],
               ["B", "Petrol", "Total", 37.5], ["C", "Diesel", "Total", 52.75]]  # fmt: skip


def test_a_company_called_total_is_a_value_also_in_the_last_row() -> None:
    found = table(PUMPS)
    assert (found.skip_rows, found.skip_footer, found.rows, found.subtotals) == ((), 0, 5, ())
    assert found.notes == ("Rows whose Station is 'Total' are data like the others: their figures "
                           "are not the sums of the rows around them.",)  # fmt: skip


def test_rows_called_total_with_the_figures_of_several_are_no_values() -> None:
    slices = [["A", "Diesel", "Shell", 41.5], ["A", "Diesel", "Aral", 44.0],
              ["B", "Petrol", "Shell", 39.25], ["B", "Petrol", "Aral", 30.0],
              ["B", "Petrol", "Total", 69.26], ["A", "Diesel", "Total", 85.5]]  # fmt: skip
    found = table([PUMPS[0], *slices, ["C", "Diesel", "Shell", 9.0]])
    assert [one.value for one in found.subtotals] == ["Total"]


def test_a_last_row_without_a_name_that_sums_all_is_left_out() -> None:
    found = table([*SALES, [None, None, 10, 101.75]])
    assert (found.skip_footer, found.rows) == (1, 4)
    assert "Row 6 has no name and its figures are the sums" in found.notes[0]


def test_headings_that_come_again_are_left_out() -> None:
    found = table([*SALES[:3], SALES[0], *SALES[3:]])
    assert (found.skip_rows, found.rows) == ((3,), 4)
    assert found.notes == ("Row 4 repeats the headings; it is left out.",)


def test_of_two_tables_below_one_another_the_first_is_read() -> None:
    found = table(
        [*SALES, [None], ["Costs"], ["Kind", "Year", "Cost", None], ["Rent", 2026, 7.0, None],
         ["Fuel", 2026, 9.0, None]]
    )  # fmt: skip
    assert (found.rows, found.columns[3].low) == (4, 10.5)
    assert found.notes == ("Another table begins in row 7; only the first one, down to row 5, "
                           "is read.",)  # fmt: skip


def test_a_blank_row_between_does_not_end_a_table() -> None:
    assert table([*SALES[:3], [None], *SALES[3:]]).rows == 4


def test_merged_cells_mean_the_value_above() -> None:
    rows = [["Region", "Product", "N"], ["North", "A", 1], [None, "B", 2], ["South", "A", 3]]
    found = table(rows, merged=[((1, 0), (2, 0))])
    assert found.fill_down == ("Region",)
    assert (found.columns[0].missing, found.columns[0].distinct) == (0, 2)
    assert found.notes == ("A blank cell of 'Region' is read as the value above it.",)
    assert table(rows).fill_down == ()


def test_names_written_once_over_their_rows_are_filled_down() -> None:
    rows: Rows = [["Region", "Product", "N"]]
    for region in ("East", "North", "South"):
        rows += [[region, "A", 1], [None, "B", 2], [None, "C", 4]]
    assert table(rows).fill_down == ("Region",)
    rows[1][0], rows[4][0] = "North", "East"
    assert table(rows).fill_down == ()


def test_a_table_without_headings_is_refused_with_a_cure(tmp_path: Path) -> None:
    found = text(tmp_path, "North,5.5,2026-01-01\nSouth,6.5,2026-01-02\nEast,7.5,2026-01-03\n")
    assert not found.tables
    assert "add a row that names the columns" in found.problems[0].reason


def test_years_and_days_may_be_headings(tmp_path: Path) -> None:
    found = text(tmp_path, "Region,2024,2025\nNorth,5.5,7\nSouth,6.5,8\n")
    assert named(found.tables[0]) == ["Region", "2024", "2025"]
    found = text(tmp_path, "Region,1,2,3\nNorth,5,7,1\nSouth,6,8,1\n")
    assert found.tables[0].rows == 2


def test_rows_with_too_many_or_too_few_cells_are_told(tmp_path: Path) -> None:
    rows = "".join(f"r{n},{n}\n" for n in range(10))
    found = text(tmp_path, f"Name,N\n{rows}x,1,2\ny\n").tables[0]
    assert found.rows == 12
    assert "Row 12 has more cells than there are headings" in found.notes[0]
    assert "Row 13 has fewer cells" in found.notes[1]


def test_a_heading_with_gaps_over_a_table_of_words_is_found() -> None:
    head: Rows = [["Code", "Region", "Name", "Plan", "", "Plan"]]
    names = [["RF", "London", f"Trust {n}", "NHS", "", f"Plan {n}"] for n in range(20)]
    found = table([*head, *names])
    assert (found.header_row, found.header_rows, found.rows) == (0, 1, 20)


def test_a_hidden_sheet_is_told() -> None:
    assert table(SALES, hidden=True).notes == ("The sheet 'S' is hidden.",)


def test_cells_that_are_not_of_the_kind_are_counted_and_told() -> None:
    rows: Rows = [["Name", "N"], *([f"r{n}", n] for n in range(30)), ["x", "<=5"], ["y", None]]
    found = table(rows)
    assert (found.columns[1].kind, found.columns[1].unread, found.columns[1].missing) == (
        "number", 1, 1,
    )  # fmt: skip
    assert found.notes == (
        "1 cell of 'N' cannot be read as a number (such as '<=5'); it counts as empty there.",
    )


def test_the_order_of_days_one_column_settles_holds_for_the_others(tmp_path: Path) -> None:
    found = text(tmp_path, "Ordered,Paid,N\n03/04/2026,25/04/2026,1\n05/06/2026,26/06/2026,2\n")
    ordered, paid = found.tables[0].columns[:2]
    assert (ordered.low, paid.low, ordered.day_order) == ("2026-04-03", "2026-04-25", "clear")
    assert found.tables[0].day_order == "dmy"
    assert found.tables[0].notes == ("The dates of 'Ordered' are read with the day first, as the "
                                     "table's other dates show.",)  # fmt: skip


def test_day_numbers_and_times_are_seen() -> None:
    rows: Rows = [["Order date", "At", "N"], [46_000, dt.datetime(2026, 1, 1, 9, 30), 1],  # noqa: DTZ001
                  [46_001, dt.datetime(2026, 1, 2, 10), 2]]  # noqa: DTZ001 # fmt: skip
    found = table(rows)
    assert (found.columns[0].kind, found.columns[0].low) == ("date", "2025-12-09")
    assert (found.columns[0].timed, found.columns[1].timed) == (False, True)
    assert "'Order date' are read as days" in found.notes[0]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a;b\n1;2\n", (";", None)),
        ("a\tb,c\n1\t2\n3\t4\n", ("\t", None)),
        ("a||b\n1||2\n", ("||", None)),
        ("a~b\n1~2\n3~4\n", ("~", None)),
        ("'a','b'\n'1,5','x'\n'2,5','y'\n'3,5','z'\n", (",", "'")),
        ('size,n\n5" disk,1\n"3 disk,2\n8" disk,3\n9" x,4\n', (",", "")),
        ("Sales: all\n\nRegion;Sum;Note\nN;1,5;a\nS;2,5;b\nW;3,5;c\n", (";", None)),
        ("Name\nAda\nBo\n", (",", None)),
        ('Name,Job,Pay\n"Roe,Ann",Clerk,5.0\n"Poe,Bob",Clerk,6.0\nCy,Cook,7.0\n', (",", None)),
    ],
)
def test_dialects_are_found(content: str, expected: tuple[str, str | None]) -> None:
    assert dialect_of(content, ".csv") == expected


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("Größe;Café;£5;naïve – “so”", "cp1252"),
        ("Größe;Café;naïve;Müller;façade", "cp850"),
        ("Größe;Café;naïve;Müller;façade", "mac_roman"),
        ("Car 9;€ 145,67", "cp1252"),
        ("Car;Cost (€)", "cp1252"),
        ("Car;12,50 €;7", "cp1252"),
        ("Car;£ 12.50", "cp1252"),
        ("Çelik;5 Ç;Curaçao;Café", "cp850"),
        ("Продажи;Регион;Север;Москва;Итого", "cp1251"),
        ("売上の合計;お客様;東京都;カフェ;", "shift_jis"),
        ("销售额;地区;北京市;上海市;合计金额", "gb18030"),
        ("Größe", "utf-16-le"),
    ],
)
def test_old_encodings_are_told_apart(words: str, encoding: str) -> None:
    assert encoding_of((words + ";1;2\n").encode(encoding)) == encoding


@pytest.mark.parametrize(
    ("cell", "mark", "value"),
    [
        ("€ 1.234,50", ",", 1234.5), ("(12.00)", ".", -12), ("45 %", ".", 45), ("12-", ".", -12),
        ("$-1,234.5", ".", -1234.5), ("-$1,234.5", ".", -1234.5), ("1'234.50", ".", 1234.5),
        ("12,34,567.5", ".", 1234567.5), ("1 234,5 kr", ",", 1234.5), ("CHF 5", ".", 5),
        ("1.2E+05", ".", 120000), ("\u22125", ".", -5), (".5", ".", 0.5), ("+7", ".", 7),
        ("1,23", ".", None), ("12.34.56", ".", None), ("1.2k", ".", None), ("(5", ".", None),
        ("--5", ".", None), ("", ".", None), (True, ".", None), (float("nan"), ".", None),
        ("5 kg", ".", None), ("A5", ".", None), ("1,234", None, 1234), ("1,234.5", None, 1234.5),
        ("1.234.567", None, 1234567),
    ],
)  # fmt: skip
def test_numbers_in_text_are_read_or_left(cell: Any, mark: str | None, value: float | None) -> None:
    assert number_in(cell, mark) == value


def test_the_decimal_mark_is_what_most_texts_tell() -> None:
    assert decimal_mark(["1.234,5", "7,25", "3"]) == ","
    assert decimal_mark(["1,234", "7.25", "1,000"]) == "."
    assert decimal_mark(["12", "1.234", "x"]) is None


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-03-09", "2026-03-09 00:00"), ("2026/3/9 7:05", "2026-03-09 07:05"),
        ("2026-03-09T10:11:12.5Z", "2026-03-09 10:11"), ("20260309", "2026-03-09 00:00"),
        ("9 March 2026", "2026-03-09 00:00"), ("March 9th, 2026", "2026-03-09 00:00"),
        ("Mon, 09 Mar 2026 4:05 PM", "2026-03-09 16:05"), ("9. März 2026", "2026-03-09 00:00"),
        ("09-Mar-26", "2026-03-09 00:00"), ("Mar 2026", "2026-03-01 00:00"),
        ("Mar-26", "2026-03-01 00:00"), ("2026-03", "2026-03-01 00:00"),
        ("03/2026", "2026-03-01 00:00"), (46_090, "2026-03-09 00:00"),
        (46_090.5, "2026-03-09 12:00"),
        (20_260_309, "2026-03-09 00:00"), (dt.date(2026, 3, 9), "2026-03-09 00:00"),
        ("2026-02-30", None), ("2026", None), ("10:30", None), ("Marble 9", None), (7, None),
        ("May", None), (True, None),
    ],
)  # fmt: skip
def test_days_are_read_or_left(cell: Any, day: str | None) -> None:
    found = moment_in(cell)
    if day is None:
        assert found is None
    else:
        assert isinstance(found, dt.datetime)
        assert found.isoformat(" ", "minutes") == day


@pytest.mark.parametrize(
    ("cells", "told", "first", "settled"),
    [
        (["03/04/2026", "25/04/2026"], None, "2026-04-03", True),
        (["03/04/2026", "04/25/2026"], None, "2026-03-04", True),
        (["03/04/2026", "05/06/2026"], None, "2026-04-03", False),
        (["03/04/2026", "05/06/2026"], "mdy", "2026-03-04", False),
        (["03.04.2026", "05.06.2026"], None, "2026-04-03", True),
        (["31/12/99", "01/02/00"], None, "1999-12-31", True),
        (["99-12-31", "98-11-30"], None, "1999-12-31", True),
        (["05/05/2026"], None, "2026-05-05", True),
    ],
)
def test_one_order_of_day_and_month_holds_for_a_column(
    cells: list[str], told: str | None, first: str, settled: bool
) -> None:
    found, _, sure = moments(cells, told)
    assert (found[cells[0]].date().isoformat(), sure) == (first, settled)


def test_the_answer_stays_short_whatever_is_attached(tmp_path: Path) -> None:
    names = ",".join(f"c{n}" for n in range(150))
    lines = (",".join(f"value {row} of {n}" for n in range(150)) for row in range(120))
    found = text(tmp_path, names + "\n" + "\n".join(lines) + "\n")
    assert len(found.model_dump_json()) < 400_000
    assert len(found.tables[0].columns) == 150


@pytest.mark.parametrize("program", [finding, reports.source])
def test_no_two_parts_of_a_program_define_the_same_name(program: Any) -> None:
    defined: Counter[str] = Counter()
    for node in ast.parse(program()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined[node.name] += 1
        elif isinstance(node, ast.Assign):
            defined.update(ast.unparse(target) for target in node.targets)
    assert [name for name, times in defined.items() if times > 1] == []


def test_a_code_alone_at_the_end_is_an_entry_and_other_words_alone_are_a_remark() -> None:
    rows: Rows = [["Case", "Opened", "Closed"], ["T1", "2026-03-01", "2026-03-04"],
                  ["T2", "2026-03-02", "2026-03-05"], ["T3", None, None]]  # fmt: skip
    assert (table(rows).rows, table(rows).skip_footer) == (3, 0)
    assert table([*rows[:3], ["Confidential", None, None]]).rows == 2


def test_a_remark_between_rows_is_left_out_and_told() -> None:
    found = table([*SALES[:3], ["Page 1 of 2", None, None, None], *SALES[3:]])
    assert (found.rows, found.skip_rows) == (4, (3,))
    assert found.notes == ("Row 4 is a remark, not data; it is left out.",)


def test_rows_with_figures_above_the_headings_are_told() -> None:
    facts: Rows = [["Company", "ACME"], ["Year", 2026], ["Version", 3], []]
    found = table([*facts, *SALES])
    assert (found.header_row, found.rows) == (4, 4)
    assert found.notes == ("2 rows with figures above the headings are not read.",)
