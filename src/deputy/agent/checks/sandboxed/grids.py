"""Gives what a reader sees of a delivered table file: visible cells of visible sheets, as text.

Owns what counts as seen. Must never give a value from a hidden sheet, row or column.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from deputy.agent.checks.sandboxed.amounts import to_decimal
from deputy.agent.checks.sandboxed.moments import DAY_ZERO
from deputy.agent.checks.sandboxed.sources import YEARS_BETWEEN_DAYS, spelled
from deputy.agent.checks.sandboxed.spreadsheets import Place, Scalar, Sheet, open_workbook
from deputy.agent.checks.sandboxed.verdicts import UncheckedError

CELLS_MAX = 2_000_000
TURNED_ROWS_MAX = 400
DELIMITERS = (",", ";", "\t", "|")
LINES_LOOKED_AT = 200
LIST_HEADINGS = ("question", "group", "measure", "value")
SECOND_HEADING = "second group"
TEXT_KINDS = (".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class Cell:
    """One cell: its text as a name, its number if it is one, and whether it is a percentage."""

    text: str
    number: float | None = None
    percent: bool = False


@dataclass(frozen=True)
class Grid:
    """The visible cells of one sheet by (row, column) from 1."""

    name: str
    cells: dict[Place, Cell]

    def ways(self) -> tuple[Grid, ...]:
        """Give the sheet, and unless it is long also with rows for columns."""
        long = any(row > TURNED_ROWS_MAX for row, _ in self.cells)
        return (self,) if long else (self, self._turned())

    def _turned(self) -> Grid:
        return Grid(self.name, {(column, row): cell for (row, column), cell in self.cells.items()})

    def lines(self) -> dict[int, dict[int, Cell]]:
        """Give the cells row by row."""
        return self._lines

    @cached_property
    def _lines(self) -> dict[int, dict[int, Cell]]:
        lines: dict[int, dict[int, Cell]] = {}
        for (row, column), cell in sorted(self.cells.items()):
            lines.setdefault(row, {})[column] = cell
        return lines


@lru_cache(maxsize=4)
def grids_of(target: Path) -> list[Grid]:
    """Give every visible sheet; a text file is one sheet."""
    if target.suffix.lower() in TEXT_KINDS:
        return _text_grids(target)
    book = open_workbook(target)
    grids = [
        Grid(sheet.name, _seen(sheet, book.day_zero_1904))
        for sheet in book.sheets.values()
        if not sheet.hidden
    ]
    if sum(len(grid.cells) for grid in grids) > CELLS_MAX:
        raise UncheckedError(f"The file has more than {CELLS_MAX:,} cells; deliver it in parts.")
    return grids


def _seen(sheet: Sheet, old: bool) -> dict[Place, Cell]:
    cells = {}
    for place, value in sheet.values.items():
        row, column = place
        look = sheet.looks.get(place, "")
        if row in sheet.hidden_rows or column in sheet.hidden_columns or look == "nothing":
            continue
        cell = _cell(value, look, old)
        if cell.text:
            cells[place] = cell
    return cells


def _cell(value: Scalar, look: str, old: bool) -> Cell:
    if isinstance(value, bool):
        return Cell(str(value))
    if isinstance(value, float):
        if look == "date" and 0 < value < 2_900_000:
            days = value + (YEARS_BETWEEN_DAYS if old else 0)
            moment = DAY_ZERO + dt.timedelta(seconds=round(days * 86_400))
            plain = moment.time() == dt.time()
            return Cell(moment.date().isoformat() if plain else moment.isoformat(" "))
        text = str(int(value)) if value.is_integer() else repr(value)
        return Cell(text, value, look == "percent")
    return text_cell(str(value or ""))


def text_cell(text: str, mark: str | None = None) -> Cell:
    """Give a cell that holds text, which may be a number written out."""
    text = " ".join(text.split())
    if text[:1] == "'" and text[1:2] in tuple("=+-@"):
        text = text[1:]
    number = to_decimal(text, mark)
    return Cell(text, None if number is None else float(number), "%" in text)


def _text_grids(target: Path) -> list[Grid]:
    """Give a text file as one sheet, or one for each question of a long list."""
    raw = target.read_bytes()
    if len(raw) > CELLS_MAX * 50:
        raise UncheckedError("The file is too large to be checked; deliver it in parts.")
    text = decoded(raw)
    delimiter = delimiter_of(text)
    mark = "," if delimiter == ";" and _comma_decimals(text) else "."
    rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
    if rows and set(LIST_HEADINGS) <= {one.strip().casefold() for one in rows[0]}:
        return _unfolded(rows, mark)
    cells = {}
    for number, row in enumerate(rows, start=1):
        for at, cell in enumerate(row, start=1):
            if cell.strip():
                cells[(number, at)] = text_cell(cell, mark)
        if len(cells) > CELLS_MAX:
            raise UncheckedError(f"The file has more than {CELLS_MAX:,} cells.")
    return [Grid(target.name, cells)]


def _unfolded(rows: list[list[str]], mark: str) -> list[Grid]:
    """Give each question of a list with a line for each figure as a table of its own."""
    heads = [one.strip().casefold() for one in rows[0]]
    places = [heads.index(one) for one in LIST_HEADINGS]
    second = heads.index(SECOND_HEADING) if SECOND_HEADING in heads else None
    tables: dict[str, dict[str, int]] = {}
    sheets: dict[str, dict[Place, Cell]] = {}
    lines: dict[str, tuple[str, int]] = {}  # the group a table is at, and its row
    for row in rows[1:]:
        if len(row) <= max(places):
            continue
        title, name, measure, value = (row[at] for at in places)
        across = row[second].strip() if second is not None and second < len(row) else ""
        cells, columns = sheets.setdefault(title, {}), tables.setdefault(title, {})
        at = columns.setdefault(across or measure, len(columns) + 2)
        last, line = lines.get(title, ("", 2))
        if name != last or (line, at) in cells:
            line += 1
        lines[title] = (name, line)
        cells |= {(1, 1): text_cell(title), (2, 1): Cell("Group"), (2, at): text_cell(
            across or measure, mark), (line, 1): text_cell(name, mark)}  # fmt: skip
        if value.strip():
            cells[(line, at)] = text_cell(value, mark)
    return [Grid(title, cells) for title, cells in sheets.items()]


SAMPLE_BYTES = 4_096


def decoded(raw: bytes) -> str:
    """Give a text file's text: UTF-8, UTF-16 by its mark or its zeros, else Western European."""
    first = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    if first == "utf-8-sig" and b"\0" in raw[:SAMPLE_BYTES]:
        low, high = raw[1:SAMPLE_BYTES:2].count(0), raw[0:SAMPLE_BYTES:2].count(0)
        first = "utf-16-le" if low > high else "utf-16-be"
    for encoding in (first,):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp1252", "replace")


def delimiter_of(text: str) -> str:
    """Give the sign that parts the first lines into the same number of cells most often."""
    lines = [line for line in text.splitlines()[:LINES_LOOKED_AT] if line.strip()]

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
        width, count = max(widths.items(), key=lambda pair: (pair[0] > 1, pair[1]))
        return (count, width) if width > 1 else (0, 0)

    return max(DELIMITERS, key=evenness) if lines else ","


def _comma_decimals(text: str) -> bool:
    lines = text.splitlines()[:LINES_LOOKED_AT]
    cells = [cell.strip() for row in csv.reader(lines, delimiter=";") for cell in row]
    numbers = [cell for cell in cells if cell.replace(",", "").lstrip("-").isdigit()]
    return any("," in cell for cell in numbers)


def heading(cell: Cell | None) -> str:
    """Give a heading as it is compared."""
    return spelled(cell.text) if cell else ""
