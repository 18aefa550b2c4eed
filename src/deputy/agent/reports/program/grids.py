"""Lays out a question's table for the page: as many lines and columns as are read with ease.

Owns what is left to the other files. Must never set type: it gives text and sizes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from deputy.agent.reports.program.figures import (
    TOTAL,
    Line,
    Result,
    figures_where,
    pivot_lines,
)
from deputy.agent.reports.program.telling import others_name, short_headings
from deputy.agent.reports.program.wording import Column, columns_of, shorten

PAGE_WIDTH = 482.0  # points between the margins of A4
SIZES = (9.5, 8.8, 8.0, 7.3, 6.7)  # of type, in points
LETTER_WIDTH = 0.49  # of a letter or digit, in parts of its size
COLUMN_GAP = 14.0  # points
NAME_CHARACTERS_MAX = 34
GRID_HEADING_CHARACTERS = 28
BARE_COLUMNS_MIN = 7
PIVOT_COLUMNS_MIN = 4


@dataclass(frozen=True)
class Grid:
    """A table as text, with the columns whose sign is coloured."""

    head: list[str]
    rows: list[list[str]]
    total: list[str]
    toned: list[int]
    size: float
    unit: str  # said once where the figures go without it
    more: int  # lines taken together in the last one
    dropped: bool  # whether columns are left to the other files

    def data(self, pad: float) -> dict[str, Any]:
        """Give the template its data."""
        return {"head": self.head, "rows": self.rows, "total": self.total, "toned": self.toned,
                "size": self.size, "pad": pad}  # fmt: skip


def grid_of(result: Result, rows_max: int) -> Grid | None:
    """Give the table of a grouped question; None without groups."""
    if not result.lines:
        return None
    shown = _narrowed(result)
    lines, more = _lines_shown(shown, rows_max)
    columns = columns_of(shown)
    headings = short_headings(shown, GRID_HEADING_CHARACTERS)
    kept = list(range(len(columns)))
    bare = len(columns) >= BARE_COLUMNS_MIN
    size = _type_size(columns, headings, kept, lines, shown, bare)
    while size is None and len(kept) > 1:
        kept = _without_least(shown, columns, kept)
        size = _type_size(columns, headings, kept, lines, shown, bare)
    chosen = [columns[at] for at in kept]

    def cells(line: Line) -> list[str]:
        return [shorten(line.name, NAME_CHARACTERS_MAX),
                *(one.text(line, bare) for one in chosen)]  # fmt: skip

    assert result.group is not None
    style = columns[0].style
    return Grid(
        [shorten(result.group["label"], 30), *(headings[at] for at in kept)],
        [cells(line) for line in lines], cells(shown.total),
        [place for place, one in enumerate(chosen, start=1) if one.kind in ("change", "growth")],
        size or SIZES[-1], (style.before or style.after).strip() if bare else "", more,
        len(kept) < len(columns) or len(shown.across) < len(result.across),
    )  # fmt: skip


def _type_size(columns: list[Column], headings: list[str], kept: list[int], lines: list[Line],
          result: Result, bare: bool) -> float | None:  # fmt: skip
    """Give the largest type in which the table fits, or nothing."""
    names = [len(shorten(line.name, NAME_CHARACTERS_MAX)) for line in lines]
    letters = [max([*names, 6]) * 0.92]
    for at in kept:
        texts = [columns[at].text(line, bare) for line in (*lines, result.total)]
        words = [len(word) for word in headings[at].split()]
        letters.append(max([*map(len, texts), *words]))
    for size in SIZES:
        if sum(letters) * LETTER_WIDTH * size + COLUMN_GAP * len(letters) <= PAGE_WIDTH:
            return size
    return None


def _without_least(result: Result, columns: list[Column], kept: list[int]) -> list[int]:
    """Drop what a reader of the page misses least: earlier figures, then later measures."""
    for kind in ("compare", "change", "share", "growth", "value"):
        for at in reversed(kept):
            one = columns[at]
            if one.kind == kind and (one.at != result.main or kind == "share"):
                return [place for place in kept if place != at]
    return kept[:-1]


def _narrowed(result: Result) -> Result:
    """Take columns of a wide pivot together until it fits the page."""
    if not result.pivot:
        return result
    count = len(result.across)
    while count > PIVOT_COLUMNS_MIN:
        shown = _with_columns(result, count)
        columns = columns_of(shown)
        lines = list(shown.lines[:40])
        bare = len(columns) >= BARE_COLUMNS_MIN
        headings = [shorten(one.heading, GRID_HEADING_CHARACTERS) for one in columns]
        if _type_size(columns, headings, list(range(len(columns))), lines, shown, bare):
            return shown
        count -= 1
    return _with_columns(result, count)


def _with_columns(result: Result, count: int) -> Result:
    """Keep so many columns of a pivot, the last of time or the first, and one for the others."""
    if count >= len(result.across):
        return result
    timed = bool(result.question["groups"][1]["by"])
    chosen = result.across[-count:] if timed else result.across[:count]
    label = "Earlier" if timed else "Others"
    down, over = result.rows.groups
    names = set(chosen)
    merged = over.where(over.map(lambda name: name in names), label)
    rows = replace(result.rows, groups=(down, merged))
    across = (label, *chosen) if timed else (*chosen, label)
    bare = replace(result, rows=rows, across=across, total=Line(TOTAL, ()))
    lines = pivot_lines(bare, [line.name for line in result.lines])
    ranks = {line.name: line.rank for line in result.lines}
    lines = [replace(line, rank=ranks[line.name]) for line in lines]
    total = Line(TOTAL, figures_where(bare, across, rows.used))
    return replace(bare, lines=tuple(lines), total=total)


def _lines_shown(result: Result, rows_max: int) -> tuple[list[Line], int]:
    """Give the lines there is room for, the rest as one; and how many that one holds."""
    lines = list(result.lines)
    if len(lines) <= rows_max:
        return lines, 0
    if result.timed:
        rest, kept = lines[: -(rows_max - 1)], lines[-(rows_max - 1) :]
        return [_rest(result, rest, f"{len(rest):,} earlier"), *kept], len(rest)
    kept, rest = lines[: rows_max - 1], lines[rows_max - 1 :]
    return [*kept, _rest(result, rest, others_name(result, len(rest)))], len(rest)


def _rest(result: Result, rest: list[Line], name: str) -> Line:
    among: pd.Series = result.rows.groups[0].isin([line.name for line in rest])
    share = math.fsum(line.share or 0.0 for line in rest) if result.shared else None
    return Line(name, figures_where(result, result.across, among), share)
