"""Writes the result as CSV: one question as its table, several as one long list.

Owns cells that a spreadsheet will not take for formulas. Must never round a figure.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from deputy.agent.reports.program.figures import TOTALS, Line, Result
from deputy.agent.reports.program.wording import (
    Column,
    columns_of,
    free_headings,
    growth_text,
    together_name,
)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(results: Sequence[Result], path: Path) -> None:
    """Write UTF-8 with a byte order mark, figures unrounded."""
    rows = _table(results[0]) if len(results) == 1 else _list(results)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        for row in rows:
            out.writerow([_safe(cell) for cell in row])


def _table(result: Result) -> list[list[Any]]:
    """Give one line a group and the total."""
    columns = columns_of(result)
    first = result.group["label"] if result.group else "Figure"
    head = [first, *free_headings(first, (one.heading for one in columns))]
    body = [[line.name, *(_cell(one, line) for one in columns)] for line in result.lines]
    total = [result.total.name, *(_cell(one, result.total) for one in columns)]
    named = [[""] * len(head), _together_cells(result, columns)] if result.together else []
    return [head, *body, total, *named]


def _together_cells(result: Result, columns: list[Column]) -> list[Any]:
    """Give the named groups as one, below the table."""
    assert result.together is not None
    return [together_name(result), *(_cell(one, result.together) for one in columns)]


def _list(results: Sequence[Result]) -> list[list[Any]]:
    """Give one line a figure: question, group, second group, measure, value."""
    wide = any(result.pivot for result in results)
    rows: list[list[Any]] = [["Question", "Group", *(["Second group"] if wide else []),
                              "Measure", "Value"]]  # fmt: skip
    for result in results:
        measure, columns = result.main_measure["label"], columns_of(result)
        named = (replace(result.together, name=together_name(result)),) if result.together else ()
        for line in (*result.lines, result.total, *named):
            for one in columns:
                what = [one.heading, measure] if result.pivot else ["", one.heading]
                rows.append([result.question["title"], line.name, *what[int(not wide):],
                             _cell(one, line)])  # fmt: skip
    return rows


def _cell(one: Column, line: Line) -> Any:
    found = one.of(line)
    if found is None and one.kind == "growth":
        return growth_text(line.cells[one.at])
    if found is None and one.kind == "share" and line.name in TOTALS:
        return 1.0
    return found


def _safe(cell: Any) -> Any:
    if isinstance(cell, str):
        return "'" + cell if cell.startswith(FORMULA_STARTS) else cell
    if isinstance(cell, float):
        # Beyond 15 digits a double holds its own noise, and spreadsheets keep no more either.
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else repr(float(f"{cell:.15g}"))
    return "" if cell is None else cell
