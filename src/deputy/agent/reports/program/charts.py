"""Draws the native chart of a question over cells of a table.

Owns which cells a chart shows and of what kind it is. Must never hold a figure of its own.
"""

from __future__ import annotations

from typing import Any

from deputy.agent.reports.program.figures import ADDITIVE, Result
from deputy.agent.reports.program.formulas import Book
from deputy.agent.reports.program.styles import (
    GREEN,
    PALE,
    SERIES_COLOURS,
    Sheets,
    style_chart,
)
from deputy.agent.reports.program.tables import Placed
from deputy.agent.reports.program.telling import table_of
from deputy.agent.reports.program.wording import period_heading, style_of

CHART_GROUPS_MAX = 15
CHART_SPANS_MAX = 60
COLUMNS_MAX = 31  # more points in time are a line
NAMED_MIN = 5  # a ranking of so many is what the chart shows
NARROW = 9  # so many columns, or names of so many letters together, and bars read better
NAMES_LETTERS_MAX = 75


def chart_kind(result: Result, shown: int, letters: int) -> str:
    """Give "bar", "column" or "line": as wished, else what reads best."""
    wish = result.question["chart"] and result.question["chart"]["kind"]
    if wish:
        return str(wish)
    unit = result.group["by"] if result.group else None
    if unit:
        return "line" if shown > COLUMNS_MAX and unit not in ("weekday", "hour") else "column"
    return "bar" if shown > NARROW or letters > NAMES_LETTERS_MAX else "column"


def lines_drawn(result: Result) -> tuple[int, int]:
    """Give the first line a chart shows and how many it shows."""
    count = len(result.lines)
    chart, rank = result.question["chart"], result.question["rank"]
    if result.timed:
        most = (chart and chart["top"]) or CHART_SPANS_MAX
        return (max(0, count - most), min(most, count))
    most = (chart and chart["top"]) or CHART_GROUPS_MAX
    named = rank and result.rank_by == "value" and rank["top"] >= NAMED_MIN
    if named and not (chart and chart["top"]):
        most = rank["top"]
    return 0, min(most, count)


def draws_ranking(result: Result) -> bool:
    """Whether the chart shows the ranking: a top of points in time, which keep their order."""
    chart = result.question["chart"]
    wished = bool(chart and chart["top"] and chart["top"] < len(result.lines))
    return wished and result.timed and bool(result.ranked) and not result.pivot


def chart_title(result: Result, shown: int) -> str:
    """Say what a chart shows."""
    count, rank = len(result.lines), result.question["rank"]
    if shown >= count:
        return table_of(result)
    if result.timed and not draws_ranking(result):
        return f"{table_of(result)}, the last {shown} of {count}"
    rising = rank and rank["order"] == "asc"
    if rank and result.rank_by != "value":
        return f"{table_of(result)}, {shown} of {count}"
    return f"{table_of(result)}, {shown} {'smallest' if rising else 'largest'} of {count}"


def draw_chart(sheets: Sheets, sheet: Any, book: Book, name: str, placed: Placed,
               corner: tuple[int, int], ranking: tuple[int, int, int] | None) -> None:  # fmt: skip
    """Draw the chart of a grouped question at a corner (row, column)."""
    result = book.result
    if not result.lines:
        return
    start, shown = lines_drawn(result)
    first, last, names_at = placed.first + start, placed.first + start + shown - 1, 1
    if ranking is not None and draws_ranking(result):
        first, last, names_at = ranking
        shown = last - first + 1
    names = [line.name for line in result.lines[start : start + shown]]
    kind = chart_kind(result, shown, sum(map(len, names)))
    series = _series(result, placed, names_at)
    stacked = (result.pivot and len(series) > 1 and kind != "line"
               and result.main_measure["aggregate"] in ADDITIVE)  # fmt: skip
    chart = sheets.file.add_chart({"type": kind, **({"subtype": "stacked"} if stacked else {})})
    head = placed.head if names_at == 1 else first - 1
    for at, colour in series:
        chart.add_series({
            "name": [name, head, at], "categories": [name, first, names_at, last, names_at],
            "values": [name, first, at, last, at], **_paint(kind, colour, stacked),
        })  # fmt: skip
    title = chart_title(result, shown)
    places = range(len(result.across)) if result.pivot and len(series) > 1 else (result.main,)
    amounts = [abs(line.cells[place].value or 0) for line in result.lines for place in places]
    amounts += [abs(line.cells[result.main].compare or 0) for line in result.lines]
    style_chart(chart, title, kind == "bar", style_of(result, result.main),
                max(amounts, default=0.0))  # fmt: skip
    height = max(330, 26 * shown + 90) if kind == "bar" else 330
    chart.set_size({"width": 760 if names_at == 1 and len(placed.columns) > 8 else 530,
                    "height": height})  # fmt: skip
    sheet.insert_chart(*corner, chart, {"object_position": 2, "y_offset": 4,
                                        "description": title})  # fmt: skip


def _series(result: Result, placed: Placed, names_at: int) -> list[tuple[int, str]]:
    """Give the columns drawn, each with its colour."""
    if names_at != 1:
        by = 2 if result.rank_by != "value" else 1
        return [(names_at + by, GREEN)]
    if result.pivot:
        if len(result.across) <= len(SERIES_COLOURS):
            return [(2 + place, SERIES_COLOURS[place]) for place in range(len(result.across))]
        return [(placed.figure("value", result.main), GREEN)]
    drawn = [(placed.figure("value", result.main), GREEN)]
    if result.compared:
        drawn.append((placed.figure("compare", result.main), PALE))
    return drawn


def _paint(kind: str, colour: str, stacked: bool) -> dict[str, Any]:
    if kind == "line":
        return {"line": {"color": colour, "width": 2}}
    return {"fill": {"color": colour}, "gap": 60, "overlap": 100 if stacked else 0}


def legend_of(result: Result) -> tuple[str, ...]:
    """Give the words of a drawing's legend: the figure and what it is compared with."""
    now, then = period_heading(result)
    return (now, then) if result.compared else (now,)
