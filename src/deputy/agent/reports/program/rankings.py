"""Writes the blocks beside a question's table: the groups named, and those a chart draws.

Owns their cells, which are lookups of the table. Must never compute a figure.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from deputy.agent.reports.program.charts import Drawn
from deputy.agent.reports.program.figures import Line, Result
from deputy.agent.reports.program.formulas import Book, column
from deputy.agent.reports.program.styles import GREEN, TABLE_STYLE, Sheets
from deputy.agent.reports.program.tables import Placed, TableColumn
from deputy.agent.reports.program.wording import (
    NONE,
    lower_first,
    measure_name,
    rank_title,
    shorten,
    style_of,
    together_name,
)

Corner = tuple[int, int]  # row and column, counted from 0


def write_ranking(sheets: Sheets, sheet: Any, book: Book, placed: Placed,
                  corner: Corner) -> tuple[Drawn, int]:  # fmt: skip
    """Write the named groups as lookups of the rank; gives their cells and the next free row."""
    result, (top, left) = book.result, corner
    places = _ranked_columns(result, placed)
    headings = _ranked_headings(result, placed, places)
    drawn = _small_table(sheets, sheet, f"Named{result.place + 1}", rank_title(result), headings,
                   (top, left + 1), len(result.ranked))  # fmt: skip
    ranks = column(book.name, "Rank")
    for place, line in enumerate(result.ranked, start=1):
        row, index = top + place, result.lines.index(line)
        if left:
            sheet.write_number(row, left, place, sheets.form("place"))
        for offset, found in enumerate((1, *places)):
            one = placed.columns[found - 1]
            formula = f"={xl_rowcol_to_cell(placed.first + index, found)}"
            if not result.pivot:
                looked_up = f"INDEX({column(book.name, one.heading)},MATCH({place},{ranks},0))"
                formula = f'=IFERROR({looked_up},"–")'
            look = _look_of(sheets, one)
            sheet.write_formula(row, left + 1 + offset, formula, look, one.values[index])
    if result.rank_by != "value":
        drawn = replace(drawn, series=((left + 2, GREEN),))
    return drawn, _together_row(sheets, sheet, result, drawn.last + 1, left + 1) + 2


def write_drawn(sheets: Sheets, sheet: Any, book: Book, placed: Placed, lines: list[Line],
                corner: Corner) -> tuple[Drawn, int]:  # fmt: skip
    """Write the lines a chart draws as references; gives their cells and the next free row."""
    result, (top, left) = book.result, corner
    figure = placed.figure("value", result.main)
    drawn = _small_table(sheets, sheet, f"Drawn{result.place + 1}", "Drawn in the chart", ["Drawn"],
                   (top, left + 1), len(lines))  # fmt: skip
    for row, line in enumerate(lines, start=top + 1):
        index = result.lines.index(line)
        for offset, found in enumerate((1, figure)):
            one = placed.columns[found - 1]
            formula = f"={xl_rowcol_to_cell(placed.first + index, found)}"
            look = _look_of(sheets, one)
            sheet.write_formula(row, left + 1 + offset, formula, look, one.values[index])
    return drawn, drawn.last + 2


def _small_table(sheets: Sheets, sheet: Any, name: str, title: str, headings: list[str],
           corner: Corner, count: int) -> Drawn:  # fmt: skip
    """Make a small native table; gives its cells with the figure a chart draws."""
    top, left = corner
    sheet.add_table(top, left, top + count, left + len(headings), {
        "name": name, "style": TABLE_STYLE, "autofilter": False, "banded_rows": False,
        "columns": [{"header": title, "header_format": sheets.form("section")},
                    *({"header": one, "header_format": sheets.form("small_head")}
                      for one in headings)],
    })  # fmt: skip
    return Drawn(top, top + 1, top + count, left, ((left + 1, GREEN),))


def _look_of(sheets: Sheets, one: TableColumn) -> Any:
    return sheets.form("text") if one.kind == "text" else sheets.amount(one.kind, one.style)


def _ranked_columns(result: Result, placed: Placed) -> list[int]:
    """Give the columns a ranking shows: the figure it ranks by, and one more."""
    if result.pivot:
        return [len(placed.columns)]
    by = placed.figure(result.rank_by, result.main)
    value = placed.figure("value", result.main)
    if by != value:
        return [by, value]
    return [value, placed.figure("share", 0)] if result.shared else [value]


def _ranked_headings(result: Result, placed: Placed, places: list[int]) -> list[str]:
    """Name the columns; of several measures, so that none takes this for the whole table."""
    headings = [placed.columns[place - 1].heading for place in places]
    if len(result.question["measures"]) > 1:
        headings[0] = shorten(f"by {lower_first(measure_name(result.main_measure))}", 60)
        headings[1:] = ["figure" if result.rank_by != "value" else "share" for _ in headings[1:]]
    return headings


def _together_row(sheets: Sheets, sheet: Any, result: Result, row: int, at: int) -> int:
    """Write what the named groups make up together; gives the last row used."""
    if result.together is None:
        return row - 1
    cell, style = result.together.cells[result.main], style_of(result, result.main)
    sheet.write_string(row, at, together_name(result), sheets.form("total_text"))
    amounts: list[tuple[Any, Any]] = [(cell.value, sheets.amount("value", style, "total"))]
    if result.rank_by != "value":
        amounts.insert(0, (getattr(cell, result.rank_by),
                           sheets.amount(result.rank_by, style, "total")))  # fmt: skip
    elif result.together.share is not None:
        amounts.append((result.together.share, sheets.amount("share", style, "total")))
    for offset, (amount, look) in enumerate(amounts, start=1):
        if amount is None:
            sheet.write_string(row, at + offset, NONE, look)
        else:
            sheet.write_number(row, at + offset, amount, look)
    return row
