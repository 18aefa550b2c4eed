"""Writes the sheet Summary: table left, ranking and chart right, key figures above.

Owns where things stand on it. Must never compute a figure the formulas do not.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from deputy.agent.playbooks.reports.program.figures import (
    Line,
)
from deputy.agent.playbooks.reports.program.styles import (
    GREEN,
    PALE,
    RED,
    TABLE_STYLE,
    Sheets,
    print_setup,
    put,
    style_chart,
    table_headings,
)
from deputy.agent.playbooks.reports.program.wording import (
    growth_text,
    headings,
    measure_name,
    period_name,
    plural,
    rank_heading,
    shorten,
    source_text,
    subtitle,
)
from deputy.agent.playbooks.reports.program.workbook import (
    RESULT,
    Book,
    cell_value,
    change_formula,
    column,
    growth_formula,
    this_row,
    totals,
)

CHART_GROUPS_MAX = 15
CHART_SPANS_MAX = 60
TABLE_ROW = 8  # the header of the result table, counted from 0


@dataclass(frozen=True)
class Column:
    """One column of the result table: heading, format, formula (or None) and values."""

    heading: str
    form: str
    formula: str | None
    values: list[Any]
    total_formula: str | None = None
    total: Any = None


def write_summary(sheets: Sheets) -> None:
    """Write the first sheet: title, key figures, table left, ranking and chart right."""
    sheet, figures, form = sheets.file.add_worksheet("Summary"), sheets.figures, sheets.formats
    plan, columns = figures.plan, _result_columns(sheets)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 1.5)
    sheet.set_row(0, 30)
    sheet.write_string(0, 1, plan["title"], form["title"])
    sheet.write_string(1, 1, subtitle(plan), form["text"])
    used = int((figures.rows.current | figures.rows.compare).sum())
    source = f"Source: {source_text(plan)}. {used:,} of {figures.rows.read:,} rows counted."
    sheet.write_string(2, 1, source, form["grey"])
    last = _result_table(sheets, sheet, columns)
    _summary_figures(sheets, sheet, columns, last)
    right = len(columns) + 2
    sheet.set_column(right - 1, right - 1, 2.5)
    for offset, width in enumerate((6, 30, 15, 18)):
        sheet.set_column(right + offset, right + offset, width)
    _summary_dates(sheets, sheet, right)
    row = _ranking(sheets, sheet, columns, right) if figures.ranked else TABLE_ROW
    _summary_chart(sheets, sheet, columns, row, right)
    sheet.freeze_panes(TABLE_ROW + 1 if len(figures.lines) > 25 else 3, 0)
    print_setup(sheets, sheet, landscape=True)
    sheet.activate()


def _result_columns(sheets: Sheets) -> list[Column]:
    """Lay out the result table; without groups it is one line, the total."""
    book, figures = sheets.book, sheets.figures
    plan = figures.plan
    lines = list(figures.lines)
    name = plan["group"]["label"] if plan["group"] else "Figure"
    now, then = table_headings(name, headings(plan))
    columns = [Column(name, "text", None, [line.name for line in lines] or [measure_name(plan)])]
    own = bool(lines)
    rows = lines or [figures.total]
    columns.append(Column(now, "value", book.by_group("period", name) if own
                          else book.total("period"),
                          [cell_value(line.value) for line in rows],
                          book.total("period"), cell_value(figures.total.value)))  # fmt: skip
    if figures.compared:
        columns += _compared_columns(book, rows, own, name, now, then)
    if any(line.share is not None for line in lines):
        columns.append(Column("Share", "share", f"={this_row(RESULT, now)}/{totals(RESULT, now)}",
                              [line.share for line in lines],
                              f"=SUM({column(RESULT, 'Share')})", 1.0))  # fmt: skip
    if figures.ranked:
        columns.append(Column("Rank", "rank", "rank", [line.rank or "–" for line in lines]))
    return columns


def _compared_columns(book: Book, rows: list[Line], own: bool, name: str, now: str,
                      then: str) -> list[Column]:  # fmt: skip
    total = book.figures.total
    here, there = this_row(RESULT, now), this_row(RESULT, then)
    under, beside = totals(RESULT, now), totals(RESULT, then)
    return [
        Column(then, "value", book.by_group("compare", name) if own else book.total("compare"),
               [cell_value(line.compare) for line in rows],
               book.total("compare"), cell_value(total.compare)),
        Column("Change", "change", change_formula(book, here, there),
               [cell_value(line.change) for line in rows],
               change_formula(book, under, beside), cell_value(total.change)),
        Column("Growth", "growth", growth_formula(book, here, there),
               [_growth_value(line) for line in rows],
               growth_formula(book, under, beside), _growth_value(total)),
    ]  # fmt: skip


def _growth_value(line: Line) -> Any:
    return growth_text(line) if line.growth is None else line.growth


def _result_table(sheets: Sheets, sheet: Any, columns: list[Column]) -> int:
    """Write the native table with its totals row; gives the row of the totals."""
    form = sheets.formats
    first, count = TABLE_ROW + 1, len(columns[0].values)
    last = first + count
    ranked = next((one for one in columns if one.heading == "Rank"), None)
    rank_formulas = _rank_formulas(sheets, columns, first, count) if ranked else []
    sheet.add_table(TABLE_ROW, 1, last, len(columns), {
        "name": RESULT, "style": TABLE_STYLE, "total_row": True, "autofilter": count > 1,
        "banded_rows": False,
        "columns": [_table_column(one, place, form) for place, one in enumerate(columns)],
    })  # fmt: skip
    for place, one in enumerate(columns):
        at = place + 1
        for index, value in enumerate(one.values):
            formula = rank_formulas[index] if one is ranked else one.formula
            put(sheet, first + index, at, formula, value, form[one.form])
        style = form["total_" + one.form]
        if place == 0:
            sheet.write_string(last, at, "Total", style)
        elif one.total_formula or one.total is not None:
            put(sheet, last, at, one.total_formula, one.total, style)
        else:
            sheet.write_blank(last, at, None, style)
    _widths(sheets, sheet, columns)
    _conditional(sheet, columns, first, last, sheets)
    if sheets.book.exact:
        sheet.ignore_errors({"number_stored_as_text": f"B{first + 1}:B{last}"})
    return last


def _table_column(one: Column, place: int, form: dict[str, Any]) -> dict[str, Any]:
    style = form["head"] if place == 0 else form["head_right"]
    entry: dict[str, Any] = {"header": one.heading, "header_format": style,
                             "format": form[one.form]}  # fmt: skip
    if place == 0:
        entry["total_string"] = "Total"
    elif one.total_formula:
        entry.update(total_function=one.total_formula, total_value=one.total)
    if one.formula and one.formula != "rank" and "@" not in one.formula:
        entry["formula"] = one.formula
    return entry


def _rank_formulas(sheets: Sheets, columns: list[Column], first: int, count: int) -> list[str]:
    """Rank by the planned figure; of equal ones the upper comes first."""
    rank = sheets.figures.plan["rank"]
    by = rank["by"] if sheets.figures.compared else "value"
    heading = {"growth": "Growth", "change": "Change"}.get(by, columns[1].heading)
    at = next(place for place, one in enumerate(columns, start=1) if one.heading == heading)
    letter, order = chr(ord("A") + at), int(rank["order"] == "asc")
    whole = column(RESULT, heading)
    return [
        f"=IF(ISNUMBER({letter}{row}),RANK({letter}{row},{whole},{order})"
        f'+COUNTIF({letter}${first + 1}:{letter}{row},{letter}{row})-1,"–")'
        for row in range(first + 1, first + 1 + count)
    ]


def _widths(sheets: Sheets, sheet: Any, columns: list[Column]) -> None:
    longest = max([len(str(name)) for name in columns[0].values] + [len(columns[0].heading)])
    sheet.set_column(1, 1, max(22, min(44, longest + 3)))
    figures = sheets.figures
    amounts = [sheets.unit.text(line.value, signed=True) for line in (*figures.lines,
                                                                      figures.total)]  # fmt: skip
    wide = max(15, min(26, 1.5 * max(map(len, amounts)) + 1))
    for at, one in enumerate(columns[1:], start=2):
        money = one.form in ("value", "change")
        own = max(wide, min(24, len(one.heading) + 5)) if money else 13
        sheet.set_column(at, at, 9 if one.form == "rank" else own)
    longest_heading = max(len(one.heading) for one in columns[1:])
    sheet.set_row(TABLE_ROW, 48 if longest_heading > 40 else 32)


def _conditional(sheet: Any, columns: list[Column], first: int, last: int, sheets: Sheets) -> None:
    """Colour growth and change by sign; a quiet bar behind each share."""
    red = sheets.file.add_format({"font_color": RED})
    green = sheets.file.add_format({"font_color": GREEN})
    for at, one in enumerate(columns, start=1):
        if one.form in ("growth", "change"):
            area = (first, at, last, at)
            for operator, colour in (("<", red), (">", green)):
                sheet.conditional_format(*area, {
                    "type": "formula", "format": colour,
                    "criteria": f"=N({chr(ord('A') + at)}{first + 1}){operator}0",
                })  # fmt: skip
        if one.form == "share":
            sheet.conditional_format(first, at, last - 1, at, {
                "type": "data_bar", "bar_color": PALE, "bar_solid": True, "min_type": "num",
                "min_value": 0, "max_type": "num", "max_value": 1,
            })  # fmt: skip


def _summary_figures(sheets: Sheets, sheet: Any, columns: list[Column], last: int) -> None:
    """Write the totals once more, large, as references to the totals row."""
    plan, form = sheets.figures.plan, sheets.formats
    sheet.set_row(5, 24)
    unit = plan["measure"]["unit"]
    name = measure_name(plan) + (f" ({unit})" if unit and unit != "%" else "")
    for at, one in enumerate(columns[1:5], start=1):
        if one.heading in ("Share", "Rank"):
            continue
        label = name if at == 1 else one.heading
        sheet.write_string(4, at, shorten(label, 34 if at == 1 else 26), form["kpi"])
        cell = f"={chr(ord('A') + at + 1)}{last + 1}"
        sheet.write_formula(5, at, cell, form["kpi_" + one.form], one.total)
    lines = sheets.figures.lines
    if sheets.figures.compared and len(lines) > 1:
        grown = sum(1 for line in lines if (line.growth or 0) > 0)
        rows = f"ROWS({column(RESULT, columns[0].heading)})"
        formula = f'=COUNTIF({column(RESULT, "Growth")},">0")&" of "&{rows}'
        label = f"{plural(columns[0].heading).capitalize()} growing"
        sheet.write_string(4, 5, shorten(label, 22), form["kpi"])
        sheet.write_formula(5, 5, formula, form["kpi_text"], f"{grown} of {len(lines)}")


def _summary_dates(sheets: Sheets, sheet: Any, right: int) -> None:
    """Write the dates that the formulas read, with names, so that a reader may change them."""
    plan, form = sheets.figures.plan, sheets.formats
    shown = [("Period", plan["period"] if period_name(plan) else None),
             ("Compare", plan["compare"])]  # fmt: skip
    shown = [(name, part) for name, part in shown if part]
    if not shown:
        return
    for offset, label in enumerate(("Dates counted", "", "First day", "Last day")):
        sheet.write_string(4, right + offset, label, form["kpi"])
    for row, (name, part) in enumerate(shown, start=5):
        sheet.write_string(row, right, shorten(part["label"], 40), form["text"])
        for offset, end in ((2, "start"), (3, "end")):
            day = dt.datetime.fromisoformat(part[end])
            sheet.write_datetime(row, right + offset, day, form["when"])
            cell = f"=Summary!${chr(ord('A') + right + offset)}${row + 1}"
            sheets.file.define_name(f"{name}_{end}", cell)


def _ranking(sheets: Sheets, sheet: Any, columns: list[Column], right: int) -> int:
    """Write the named groups as lookups of the rank; gives the row where the chart may start."""
    plan, form, lines = sheets.figures.plan, sheets.formats, sheets.figures.ranked
    by = plan["rank"]["by"] if sheets.figures.compared else "value"
    has_share = any(one.heading == "Share" for one in columns)
    by = "share" if plan["rank"]["by"] == "share" and has_share else by
    wanted = {"growth": "Growth", "change": "Change", "share": "Share"}.get(by, "")
    figure = next((one for one in columns if one.heading == wanted), columns[1])
    second = columns[1] if figure is not columns[1] else None
    sheet.write_string(TABLE_ROW, right, rank_heading(plan), form["section"])
    for offset, one in ((2, figure), (3, second)):
        if one is not None:
            sheet.write_string(TABLE_ROW, right + offset, one.heading, form["small_head"])
    rank = column(RESULT, "Rank")
    for place, line in enumerate(lines, start=1):
        row, at = TABLE_ROW + place, f"{chr(ord('A') + right)}{TABLE_ROW + place + 1}"
        sheet.write_number(row, right, place, form["place"])
        index = columns[0].values.index(line.name)
        for offset, one in ((1, columns[0]), (2, figure), (3, second)):
            if one is None:
                continue
            formula = f'=IFERROR(INDEX({column(RESULT, one.heading)},MATCH({at},{rank},0)),"–")'
            sheet.write_formula(row, right + offset, formula, form[one.form], one.values[index])
    return TABLE_ROW + len(lines) + 2


def _summary_chart(sheets: Sheets, sheet: Any, columns: list[Column], row: int, right: int) -> None:
    """Draw the table's first lines: columns, or bars where names are long or many."""
    plan, lines = sheets.figures.plan, sheets.figures.lines
    if plan["group"] is None or not lines:
        return
    by = plan["group"]["by"]
    shown = min(len(lines), CHART_SPANS_MAX if by else CHART_GROUPS_MAX)
    names = [line.name for line in lines[:shown]]
    flat = not by and (shown > 9 or sum(map(len, names)) > 75)
    chart = sheets.file.add_chart({"type": "bar" if flat else "column"})
    first, last = TABLE_ROW + 1, TABLE_ROW + shown
    series = [(2, GREEN), (3, PALE)] if sheets.figures.compared else [(2, GREEN)]
    for at, colour in series:
        chart.add_series({
            "name": ["Summary", TABLE_ROW, at], "categories": ["Summary", first, 1, last, 1],
            "values": ["Summary", first, at, last, at], "fill": {"color": colour},
            "gap": 60, "overlap": 0,
        })  # fmt: skip
    of = f", {shown} largest of {len(lines)}" if shown < len(lines) and not by else ""
    title = f"{measure_name(plan)} by {plural_free(plan)}{of}"
    amounts = [amount for line in lines for amount in (line.value, line.compare)]
    style_chart(sheets, chart, title, flat, amounts)
    height = max(330, 26 * shown + 90) if flat else 330
    chart.set_size({"width": 530, "height": height})
    sheet.insert_chart(row, right, chart, {"object_position": 2, "y_offset": 4,
                                           "description": title})  # fmt: skip


def plural_free(plan: dict[str, Any]) -> str:
    """Give the group's label as it reads inside a sentence."""
    label = str(plan["group"]["label"])
    return label if label.isupper() else label[:1].lower() + label[1:]
