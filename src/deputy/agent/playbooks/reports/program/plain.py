"""Writes the result as CSV.

Owns cells that a spreadsheet will not take for formulas. Must never round a figure.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from deputy.agent.playbooks.reports.program.figures import Figures, Line
from deputy.agent.playbooks.reports.program.wording import growth_text, headings, measure_name

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(figures: Figures, path: Path) -> None:
    """Write one line a group and the total, UTF-8 with a byte order mark, figures unrounded."""
    plan = figures.plan
    first = plan["group"]["label"] if plan["group"] else "Figure"
    now, then = headings(plan)
    shares = any(line.share is not None for line in figures.lines)
    head = [first, now, *([then, "Change", "Growth"] if figures.compared else []),
            *(["Share"] if shares else [])]  # fmt: skip

    def cells(line: Line) -> list[Any]:
        row: list[Any] = [line.name, line.value]
        if figures.compared:
            growth = growth_text(line) if line.growth is None else line.growth
            row += [line.compare, line.change, growth]
        return row + ([line.share] if shares else [])

    total = cells(figures.total)
    if shares:
        total[-1] = 1.0
    if not figures.lines:
        total[0] = measure_name(plan)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        for row in [head, *map(cells, figures.lines), total]:
            out.writerow([_safe(cell) for cell in row])


def _safe(cell: Any) -> Any:
    if isinstance(cell, str):
        return "'" + cell if cell.startswith(FORMULA_STARTS) else cell
    if isinstance(cell, float):
        # Beyond 15 digits a double holds its own noise, and spreadsheets keep no more either.
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else repr(float(f"{cell:.15g}"))
    return "" if cell is None else cell
