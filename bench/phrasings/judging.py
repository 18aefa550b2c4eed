"""Judges what was delivered against what is right; knows nothing of the product but its outcome.

Owns the verdicts: `right`, `asked` (a question or a decline), `wrong` (delivered as verified, not
right), `unverified` (delivered as not verified). Tolerant of layout, strict on figures. Must never
use the product's code, its checks or its receipts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bench.phrasings.expectations import Cells, Expected, Figure, Pairs, Part, Totals
from bench.phrasings.reading import (
    Cell,
    flat,
    means_figure,
    means_name,
    numbers,
    positions,
    shows,
)

Verdict = Literal["right", "asked", "wrong", "unverified"]
Grid = Sequence[Sequence[Cell]]
COPY_SHARE = 0.7
"""A sheet in whose headings this share of the table's own stand is a copy of the data."""
COPY_ROWS_MIN = 30
"""A shorter sheet may well be a result with the table's own headings, such as months."""
MENTIONS_MAX = 12
"""A name that stands more often in a column stands in rows of data, not of a result."""
HEAD_ROWS, FOOT_ROWS = 60, 2
"""Where a figure of everything may stand in a sheet: not deep in a long list."""
RANK_HEADINGS = frozenset({"rank", "#", "place", "position", "no.", "nr."})


@dataclass(frozen=True)
class Delivered:
    """What came back: the outcome, the answer's words, and the files as `opening.py` tells them.

    The outcome is the API's: `verified`, `not_verified`, `answered` (words alone),
    `declined` (words alone, sent elsewhere), or another.
    """

    outcome: str
    text: str
    files: Sequence[Mapping[str, Any]]


def judge(
    expected: Expected, delivered: Delivered, *, wants: Sequence[str] = (), headings: Sequence[str]
) -> Verdict:
    """Give the verdict; `headings` are those of the table that was asked about."""
    if delivered.files:
        kinds = {file["kind"] for file in delivered.files}
        pages = Pages.of(delivered, headings)
        found = any(all(pages.hold(part) for part in reading) for reading in expected)
        if found and set(wants) <= kinds:
            return "right"
    elif delivered.outcome in ("answered", "declined"):
        return "asked" if expected else "right"
    return "wrong" if delivered.outcome == "verified" else "unverified"


@dataclass(frozen=True)
class Pages:
    """Everything delivered: sheets, those that copy the data, and lines of text."""

    sheets: Sequence[Grid]
    copies: Sequence[Grid]
    lines: Sequence[str]

    @classmethod
    def of(cls, delivered: Delivered, headings: Sequence[str]) -> Pages:
        """Sort what was delivered."""
        grids = [_squared(s["rows"]) for file in delivered.files for s in file["sheets"]]
        copies = [g for g in grids if _copies(g, headings)]
        texts = [delivered.text, *(file["text"] for file in delivered.files)]
        lines = [line for text in texts for line in text.splitlines() if line.strip()]
        return cls([g for g in grids if g not in copies], copies, lines)

    def hold(self, part: Part) -> bool:
        """Say whether a part of an answer is found."""
        if isinstance(part, Totals):
            return all(self._anywhere(figure) for figure in part.figures)
        if isinstance(part, Cells):
            return any(_cells(g, part) for g in self.sheets) or _cells_in_lines(self.lines, part)
        grids = [*self.sheets, *(self.copies if part.listing else ())]
        if any(_pairs(view, part) for grid in grids for view in (grid, _turned(grid))):
            return True
        return not part.listing and _pairs_in_lines(self.lines, part)

    def _anywhere(self, figure: Figure) -> bool:
        shown = [[*g[:HEAD_ROWS], *g[HEAD_ROWS:][-FOOT_ROWS:]] for g in self.sheets]
        cells = [c for rows in shown for row in rows for c in row if c is not None]
        if any(means_figure(cell, figure) for cell in cells if not isinstance(cell, str)):
            return True
        texts = (*self.lines, *(c for c in cells if isinstance(c, str)))
        return any(_tells(text, figure, text) for text in texts)


def _tells(text: str, figure: Figure, words: str) -> bool:
    return any(shows(number, figure, words) for number in numbers(text))


def _squared(rows: Sequence[Sequence[Cell]]) -> Grid:
    width = max((len(row) for row in rows), default=0)
    return [[*row, *[None] * (width - len(row))] for row in rows]


def _turned(grid: Grid) -> Grid:
    return list(zip(*grid, strict=True))


def _copies(grid: Grid, headings: Sequence[str]) -> bool:
    wanted = {flat(h) for h in headings}
    return len(grid) >= COPY_ROWS_MIN and any(
        len(wanted & set(map(flat, row))) >= COPY_SHARE * len(wanted) for row in grid
    )


def _pairs(grid: Grid, part: Pairs) -> bool:
    """Look for one column of names and one of figures that hold all pairs."""
    if len(grid) < len(part.pairs):
        return False
    placed = [_places(grid, name) for name, _ in part.pairs]
    columns = set.intersection(*(set(found) for found in placed))
    if not part.listing:
        columns = {c for c in columns if all(len(f[c]) <= MENTIONS_MAX for f in placed)}
    return any(
        _in_columns(grid, part, [found[names] for found in placed], names, figures)
        for names in columns
        for figures in range(len(grid[0]))
        if figures != names
    )


def _places(grid: Grid, name: str) -> dict[int, list[int]]:
    """Give the rows that hold a name, by column."""
    found: dict[int, list[int]] = {}
    for r, row in enumerate(grid):
        for c, cell in enumerate(row):
            if means_name(cell, name):
                found.setdefault(c, []).append(r)
    return found


def _in_columns(
    grid: Grid, part: Pairs, rows: Sequence[Sequence[int]], names: int, figures: int
) -> bool:
    fitting = [
        [r for r in found if wanted is None or _there(grid[r][figures], wanted)]
        for found, (_, wanted) in zip(rows, part.pairs, strict=True)
    ]
    if not all(fitting):
        return False
    if part.ordered and not _in_order(grid, part, fitting, names, figures):
        return False
    return not part.absent or not _intruders(grid, part, [f[0] for f in fitting], names)


def _there(cell: Cell, wanted: Figure) -> bool:
    return cell is not None and means_figure(cell, wanted)


def _in_order(
    grid: Grid, part: Pairs, fitting: Sequence[Sequence[int]], names: int, figures: int
) -> bool:
    """Say whether rows follow one another and head a list in order, or ranks say so."""
    for first in fitting[0]:
        if not all(first + n in rows for n, rows in enumerate(fitting)):
            continue
        before = grid[first - 1][names] if first else None
        heads = not any(means_name(before, other) for other in part.others)
        if heads and _sorted(grid[first:], part, names, figures):
            return True
        if len(part.pairs) == 1 and _superlative(grid[first]):
            return True
    return _ranked(grid, fitting)


def _sorted(rows: Grid, part: Pairs, names: int, figures: int) -> bool:
    """Say whether the groups of a list rise or fall from its head on, as a ranking does."""
    groups = (*(name for name, _ in part.pairs), *part.others)
    found = []
    for row in rows:
        value = row[figures]
        if not any(means_name(row[names], g) for g in groups) or not isinstance(value, int | float):
            break
        found.append(abs(value) if (part.pairs[0][1] or _ZERO).any_sign else value)
    return found in (sorted(found), sorted(found, reverse=True))


_ZERO = Figure(0.0)


def _superlative(row: Sequence[Cell]) -> bool:
    words = " ".join(map(flat, row)).split()
    return any(w in ("highest", "lowest", "best", "worst", "top", "most", "least") for w in words)


def _ranked(grid: Grid, fitting: Sequence[Sequence[int]]) -> bool:
    for h, row in enumerate(grid):
        for c, cell in enumerate(row):
            if flat(cell) in RANK_HEADINGS and all(
                any(r > h and grid[r][c] in (n, str(n)) for r in rows)
                for n, rows in enumerate(fitting, 1)
            ):
                return True
    return False


def _intruders(grid: Grid, part: Pairs, rows: Sequence[int], names: int) -> bool:
    """Say whether a name that must be absent stands in the block of rows found."""
    first, last = min(rows), max(rows)
    while first and grid[first - 1][names] is not None:
        first -= 1
    while last + 1 < len(grid) and grid[last + 1][names] is not None:
        last += 1
    block = [grid[r][names] for r in range(first, last + 1)]
    return any(means_name(cell, name) for cell in block for name in part.absent)


def _pairs_in_lines(lines: Sequence[str], part: Pairs) -> bool:
    """Look for names that their figures follow, in lines of an answer or a page."""
    known = [name for name, _ in part.pairs]
    found: list[list[tuple[int, int]]] = []
    for name, wanted in part.pairs:
        here = [
            (number, start)
            for number, line in enumerate(lines)
            for start, told in _told(line, name, [*known, *part.others])
            if wanted is None or _tells(told, wanted, told)
        ]
        if not here:
            return False
        found.append(here)
    return not part.ordered or any(
        _follow(first, found) and not _beaten(lines, first, part.others) for first in found[0]
    )


def _told(line: str, name: str, others: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Give what a line tells after a name, up to the next name."""
    own = positions(line, name)
    stops = sorted(start for o in others if o != name for start, _ in positions(line, o))
    for start, end in own:
        if any(s <= start < e for o in others if o != name for s, e in positions(line, o)):
            continue  # it is a part of a longer name
        stop = next((s for s in stops if s >= end), len(line))
        yield start, line[end:stop]
        if not stops:
            yield start, line[:start] + line[end:]


def _follow(first: tuple[int, int], found: Sequence[Sequence[tuple[int, int]]]) -> bool:
    """Say whether places follow a first one within a line or line by line."""
    at = first
    for places in found[1:]:
        nearer = [p for p in places if p > at and p[0] - at[0] <= 1]
        if not nearer:
            return False
        at = min(nearer)
    return True


def _beaten(lines: Sequence[str], first: tuple[int, int], others: Sequence[str]) -> bool:
    """Say whether another group stands before the first, in its line or the line above."""
    number, start = first
    if any(at < start for o in others for at, _ in positions(lines[number], o)):
        return True
    above = lines[number - 1] if number else ""
    return any(positions(above, o) and any(numbers(above)) for o in others)


def _cells(grid: Grid, part: Cells) -> bool:
    if any(_crossed(view, part) for view in (grid, _turned(grid))):
        return True
    return _listed(grid, part)


def _crossed(grid: Grid, part: Cells) -> bool:
    """Look for a row of headings and a column of names whose crossings hold the figures."""
    downs = list(dict.fromkeys(a for a, _, _ in part.cells))
    across = list(dict.fromkeys(b for _, b, _ in part.cells))
    for h, heads in enumerate(grid):
        columns = {
            b: next((c for c, v in enumerate(heads) if means_name(v, b)), -1) for b in across
        }
        if -1 in columns.values():
            continue
        below = grid[h + 1 :]
        for names in range(len(heads)):
            rows = {a: next((r for r in below if means_name(r[names], a)), None) for a in downs}
            if all(
                (row := rows[a]) is not None and means_figure(row[columns[b]], wanted)
                for a, b, wanted in part.cells
            ):
                return True
    return False


def _listed(grid: Grid, part: Cells) -> bool:
    """Look for rows that hold both names and the figure; a pair without rows may be left out."""
    seen = 0
    for a, b, wanted in part.cells:
        rows = [
            r for r in grid if any(means_name(c, a) for c in r) and any(means_name(c, b) for c in r)
        ]
        fitting = any(_there(c, wanted) for r in rows for c in r if not isinstance(c, str))
        fitting = fitting or any(
            _there(c, wanted)
            for r in rows
            for c in r
            if isinstance(c, str) and not means_name(c, b)
        )
        if len(rows) > MENTIONS_MAX or (rows and not fitting) or (not rows and wanted.value):
            return False
        seen += bool(rows)
    return seen > 1


def _cells_in_lines(lines: Sequence[str], part: Cells) -> bool:
    """Look for a line a row that tells all its figures in the order of the headings."""
    across = list(dict.fromkeys(b for _, b, _ in part.cells))
    down = list(dict.fromkeys(a for a, _, _ in part.cells))
    wanted = {(a, b): figure for a, b, figure in part.cells}
    for line in lines:
        starts = {b: positions(line, b) for b in across}
        if not all(starts.values()):
            continue
        order = sorted(across, key=lambda b: starts[b][0])
        if all(
            _row_told(lines, a, [wanted[a, b] for b in order if (a, b) in wanted]) for a in down
        ):
            return True
    return False


def _row_told(lines: Sequence[str], name: str, wanted: Sequence[Figure]) -> bool:
    return any(_tells_in_order(line, wanted) for line in lines if positions(line, name))


def _tells_in_order(line: str, wanted: Sequence[Figure]) -> bool:
    found = iter(numbers(line))
    return all(any(shows(n, figure) for n in found) for figure in wanted if figure.value)
