"""Rows add up to the totals shown below them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.grids import Cell, Grid, grids_of, heading
from deputy.agent.checks.sandboxed.likeness import is_total
from deputy.agent.checks.sandboxed.records import shown
from deputy.agent.checks.sandboxed.sources import spelled
from deputy.agent.checks.sandboxed.verdicts import FailedError

NAME = "totals.add_up"
TITLE = "The rows of every table add up to the totals shown"
LIMITS = "whether rows are missing, nor averages and shares"
KIND = "inspects"
APPLIES_TO = (".xlsx", ".xlsm", ".csv", ".tsv")
TAKES = "columns: [heading] to add up (default: all whose headings name no rate or average)."
RATES = ("%", "share", "growth", "average", "avg", "mean", "rate", "median", "ratio", "rank",
         "change %", "per ", "min", "max", "distinct", "margin", "price")  # fmt: skip
OFF_MAX = 0.011  # a cent, so that rows rounded one by one may be a cent off each
Lines = Mapping[int, dict[int, Cell]]


def check(target: Path, params: dict[str, Any]) -> str:
    """Find rows named as totals and add up what stands above them."""
    wanted = {spelled(str(name)) for name in params.get("columns") or ()}
    wrong: list[str] = []
    count = 0
    for grid in grids_of(target):
        lines = grid.lines()
        for place in _named(lines) or _unnamed(grid, lines, wanted):
            found, said = _table(grid, lines, place, wanted)
            count += found
            wrong += said
    if wrong:
        raise FailedError(shown(wrong))
    if not count:
        raise FailedError("No row is named as a total, so there is nothing to add up.")
    return f"{count:,} totals, each the sum of its rows."


def _named(lines: Lines) -> list[tuple[int, int]]:
    """Give the rows whose name says that they are totals, and the column of the name."""
    firsts = [(row, min(cells)) for row, cells in lines.items() if len(cells) > 1]
    return [(row, at) for row, at in firsts
            if lines[row][at].number is None and is_total(lines[row][at].text)]  # fmt: skip


def _unnamed(grid: Grid, lines: Lines, wanted: set[str]) -> list[tuple[int, int]]:
    """Give the last rows of tables that are the sum of all above, whatever they are called."""
    found = []
    for row, cells in lines.items():
        at = min(cells)
        ends = at not in lines.get(row + 1, {})
        if ends and cells[at].number is None and len(cells) > 1:
            count, wrong = _table(grid, lines, (row, at), wanted)
            found += [(row, at)] if count > len(wrong) else []
    return found


def _table(grid: Grid, lines: Lines, place: tuple[int, int],
           wanted: set[str]) -> tuple[int, list[str]]:  # fmt: skip
    """Add up each column between the heading and the total; subtotals are passed over."""
    row, names = place
    count, wrong = 0, []
    sub = "sub" in spelled(lines[row][names].text)
    for at in _columns(lines, row, names):
        cell = lines[row].get(at)
        if cell is None or cell.number is None or (cell.percent and not wanted):
            continue
        values, subtotals, above = [], [], row - 1
        while at in lines.get(above, {}) or names in lines.get(above, {}):
            one = lines[above].get(at)
            name = lines[above].get(names)
            if one is not None and one.number is None and name is not None:
                break
            if name is not None and name.number is None and is_total(name.text):
                if sub:
                    break
                subtotals.append(one.number if one and one.number is not None else 0.0)
            elif one is not None and one.number is not None:
                values.append(one.number)
            above -= 1
        words = heading(lines.get(above, {}).get(at))
        if not values or not _is_added(words, wanted):
            continue
        count += 1
        right = sum(values)
        off = OFF_MAX * max(1, len(values) / 2)
        if abs(right - cell.number) > max(off, 1e-9 * abs(right)):
            wrong.append(f"{grid.name!r}, {words or 'column ' + str(at)}: the total shows "
                         f"{cell.number:,.2f}, its rows add up to {right:,.2f}")  # fmt: skip
    return count, wrong


def _columns(lines: Lines, row: int, names: int) -> range:
    """Give the columns of the table the total closes: up to one that is empty beside it."""
    held = {*lines[row], *lines.get(row - 1, {})}
    last = names
    while last + 1 in held:
        last += 1
    return range(names + 1, last + 1)


def _is_added(words: str, wanted: set[str]) -> bool:
    return words in wanted if wanted else not any(rate in words for rate in RATES)
