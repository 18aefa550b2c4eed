"""Writes the sheet of one question: key figures above, the table left, ranking and chart right.

Owns where things stand on it. Must never compute a figure the formulas do not.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from deputy.agent.reports.program.charts import (
    draw_chart,
    drawn_in_table,
    lines_drawn,
    needs_block,
)
from deputy.agent.reports.program.figures import Result
from deputy.agent.reports.program.formulas import Book, column, date_names
from deputy.agent.reports.program.rankings import write_drawn, write_ranking
from deputy.agent.reports.program.selecting import timed
from deputy.agent.reports.program.styles import Sheets, print_setup
from deputy.agent.reports.program.tables import Placed, groups_growing, write_table
from deputy.agent.reports.program.telling import (
    headline,
    row_notes,
    source_text,
    subtitle_of,
)
from deputy.agent.reports.program.wording import (
    measure_name,
    plural,
    shorten,
)

TABLE_ROW = 8  # the header of the result table, counted from 0
BESIDE_COLUMNS_MAX = 8  # wider tables have their ranking and chart below
ROWS_FROZEN_OVER = 25
KEY_FIGURES_MAX = 6


@dataclass(frozen=True)
class Spots:
    """Where the parts beside or below the table go: rows and columns counted from 0."""

    right: int
    ranking: int
    dates: tuple[int, int]
    below: bool


def write_question(sheets: Sheets, book: Book, name: str, title: str) -> Placed:
    """Write a question's sheet; gives where its table stands."""
    sheet, result = sheets.file.add_worksheet(name), book.result
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 1.5)
    sheet.set_row(0, 30)
    sheet.write_string(0, 1, title, sheets.form("title"))
    second = subtitle_of(sheets.plan, result.question)
    sheet.write_string(1, 1, second or headline(result), sheets.form("text"))
    source = f"Source: {source_text(sheets.plan)}. {row_notes(result)[0]}"
    sheet.write_string(2, 1, source, sheets.form("grey"))
    placed = write_table(sheets, sheet, book, TABLE_ROW)
    spots = _spots(result, placed)
    used = _key_figures(sheets, sheet, book, placed)
    if not spots.below:
        sheet.set_column(spots.right - 1, spots.right - 1, 2.5)
        for offset, width in enumerate((6, 30, 15, 18)):
            sheet.set_column(spots.right + offset, spots.right + offset, width)
    _dates(sheets, sheet, book, name, spots if not spots.below else _after(spots, used))
    _beside(sheets, sheet, book, name, placed, spots)
    sheet.freeze_panes(TABLE_ROW + 1 if len(result.lines) > ROWS_FROZEN_OVER else 3, 0)
    print_setup(sheets, sheet)
    return placed


def _beside(sheets: Sheets, sheet: Any, book: Book, name: str, placed: Placed,
            spots: Spots) -> None:  # fmt: skip
    """Write ranking and chart; a chart of few lines has a block of its own cells."""
    result, row = book.result, spots.ranking
    if not result.lines:
        return
    lines, drawn = lines_drawn(result), None
    if result.ranked:
        drawn, row = write_ranking(sheets, sheet, book, placed, (row, spots.right))
    if not result.drawn:
        return
    if not needs_block(result, lines):
        drawn = drawn_in_table(result, placed, lines)
    elif drawn is None or lines != list(result.ranked):
        drawn, row = write_drawn(sheets, sheet, book, placed, lines, (row, spots.right))
    corner = (row, max(1, spots.right))
    draw_chart(sheets, sheet, result, name, drawn, lines, corner, spots.below)


def _spots(result: Result, placed: Placed) -> Spots:
    below = len(placed.columns) > BESIDE_COLUMNS_MAX
    right = 0 if below else len(placed.columns) + 2
    return Spots(right, placed.last + 2 if below else TABLE_ROW, (4, right), below)


def _after(spots: Spots, used: int) -> Spots:
    return Spots(spots.right, spots.ranking, (4, used + 2), True)


def _key_figures(sheets: Sheets, sheet: Any, book: Book, placed: Placed) -> int:
    """Write the totals once more, large, as references to the totals row; gives the last column."""
    result = book.result
    sheet.set_row(5, 24)
    shown = [place for place, one in enumerate(placed.columns)
             if one.kind in ("value", "compare", "change", "growth")]  # fmt: skip
    if result.pivot:
        shown = shown[-1:]
    elif len(placed.columns) > BESIDE_COLUMNS_MAX:
        shown = [place for place in shown if placed.columns[place].kind == "value"]
    at = 0
    for at, place in enumerate(shown[:KEY_FIGURES_MAX], start=1):
        one = placed.columns[place]
        sheet.write_string(4, at, _key_label(result, one.heading, at), sheets.form("kpi"))
        cell = f"={xl_rowcol_to_cell(placed.last, place + 1)}"
        look = sheets.amount(one.kind, one.style, "big")
        sheet.write_formula(5, at, cell, look, one.total)
    if result.compared and len(result.lines) > 1 and at < KEY_FIGURES_MAX:
        at += 1
        growth = placed.columns[placed.figure("growth", result.main) - 1].heading
        rows = f"ROWS({column(book.name, placed.columns[0].heading)})"
        formula = f'=COUNTIF({column(book.name, growth)},">0")&" of "&{rows}'
        label = plural(placed.columns[0].heading)
        label = f"{label[:1].upper()}{label[1:]} growing"
        sheet.write_string(4, at, shorten(label, 22), sheets.form("kpi"))
        sheet.write_formula(5, at, formula, sheets.form("kpi_text"), groups_growing(result))
    return at


def _key_label(result: Result, heading: str, at: int) -> str:
    measure = result.question["measures"][0]
    if at > 1:
        if result.compared and at == 2 and len(result.question["measures"]) == 1:
            heading = result.question["compare"]["label"]
        limit = 26 if len(result.question["measures"]) == 1 else 18
        return shorten(heading, limit)
    unit = measure["unit"]
    return shorten(measure_name(measure) + (f" ({unit})" if unit and unit != "%" else ""), 34)


def _dates(sheets: Sheets, sheet: Any, book: Book, name: str, spots: Spots) -> None:
    """Write the dates that the formulas read, with names, so that a reader may change them."""
    question = book.result.question
    parts = [(which, question[which]) for which in ("period", "compare")]
    shown = [(which, part) for which, part in parts if timed(part and {"kind": "", **part})]
    if not shown:
        return
    row, at = spots.dates
    for offset, label in enumerate(("Dates counted", "", "First day", "Last day")):
        sheet.write_string(row, at + offset, label, sheets.form("kpi"))
    for line, (which, part) in enumerate(shown, start=row + 1):
        sheet.write_string(line, at, shorten(part["label"], 40), sheets.form("text"))
        for offset, end, cell_name in zip((2, 3), ("start", "end"),
                                          date_names(book.result, which), strict=True):  # fmt: skip
            day = dt.datetime.fromisoformat(part[end])
            sheet.write_datetime(line, at + offset, day, sheets.form("when"))
            cell = f"${xl_col_to_name(at + offset)}${line + 1}"
            sheets.file.define_name(cell_name, f"='{name}'!{cell}")
