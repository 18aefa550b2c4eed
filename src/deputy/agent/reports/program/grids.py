"""Lays out a question's table for the page: as many lines and columns as are read with ease.

Owns what is left to the other files. Must never set type: it gives text and sizes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from deputy.agent.reports.program.figures import (
    Line,
    Result,
    figures_where,
    pivot_lines,
)
from deputy.agent.reports.program.telling import others_name, short_headings
from deputy.agent.reports.program.wording import (
    Column,
    columns_of,
    growth_text,
    period_heading,
    period_name,
    rounded,
    shorten,
    style_of,
)

PAGE_WIDTH = 482.0  # points between the margins of A4
SIZES = (9.5, 8.8, 8.0, 7.3, 6.7)  # of type, in points
LETTER_WIDTH = 0.475  # of a letter or digit, in parts of its size
COLUMN_GAP, NARROW_GAP = 16.0, 7.5  # points
LINES_MEASURED = 60
WIDE_COLUMNS = 7
NAME_CHARACTERS_MAX = 34
GRID_HEADING_CHARACTERS = 28
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
    widths: list[float]  # of the columns, as parts of the room there is
    more: int  # lines taken together in the last one
    dropped: bool  # whether columns are left to the other files

    def data(self, pad: float) -> dict[str, Any]:
        """Give the template its data."""
        return {"head": self.head, "rows": self.rows, "total": self.total, "toned": self.toned,
                "size": self.size, "pad": pad,
                "widths": self.widths if len(self.head) > WIDE_COLUMNS else []}  # fmt: skip


Write = Callable[[Column, Line], str]


def grid_of(result: Result, rows_max: int) -> Grid | None:
    """Give the table of a question; None where there is one figure only."""
    if not result.lines:
        return _grid_of_measures(result) if len(result.question["measures"]) > 1 else None
    shown, write, unit = _written(result)
    lines, more = _lines_shown(shown, rows_max)
    columns = columns_of(shown)
    headings = short_headings(shown, GRID_HEADING_CHARACTERS)
    kept = list(range(len(columns)))
    size = _type_size(columns, headings, kept, lines, shown, write)
    while size is None and len(kept) > 1:
        kept = _without_least(shown, columns, kept)
        size = _type_size(columns, headings, kept, lines, shown, write)
        if size is None and not result.pivot:
            bare = list(map(_with_unit, columns, headings))
            size = _type_size(columns, bare, kept, lines, shown, _bare)
            write, headings = (_bare, bare) if size else (write, headings)
    chosen = [columns[at] for at in kept]

    def cells(line: Line) -> list[str]:
        return [shorten(line.name, NAME_CHARACTERS_MAX), *(write(one, line) for one in chosen)]

    assert result.group is not None
    return Grid(
        [shorten(result.group["label"], 30), *(headings[at] for at in kept)],
        [cells(line) for line in lines], cells(shown.total),
        [place for place, one in enumerate(chosen, start=1) if one.kind in ("change", "growth")],
        size or SIZES[-1], unit, _letters(columns, headings, kept, lines, shown, write), more,
        len(kept) < len(columns) or len(shown.across) < len(result.across),
    )  # fmt: skip


def _grid_of_measures(result: Result) -> Grid:
    """Give several figures without groups: a line a figure."""
    compared, total = result.compared, result.total
    now, then = period_heading(result)
    rows = []
    for at, measure in enumerate(result.question["measures"]):
        cell, style = total.cells[at], style_of(result, at)
        row = [shorten(measure["label"], NAME_CHARACTERS_MAX), style.text(cell.value)]
        if compared:
            row += [style.text(cell.compare), style.text(cell.change, signed=True),
                    growth_text(cell)]  # fmt: skip
        rows.append(row)
    head = ["Figure", shorten(now, 30), shorten(then, 30), "Change", "Growth"]
    if not compared:
        head = ["Figure", period_name(result.question) or "Value"]
    return Grid(head, rows, [], [3, 4] if compared else [], SIZES[0], "", [], 0, False)


def _written(result: Result) -> tuple[Result, Write, str]:
    """Choose how figures are written: in full, without their unit, rounded; then fewer columns."""
    style = columns_of(result)[0].style
    full: list[tuple[Write, str]] = [(_in_full, "")]
    if result.pivot:
        sign = (style.before or style.after).strip()
        full.append((_bare, f"Figures in {sign}." if sign and not style.fraction else ""))
        if not style.fraction:
            unit = f" in {sign}" if sign else ""
            full.append((_rounded, f"Figures{unit}, rounded: k is thousand, m million."))
    for write, unit in full:
        if _fits(result, write):
            return result, write, unit
    write, unit = full[-1]
    count = len(result.across)
    while result.pivot and count > PIVOT_COLUMNS_MIN:
        count -= 1
        shown = _with_columns(result, count)
        if _fits(shown, write):
            return shown, write, unit
    return result, write, unit


def _in_full(one: Column, line: Line) -> str:
    return one.text(line)


def _bare(one: Column, line: Line) -> str:
    return one.text(line, bare=True)


def _rounded(one: Column, line: Line) -> str:
    return rounded(one.of(line))


def _fits(result: Result, write: Write) -> bool:
    columns = columns_of(result)
    headings = short_headings(result, GRID_HEADING_CHARACTERS)
    every = list(range(len(columns)))
    return _type_size(columns, headings, every, list(result.lines[:LINES_MEASURED]), result,
                      write) is not None  # fmt: skip


def _type_size(columns: list[Column], headings: list[str], kept: list[int], lines: list[Line],
               result: Result, write: Write) -> float | None:  # fmt: skip
    """Give the largest type in which the table fits, or nothing."""
    letters = _letters(columns, headings, kept, lines, result, write)
    gap = COLUMN_GAP if len(kept) <= 6 else NARROW_GAP
    for size in SIZES:
        if sum(letters) * LETTER_WIDTH * size + gap * len(letters) <= PAGE_WIDTH:
            return size
    return None


def _letters(columns: list[Column], headings: list[str], kept: list[int], lines: list[Line],
             result: Result, write: Write) -> list[float]:  # fmt: skip
    """Give how many letters wide each column must be; headings may wrap between words."""
    names = [len(shorten(line.name, NAME_CHARACTERS_MAX)) for line in lines]
    letters = [max([*names, 6]) * 1.02]
    for at in kept:
        texts = [write(columns[at], line) for line in (*lines, result.total)]
        words = [len(word) for word in headings[at].split()]
        letters.append(float(max([*map(len, texts), *words])))
    return letters


def _without_least(result: Result, columns: list[Column], kept: list[int]) -> list[int]:
    """Drop what a reader of the page misses least: earlier figures, then later measures."""
    others = [at for at in kept if columns[at].at != result.main]
    mine = [at for at in kept if columns[at].at == result.main]
    order = [(others, "change"), (others, "compare"), (mine, "share"), (mine, "change"),
             (mine, "compare"), (others, "growth"), (others, "value")]  # fmt: skip
    for places, kind in order:
        for at in reversed(places):
            if columns[at].kind == kind:
                return [place for place in kept if place != at]
    return kept[:-1]


def _with_unit(one: Column, heading: str) -> str:
    """Put into a heading the unit its figures go without."""
    sign = (one.style.before or one.style.after).strip()
    money = one.kind in ("value", "compare", "change") and not one.style.fraction
    return f"{heading}, {sign}" if money and sign and sign not in heading else heading


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
    bare = replace(result, rows=rows, across=across, total=replace(result.total, cells=()))
    lines = pivot_lines(bare, [line.name for line in result.lines])
    ranks = {line.name: line.rank for line in result.lines}
    lines = [replace(line, rank=ranks[line.name]) for line in lines]
    total = replace(bare.total, cells=figures_where(bare, across, rows.used))
    return replace(bare, lines=tuple(lines), total=total)


def _lines_shown(result: Result, rows_max: int) -> tuple[list[Line], int]:
    """Give the lines there is room for, the rest as one; and how many that one holds."""
    lines = list(result.lines)
    if len(lines) <= rows_max:
        return lines, 0
    if result.timed:
        rest, kept = lines[: -(rows_max - 1)], lines[-(rows_max - 1) :]
        earlier = f"{len(rest):,} earlier"
        name = earlier if result.group and result.group["by"] else others_name(result, len(rest))
        return [_rest(result, rest, name), *kept], len(rest)
    kept, rest = lines[: rows_max - 1], lines[rows_max - 1 :]
    return [*kept, _rest(result, rest, others_name(result, len(rest)))], len(rest)


def _rest(result: Result, rest: list[Line], name: str) -> Line:
    among: pd.Series = result.rows.groups[0].isin([line.name for line in rest])
    share = math.fsum(line.share or 0.0 for line in rest) if result.shared else None
    return Line(name, figures_where(result, result.across, among), share)
