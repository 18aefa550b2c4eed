"""Writes the sheets Trend and Data: the course over time and the rows that formulas add up.

Owns how a cell of the source is written. Must never compute a figure.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import xlsxwriter

from deputy.agent.reports.program.courses import Course
from deputy.agent.reports.program.datasheets import Data
from deputy.agent.reports.program.formulas import DATA, cell_value, this_row
from deputy.agent.reports.program.styles import (
    GREEN,
    TABLE_STYLE,
    Sheets,
    print_setup,
    put,
    style_chart,
)
from deputy.agent.reports.program.wording import day_text, measure_name, shorten, style_of

TEXT_CHARACTERS_MAX = 32_000  # a cell holds 32,767
COURSE_COLUMNS_MAX = 36
WIDTH_ROWS_LOOKED_AT = 400
COURSE = "Trend"


def write_course(sheets: Sheets, course: Course) -> None:
    """Write the course of the main figure over time, with a chart."""
    sheet, result = sheets.file.add_worksheet(COURSE), sheets.results[0]
    buckets, style = course.buckets, style_of(result, result.main)
    name = measure_name(result.main_measure)
    name = name if name not in ("From", "To", "Span") else "Value"
    sheet.hide_gridlines(2)
    for at, width in enumerate((1.5, 14, 14, 14, 20, 3)):
        sheet.set_column(at, at, width)
    sheet.set_row(0, 26)
    sheet.write_string(0, 1, f"{name} over time", sheets.form("title"))
    last_day = day_text(buckets[-1].end)
    through = f"{day_text(buckets[0].start)} – {last_day}"
    through += f"; {buckets[-1].label} runs to {last_day} only." if course.cut else ""
    sheet.write_string(1, 1, through, sheets.form("grey"))
    formula = sheets.books[0].between(result.main, this_row(COURSE, "From"), this_row(COURSE, "To"))
    right, left = sheets.form("head_right"), sheets.form("head")
    first, last, look = 4, 3 + len(buckets), sheets.amount("value", style)
    value = {"header": shorten(name, 120), "header_format": right, "format": look}
    sheet.add_table(3, 1, last, 4, {
        "name": COURSE, "style": TABLE_STYLE, "banded_rows": False, "autofilter": False,
        "columns": [{"header": "Span", "header_format": left, "format": sheets.form("text")},
                    {"header": "From", "header_format": right, "format": sheets.form("date")},
                    {"header": "To", "header_format": right, "format": sheets.form("date")},
                    {**value, "formula": formula} if formula else value],
    })  # fmt: skip
    for row, bucket in enumerate(buckets, start=first):
        sheet.write_string(row, 1, bucket.label, sheets.form("text"))
        for at, day in ((2, bucket.start), (3, bucket.end)):
            sheet.write_datetime(row, at, dt.datetime.combine(day, dt.time()), sheets.form("date"))
        put(sheet, row, 4, formula, cell_value(bucket.value), look)
    _course_chart(sheets, sheet, course, f"{name} over time", (first, last))
    sheet.freeze_panes(4, 0)
    sheet.ignore_errors({"number_stored_as_text": f"B{first + 1}:B{last + 1}"})
    print_setup(sheets, sheet)


def _course_chart(sheets: Sheets, sheet: Any, course: Course, title: str,
                  rows: tuple[int, int]) -> None:  # fmt: skip
    result, (first, last) = sheets.results[0], rows
    few = len(course.buckets) <= COURSE_COLUMNS_MAX
    chart = sheets.file.add_chart({"type": "column" if few else "line"})
    paint = {"fill": {"color": GREEN}} if few else {"line": {"color": GREEN, "width": 2}}
    chart.add_series({"name": [COURSE, 3, 4], "categories": [COURSE, first, 1, last, 1],
                      "values": [COURSE, first, 4, last, 4], "gap": 40, **paint})  # fmt: skip
    largest = max((abs(one.value or 0) for one in course.buckets), default=0.0)
    style_chart(chart, title, False, style_of(result, result.main), largest)
    chart.set_size({"width": 760, "height": 380})
    sheet.insert_chart(3, 6, chart, {"object_position": 2, "description": title})


def write_rows(sheets: Sheets, data: Data) -> None:
    """Write the rows that the formulas add up, as a native table."""
    sheet, table = sheets.file.add_worksheet("Data"), data.bounded()
    columns = []
    for at, heading in enumerate(table.columns):
        amounts = heading in data.forms
        look = sheets.form("head_right" if amounts else "head")
        columns.append({"header": heading, "header_format": look})
        cells = table[heading].tolist()
        longest = max((len(str(cell)) for cell in cells[:WIDTH_ROWS_LOOKED_AT]), default=8)
        width = 13 if heading in data.dated else min(
            40, max(9, longest + 2, len(heading) * 0.8 + 3))  # fmt: skip
        sheet.set_column(at, at, width)
        _column(sheets, sheet, at, cells, _number_form(sheets, data, heading, cells),
                data.formulas.get(heading))  # fmt: skip
    sheet.add_table(0, 0, max(1, len(table)), len(table.columns) - 1,
                    {"name": DATA, "style": TABLE_STYLE, "banded_rows": False,
                     "columns": columns})  # fmt: skip
    sheet.freeze_panes(1, 0)
    whole = xlsxwriter.utility.xl_range(0, 0, len(table), len(table.columns) - 1)
    sheet.ignore_errors({"number_stored_as_text": whole})
    sheet.repeat_rows(0)
    print_setup(sheets, sheet)


def _number_form(sheets: Sheets, data: Data, heading: str, cells: list[Any]) -> Any:
    """Choose the format of a column's numbers: whole ones plain, others with two decimals."""
    floats = [cell for cell in cells if isinstance(cell, float) and cell == cell]
    if data.forms.get(heading) and all(abs(cell) <= 1 for cell in floats):
        return sheets.form("data_share")
    broken = any(not cell.is_integer() for cell in floats)
    return sheets.form("data_amount" if broken else "data_whole")


def _column(sheets: Sheets, sheet: Any, at: int, cells: list[Any], own: Any,
            formula: str | None) -> None:  # fmt: skip
    """Write one column of cells as they are: text as text, dates as dates; figures by formula."""
    text, when, time = sheets.form("text"), sheets.form("when"), sheets.form("time")
    for row, cell in enumerate(cells, start=1):
        if isinstance(cell, bool):
            sheet.write_boolean(row, at, cell)
        elif isinstance(cell, int | float):
            if cell == cell:
                put(sheet, row, at, formula, cell, own)
        elif isinstance(cell, dt.date):
            _date(sheet, row, at, cell, when, time)
        elif isinstance(cell, dt.time | dt.timedelta):
            sheet.write_string(row, at, str(cell), text)
        elif cell is not None and str(cell).strip():
            sheet.write_string(row, at, str(cell)[:TEXT_CHARACTERS_MAX], text)


def _date(sheet: Any, row: int, at: int, day: dt.date, when: Any, time: Any) -> None:
    """Write a date, with its time of day where it has one; nothing for a missing one."""
    if pd.isna(day):
        return
    exact = isinstance(day, dt.datetime) and day.time() != dt.time()
    plain_day = day.replace(tzinfo=None) if isinstance(day, dt.datetime) else day
    if plain_day.year < 1900:
        sheet.write_string(row, at, plain_day.isoformat())
        return
    sheet.write_datetime(row, at, plain_day, time if exact else when)
