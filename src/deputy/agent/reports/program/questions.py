"""Writes the sheet of one question: key figures above, the table left, ranking and chart right.

Owns where things stand on it. Must never compute a figure the formulas do not.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from deputy.agent.reports.program.charts import draw_chart
from deputy.agent.reports.program.figures import Result
from deputy.agent.reports.program.formulas import Book, column, date_names
from deputy.agent.reports.program.selecting import timed
from deputy.agent.reports.program.styles import TABLE_STYLE, Sheets, print_setup
from deputy.agent.reports.program.tables import Placed, groups_growing, write_table
from deputy.agent.reports.program.telling import (
    headline,
    row_notes,
    source_text,
    subtitle_of,
)
from deputy.agent.reports.program.wording import (
    measure_name,
    percent,
    plural,
    rank_heading,
    shorten,
    style_of,
    together_name,
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
    row, ranking = spots.ranking, None
    if result.ranked:
        ranking, row = _ranking(sheets, sheet, book, name, placed, spots)
    draw_chart(sheets, sheet, book, name, placed, (row, spots.right), ranking)
    sheet.freeze_panes(TABLE_ROW + 1 if len(result.lines) > ROWS_FROZEN_OVER else 3, 0)
    print_setup(sheets, sheet)
    return placed


def _spots(result: Result, placed: Placed) -> Spots:
    below = len(placed.columns) > BESIDE_COLUMNS_MAX
    right = 1 if below else len(placed.columns) + 2
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
        label = f"{plural(placed.columns[0].heading).capitalize()} growing"
        sheet.write_string(4, at, shorten(label, 22), sheets.form("kpi"))
        sheet.write_formula(5, at, formula, sheets.form("kpi_text"), groups_growing(result))
    return at


def _key_label(result: Result, heading: str, at: int) -> str:
    measure = result.question["measures"][0]
    if at > 1:
        if result.compared and at == 2 and len(result.question["measures"]) == 1:
            heading = result.question["compare"]["label"]
        return shorten(heading, 26)
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


def _ranking(sheets: Sheets, sheet: Any, book: Book, name: str, placed: Placed,
             spots: Spots) -> tuple[tuple[int, int, int], int]:  # fmt: skip
    """Write the named groups as lookups of the rank.

    Gives the block's first and last row and its column, and the row where the chart may start.
    """
    result = book.result
    if result.pivot:
        return _pivot_ranking(sheets, sheet, book, placed, spots)
    top = spots.ranking
    figures = _ranked_figures(result, placed)
    at = spots.right + 1
    heads = [rank_heading(result), *(placed.columns[place - 1].heading for place in figures)]
    columns: list[dict[str, Any]] = [
        {"header": heads[0], "header_format": sheets.form("section")},
        *({"header": one, "header_format": sheets.form("small_head")} for one in heads[1:]),
    ]
    last = top + len(result.ranked)
    sheet.add_table(top, at, last, at + len(figures), {
        "name": f"Named{result.place + 1}", "style": TABLE_STYLE, "autofilter": False,
        "banded_rows": False, "columns": columns,
    })  # fmt: skip
    ranks = column(book.name, "Rank")
    for place, line in enumerate(result.ranked, start=1):
        row = top + place
        sheet.write_number(row, spots.right, place, sheets.form("place"))
        index = result.lines.index(line)
        number = f"${xl_col_to_name(spots.right)}{row + 1}"
        for offset, found in enumerate((1, *figures)):
            one = placed.columns[found - 1]
            found_by = f"INDEX({column(book.name, one.heading)},MATCH({number},{ranks},0))"
            formula = f'=IFERROR({found_by},"–")'
            look = sheets.form("text") if one.kind == "text" else sheets.amount(one.kind, one.style)
            sheet.write_formula(row, at + offset, formula, look, one.values[index])
    return (top + 1, last, at), _together_row(sheets, sheet, result, last + 1, spots) + 2


def _pivot_ranking(sheets: Sheets, sheet: Any, book: Book, placed: Placed,
                   spots: Spots) -> tuple[tuple[int, int, int], int]:  # fmt: skip
    """Name the leading groups of a pivot, by their own totals, as references to its cells."""
    result, top = book.result, spots.ranking
    at = spots.right + 1 if not spots.below else spots.right
    sheet.write_string(top, at, rank_heading(result), sheets.form("section"))
    figure = len(placed.columns)
    one = placed.columns[-1]
    for row, line in enumerate(result.ranked, start=top + 1):
        index = result.lines.index(line)
        name = f"={xl_rowcol_to_cell(placed.first + index, 1)}"
        cell = f"={xl_rowcol_to_cell(placed.first + index, figure)}"
        sheet.write_formula(row, at, name, sheets.form("text"), line.name)
        look = sheets.amount(one.kind, one.style)
        sheet.write_formula(row, at + 1, cell, look, one.values[index])
    last = top + len(result.ranked)
    return (top + 1, last, at), _together_row(sheets, sheet, result, last + 1, spots) + 2


def _ranked_figures(result: Result, placed: Placed) -> list[int]:
    """Give the columns a ranking shows: the figure it ranks by, and one more."""
    by = placed.figure(result.rank_by, result.main)
    value = placed.figure("value", result.main)
    if by != value:
        return [by, value]
    if result.shared:
        return [value, placed.figure("share", 0)]
    return [value]


def _together_row(sheets: Sheets, sheet: Any, result: Result, row: int, spots: Spots) -> int:
    """Write what the named groups make up together; gives the last row used."""
    if result.together is None:
        return row - 1
    at = spots.right + (0 if spots.below and result.pivot else 1)
    kind, cell = "value", result.together.cells[result.main]
    style = style_of(result, result.main)
    sheet.write_string(row, at, together_name(result), sheets.form("total_text"))
    amounts: list[tuple[Any, Any]] = [(cell.value, sheets.amount(kind, style, "total"))]
    if result.rank_by != "value":
        amounts.insert(0, (getattr(cell, result.rank_by),
                           sheets.amount(result.rank_by, style, "total")))  # fmt: skip
    elif result.together.share is not None:
        amounts.append((result.together.share, sheets.amount("share", style, "total")))
    for offset, (amount, look) in enumerate(amounts, start=1):
        if amount is None:
            sheet.write_string(row, at + offset, percent(None), look)
        else:
            sheet.write_number(row, at + offset, amount, look)
    return row
