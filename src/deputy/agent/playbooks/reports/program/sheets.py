"""Writes the workbook: Summary, then Trend, Data and Notes.

Owns the order of sheets and all but the first. Must never compute a figure.
"""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from deputy.agent.playbooks.reports.program.figures import (
    Figures,
)
from deputy.agent.playbooks.reports.program.reading import (
    column_named,
)
from deputy.agent.playbooks.reports.program.styles import (
    GREEN,
    INK,
    TABLE_STYLE,
    Sheets,
    make_formats,
    print_setup,
    put,
    style_chart,
    table_headings,
)
from deputy.agent.playbooks.reports.program.summary import (
    write_summary,
)
from deputy.agent.playbooks.reports.program.wording import (
    day_text,
    headings,
    measure_name,
    reading_notes,
    row_notes,
    shorten,
    source_text,
    subtitle,
    unit_of,
)
from deputy.agent.playbooks.reports.program.workbook import (
    LINES,
    RESULT,
    TREND,
    Book,
    cell_value,
    column,
    plan_book,
    totals,
)

DATA_CELLS_MAX = 250_000
DATA_COLUMNS_MAX = 40
NOTE_CHARACTERS_A_LINE = 115
TEXT_CHARACTERS_MAX = 32_000  # a cell holds 32,767


def write_workbook(figures: Figures, path: Path, created: dt.date) -> None:
    """Write the whole workbook; the same figures give the same bytes."""
    plan = figures.plan
    file = xlsxwriter.Workbook(str(path), {
        "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    })  # fmt: skip
    file.set_properties(
        {
            "title": shorten(plan["title"], 200),
            "subject": subtitle(plan)[:200],
            "author": "Deputy",
            "created": dt.datetime.combine(created, dt.time()),
        }
    )
    unit = unit_of(figures)
    data, book = _data_columns(figures)
    sheets = Sheets(file, book, unit, make_formats(file, unit))
    write_summary(sheets)
    if len(figures.trend) > 1:
        _trend_sheet(sheets)
    if book.live:
        _data_sheet(sheets, data)
    _notes_sheet(sheets)
    file.close()


def _data_columns(figures: Figures) -> tuple[pd.DataFrame, Book]:
    """Lay out the sheet Data: every column of the source while that is not too much."""
    plan, rows = figures.plan, figures.rows
    used = rows.current | rows.compare
    if figures.trend and rows.date is not None:
        first, last = figures.trend[0].start, figures.trend[-1].end
        day = rows.date.dt.normalize()
        used |= (day >= pd.Timestamp(first)) & (day <= pd.Timestamp(last)) & rows.value.notna()
    data = rows.table[used].copy()
    measure, group, date = ("", "", "")
    if rows.date is not None:
        date = column_named(data, plan["date_column"])
        data[date] = rows.date[used]
    if rows.group is not None:
        group = column_named(data, plan["group"]["column"])
        if plan["group"]["by"]:
            group = _free_heading(data, f"{plan['group']['label']} counted")
        data[group] = rows.group.loc[used]
    if plan["measure"]["column"]:
        measure = column_named(data, plan["measure"]["column"])
        if plan["measure"]["aggregate"] not in ("count", "distinct"):
            data[measure] = rows.value[used].astype(object)
    needed = {measure, group, date, *(column_named(data, f["column"]) for f in plan["filters"])}
    room = min(DATA_COLUMNS_MAX, DATA_CELLS_MAX // max(1, len(data)))
    spare = max(0, room - len(needed - {""}))
    keep = []
    for heading in data.columns:
        if heading in needed or spare > 0:
            keep.append(heading)
            spare -= heading not in needed
    return data[keep], plan_book(figures, measure, group, date)


def _free_heading(data: pd.DataFrame, heading: str) -> str:
    taken = {name.casefold() for name in data.columns}
    while heading.casefold() in taken:
        heading += " *"
    return heading


def _trend_sheet(sheets: Sheets) -> None:
    """Write the course of the figure over time, with a chart."""
    sheet, figures, form = sheets.file.add_worksheet("Trend"), sheets.figures, sheets.formats
    buckets, plan = figures.trend, figures.plan
    name = measure_name(plan) if measure_name(plan) not in ("From", "To", "Span") else "Value"
    sheet.hide_gridlines(2)
    for at, width in enumerate((1.5, 14, 14, 14, 20, 3)):
        sheet.set_column(at, at, width)
    sheet.set_row(0, 26)
    sheet.write_string(0, 1, f"{name} over time", form["title"])
    last_day = day_text(buckets[-1].end)
    through = f"{day_text(buckets[0].start)} – {last_day}"
    through += f"; {buckets[-1].label} runs to {last_day} only." if figures.cut else ""
    sheet.write_string(1, 1, through, form["grey"])
    formula = sheets.book.by_span()
    right, left = form["head_right"], form["head"]
    first, last = 4, 3 + len(buckets)
    value = {"header": shorten(name, 120), "header_format": right, "format": form["value"]}
    sheet.add_table(3, 1, last, 4, {
        "name": TREND, "style": TABLE_STYLE, "banded_rows": False, "autofilter": False,
        "columns": [{"header": "Span", "header_format": left, "format": form["text"]},
                    {"header": "From", "header_format": right, "format": form["date"]},
                    {"header": "To", "header_format": right, "format": form["date"]},
                    {**value, "formula": formula} if formula else value],
    })  # fmt: skip
    for row, bucket in enumerate(buckets, start=first):
        sheet.write_string(row, 1, bucket.label, form["text"])
        sheet.write_datetime(row, 2, dt.datetime.combine(bucket.start, dt.time()), form["date"])
        sheet.write_datetime(row, 3, dt.datetime.combine(bucket.end, dt.time()), form["date"])
        put(sheet, row, 4, formula, cell_value(bucket.value), form["value"])
    chart = sheets.file.add_chart({"type": "column" if len(buckets) <= 36 else "line"})
    chart.add_series({"name": ["Trend", 3, 4], "categories": ["Trend", first, 1, last, 1],
                      "values": ["Trend", first, 4, last, 4], "gap": 40,
                      **({"fill": {"color": GREEN}} if len(buckets) <= 36
                         else {"line": {"color": GREEN, "width": 2}})})  # fmt: skip
    style_chart(sheets, chart, f"{name} over time", False, [one.value for one in buckets])
    chart.set_size({"width": 760, "height": 380})
    sheet.insert_chart(3, 6, chart, {"object_position": 2})
    sheet.freeze_panes(4, 0)
    sheet.ignore_errors({"number_stored_as_text": f"B{first + 1}:B{last + 1}"})
    print_setup(sheets, sheet, landscape=True)


def _data_sheet(sheets: Sheets, data: pd.DataFrame) -> None:
    """Write the rows that the formulas add up, as a native table."""
    sheet, form = sheets.file.add_worksheet("Data"), sheets.formats
    book, columns = sheets.book, []
    for at, heading in enumerate(data.columns):
        style = form["head_right"] if heading == book.measure else form["head"]
        columns.append({"header": heading, "header_format": style})
        cells = data[heading].tolist()
        longest = max((len(str(cell)) for cell in cells[:400]), default=8)
        width = 13 if heading == book.date else min(40, max(9, longest + 2, len(heading) * 0.8 + 3))
        sheet.set_column(at, at, width)
        _data_column(sheet, at, cells, form, _number_form(sheets, heading, cells))
    sheet.add_table(0, 0, max(1, len(data)), len(data.columns) - 1,
                    {"name": LINES, "style": TABLE_STYLE, "banded_rows": False,
                     "columns": columns})  # fmt: skip
    sheet.freeze_panes(1, 0)
    whole = xlsxwriter.utility.xl_range(0, 0, len(data), len(data.columns) - 1)
    sheet.ignore_errors({"number_stored_as_text": whole})
    sheet.repeat_rows(0)
    print_setup(sheets, sheet, landscape=True)


def _number_form(sheets: Sheets, heading: str, cells: list[Any]) -> Any:
    """Choose the format of a column's numbers: whole ones plain, others with two decimals."""
    if heading == sheets.book.measure and sheets.unit.fraction:
        return sheets.formats["data_share"]
    floats = [cell for cell in cells if isinstance(cell, float) and cell == cell]
    broken = any(not cell.is_integer() for cell in floats)
    return sheets.formats["data_amount" if broken else "data_whole"]


def _data_column(sheet: Any, at: int, cells: list[Any], form: dict[str, Any], own: Any) -> None:
    """Write one column of cells as they are: text as text, dates as dates."""
    for row, cell in enumerate(cells, start=1):
        if isinstance(cell, bool):
            sheet.write_boolean(row, at, cell)
        elif isinstance(cell, int | float):
            if cell == cell:
                sheet.write_number(row, at, cell, own)
        elif isinstance(cell, dt.date):
            _data_date(sheet, row, at, cell, form)
        elif cell is not None and cell != "":
            sheet.write_string(row, at, str(cell)[:TEXT_CHARACTERS_MAX], form["text"])


def _data_date(sheet: Any, row: int, at: int, day: dt.date, form: dict[str, Any]) -> None:
    """Write a date, with its time of day where it has one; nothing for a missing one."""
    if pd.isna(day):
        return
    timed = isinstance(day, dt.datetime) and day.time() != dt.time()
    plain = day.replace(tzinfo=None) if isinstance(day, dt.datetime) else day
    sheet.write_datetime(row, at, plain, form["time" if timed else "when"])


def _notes_sheet(sheets: Sheets) -> None:
    """Write how the figures came about, in words that stay true."""
    sheet, figures, form = sheets.file.add_worksheet("Notes"), sheets.figures, sheets.formats
    plan, book = figures.plan, sheets.book
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 1.5)
    sheet.set_column(1, 1, 20)
    sheet.set_column(2, 2, 100)
    live = (
        "Figures on Summary and Trend are formulas over the rows of the sheet Data, between "
        "the dates on Summary."
        if book.live
        else "The figures are written as values; change, growth, share and totals of these follow."
    )
    entries = [("How it was read", "", ""), *(("", *pair) for pair in reading_notes(figures)),
               ("Assumptions", "", ""), *(("", "", text) for text in plan["assumptions"]),
               ("Rows and source", "", ""), ("", "Source", source_text(plan)),
               *(("", "", text) for text in row_notes(figures)),
               ("How to check", "", ""), ("", "Formulas", live),
               ("", "Receipt", "Deputy checks this file after it is written. The receipt that "
                "comes with it names each check and its result.")]  # fmt: skip
    if not plan["assumptions"]:
        entries = [entry for entry in entries if entry[0] != "Assumptions"]
    sheet.set_row(0, 26)
    sheet.write_string(0, 1, "Notes", form["title"])
    row = 1
    for section, label, text in entries:
        row += 1 + bool(section)
        if section:
            sheet.write_string(row, 1, section, form["section"])
            continue
        sheet.write_string(row, 1, label, form["label"])
        sheet.write_string(row, 2, text, form["wrap"])
        sheet.set_row(row, 15 * math.ceil(max(len(text), 1) / NOTE_CHARACTERS_A_LINE))
    _reconciliation(sheets, sheet, row + 1)
    print_setup(sheets, sheet, landscape=True)


def _reconciliation(sheets: Sheets, sheet: Any, row: int) -> None:
    """Show that the groups add up to the total, where they must."""
    plan, form = sheets.figures.plan, sheets.formats
    if not sheets.figures.lines or plan["measure"]["aggregate"] not in ("sum", "count"):
        return
    now = table_headings(plan["group"]["label"], headings(plan))[0]
    formula = f"=ROUND(SUM({column(RESULT, now)})-{totals(RESULT, now)},2)"
    sheet.write_string(row, 1, "Groups less total", form["label"])
    left = sheets.file.add_format({"num_format": "#,##0.00", "align": "left", "font_color": INK})
    sheet.write_formula(row, 2, formula, left, 0)
