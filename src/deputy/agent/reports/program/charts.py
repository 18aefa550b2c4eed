"""Draws the native chart of a question over cells of a table.

Owns which cells a chart shows and of what kind it is. Must never hold a figure of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deputy.agent.reports.program.figures import ADDITIVE, Line, Result
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
POINTS_MAX = 1_500
COLUMNS_MAX = 31  # more points in time are a line
NARROW = 9  # so many columns, or names of so many letters together, and bars read better
NAMES_LETTERS_MAX = 75
LISTED_LETTERS_MAX = 12  # longer names of columns made long read better beside bars


def chart_kind(result: Result, lines: list[Line]) -> str:
    """Give "bar", "column" or "line": as wished, else what reads best."""
    wish = result.question["chart"] and result.question["chart"]["kind"]
    if wish:
        return str(wish)
    unit = result.group["by"] if result.group else None
    short = all(len(line.name) <= LISTED_LETTERS_MAX for line in lines)
    if in_time(result, lines) and (unit or short):
        many = len(lines) > COLUMNS_MAX and unit not in ("weekday", "hour")
        return "line" if many else "column"
    letters = sum(len(line.name) for line in lines)
    return "bar" if len(lines) > NARROW or letters > NAMES_LETTERS_MAX else "column"


def lines_drawn(result: Result) -> list[Line]:
    """Give the lines a chart shows, in its order: all that can be read, or as many as wished."""
    lines = list(result.lines)
    chart = result.question["chart"]
    wished = chart["top"] if chart else None
    if result.timed:
        if wished is None or wished >= len(lines):
            return lines[-POINTS_MAX:]
        named = result.ranked and wished <= len(result.ranked)
        return list(result.ranked[:wished]) if named else lines[-wished:]
    return lines[: wished or CHART_GROUPS_MAX]


def in_time(result: Result, lines: list[Line]) -> bool:
    """Whether lines drawn stand in the order of time."""
    return result.timed and lines == list(result.lines[-len(lines) :])


def chart_title(result: Result, lines: list[Line]) -> str:
    """Say what a chart shows."""
    count, shown, rank = len(result.lines), len(lines), result.question["rank"]
    if shown >= count:
        return table_of(result)
    if in_time(result, lines):
        return f"{table_of(result)}, the last {shown} of {count}"
    if rank and result.rank_by != "value":
        return f"{table_of(result)}, {shown} of {count}"
    rising = rank and rank["order"] == "asc"
    return f"{table_of(result)}, {shown} {'smallest' if rising else 'largest'} of {count}"


def needs_block(result: Result, lines: list[Line]) -> bool:
    """Whether a chart shows so few lines of the table that they stand in a block of their own."""
    head = lines == list(result.lines[: len(lines)])
    return not head or len(lines) < min(len(result.lines), CHART_GROUPS_MAX)


@dataclass(frozen=True)
class Drawn:
    """The cells a chart shows: row of the headings, first and last row, columns."""

    head: int
    first: int
    last: int
    names: int
    series: tuple[tuple[int, str], ...]  # a column and its colour


def drawn_in_table(result: Result, placed: Placed, lines: list[Line]) -> Drawn:
    """Give the leading cells of the question's own table."""
    last = placed.first + len(lines) - 1
    return Drawn(placed.head, placed.first, last, 1, tuple(_series(result, placed)))


def draw_chart(sheets: Sheets, sheet: Any, result: Result, name: str, drawn: Drawn,
               lines: list[Line], corner: tuple[int, int], wide: bool) -> None:  # fmt: skip
    """Draw the chart of a grouped question at a corner (row, column)."""
    kind = chart_kind(result, lines)
    stacked = (result.pivot and len(drawn.series) > 1 and kind != "line"
               and result.main_measure["aggregate"] in ADDITIVE)  # fmt: skip
    chart = sheets.file.add_chart({"type": kind, **({"subtype": "stacked"} if stacked else {})})
    for at, colour in drawn.series:
        chart.add_series({
            "name": [name, drawn.head, at],
            "categories": [name, drawn.first, drawn.names, drawn.last, drawn.names],
            "values": [name, drawn.first, at, drawn.last, at], **_paint(kind, colour, stacked),
        })  # fmt: skip
    title = chart_title(result, lines)
    across = result.pivot and len(drawn.series) > 1 and not stacked
    places = range(len(result.across)) if across else (result.main,)
    amounts = [abs(amount) for line in lines for place in places
               for amount in (line.cells[place].value, line.cells[place].compare)
               if amount is not None]  # fmt: skip
    style = style_of(result, result.main)
    style_chart(chart, title, kind == "bar", style, max(amounts, default=0.0))
    height = max(330, 26 * len(lines) + 90) if kind == "bar" else 330
    chart.set_size({"width": 760 if wide else 530, "height": height})
    sheet.insert_chart(*corner, chart, {"object_position": 2, "y_offset": 4,
                                        "description": title})  # fmt: skip


def _series(result: Result, placed: Placed) -> list[tuple[int, str]]:
    """Give the columns drawn, each with its colour."""
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
