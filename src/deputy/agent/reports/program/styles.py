"""Looks of the workbook: colours, formats, charts and the printed page.

Owns what all sheets share. Must never know which figure is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from deputy.agent.reports.program.figures import Result
from deputy.agent.reports.program.formulas import Book
from deputy.agent.reports.program.telling import source_text
from deputy.agent.reports.program.wording import Style, shorten

INK, GREY, GREEN, PALE, RED, RULE = "#1B1F1D", "#6B736F", "#1F5C46", "#B7CDC0", "#A63A2B", "#D5DAD7"
SERIES_COLOURS = (GREEN, "#7FA893", "#C9A15A", "#4F7CAC", "#A63A2B", "#8C8C8C", PALE, "#5B4B6E")
TABLE_STYLE = "Table Style Light 1"
GROWTH_FORMAT = "+0.0%;-0.0%;0.0%"
PAGE_A4 = 9
BODY = {"font_name": "Calibri", "font_size": 11, "font_color": INK, "valign": "vcenter"}
HEAD = {"bold": True, "bottom": 1, "bottom_color": INK, "text_wrap": True, "valign": "bottom"}
TOTAL_ROW = {"bold": True, "top": 1, "top_color": INK}
BIG = {"font_size": 15, "bold": True, "align": "left"}
LOOKS: dict[str, dict[str, Any]] = {
    "text": {}, "grey": {"font_color": GREY}, "wrap": {"text_wrap": True, "valign": "top"},
    "label": {"font_color": GREY, "valign": "top"}, "title": {"font_size": 18, "bold": True},
    "section": {"bold": True, "font_size": 12, "font_color": GREEN},
    "link": {"font_color": GREEN, "underline": 1, "font_size": 10},
    "block": {**HEAD, "font_size": 13, "font_color": GREEN, "text_wrap": False},
    "head": HEAD, "head_right": {**HEAD, "align": "right"},
    "rank": {"num_format": "0", "align": "right"},
    "place": {"num_format": "0", "align": "center", "font_color": GREY},
    "date": {"num_format": "d mmm yyyy", "align": "right"},
    "when": {"num_format": "d mmm yyyy", "align": "left"},
    "time": {"num_format": "d mmm yyyy hh:mm", "align": "left"},
    "data_share": {"num_format": "0.0%", "align": "right", "indent": 1},
    "data_amount": {"num_format": "#,##0.00", "align": "right", "indent": 1},
    "data_whole": {"num_format": "0", "align": "right", "indent": 1},
    "total_text": TOTAL_ROW, "total_rank": TOTAL_ROW,
    "kpi": {"font_color": GREY, "font_size": 10, "bottom": 1, "bottom_color": RULE},
    "small_head": {"font_color": GREY, "font_size": 10, "align": "right", "valign": "bottom"},
    "kpi_text": BIG, "said": {"font_size": 12, "text_wrap": True, "valign": "top"},
    "red": {"font_color": RED}, "green": {"font_color": GREEN},
    "left_amount": {"num_format": "#,##0.00", "align": "left"},
}  # fmt: skip


@dataclass
class Sheets:
    """The workbook being written, with the formats all sheets share."""

    file: Any
    plan: dict[str, Any]
    results: Sequence[Result]
    books: Sequence[Book]
    names: Sequence[str] = ()  # of the sheet of each question
    made: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def form(self, look: str) -> Any:
        """Give a format by name."""
        if (look,) not in self.made:
            bare = look in ("red", "green")
            self.made[look,] = self.file.add_format({**({} if bare else BODY), **LOOKS[look]})
        return self.made[look,]

    def amount(self, kind: str, style: Style, place: str = "body") -> Any:
        """Give the format of a figure in the body of a table, its total row or written big."""
        key = (kind, style, place)
        if key not in self.made:
            written = {"growth": GROWTH_FORMAT, "share": "0.0%", "rank": "0",
                       "change": style.excel(signed=True)}.get(kind, style.excel())  # fmt: skip
            where = {"total": TOTAL_ROW, "big": BIG}.get(place, {})
            self.made[key] = self.file.add_format(
                {**BODY, "align": "right", **where, "num_format": written}
            )
        return self.made[key]


def put(sheet: Any, row: int, at: int, formula: str | None, value: Any, look: Any) -> None:
    """Write a formula with its value, or the value alone where it cannot be live."""
    if formula:
        sheet.write_formula(row, at, formula, look, value)
    elif isinstance(value, str):
        sheet.write_string(row, at, value, look)
    else:
        sheet.write_number(row, at, value, look)


def style_chart(chart: Any, title: str, flat: bool, style: Style, largest: float) -> None:
    """Give a chart its quiet look; a legend only where there is more than one series."""
    legend = len(chart.series) > 1
    font = {"color": GREY, "size": 9}
    amounts = {"num_format": _axis_format(style, largest), "num_font": font,
               "line": {"none": True}, "major_tick_mark": "none",
               "major_gridlines": {"visible": True,
                                   "line": {"color": RULE, "width": 0.5}}}  # fmt: skip
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


def print_setup(sheets: Sheets, sheet: Any) -> None:
    """Let a sheet print on A4 across, one page wide, with its source below."""
    sheet.set_landscape()
    sheet.set_paper(PAGE_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    title = shorten(sheets.plan["title"], 80).replace("&", "&&")
    source = shorten(source_text(sheets.plan), 80).replace("&", "&&")
    sheet.set_header(f"&L&9{title}&R&9&A")
    sheet.set_footer(f"&L&9Source: {source}&R&9Page &P of &N")


def _axis_format(style: Style, largest: float) -> str:
    """Shorten large figures on an axis to thousands or millions."""
    if style.fraction:
        return "0%" if largest >= 0.05 else "0.0%"
    if largest >= 1_000_000:
        return '0.0,,"m"'
    if largest >= 20_000:
        return '#,##0,"k"'
    return "#,##0" if largest >= 10 else "0.0"
