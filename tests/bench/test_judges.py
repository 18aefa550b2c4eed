"""The judges of business tasks tell right deliverables from wrong ones by shapes alone."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from bench.tasks.facts import Beside, Cell, Exactly, Figure, Ordered, Word, facts
from bench.tasks.judges import close, holds, numbers, same_range
from bench.tasks.verdicts import judge

TASK: dict[str, Any] = {
    "prompt": "What did we sell in total, who are the three best shops and what share have they?"
    " Excel with a chart.",
    "deliverable": "xlsx + chart",
    "checker": "total, top-3 shops in order with sums, share; chart with 3 bars",
    "expected": {
        "total": 12_500.5,
        "top3": [["Leeds", 4_000.25], ["York", 3_000.0], ["Hull", 2_000.0]],
        "top3_share_pct": 72.0,
        "refunds": 17,
    },
}
RIGHT: dict[str, Any] = {
    "file": "shops.xlsx",
    "kind": "xlsx",
    "charts": [3],
    "pictures": 0,
    "rows": [
        ["Shop", "Sales EUR"],
        ["Leeds", 4000.25],
        ["York", 3000],
        ["Hull", 2000],
        [],
        ["Total", 12500.5],
        ["Share of the three", 0.72],
    ],
}


def changed(place: int, *row: Any) -> dict[str, Any]:
    reading = deepcopy(RIGHT)
    reading["rows"][place] = list(row)
    return reading


def verdict(reading: dict[str, Any] | None, outcome: str = "verified", text: str = "") -> str:
    return judge(TASK, outcome, text, [reading] if reading else []).verdict


def test_everything_expected_is_correct() -> None:
    judged = judge(TASK, "verified", "", [RIGHT])
    assert (judged.verdict, judged.missing) == ("correct", ())


@pytest.mark.parametrize(
    "reading",
    [
        changed(1, "Leeds", 4000.30),
        changed(1, "Hull", 4000.25),
        changed(5, "Total", 12500.9),
        changed(6, "Share of the three", 0.75),
        {**RIGHT, "charts": [2]},
        {**RIGHT, "charts": []},
        {**RIGHT, "kind": "csv"},
        {**RIGHT, "rows": [*RIGHT["rows"][:1], *RIGHT["rows"][3:0:-1], *RIGHT["rows"][4:]]},
    ],
    ids=["sum", "name", "total", "share", "bar", "chart", "kind", "order"],
)
def test_a_verified_file_that_lacks_something_is_the_worst(reading: dict[str, Any]) -> None:
    assert verdict(reading) == "wrong_but_verified"
    assert verdict(reading, "not_verified") == "partial"


def test_what_is_not_delivered_is_declined_or_failed() -> None:
    assert verdict(None, "answered", "I work on tables.") == "declined"
    assert verdict(None, "declined") == "declined"
    assert verdict(None, "parked") == "declined"
    assert verdict(None, "failed") == "failed"


def test_a_file_without_anything_expected_is_not_verified() -> None:
    assert verdict({**RIGHT, "rows": [["Nothing", 1]]}, "not_verified") == "not_verified"


def test_what_nobody_asked_for_is_not_expected() -> None:
    assert not any(getattr(f, "label", "") == "refunds" for f in facts(TASK))


def test_shapes_become_facts() -> None:
    expected = {
        "total": 5,
        "by_shop": {"Leeds": 3.5, "York": 1.5},
        "weeks": {"9": [3, 2.5]},
        "best_days": [["2024-03-04", 5.0], ["2024-03-05", 4.0]],
        "orders": ["#1", "#2"],
        "adds_up": True,
        "a.pdf": {"date": "2024-01-02", "law": None},
    }
    task = {"prompt": " ".join(expected).replace("_", " "), "expected": expected}
    assert facts(task) == [
        Figure("total", 5.0),
        Beside("by_shop", "Leeds", (3.5,)),
        Beside("by_shop", "York", (1.5,)),
        Beside("weeks", "9", (3.0, 2.5)),
        Beside("best_days", "2024-03-04", (5.0,)),
        Beside("best_days", "2024-03-05", (4.0,)),
        Ordered("best_days", ("2024-03-04", "2024-03-05")),
        Exactly("orders", ("#1", "#2")),
        Word("adds_up", True),
        Cell("a.pdf", "date", "2024-01-02"),
        Cell("a.pdf", "law", None),
    ]


@pytest.mark.parametrize(
    ("fact", "rows", "held"),
    [
        (Beside("weeks", "9", (609.0, 10.5)), [["2019-W09 609 10.50"]], True),
        (Beside("weeks", "9", (609.0,)), [["Week", "9"], ["Trips", 609]], True),
        (Beside("weeks", "9", (9.0,)), [["Week 9 with 8 trips"]], False),
        (Beside("days", "2024-03-04", (5.0,)), [["4 March 2024", 5]], True),
        (Beside("days", "2024-03-04", (5.0,)), [["04/03/2024 5.00"]], True),
        (Beside("tip", "Bronx", (0.8,), True), [["Bronx", 0.008]], True),
        (Beside("shop", "York", (3.0,)), [["New York", 4], ["York", 2]], False),
        (Beside("shop", "York", (3.0,)), [["York", 3], ["York", 2]], False),
        (Figure("hour", 18.0), [["The busiest hour is 18:00."]], True),
        (Figure("hour", 18.0), [["Leeds", 18]], False),
        (Exactly("orders", ("#11", "#12")), [["#11"], ["#12"]], True),
        (Exactly("orders", ("#11", "#12")), [["#11"], ["#12"], ["#13"]], False),
        (Exactly("orders", ("#11", "#12")), [["#11"]], False),
        (Cell("a.pdf", "law", None), [["File", "Law"], ["a.pdf", None]], True),
        (Cell("a.pdf", "law", None), [["File", "Law"], ["a.pdf", "Texas"]], False),
        (Cell("b.pdf", "law", "Texas"), [["File", "Law"], ["a.pdf", "Ohio"]], False),
        (Word("total_matches", False), [["The total does not match the lines."]], True),
        (Word("total_matches", False), [["Total matches: yes"]], False),
    ],
)
def test_a_fact_is_found_where_it_stands_and_nowhere_else(
    fact: Any, rows: list[list[Any]], held: bool
) -> None:
    assert holds(fact, rows) is held


def test_cells_of_rows_may_have_a_bar_to_reach() -> None:
    task = {
        "prompt": "law of each",
        "checker": "bar 1/2",
        "expected": {"a.pdf": {"law": "Ohio"}, "b.pdf": {"law": "Texas"}},
    }
    half = {"kind": "xlsx", "rows": [["File", "Law"], ["a.pdf", "Ohio"], ["b.pdf", "Utah"]]}
    none = {"kind": "xlsx", "rows": [["File", "Law"], ["a.pdf", "Iowa"], ["b.pdf", "Utah"]]}
    assert judge(task, "verified", "", [half]).verdict == "correct"
    assert judge(task, "verified", "", [none]).verdict == "wrong_but_verified"


def test_what_cannot_be_known_is_to_be_declined() -> None:
    task = {"prompt": "the diagnosis", "expected": {"allowed": ["declined"]}}
    assert judge(task, "answered", "I cannot read this scan.", []).verdict == "correct"
    assert judge(task, "answered", "It is a cold.", []).verdict == "failed"


def test_figures_are_read_as_people_write_them() -> None:
    assert numbers("EUR 1,234.50 and (84.00) for -3 of (12 rows)") == [1234.5, -84.0, -3.0, 12.0]
    assert numbers(None) == numbers(True) == []


def test_a_cent_and_a_tenth_of_a_point_are_the_tolerances() -> None:
    assert close(10.01, 10.0, loose=False)
    assert not close(10.02, 10.0, loose=False)
    assert close(0.5765, 57.73, loose=True)
    assert not close(57.9, 57.73, loose=True)


def test_ranges_are_equal_cell_by_cell() -> None:
    answer = [["ID", "N"], ["a", 1.0], [None, None], ["beyond", 9]]
    assert same_range([["ID", "N"], ["a", 1]], answer, "A1:B3")
    assert not same_range([["ID", "N"], ["a", 2]], answer, "A1:B3")
    assert not same_range([["ID", "N"], ["a", 1], ["b", 1]], answer, "A1:B3")
