"""Finds tables by the names of their rows, in whatever layout a file has them.

Owns where a table begins and ends and what its columns are called. Must never judge a figure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deputy.agent.checks.sandboxed.grids import Cell, Grid, heading
from deputy.agent.checks.sandboxed.likeness import is_rest, is_together, is_total
from deputy.agent.checks.sandboxed.sources import spelled

ROWS_BESIDE_MAX = 1.5  # names of a table stand once; of a list of records more often
TITLE_ROWS = 4
YEARS = range(1_900, 2_101)
RANK_WORDS = ("rank", "#", "place", "no.", "no", "position", "pos", "pos.")
SHARE = re.compile(r"\bshare\b|% of|percent(age)? of|\bcontribution\b|anteil", re.IGNORECASE)
GROWTH = re.compile(r"growth|% change|change,? \(?%|change \(?in %|\byoy\b.*%|%.*\bvs\b|δ ?%",
                    re.IGNORECASE)  # fmt: skip
CHANGE = re.compile(r"\bchange\b|\bdifference\b|\bdelta\b|^δ|\bdiff\b|\byoy\b", re.IGNORECASE)
UNIT = re.compile(r"[(\[][^)\]]*[)\]]")


@dataclass
class Block:
    """A table as found: headings by column, rows of groups, the total, rows that are neither."""

    sheet: str
    names_at: int
    headings: dict[int, str] = field(default_factory=dict)
    joined: dict[int, str] = field(default_factory=dict)
    """Headings with the line of words above them."""
    title: str = ""
    rows: dict[str, dict[int, Cell]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    total: tuple[str, dict[int, Cell]] | None = None
    rest: dict[int, Cell] | None = None
    together: dict[int, Cell] | None = None
    extra: dict[str, dict[int, Cell]] = field(default_factory=dict)
    """Rows whose names are none of the groups'."""
    twice: list[str] = field(default_factory=list)

    def trim(self) -> None:
        """Leave out what stands beside the table, a blank column away."""
        held = {at for cells in self.rows.values() for at in cells} | set(self.headings)
        first = last = self.names_at
        while first - 1 in held:
            first -= 1
        while last + 1 in held:
            last += 1
        within = range(first, last + 1)
        self.rows = {key: {at: cell for at, cell in cells.items() if at in within}
                     for key, cells in self.rows.items()}  # fmt: skip
        self.extra = {name: {at: cell for at, cell in cells.items() if at in within}
                      for name, cells in self.extra.items()}  # fmt: skip
        self.headings = {at: words for at, words in self.headings.items() if at in within}
        self.joined = {at: words for at, words in self.joined.items() if at in within}

    def columns(self) -> list[int]:
        """Give the columns that hold figures, from left to right."""
        held = {at for row in self.rows.values() for at, cell in row.items()
                if cell.number is not None and at != self.names_at}  # fmt: skip
        return sorted(held)


def blocks(grid: Grid, known: Mapping[str, str]) -> list[Block]:
    """Give each table of a sheet whose rows are named by groups."""
    lines = grid.lines()
    by_column: dict[int, list[int]] = {}
    for (row, column), cell in sorted(grid.cells.items()):
        if spelled(cell.text) in known:
            by_column.setdefault(column, []).append(row)
    found = []
    for column, rows in by_column.items():
        done = 0
        for row in rows:
            if row > done:
                block, done = _read(grid.name, lines, column, row, known)
                if block.rows and block.columns() and not _are_places(block, lines, row):
                    found.append(block)
    return found


def _are_places(block: Block, lines: Mapping[int, dict[int, Cell]], first: int) -> bool:
    """Say whether 1, 2, 3 are places in a ranking, not hours or days of a month."""
    named = block.headings.get(block.names_at, "").strip().casefold()
    if named or not block.headings:
        return named in RANK_WORDS
    texts = [lines[first + at].get(block.names_at) for at in range(len(block.rows))
             if first + at in lines]  # fmt: skip
    return [cell.text if cell else "" for cell in texts] == [
        str(place) for place in range(1, len(block.rows) + 1)
    ]


def _read(sheet: str, lines: Mapping[int, dict[int, Cell]], column: int, row: int,
          known: Mapping[str, str]) -> tuple[Block, int]:  # fmt: skip
    """Read up to the headings and down to the first gap, total or line without figures."""
    block = Block(sheet, column)
    first = row
    while _is_line(lines.get(first - 1, {}), column):
        first -= 1
    _headings(block, lines, first)
    times: dict[str, int] = {}
    at = first
    while column in lines.get(at, {}):
        cells, name = lines[at], lines[at][column].text
        key = known.get(spelled(name))
        if key is None and not _figures(cells, column):
            break
        at += 1
        if key is None or (key in times and is_total(name)):  # a group may be called Total too
            _unnamed(block, name, cells)
            if block.total is not None and block.rows:
                break
            continue
        times[key] = times.get(key, 0) + 1
        if key not in block.rows:
            block.rows[key] = cells
            block.order.append(key)
    block.twice = [key for key, count in times.items() if count > 1]
    if sum(times.values()) > max(2, ROWS_BESIDE_MAX * len(times)):
        block.rows = {}  # a list of records, no table of groups
    block.trim()
    if block.total is None:
        _total_below(block, lines, at, column)
    return block, max(at, row)


def _is_line(cells: Mapping[int, Cell], column: int) -> bool:
    """Say whether a row is one of a table's, not its headings, which may be years."""
    numbers = [c.number for at, c in cells.items() if at != column and c.number is not None]
    years = all(number in YEARS for number in numbers)
    return column in cells and bool(numbers) and not years


def _unnamed(block: Block, name: str, cells: dict[int, Cell]) -> None:
    if is_together(name):
        block.together = cells
    elif is_total(name):
        block.total = (name, cells)
    elif is_rest(name) and block.rest is None:
        block.rest = cells
    else:
        block.extra[name] = cells


def _total_below(block: Block, lines: Mapping[int, dict[int, Cell]], at: int, column: int) -> None:
    """A total may stand below a gap, or with its word beside the column of names."""
    for row in (at, at + 1):
        for place in (column, column - 1, column + 1):
            cell = lines.get(row, {}).get(place)
            if cell and cell.number is None and is_total(cell.text) and _figures(lines[row], place):
                block.total = (cell.text, lines[row])
                return


def _figures(cells: Mapping[int, Cell], column: int) -> bool:
    beside = cells.get(column + 1)
    if beside is not None and beside.number is not None:
        return True
    return any(cell.number is not None for at, cell in cells.items() if at != column)


def _headings(block: Block, lines: Mapping[int, dict[int, Cell]], first: int) -> None:
    """Keep the line of words above the first row, and it joined with the line above that."""
    near, above = lines.get(first - 1, {}), lines.get(first - 2, {})
    over = [cell for row in range(first - TITLE_ROWS, first) for at, cell
            in lines.get(row, {}).items() if abs(at - block.names_at) <= TITLE_ROWS]  # fmt: skip
    block.title = " ".join(cell.text for cell in over if cell.number is None)
    block.headings = {at: heading(cell) for at, cell in near.items()}
    if len(above) < 2 or any(cell.number is not None for cell in above.values()):
        above = {}
    for at in {*near, *above}:
        words = (heading(above.get(at)), heading(near.get(at)))
        block.joined[at] = " ".join(word for word in words if word)


def kinds(block: Block, question: Mapping[str, Any]) -> dict[int, tuple[str, int]]:
    """Tell by the headings which figure of which measure a column shows, as far as they say."""
    found: dict[int, tuple[str, int]] = {}
    measure = 0
    for at in sorted({*block.headings, *block.columns()}):
        if at == block.names_at:
            continue
        words = block.headings.get(at, "")
        named = _named(words, question) or _named(block.joined.get(at, ""), question)
        if named is not None:
            measure = named[1]
            found[at] = named
        elif words in RANK_WORDS:
            found[at] = ("rank", 0)
        else:
            kind = _relative(words)
            if kind:
                found[at] = (kind, measure)
    return found


def _named(words: str, question: Mapping[str, Any]) -> tuple[str, int] | None:
    """Find a measure's own heading, or that of its comparison."""
    compare, period = question.get("compare"), question.get("period")
    single = len(question["measures"]) == 1
    for number, measure in enumerate(question["measures"]):
        label = spelled(measure["label"])
        bare = plain(label)
        if compare:
            then = spelled(compare["label"])
            forms = {
                f"{label}, {then}",
                f"{label} {then}",
                f"{label} ({then})",
                f"{then} (before)",
                f"{bare}, {then}",
                f"{bare} {then}",
                f"{then}, {label}",
                f"{then} {label}",
            }
            if words in forms or (single and words == then):
                return "compare", number
        values = {label, bare, f"{label} (value)"}
        if period:
            now = spelled(period["label"])
            values |= {f"{label}, {now}", f"{label} {now}", f"{label} ({now})", f"{now} {label}"}
            values |= {now, f"{now} (value)"} if single and compare else set()
        if words in values or (bare and plain(words) == bare and not _relative(words)):
            return "value", number
    return None


def _relative(words: str) -> str | None:
    if SHARE.search(words):
        return "share"
    if GROWTH.search(words):
        return "growth"
    return "change" if CHANGE.search(words) else None


def plain(words: str) -> str:
    """Give a heading without its unit in brackets."""
    return " ".join(UNIT.sub(" ", words).split())
