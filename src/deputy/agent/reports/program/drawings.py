"""Lays out what is drawn on the page: bars, columns, a line, the named groups.

Owns lengths as fractions of the room there is. Must never set type.
"""

from __future__ import annotations

from typing import Any

from deputy.agent.reports.program.charts import (
    chart_kind,
    chart_title,
    in_time,
    legend_of,
    lines_drawn,
)
from deputy.agent.reports.program.courses import Course
from deputy.agent.reports.program.figures import ADDITIVE, Line, Result
from deputy.agent.reports.program.telling import rank_figure, together
from deputy.agent.reports.program.wording import (
    Style,
    day_text,
    measure_name,
    percent,
    period_name,
    rank_heading,
    shorten,
    style_of,
)

BARS_MAX = 12
BARS_WISHED_MAX = 25
COLUMNS_DRAWN_MAX = 62
LABELS_MAX = 24
LABELS_WIDTH, LABEL_LETTER, LABEL_GAP = 482.0, 3.4, 6.0  # points
NAMED_MAX = 5
PARTS_MAX = 6
NAME_LETTERS = 26
FEW_POINTS = 6
NOBODY: dict[str, Any] = {"title": "", "rows": [], "note": "", "small": False}
NOTHING: dict[str, Any] = {"kind": "", "title": "", "bars": [], "columns": [], "legend": []}


def drawing_of(result: Result, room: int) -> dict[str, Any]:
    """Give the drawing of a grouped question, or one of nothing."""
    if len(result.lines) < 2 or not result.drawn:
        return NOTHING
    lines = lines_drawn(result)
    kind, timed = chart_kind(result, lines), in_time(result, lines)
    columns = kind == "column" and len(lines) > FEW_POINTS and not result.compared
    if timed and (kind == "line" or columns):
        return _upright(result, lines, "line" if len(lines) > COLUMNS_DRAWN_MAX else kind)
    wished = bool(result.question["chart"] and result.question["chart"]["top"])
    most = min(room, BARS_WISHED_MAX if wished else BARS_MAX)
    return _bars(result, lines[-most:] if timed else lines[:most])


def _bars(result: Result, lines: list[Line]) -> dict[str, Any]:
    """Give bars as fractions of the width, with the place of zero."""
    style, at = style_of(result, result.main), result.main
    now = [line.cells[at].value or 0.0 for line in lines]
    then = [line.cells[at].compare or 0.0 for line in lines]
    values = [*now, *(then if result.compared else [])]
    low, high = min([0.0, *values]), max([0.0, *values])
    span = (high - low) or 1.0
    title = chart_title(result, lines)
    legend = [shorten(one, 24) for one in legend_of(result)]
    parts = _parts(result, lines, span)
    if parts:
        legend = [shorten(name, 16) for name in result.across]
    tight = len(lines) > 10
    return {
        **NOTHING, "kind": "bars", "title": shorten(title, 70), "legend": legend,
        "two": result.compared, "zero": -low / span,
        "stacked": len(legend) > 1 and len(title) + sum(map(len, legend)) > 52,
        "thick": 4.2 if tight else 5.5, "gap": 3.5 if tight else 5,
        "bars": [
            {"name": shorten(line.name, NAME_LETTERS), "now": value / span, "then": past / span,
             "text": style.text(line.cells[at].value), "parts": parts[place] if parts else []}
            for place, (line, value, past) in enumerate(zip(lines, now, then, strict=True))
        ],
    }  # fmt: skip


def _parts(result: Result, lines: list[Line], span: float) -> list[list[float]]:
    """Give each bar of a pivot its parts, where they add up."""
    if not result.pivot or len(result.across) > PARTS_MAX:
        return []
    inner = [[cell.value or 0.0 for cell in line.cells[:-1]] for line in lines]
    if result.main_measure["aggregate"] not in ADDITIVE or any(min(one) < 0 for one in inner):
        return []
    return [[value / span for value in one] for one in inner]


def _upright(result: Result, lines: list[Line], kind: str) -> dict[str, Any]:
    """Give columns or a line in the order of time."""
    values = [line.cells[result.main].value for line in lines]
    style = style_of(result, result.main)
    names = [line.name for line in lines]
    title = chart_title(result, lines)
    return {**NOTHING, "kind": kind, "title": shorten(title, 80),
            **_standing(values, names, style, [True] * len(lines))}  # fmt: skip


def _standing(values: list[float | None], labels: list[str], style: Style,
              dark: list[bool]) -> dict[str, Any]:  # fmt: skip
    """Give heights as fractions, the place of zero, labels where there is room, the ends."""
    known = [value for value in values if value is not None] or [0.0]
    low, high = min([0.0, *known]), max([0.0, *known])
    span = (high - low) or 1.0
    widest = max(len(word) for label in labels for word in label.split(" ", 1))
    most = min(LABELS_MAX, int(LABELS_WIDTH // (widest * LABEL_LETTER + LABEL_GAP)))
    step = -(-len(values) // most)
    top, bottom = values.index(max(known)) if max(known) in values else 0, min(known)
    said = f"Highest: {labels[top]}, {style.text(max(known))}."
    if len(set(known)) > 1:
        said += f" Lowest: {labels[values.index(bottom)]}, {style.text(bottom)}."
    return {
        "zero": -low / span,
        "columns": [
            {"part": (value or 0.0) / span, "dark": dark[at],
             "label": labels[at].replace(" ", "\n", 1) if at % step == 0 else ""}
            for at, value in enumerate(values)
        ],
        "note": said,
    }  # fmt: skip


def course_drawing(result: Result, course: Course | None) -> dict[str, Any]:
    """Give the course as columns; those inside the period or the comparison stand out."""
    if course is None or len(course.buckets) < 3:
        return NOTHING
    values = [one.value for one in course.buckets]
    if not any(values):
        return NOTHING
    question = result.question
    spans = [question[key] for key in ("period", "compare") if question[key]]
    spans = spans if period_name(question) else []
    dark = [not spans or any(span["start"] <= one.start.isoformat() <= span["end"]
                             for span in spans) for one in course.buckets]  # fmt: skip
    made = _standing(values, [one.label for one in course.buckets],
                     style_of(result, result.main), dark)  # fmt: skip
    said = "Dark columns hold the dates compared. " if spans and result.compared else (
        "Dark columns hold the dates counted. " if spans else "")  # fmt: skip
    last = course.buckets[-1]
    ends = f" {last.label} runs to {day_text(last.end)}." if course.cut else ""
    return {**NOTHING, **made, "kind": "column", "note": f"{said}{made['note']}{ends}",
            "title": f"{measure_name(result.main_measure)} over time"}  # fmt: skip


def podium_of(result: Result, brief: bool) -> dict[str, Any]:
    """Give the named groups with the figure they are named for; brief: not what bars show."""
    shown = brief and not result.timed and result.rank_by == "value"
    if not result.ranked or (shown and result.together is None):
        return NOBODY
    if shown:
        return {**NOBODY, "note": f"{together(result)}."}
    style, at = style_of(result, result.main), result.main
    small = len(result.ranked) > NAMED_MAX
    rows = []
    # A long ranking that is the order of the table need not be told twice in full.
    told = result.ranked if result.timed else result.ranked[:NAMED_MAX]
    for line in told:
        cell = line.cells[at]
        if result.compared:
            note = f"{style.text(cell.compare)} → {style.text(cell.value)}"
        else:
            note = f"{percent(line.share, signed=False)} of the total" if line.share else ""
        rows.append({"name": shorten(line.name, NAME_LETTERS), "note": "" if small else note,
                     "text": rank_figure(result, line)})  # fmt: skip
    more = len(result.ranked) - len(rows)
    notes = [f"and {more} more in the table." if more > 0 else "", _ended_note(together(result))]
    return {"title": rank_heading(result), "rows": rows, "small": small,
            "note": " ".join(filter(None, notes))}  # fmt: skip


def _ended_note(text: str) -> str:
    return f"{text}." if text else ""
