"""The judge of the phrasings tells right deliveries from wrong ones; tables stay as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import pytest

from bench.phrasings import ROUNDS, Request, requests
from bench.phrasings.answers import expected
from bench.phrasings.expectations import Cells, Figure, Pairs, Part, Totals, figure
from bench.phrasings.judging import Delivered, judge
from bench.phrasings.reading import means_figure, means_name, shows
from bench.phrasings.tables import names, table

HEADINGS = ("Day", "Region", "Product", "Amount")
REGIONS = Pairs((("North", figure(1234.5)), ("South", figure(900))))
TOP = Pairs((("South", figure(900)), ("West", figure(800))), ordered=True, others=("East", "North"))
PIVOT = Cells(
    (
        ("North", "month:2025-01", figure(1)),
        ("North", "month:2025-02", figure(0)),
        ("South", "month:2025-01", figure(3.25)),
        ("South", "month:2025-02", figure(4)),
    )
)


def verdict(*parts: Part, rows: Sequence[Sequence[Any]] = (), text: str = "", **more: Any) -> str:
    sheets = [{"name": "Result", "rows": rows}]
    file = {"name": "a.xlsx", "kind": "xlsx", "sheets": sheets, "text": more.pop("page", "")}
    delivered = Delivered(more.pop("outcome", "verified"), text, [file])
    return judge((parts,), delivered, headings=HEADINGS, **more)


@pytest.mark.parametrize(
    "rows",
    [
        [["Region", "Amount"], ["North", 1234.5], ["South", 900]],
        [["Title"], [], ["South", "x", 900.004], ["North", "y", 1234.5], ["Total", "", 2134.5]],
        [["", "North", "South"], ["Amount", 1234.5, 900]],
        [["region", "amount"], ["north", "1.234,50 €"], [" SOUTH ", "900.00"]],
    ],
)
def test_figures_are_found_in_any_sensible_layout(rows: list[list[Any]]) -> None:
    assert verdict(REGIONS, rows=rows) == "right"


@pytest.mark.parametrize(
    "rows",
    [
        [["Region", "Amount"], ["North", 1234.51], ["South", 900]],
        [["Region", "Amount"], ["North", 900], ["South", 1234.5]],
        [["Region", "Amount"], ["North", 1234.5]],
        [["Region", "2024", "2025"], ["North", 1234.5, 7], ["South", 5, 900]],
        [["Region", "Amount"], ["North", -1234.5], ["South", 900]],
        [
            [*HEADINGS],
            [1, "North", "a", 1234.5],
            [2, "South", "b", 900],
            *[[3, "East", "c", 5]] * 30,
        ],
    ],
)
def test_a_wrong_figure_or_a_copy_of_the_data_is_not_right(rows: list[list[Any]]) -> None:
    assert verdict(REGIONS, rows=rows) == "wrong"


def test_what_is_not_right_counts_by_how_it_was_delivered() -> None:
    assert verdict(REGIONS, outcome="not_verified") == "unverified"
    nothing = Delivered("answered", "Which region do you mean?", [])
    assert judge(((REGIONS,),), nothing, headings=HEADINGS) == "asked"
    assert judge((), nothing, headings=HEADINGS) == "right"
    sent_on = Delivered("declined", "A calendar serves that better.", [])
    assert judge(((REGIONS,),), sent_on, headings=HEADINGS) == "asked"
    assert judge((), sent_on, headings=HEADINGS) == "right"
    assert judge((), Delivered("failed", "", []), headings=HEADINGS) == "unverified"
    rows = [["Region", "Amount"], ["North", 1234.5], ["South", 900]]
    files = [{"name": "a.csv", "kind": "csv", "sheets": [{"name": "a", "rows": rows}], "text": ""}]
    assert judge((), Delivered("verified", "", files), headings=HEADINGS) == "wrong"


def test_a_file_that_was_wished_for_must_be_there() -> None:
    rows = [["Region", "Amount"], ["North", 1234.5], ["South", 900]]
    assert verdict(REGIONS, rows=rows, wants=("xlsx",)) == "right"
    assert verdict(REGIONS, rows=rows, wants=("pdf",)) == "wrong"


@pytest.mark.parametrize(
    ("rows", "text", "right"),
    [
        ([["South", 900], ["West", 800], ["North", 1]], "", True),
        ([["East", 7], ["North", 1], ["South", 900], ["West", 800]], "", False),
        ([["West", 800], ["South", 900]], "", False),
        ([["South", 900], ["West", 800], ["East", 1], ["North", 7]], "", False),
        ([["Region", "Rank"], ["East", 3, 7], ["South", 1, 900], ["West", 2, 800]], "", True),
        ([["East", 7], ["South", 900], ["West", 800]], "South leads (900), then West: 800.", True),
        ([["East", 7], ["South", 900], ["West", 800]], "West 800, South 900", False),
        ([["East", 7], ["South", 900], ["West", 800]], "East 7, South 900, West 800", False),
    ],
)
def test_an_order_must_be_shown(rows: list[list[Any]], text: str, right: bool) -> None:
    assert (verdict(TOP, rows=rows, text=text) == "right") is right


@pytest.mark.parametrize(
    ("rows", "right"),
    [
        ([["", "Jan 2025", "Feb 2025"], ["North", 1, None], ["South", 3.25, 4]], True),
        ([["Month", "North", "South"], ["2025-01", 1, 3.25], ["2025-02", 0, 4]], True),
        ([["North", "2025-01", 1], ["South", "2025-01", 3.25], ["South", "2025-02", 4]], True),
        ([["", "Jan 2025", "Feb 2025"], ["North", 1, 4], ["South", 3.25, None]], False),
        ([["", "Jan 2025"], ["North", 1], ["South", 3.25]], False),
    ],
)
def test_a_pivot_is_right_where_row_and_heading_cross(rows: list[list[Any]], right: bool) -> None:
    assert (verdict(PIVOT, rows=rows) == "right") is right


def test_pages_and_answers_are_read_line_by_line() -> None:
    page = "Region Amount\nNorth 1,234.50\nSouth 900.00"
    assert verdict(REGIONS, page=page) == "right"
    assert verdict(REGIONS, page=page.replace("900", "901")) == "wrong"
    assert verdict(Totals((figure(17), figure(12.34, percent=True))), text="17: 12.3 %") == "right"
    assert verdict(Totals((figure(17),)), text="There are 170.") == "wrong"


def test_rows_of_data_are_not_taken_for_results() -> None:
    few = Pairs((("North", figure(3)), ("South", figure(5))))
    data = [[region, n] for n in range(20) for region in ("North", "South")]
    assert verdict(few, rows=[["Region", "Pieces"], *data]) == "wrong"
    long: list[list[Any]] = [[n] for n in range(100, 160)]
    assert verdict(Totals((figure(47),)), rows=[*long, [47], [1], [2]]) == "wrong"
    assert verdict(Totals((figure(47),)), rows=[*long, [1], [2], [47]]) == "right"


def test_a_list_of_rows_names_all_that_belong_and_no_others() -> None:
    low = Pairs((("Belt 1", None), ("Belt 3", None)), absent=("Belt 2",), listing=True)
    assert verdict(low, rows=[["Item", "Left"], ["Belt 1", 2], ["Belt 3", 1]]) == "right"
    assert verdict(low, rows=[["Item", "Left"], ["Belt 1", 2]]) == "wrong"
    assert verdict(low, rows=[["Item"], ["Belt 1", 2], ["Belt 2", 9], ["Belt 3", 1]]) == "wrong"


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("Mar 2026", "month:2026-03"),
        ("2026-03-01T00:00:00", "month:2026-03"),
        ("march", "month:2026-03"),
        ("Q1 2025", "quarter:2025-Q1"),
        (2024.0, "year:2024"),
        ("Thu", "weekday:Thursday"),
        (18, "hour:18"),
        ("07:00", "hour:07"),
        ("6 pm", "hour:18"),
    ],
)
def test_dates_and_times_may_be_written_in_many_ways(cell: Any, name: str) -> None:
    assert means_name(cell, name)


def test_other_months_hours_and_years_are_not_taken_for_them() -> None:
    assert not means_name("2025-03", "month:2026-03")
    assert not means_name(8, "hour:18")
    assert not means_name("Q2 2025", "quarter:2025-Q1")
    assert not means_name(True, "hour:01")


def test_figures_may_be_percent_or_fraction_and_rounded_in_words_only() -> None:
    share = figure(12.345, percent=True)
    assert all(means_figure(cell, share) for cell in (12.345, 0.12345, "12.35%", "12.3 %"))
    assert not any(means_figure(cell, share) for cell in (12.3, 0.123, "12 %", 12.4))
    assert shows("-3.1%", figure(-3.14, percent=True))
    assert shows("3.1 %", figure(-3.14, percent=True), "down 3.1 %")
    assert not shows("3.1 %", figure(-3.14, percent=True), "up 3.1 %")
    assert means_figure("(1,234.50)", figure(-1234.5))
    assert means_figure(-5.0, Figure(5.0, any_sign=True))
    assert shows("€ 1,235", figure(1234.5))
    assert not shows("€ 235", figure(234.6))


EVERY = [request for name in ROUNDS for request in requests(name)]


@pytest.mark.parametrize("request_", [r for r in EVERY if r.answerable], ids=lambda r: r.id)
def test_each_answer_is_right_as_computed_and_wrong_with_one_figure_changed(
    request_: Request,
) -> None:
    right = expected(request_.id)
    headings = [h for rows in table(request_.table).rows.values() for h in rows[0]]
    for reading in right:
        shown, changed = laid_out(reading), laid_out(reading, change=True)
        for rows, judged in ((shown, "right"), (changed, "wrong")):
            sheets = [{"name": "Result", "rows": rows}]
            kinds = request_.wants or ("xlsx",)
            files = [{"name": "a", "kind": k, "sheets": sheets, "text": ""} for k in kinds]
            assert judge(right, Delivered("verified", "Done.", files), headings=headings) == judged
        page = "\n".join(" ".join(map(str, row)) for row in shown)
        paper = Delivered("verified", "Done.", [{"kind": "pdf", "sheets": [], "text": page}])
        if "pdf" in request_.wants:
            assert judge(right, paper, headings=headings) == "right"


def laid_out(reading: tuple[Part, ...], *, change: bool = False) -> list[list[Any]]:
    """Lay an answer out as a plain sheet, a block a part; if told so, with one figure changed."""
    rows: list[list[Any]] = []
    for number, part in enumerate(reading):
        wrong = change and number == len(reading) - 1
        rows += block(part)
        if wrong and isinstance(rows[-1][-1], float):
            rows[-1][-1] += 0.3
        elif wrong:
            rows.pop()
        rows.append([])
    return [[c.split(":")[-1] if isinstance(c, str) else c for c in row] for row in rows]


def block(part: Part) -> list[list[Any]]:
    if isinstance(part, Pairs):
        return [["Name", "Figure"], *([n, f and f.value] for n, f in part.pairs)]
    if isinstance(part, Totals):
        return [["Total", *(f.value for f in part.figures)]]
    across = list(dict.fromkeys(b for _, b, _ in part.cells))
    found = {(a, b): f.value for a, b, f in part.cells}
    down = dict.fromkeys(a for a, _, _ in part.cells)
    return [["", *across], *([a, *(found[a, b] for b in across)] for a in down)]


def test_every_request_has_its_answer_and_the_tables_are_those_it_was_computed_from() -> None:
    asked = {name: requests(name) for name in ROUNDS}
    assert {name: len(found) for name, found in asked.items()} == {"first": 80, "second": 40}
    everything = [request for found in asked.values() for request in found]
    assert len({request.id for request in everything}) == 120
    assert {request.table for request in everything} == set(names())
    assert all(bool(expected(r.id)) is r.answerable for r in everything)
    assert all(60 <= len(rows) <= 3_000 for n in names() for rows in table(n).rows.values())
    told = hashlib.sha256(repr([table(n).rows for n in names()]).encode()).hexdigest()
    assert told[:16] == "4fae30734ee968ca"
