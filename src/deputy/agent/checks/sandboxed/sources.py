"""Reads a turn's source tables as a plan says they are to be read: rows, headings, stack, look-up.

Owns the second route's own reading. Must never import what the reports are made with.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.amounts import settled_mark, to_decimal
from deputy.agent.checks.sandboxed.moments import DAY_ZERO, to_moments
from deputy.agent.checks.sandboxed.spreadsheets import ErrorValue, open_workbook
from deputy.agent.checks.sandboxed.verdicts import UncheckedError

BLANK = "(blank)"
FIELD_CHARACTERS_MAX = 10_000_000
ROWS_MAX = 2_000_000
NAMES_KEPT_MAX = 100_000  # spellings remembered
TEXT_KINDS = (".csv", ".tsv", ".txt", ".tab")
UNIT_MARK = "\x1f"  # stands for a delimiter of several characters
YEARS_BETWEEN_DAYS = 1_462  # from 1900 to 1904

Cells = list[Any]


@dataclass(frozen=True)
class Part:
    """The cells of one column that come from one source, and how that source writes."""

    cells: Cells
    mark: str | None
    order: str | None


@dataclass(frozen=True)
class Column:
    """One column of the rows computed over, part by part."""

    parts: tuple[Part, ...]

    def cells(self) -> Cells:
        """Give the cells as read."""
        return [cell for part in self.parts for cell in part.cells]

    def labels(self) -> list[str]:
        """Give each cell as a name."""
        return [label(cell) for cell in self.cells()]

    def numbers(self) -> list[Decimal | None]:
        """Give each cell as a number; null where it is none."""
        found: list[Decimal | None] = []
        for part in self.parts:
            mark = part.mark or settled_mark(part.cells)
            found += [to_decimal(cell, mark) for cell in part.cells]
        return found

    def moments(self) -> list[dt.datetime | None]:
        """Give each cell as a date; null where it is none."""
        return [day for part in self.parts for day in to_moments(part.cells, part.order)]


@dataclass(frozen=True)
class Table:
    """Headings, data rows and each row's number in the file (from 0)."""

    headings: list[str]
    rows: list[Cells]
    numbers: list[int]


class Rows:
    """All rows a question is answered from, by column."""

    def __init__(self, asked: dict[str, Any]) -> None:
        sources = [asked["source"], *(asked.get("more") or ())]
        self._tables = [(source, read_table(source)) for source in sources]
        self.count = sum(len(table.rows) for _, table in self._tables)
        if self.count > ROWS_MAX:
            raise UncheckedError(f"The source has more than {ROWS_MAX:,} rows; check it in parts.")
        self._join = asked.get("join")
        self._partners: list[int | None] | None = None
        self._columns: dict[str, Column] = {}

    def column(self, name: str) -> Column:
        """Give a column by its heading; raises `UncheckedError` if there is none."""
        key = spelled(name)
        if key not in self._columns:
            own = self._own(key)
            self._columns[key] = own or self._looked_up(key, name)
        return self._columns[key]

    def _own(self, key: str) -> Column | None:
        parts, found = [], False
        for source, table in self._tables:
            at = _place(table.headings, key)
            found = found or at is not None
            cells = [None if at is None or at >= len(row) else row[at] for row in table.rows]
            parts.append(Part(cells, source.get("decimal"), source.get("day_order")))
        return Column(tuple(parts)) if found else None

    def _looked_up(self, key: str, name: str) -> Column:
        if not self._join:
            raise UncheckedError(f"The source has no column {name!r}.")
        source = self._join["source"]
        table = read_table(source)
        taken = {spelled(pair[1]) for pair in self._join["on"]}
        for at, heading in enumerate(table.headings):
            plain = spelled(heading)
            shown = f"{plain} (2)" if self._own(plain) else plain
            if plain not in taken and shown == key:
                cells = [
                    None if partner is None else _cell(table.rows[partner], at)
                    for partner in self._find_partners(table)
                ]
                return Column((Part(cells, source.get("decimal"), source.get("day_order")),))
        raise UncheckedError(f"Neither the source nor the table looked up has a column {name!r}.")

    def _find_partners(self, table: Table) -> list[int | None]:
        if self._partners is None:
            assert self._join is not None
            own = [self.column(pair[0]).cells() for pair in self._join["on"]]
            places = [_place(table.headings, spelled(pair[1])) for pair in self._join["on"]]
            if None in places:
                raise UncheckedError("The table looked up lacks the column it is joined on.")
            index: dict[tuple[str, ...], int] = {}
            for number, row in enumerate(table.rows):
                key = tuple(label(_cell(row, at)).casefold() for at in places)
                if all(one == BLANK for one in key):
                    continue
                if key in index:
                    raise UncheckedError(f"The table looked up has {key[0]!r} twice.")
                index[key] = number
            keys = zip(*own, strict=True)
            self._partners = [index.get(tuple(label(c).casefold() for c in key)) for key in keys]
        return self._partners


def read_table(source: dict[str, Any]) -> Table:
    """Give headings and data rows of one source; blank rows go, rows said to be none go."""
    rows = raw_rows(source)
    end = len(rows)
    while end and all(empty(cell) for cell in rows[end - 1]):
        end -= 1
    last = int(source.get("header_row") or 0)
    first = last - int(source.get("header_rows") or 1) + 1
    if first < 0 or end <= last:
        raise UncheckedError("The source has no heading where the plan says.")
    headings = _headings(rows[first : last + 1])
    skipped = set(source.get("skip_rows") or ())
    stop = max(last + 1, end - int(source.get("skip_footer") or 0))
    kept = [
        (number, rows[number]) for number in range(last + 1, stop)
        if number not in skipped and not all(empty(cell) for cell in rows[number])
    ]  # fmt: skip
    table = Table(headings, [list(row) for _, row in kept], [number for number, _ in kept])
    for name in source.get("fill_down") or ():
        _fill_down(table, name)
    return table


def _fill_down(table: Table, name: str) -> None:
    at = _place(table.headings, spelled(name))
    if at is None:
        raise UncheckedError(f"The source has no column {name!r} to fill down.")
    above: Any = None
    for row in table.rows:
        if at < len(row) and not empty(row[at]):
            above = row[at]
        else:
            row += [None] * (at + 1 - len(row))
            row[at] = above


def _headings(lines: Sequence[Cells]) -> list[str]:
    """Join the heading's rows from top to bottom; a name met again gets a number.

    In all but the last row a blank cell repeats the one to its left; equal words stand once.
    """
    width = max((at + 1 for line in lines for at, cell in enumerate(line) if not empty(cell)),
                default=0)  # fmt: skip
    headings: list[str] = []
    taken: set[str] = set()
    left = [""] * (len(lines) - 1)
    for at in range(width):
        own = [" ".join(words_of(_cell(line, at)).split()) for line in lines]
        left = [mine or above for mine, above in zip(own, left, strict=False)]
        words = " ".join(dict.fromkeys([*left, own[-1]])).replace("\ufeff", "")
        plain = " ".join(words.split()) or f"Column {at + 1}"
        heading, copy = plain, 1
        while heading.casefold() in taken:
            copy += 1
            heading = f"{plain} ({copy})"
        taken.add(heading.casefold())
        headings.append(heading)
    return headings


def raw_rows(source: dict[str, Any]) -> list[Cells]:
    """Give every row of the file as it stands, blank ones included."""
    path = Path(source["path"])
    if not path.is_file():
        raise UncheckedError(f"The source {path.name} is not among the turn's inputs.")
    suffix = path.suffix.lower()
    if suffix in TEXT_KINDS:
        return _text_rows(path, source.get("encoding"), source.get("delimiter"),
                          source.get("quote"))  # fmt: skip
    if suffix in (".xlsx", ".xlsm"):
        return _sheet_rows(path, source.get("sheet"))
    return _other_rows(path, source.get("sheet"))


@lru_cache(maxsize=16)
def _text_rows(path: Path, encoding: str | None, delimiter: str | None,
               quote: str | None) -> list[Cells]:  # fmt: skip
    csv.field_size_limit(FIELD_CHARACTERS_MAX)
    marks: dict[str, Any] = {"quoting": csv.QUOTE_NONE} if quote == "" else {}
    if quote:
        marks = {"quotechar": quote}
    parting = delimiter or ","
    mark = parting if len(parting) == 1 else UNIT_MARK
    with path.open(encoding=encoding or "utf-8-sig", newline="") as file:
        lines = (line.replace(parting, mark) for line in file)
        return [list(row) for row in csv.reader(lines, delimiter=mark, **marks)]


@lru_cache(maxsize=16)
def _sheet_rows(path: Path, name: str | None) -> list[Cells]:
    book = open_workbook(path)
    sheet = book.sheets.get(name) if name else next(iter(book.sheets.values()))
    if sheet is None:
        raise UncheckedError(f"The source has no sheet {name!r}.")
    rows: list[Cells] = [[None] * sheet.columns for _ in range(sheet.rows)]
    shift = YEARS_BETWEEN_DAYS if book.day_zero_1904 else 0
    for place, value in sheet.values.items():
        row, column = place
        cell: Any = None if isinstance(value, ErrorValue) else value
        if sheet.looks.get(place) == "date" and isinstance(cell, float) and 0 < cell < 2_900_000:
            cell = DAY_ZERO + dt.timedelta(seconds=round((cell + shift) * 86_400))
        rows[row - 1][column - 1] = cell
    return rows


@lru_cache(maxsize=16)
def _other_rows(path: Path, name: str | None) -> list[Cells]:
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(str(path))
    sheet = book.get_sheet_by_name(name or book.sheet_names[0])
    rows: list[Cells] = sheet.to_python(skip_empty_area=False)
    return rows


def _place(headings: list[str], key: str) -> int | None:
    return next((at for at, heading in enumerate(headings) if spelled(heading) == key), None)


def _cell(row: Cells, at: int | None) -> Any:
    return row[at] if at is not None and at < len(row) else None


@lru_cache(maxsize=NAMES_KEPT_MAX)
def spelled(name: str) -> str:
    """Give a name as it is compared."""
    return " ".join(name.split()).casefold()


def empty(cell: Any) -> bool:
    """Say whether a cell holds nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def words_of(cell: Any) -> str:
    """Give a cell as text: whole numbers without a point, days without a time."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell)


def label(cell: Any) -> str:
    """Give a cell as the name of a group."""
    return " ".join(words_of(cell).split()) or BLANK
