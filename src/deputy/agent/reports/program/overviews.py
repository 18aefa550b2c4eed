"""Writes the first sheet of a workbook that answers several questions.

Owns what a reader sees first of each answer. Every figure refers to the question's own sheet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from deputy.agent.reports.program.figures import TOTAL, Line, Result
from deputy.agent.reports.program.styles import Sheets, print_setup
from deputy.agent.reports.program.tables import Placed, TableColumn
from deputy.agent.reports.program.telling import (
    headline,
    leaders_sentence,
    source_text,
    together,
)
from deputy.agent.reports.program.wording import count_of, plural, shorten

SHOWN_ALL_MAX = 8
SHOWN_OF_MORE = 5
COLUMNS_SHOWN_MAX = 7
SENTENCE_CHARACTERS_A_LINE = 120
NAME_WIDTH, FIGURE_WIDTH = 34, 17


def write_overview(sheets: Sheets, sheet: Any, placed: Sequence[Placed]) -> None:
    """Write title, source and a block for each question."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 1.5)
    sheet.set_column(1, 1, NAME_WIDTH)
    sheet.set_column(2, COLUMNS_SHOWN_MAX + 1, FIGURE_WIDTH)
    sheet.set_row(0, 30)
    plan, read = sheets.plan, len(sheets.results[0].rows.cells.table)
    sheet.write_string(0, 1, plan["title"], sheets.form("title"))
    sheet.write_string(1, 1, plan["subtitle"], sheets.form("text"))
    source = f"Source: {source_text(plan)}, {count_of(read, 'row')}."
    sheet.write_string(2, 1, source, sheets.form("grey"))
    row = 4
    for place, result in enumerate(sheets.results):
        row = _overview_block(sheets, sheet, result, placed[place], row)
    sheet.freeze_panes(3, 0)
    print_setup(sheets, sheet)
    sheet.activate()


def _overview_block(sheets: Sheets, sheet: Any, result: Result, placed: Placed, row: int) -> int:
    """Write one answer from `row` on; gives the row of the next block."""
    name = sheets.names[result.place]
    title = f"{result.place + 1}. {shorten(result.question['title'], 120)}"
    for at in range(1, COLUMNS_SHOWN_MAX + 2):
        sheet.write_blank(row, at, None, sheets.form("head"))
    sheet.set_row(row, 22)
    sheet.write_string(row, 1, title, sheets.form("block"))
    for said in filter(
        None, [headline(result), leaders_sentence(result), _ended(together(result))]
    ):
        row += 1
        sheet.merge_range(row, 1, row, COLUMNS_SHOWN_MAX + 1, said, sheets.form("wrap"))
        sheet.set_row(row, 15.5 * math.ceil(len(said) / SENTENCE_CHARACTERS_A_LINE))
    row = _leading_rows(sheets, sheet, result, placed, row + 1) if result.lines else row
    sheet.write_url(row + 1, 1, f"internal:'{name}'!A1", sheets.form("link"),
                    f"All figures: sheet {name}")  # fmt: skip
    return row + 4


def _ended(sentence: str) -> str:
    return f"{sentence}." if sentence else ""


def shown_lines(result: Result, all_max: int, of_more: int) -> tuple[list[Line], str]:
    """Give the lines worth a reader's first look, and what they are called."""
    assert result.group is not None
    lines, count = list(result.lines), len(result.lines)
    names = plural(result.group["label"])
    if count <= all_max:
        return lines, names[:1].upper() + names[1:]
    if result.ranked:
        chosen = list(result.ranked[:of_more])
        rising = result.question["rank"]["order"] == "asc"
        return chosen, f"{'Bottom' if rising else 'Top'} {len(chosen)} of {count:,} {names}"
    if result.timed:
        return lines[-of_more:], f"Last {of_more} of {count:,} {names}"
    return lines[:of_more], f"Largest {of_more} of {count:,} {names}"


def _leading_rows(sheets: Sheets, sheet: Any, result: Result, placed: Placed, row: int) -> int:
    """Write the leading rows and the total as references; gives the last row."""
    lines, called = shown_lines(result, SHOWN_ALL_MAX, SHOWN_OF_MORE)
    columns = _columns_shown(placed)
    row += 1
    longest = max(len(one.heading) for _, one in columns)
    sheet.set_row(row, 46 if longest > 34 else 32 if longest > 17 else 16)
    sheet.write_string(row, 1, called, sheets.form("head"))
    for offset, (_, one) in enumerate(columns, start=2):
        sheet.write_string(row, offset, shorten(one.heading, 48), sheets.form("head_right"))
    for line in lines:
        row += 1
        index = result.lines.index(line)
        _refer(sheets, sheet, result, row, 1, (placed.first + index, 1), line.name, "text")
        for offset, (at, one) in enumerate(columns, start=2):
            look = sheets.form("rank") if one.kind == "rank" else sheets.amount(one.kind, one.style)
            _refer(sheets, sheet, result, row, offset, (placed.first + index, at),
                   one.values[index], look)  # fmt: skip
    row += 1
    count, names = len(result.lines), plural(result.group["label"]) if result.group else ""
    whole = result.total.name if len(lines) == count else f"{TOTAL} of all {count:,} {names}"
    sheet.write_string(row, 1, whole, sheets.form("total_text"))
    for offset, (at, one) in enumerate(columns, start=2):
        look = sheets.amount(one.kind, one.style, "total")
        _refer(sheets, sheet, result, row, offset, (placed.last, at), one.total, look)
    return row


def _columns_shown(placed: Placed) -> list[tuple[int, TableColumn]]:
    """Give the columns of figures there is room for; the last, a pivot's total, always."""
    figures = [(at, one) for at, one in enumerate(placed.columns, start=1)
               if one.kind not in ("text", "rank")]  # fmt: skip
    if len(figures) <= COLUMNS_SHOWN_MAX:
        return figures
    if any(one.kind == "growth" for _, one in figures):
        return [(at, one) for at, one in figures if one.kind in ("value", "growth")]
    return [*figures[: COLUMNS_SHOWN_MAX - 1], figures[-1]]


def _refer(sheets: Sheets, sheet: Any, result: Result, row: int, at: int, to: tuple[int, int],
           value: Any, look: Any) -> None:  # fmt: skip
    name = sheets.names[result.place]
    form = sheets.form(look) if isinstance(look, str) else look
    sheet.write_formula(row, at, f"='{name}'!{xl_rowcol_to_cell(*to)}", form, value)
