"""Computes a question from plain rows in plain Python: what the report's figures must equal.

Owns a second reading of what a plan means, for small tables of true values. Must never import the
report program.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

BLANK = "(blank)"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Row = dict[str, Any]
Test = Callable[[Any, Any], bool]

ORDERED: dict[str, Test] = {
    "gt": lambda cell, value: cell > value, "ge": lambda cell, value: cell >= value,
    "lt": lambda cell, value: cell < value, "le": lambda cell, value: cell <= value,
    "between": lambda cell, value: value[0] <= cell <= value[1],
}  # fmt: skip
WORDS: dict[str, Test] = {
    "eq": lambda cell, value: cell == value, "in": lambda cell, value: cell in value,
    "ne": lambda cell, value: cell != value, "not_in": lambda cell, value: cell not in value,
    "contains": lambda cell, value: value in cell,
    "starts": lambda cell, value: cell.startswith(value),
    "ends": lambda cell, value: cell.endswith(value),
}  # fmt: skip


def keeps(row: Row, rules: Sequence[Row]) -> bool:
    """Whether a row satisfies every filter."""
    return all(_keeps(row[rule["column"]], rule["op"], rule["value"]) for rule in rules)


def _keeps(cell: Any, op: str, value: Any) -> bool:
    if op in ("missing", "present"):
        return (cell is None) == (op == "missing")
    if cell is None:
        return op in ("ne", "not_in")
    if op in ORDERED:
        return ORDERED[op](cell, value)
    folded = [one.strip().casefold() for one in value] if isinstance(value, list) else (
        value.strip().casefold())  # fmt: skip
    return WORDS[op](cell.strip().casefold(), folded)


def figure(rows: Sequence[Row], measure: Row) -> float | None:
    """Give one figure of some rows."""
    how, column = measure["aggregate"], measure["column"]
    fits = [keeps(row, measure["where"]) for row in rows]
    if how == "ratio":
        return _ratio(rows, fits, column, measure["over"])
    kept = [row for row, fit in zip(rows, fits, strict=True) if fit]
    if column is None:
        return float(len(kept))
    cells = [row[column] for row in kept if row[column] is not None]
    counted = {"missing": len(kept) - len(cells), "count": len(cells),
               "distinct": len({str(cell).casefold() for cell in cells})}  # fmt: skip
    if how in counted:
        return float(counted[how])
    if how == "sum":
        return float(sum(cells))
    if not cells:
        return None
    found = {"mean": statistics.fmean, "median": statistics.median, "min": min, "max": max}
    return float(found[how](cells))


def _ratio(rows: Sequence[Row], fits: Sequence[bool], column: str | None,
           over: str | None) -> float | None:  # fmt: skip
    above = below = 0.0
    for row, fit in zip(rows, fits, strict=True):
        top = (1.0 if column is None else row[column]) if fit else 0.0
        bottom = 1.0 if over is None else row[over]
        if top is not None and bottom is not None:
            above, below = above + top, below + bottom
    return above / below if below else None


def name(row: Row, group: Row) -> str:
    """Give a row's group."""
    cell = row[group["column"]]
    if cell is None:
        return BLANK
    if group["by"] is None:
        return str(cell)
    day: date = cell
    year, week, _ = day.isocalendar()
    named = {"month": f"{day:%Y-%m}", "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
             "year": f"{day.year}", "week": f"{year}-W{week:02d}", "day": day.isoformat(),
             "weekday": WEEKDAYS[day.weekday()], "hour": "00"}  # fmt: skip
    return named[group["by"]]


def used(rows: Sequence[Row], question: Row, part: str) -> list[Row]:
    """Give the rows of the period or of the comparison."""
    kept = [row for row in rows if keeps(row, question["filters"])]
    span = question[part]
    if span is None or span.get("kind") == "all":
        return kept if part == "period" else []
    column = question["date_column"]
    return [row for row in kept
            if row[column] and span["start"] <= row[column].isoformat() <= span["end"]]  # fmt: skip


def lines(rows: Sequence[Row], question: Row) -> dict[str, dict[str, float | None]]:
    """Give the table of a question: by name, or "Total", and by heading."""
    now, then = used(rows, question, "period"), used(rows, question, "compare")
    if len(question["groups"]) == 2:
        return _pivot(now, question)
    (group,) = question["groups"] or (None,)
    names = {name(row, group) for row in (*now, *then)} if group else set()
    table = {}
    for one in (*names, None):
        mine = [[row for row in part if one is None or name(row, group) == one]
                for part in (now, then)]  # fmt: skip
        cells: dict[str, float | None] = {}
        for measure in question["measures"]:
            value = figure(mine[0], measure)
            cells[measure["label"]] = value
            if question["compare"]:
                heading = f"{measure['label']}, {question['compare']['label']}"
                cells[heading] = figure(mine[1], measure)
        table[one or "Total"] = cells
    return table


def _pivot(rows: Sequence[Row], question: Row) -> dict[str, dict[str, float | None]]:
    down, over = question["groups"]
    (measure,) = question["measures"]
    across = {name(row, over) for row in rows}
    table = {}
    for one in {name(row, down) for row in rows} | {None}:
        mine = [row for row in rows if one is None or name(row, down) == one]
        cells = {two: figure([row for row in mine if name(row, over) == two], measure)
                 for two in across}  # fmt: skip
        table[one or "Total"] = {**cells, "Total": figure(mine, measure)}
    return table
