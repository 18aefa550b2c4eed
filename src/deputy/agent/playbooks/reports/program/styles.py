"""Looks of the workbook: colours, formats, charts and the printed page.

Owns what all sheets share. Must never know which figure is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deputy.agent.playbooks.reports.program.figures import (
    Figures,
)
from deputy.agent.playbooks.reports.program.wording import (
    Unit,
    shorten,
    source_text,
)
from deputy.agent.playbooks.reports.program.workbook import (
    Book,
)

INK, GREY, GREEN, PALE, RED, RULE = "#1B1F1D", "#6B736F", "#1F5C46", "#B7CDC0", "#A63A2B", "#D5DAD7"
TABLE_STYLE = "Table Style Light 1"


@dataclass
class Sheets:
    """The workbook being written, with the formats all sheets share."""

    file: Any
    book: Book
    unit: Unit
    formats: dict[str, Any]

    @property
    def figures(self) -> Figures:
        """The figures being written."""
        return self.book.figures


def make_formats(file: Any, unit: Unit) -> dict[str, Any]:
    base = {"font_name": "Calibri", "font_size": 11, "font_color": INK, "valign": "vcenter"}
    head = {"bold": True, "bottom": 1, "bottom_color": INK, "text_wrap": True, "valign": "bottom"}
    total = {"bold": True, "top": 1, "top_color": INK}
    value, change = {"num_format": unit.excel()}, {"num_format": unit.excel(signed=True)}
    growth = {"num_format": "+0.0%;-0.0%;0.0%", "align": "right"}
    big = {"font_size": 15, "bold": True, "align": "left"}
    wanted: dict[str, dict[str, Any]] = {
        "text": {}, "grey": {"font_color": GREY}, "wrap": {"text_wrap": True, "valign": "top"},
        "label": {"font_color": GREY, "valign": "top"}, "title": {"font_size": 18, "bold": True},
        "section": {"bold": True, "font_size": 12, "font_color": GREEN},
        "head": head, "head_right": {**head, "align": "right"},
        "value": {**value, "align": "right"}, "change": {**change, "align": "right"},
        "growth": growth, "share": {"num_format": "0.0%"}, "whole": {"num_format": "0"},
        "rank": {"num_format": "0", "align": "right"},
        "place": {"num_format": "0", "align": "center", "font_color": GREY},
        "date": {"num_format": "d mmm yyyy", "align": "right"},
        "when": {"num_format": "d mmm yyyy", "align": "left"},
        "time": {"num_format": "d mmm yyyy hh:mm", "align": "left"},
        "data_share": {"num_format": "0.0%", "align": "right", "indent": 1},
        "data_amount": {"num_format": "#,##0.00", "align": "right", "indent": 1},
        "data_whole": {"num_format": "0", "align": "right", "indent": 1},
        "total_text": total, "total_value": {**total, **value, "align": "right"},
        "total_change": {**total, **change, "align": "right"},
        "total_growth": {**total, **growth}, "total_share": {**total, "num_format": "0.0%"},
        "total_rank": total,
        "kpi": {"font_color": GREY, "font_size": 10, "bottom": 1, "bottom_color": RULE},
        "small_head": {"font_color": GREY, "font_size": 10, "align": "right", "valign": "bottom"},
        "kpi_value": {**big, **value}, "kpi_change": {**big, **change},
        "kpi_growth": {**big, **growth, "align": "left"}, "kpi_text": big,
    }  # fmt: skip
    return {name: file.add_format({**base, **more}) for name, more in wanted.items()}


def put(sheet: Any, row: int, at: int, formula: str | None, value: Any, style: Any) -> None:
    """Write a formula with its value, or the value alone where it cannot be live."""
    if formula:
        sheet.write_formula(row, at, formula, style, value)
    elif isinstance(value, str):
        sheet.write_string(row, at, value, style)
    else:
        sheet.write_number(row, at, value, style)


def style_chart(
    sheets: Sheets, chart: Any, title: str, flat: bool, values: list[float | None]
) -> None:
    """Give a chart its quiet look; a legend only where there is more than one series."""
    largest = max((abs(value or 0) for value in values), default=0.0)
    legend = len(chart.series) > 1
    scale = _axis_format(sheets.unit, largest)
    font = {"color": GREY, "size": 9}
    amounts = {"num_format": scale, "num_font": font, "line": {"none": True},
               "major_gridlines": {"visible": True, "line": {"color": RULE, "width": 0.5}},
               "major_tick_mark": "none"}  # fmt: skip
    groups = {"num_font": {"color": INK, "size": 9}, "line": {"color": GREY, "width": 0.75},
              "major_tick_mark": "none", "label_position": "low", "reverse": flat}  # fmt: skip
    # The library counts the axes of a bar chart as drawn: y runs along the groups.
    across, up = (amounts, groups) if flat else (groups, amounts)
    if flat:
        groups["crossing"] = "max"
    chart.set_x_axis(across)
    chart.set_y_axis(up)
    chart.set_title({"name": shorten(title, 90), "overlay": False, "layout": None,
                     "name_font": {"size": 12, "bold": True, "color": INK}})  # fmt: skip
    chart.set_legend({"position": "bottom", "font": font} if legend else {"none": True})
    chart.set_chartarea({"border": {"color": RULE}})


def print_setup(sheets: Sheets, sheet: Any, landscape: bool) -> None:
    plan = sheets.figures.plan
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    title = shorten(plan["title"], 80).replace("&", "&&")
    source = shorten(source_text(plan), 80).replace("&", "&&")
    sheet.set_header(f"&L&9{title}&R&9&A")
    sheet.set_footer(f"&L&9Source: {source}&R&9Page &P")


def table_headings(name: str, pair: tuple[str, str]) -> tuple[str, str]:
    """Keep table headings apart from each other and from the fixed ones."""
    taken = {name.casefold(), "change", "growth", "share", "rank"}
    kept = []
    for heading in pair:
        free = shorten(heading.replace("\n", " "), 120)
        while free.casefold() in taken:
            free += " (value)"
        taken.add(free.casefold())
        kept.append(free)
    return kept[0], kept[1]


def _axis_format(unit: Unit, largest: float) -> str:
    """Shorten large figures on an axis to thousands or millions."""
    if unit.fraction:
        return "0%"
    if largest >= 1_000_000:
        return '0.0,,"m"'
    if largest >= 20_000:
        return '#,##0,"k"'
    return "#,##0" if largest >= 10 else "0.0"
