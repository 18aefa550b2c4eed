"""Proofs of the checks of workbooks as such: formulas, charts, links, what is hidden.

Owns a small workbook with formulas and a chart. Must never compute with the checks' own code.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from deputy.agent.checks.proofs.proof import Change, Proof, cell, in_book, in_part, repacked

BOOK = "out/report.xlsx"
SHEET = "xl/worksheets/sheet1.xml"
FIGURES = (("North", 200.5), ("South", 1300.25), ("West", 99.0), ("East", 10.0))


def written(edit: Callable[[Any, Any], object] = lambda book, sheet: None, last: int = 5) -> Change:
    """Give a change that writes the workbook with values stored beside its formulas."""

    def change(folder: Path) -> None:
        import xlsxwriter

        place = folder / BOOK
        place.parent.mkdir(exist_ok=True)
        book = xlsxwriter.Workbook(str(place))
        sheet = book.add_worksheet("Report")
        sheet.write_row(0, 0, ["Region", "Amount"])
        for row, line in enumerate(FIGURES, start=1):
            sheet.write_row(row, 0, line)
        sheet.write(5, 0, "Total")
        total = sum(value for _, value in FIGURES[: last - 1])
        sheet.write_formula(5, 1, f"=SUM(B2:B{last})", None, total)
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"name": "=Report!$B$1", "categories": "=Report!$A$2:$A$5",
                          "values": "=Report!$B$2:$B$5"})  # fmt: skip
        sheet.insert_chart("D2", chart)
        edit(book, sheet)
        book.close()

    return change


def charted(values: str, categories: str = "=Report!$A$2:$A$5") -> Change:
    """Give a change that adds a second chart."""

    def edit(book: Any, sheet: Any) -> None:
        chart = book.add_chart({"type": "column"})
        chart.add_series({"categories": categories, "values": values})
        sheet.insert_chart("D20", chart)

    return written(edit)


def _replaced(old: str, new: str, part: str = SHEET) -> Change:
    return in_part(BOOK, part, lambda xml: xml.replace(old, new))


def _hidden_sheet(book: Any, sheet: Any) -> None:
    other = book.add_worksheet("More")
    other.write(0, 0, "x")
    other.hide()


def _more_columns(book: Any, sheet: Any) -> None:
    sheet.set_column("A:B", 30)
    sheet.write(8, 0, "A remark")


WIDER = {"wider columns and a remark": written(_more_columns), "packed otherwise": repacked(BOOK)}
LIVE = Proof(
    "workbook.formulas_live", BOOK, {}, written(),
    mutators={"a typed total": written(lambda book, sheet: sheet.write(5, 1, 1609.75)),
              "a formula of figures": written(lambda book, sheet: sheet.write_formula(
                  5, 1, "=1609.75+0", None, 1609.75)),
              "no total": written(lambda book, sheet: sheet.write(5, 0, "Footer"))},
    invariances=WIDER,
)  # fmt: skip
RANGES = Proof(
    "workbook.formula_ranges_whole", BOOK, {}, written(),
    mutators={"the last row is missed": written(last=4),
              "the first row is missed": written(lambda book, sheet: sheet.write_formula(
                  5, 1, "=SUM(B3:B5)", None, 1409.25)),
              "no range": written(lambda book, sheet: sheet.write(5, 1, 1609.75))},
    invariances=WIDER,
)  # fmt: skip
LINKS = Proof(
    "workbook.no_outside_links", BOOK, {}, written(),
    mutators={
        "another workbook": written(lambda book, sheet: sheet.write_formula(
            8, 1, "='[1]Other'!A1", None, 1)),
        "a web service": written(lambda book, sheet: sheet.write_formula(
            8, 1, '=_xlfn.WEBSERVICE("https://example.org")', None, "")),
        "a file on a server": written(lambda book, sheet: sheet.write_url(
            8, 1, "external:\\\\server\\share\\x.xlsx")),
        "data exchange": written(lambda book, sheet: sheet.write_formula(
            8, 1, "=cmd|'/C calc'!A0", None, 1)),
    },
    invariances={**WIDER, "a link to click": written(lambda book, sheet: sheet.write_url(
        8, 1, "https://example.org/terms"))},
)  # fmt: skip
HIDDEN = Proof(
    "workbook.nothing_hidden", BOOK, {}, written(),
    mutators={
        "a sheet": written(_hidden_sheet),
        "a row": written(lambda book, sheet: sheet.set_row(2, None, None, {"hidden": True})),
        "a column": written(lambda book, sheet: sheet.set_column("B:B", 9, None, {"hidden": 1})),
        "a column of no width": written(lambda book, sheet: sheet.set_column("B:B", 0)),
        "a number": written(lambda book, sheet: sheet.write(
            2, 1, 1300.25, book.add_format({"num_format": ";;;"}))),
    },
    invariances=WIDER,
)  # fmt: skip
CHART = Proof(
    "workbook.chart_equals_table", BOOK, {"points": 4}, written(),
    mutators={
        "a chart of fewer rows": charted("=Report!$B$2:$B$4", "=Report!$A$2:$A$4"),
        "a chart of rows below": charted("=Report!$B$3:$B$5", "=Report!$A$3:$A$5"),
        "names of other rows": charted("=Report!$B$2:$B$5", "=Report!$A$1:$A$4"),
        "the total drawn too": charted("=Report!$B$2:$B$6", "=Report!$A$2:$A$6"),
        "typed points": written(lambda book, sheet: _typed_chart(book, sheet)),
    },
    invariances={**WIDER, "the same again": charted("=Report!$B$2:$B$5")},
)  # fmt: skip


def _typed_chart(book: Any, sheet: Any) -> None:
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": "=Nowhere!$A$2:$A$5", "values": "=Nowhere!$B$2:$B$5"})
    sheet.insert_chart("D20", chart)


RECOMPUTE = Proof(
    "workbook.formulas_recompute", BOOK, {}, written(),
    mutators={"a stale value": written(lambda book, sheet: sheet.write_formula(
                  5, 1, "=SUM(B2:B5)", None, 1600)),
              "no value stored": in_book(BOOK, lambda book: None)},
    invariances=WIDER,
)  # fmt: skip
ERRORS = Proof(
    "workbook.no_error_cells", BOOK, {}, written(),
    mutators={"a division by zero": written(lambda book, sheet: sheet.write_formula(
                  8, 1, "=1/0", None, "#DIV/0!")),
              "an error as text": cell(BOOK, "Report", "B9", "#REF!")},
    invariances=WIDER,
)  # fmt: skip
PROOFS = (LIVE, RANGES, LINKS, HIDDEN, CHART, RECOMPUTE, ERRORS)
