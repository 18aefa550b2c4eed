"""Tables are read exactly as a statement says: rows, headings, stacked and looked-up tables.

Owns the reading side of the contract between a plan and the report program.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.agent.tables.reading import read_all

SOURCES = {
    "plain.csv": "Region,Sales\nNorth,1\n\nSouth,2\n",
    "titled.csv": "Sales 2026\n\n;2025;;2026;\nRegion;Plan;Actual;Plan;Actual\n"
    "North;1,5;2;3;4\nNorth total;1,5;2;3;4\n;(5,25);6;1.234,5;8-\nSum;0;0;0;0\n\n",
    "quoted.csv": "'Name'|'Note'\n'O''Neil'|'a|b'\n",
    "wide.csv": "A~~B\n1~~2\n",
    "jan.csv": 'Day,Region,Amount\n25/01/2026,North,"1,234.5"\n04/01/2026,South,2.5\n',
    "feb.csv": "day;amount;Note\n02/14/2026;1.000,5;x\n02/03/2026;7,5;y\n",
    "regions.csv": "Code,Manager,sales\nNORTH,Ann,9\n south ,Bo,8\n,Nobody,7\n",
    "twice.csv": "Code,Manager\nNorth,Ann\nnorth,Bo\n",
    "dates.csv": "A,B,C\n03/04/2026,3 Mar 2026 4:05 pm,46000\n05/06/2026,"
    '"March 4th, 2026",2026-03-01T10:11:12Z\n,n/a,nonsense\n',
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder: Path = tmp_path_factory.mktemp("tables")
    for name, text in SOURCES.items():
        (folder / name).write_text(text)
    titled = {
        "path": "titled.csv", "header_row": 3, "header_rows": 2, "delimiter": ";", "decimal": ",",
        "skip_rows": [5], "skip_footer": 1, "fill_down": ["Region"],
    }  # fmt: skip
    jan = {"path": "jan.csv", "day_order": "dmy", "decimal": "."}
    feb = {"path": "feb.csv", "delimiter": ";", "decimal": ",", "day_order": "mdy"}
    plain = {"path": "plain.csv"}
    asked: dict[str, dict[str, Any]] = {
        "plain": {"source": plain},
        "titled": {"source": titled, "numbers": ["2025 Plan", "2026 Plan", "2026 Actual"]},
        "quoted": {"source": {"path": "quoted.csv", "delimiter": "|", "quote": "'"}},
        "wide": {"source": {"path": "wide.csv", "delimiter": "~~"}},
        "stacked": {"source": jan, "more": [feb], "numbers": ["Amount"], "dates": ["Day"],
                    "names": ["Region"]},
        "joined": {"source": plain, "join": {"source": {"path": "regions.csv"},
                   "on": [["Region", "Code"]]}},
        "twice": {"source": plain, "join": {"source": {"path": "twice.csv"},
                  "on": [["Region", "Code"]]}},
        "gone": {"source": {"path": "gone.csv"}},
        "low": {"source": {"path": "plain.csv", "header_row": 9}},
        "dmy": {"source": {"path": "dates.csv"}, "dates": ["A", "B", "C"]},
        "mdy": {"source": {"path": "dates.csv", "day_order": "mdy"}, "dates": ["A"]},
    }  # fmt: skip
    for one in asked.values():
        whole = {"header_row": 0, "header_rows": 1, "skip_rows": [], "skip_footer": 0}
        one["source"] = whole | one["source"]
        one["more"] = [whole | more for more in one.get("more", ())]
        if "join" in one:
            one["join"] = one["join"] | {"source": whole | one["join"]["source"]}
    return dict(zip(asked, read_all(folder, *asked.values()), strict=True))


def test_blank_rows_are_no_rows(told: dict[str, Any]) -> None:
    assert told["plain"]["headings"] == ["Region", "Sales"]
    assert told["plain"]["rows"] == [["North", "1"], ["South", "2"]]


def test_a_heading_of_two_rows_skipped_rows_and_merged_cells_are_followed(
    told: dict[str, Any],
) -> None:
    titled = told["titled"]
    assert titled["headings"] == ["Region", "2025 Plan", "2025 Actual", "2026 Plan", "2026 Actual"]
    assert [row[0] for row in titled["rows"]] == ["North", "North"]
    assert titled["numbers"]["2025 Plan"] == [1.5, -5.25]
    assert titled["numbers"]["2026 Plan"] == [3, 1234.5]
    assert titled["numbers"]["2026 Actual"] == [4, -8]


def test_other_quotes_and_delimiters_of_several_marks_are_followed(told: dict[str, Any]) -> None:
    assert told["quoted"]["rows"] == [["O'Neil", "a|b"]]
    assert told["wide"] | {"attrs": 0} == {
        "headings": ["A", "B"], "attrs": 0, "rows": [["1", "2"]],
        "numbers": {}, "dates": {}, "names": {},
    }  # fmt: skip


def test_stacked_tables_keep_their_own_decimal_mark_and_order_of_days(told: dict[str, Any]) -> None:
    stacked = told["stacked"]
    assert stacked["headings"] == ["Day", "Region", "Amount", "Note"]
    assert stacked["numbers"]["Amount"] == [1234.5, 2.5, 1000.5, 7.5]
    assert [day[:10] for day in stacked["dates"]["Day"]] == [
        "2026-01-25", "2026-01-04", "2026-02-14", "2026-02-03",
    ]  # fmt: skip
    assert stacked["names"]["Region"] == ["North", "South", "(blank)", "(blank)"]
    assert stacked["attrs"]["rows"] == [2, 2]


def test_a_joined_table_neither_adds_nor_loses_rows(told: dict[str, Any]) -> None:
    assert told["joined"]["headings"] == ["Region", "Sales", "Manager", "sales (2)"]
    assert told["joined"]["rows"] == [["North", "1", "Ann", "9"], ["South", "2", "Bo", "8"]]
    assert told["joined"]["attrs"]["unmatched"] == 0


def test_a_key_that_comes_twice_is_refused_with_a_cure(told: dict[str, Any]) -> None:
    assert "twice.csv has more than one row for 'north' in Code" in told["twice"]["error"]
    assert "Leave one row for each" in told["twice"]["error"]


def test_what_is_not_there_is_said(told: dict[str, Any]) -> None:
    assert "There is no file gone.csv" in told["gone"]["error"]
    assert "has no rows below row 10" in told["low"]["error"]


def test_dates_that_may_be_read_two_ways_follow_the_statement(told: dict[str, Any]) -> None:
    assert [day and day[:10] for day in told["dmy"]["dates"]["A"]] == [
        "2026-04-03", "2026-06-05", None,
    ]  # fmt: skip
    assert [day and day[:10] for day in told["mdy"]["dates"]["A"]] == [
        "2026-03-04", "2026-05-06", None,
    ]  # fmt: skip
    assert told["dmy"]["dates"]["B"] == ["2026-03-03 16:05:00", "2026-03-04 00:00:00", None]
    assert told["dmy"]["dates"]["C"][1] == "2026-03-01 10:11:12"
