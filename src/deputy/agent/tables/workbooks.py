"""The cells of a workbook's sheets, row by row, as they stand.

Owns opening workbooks of every kind. Must never open one that needs more memory than there is.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deputy.agent.tables.cells import TableError
from deputy.agent.tables.refusals import (
    CELLS_MAX,
    SCANNED_BYTES_MAX,
    UnusableError,
    require_small,
)

SHEETS_MAX = 20
FORMAT_ROWS_MAX = 40
FORMAT_COLUMNS_MAX = 200
OPEN_XML = {".xlsx", ".xlsm"}
FILLED = re.compile(rb'<c [^>]*?r="([A-Z]{1,3})([0-9]{1,7})"[^>]*(?<!/)>')
Formats = dict[int, list[str]]


@dataclass
class Sheet:
    """One sheet as it stands; `formats` are number formats of its first rows by column."""

    name: str
    rows: list[list[Any]]
    hidden: bool = False
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    formats: Formats = field(default_factory=dict)


def open_book(path: Path) -> Any:
    """Open a workbook of any kind; raises for one that would fill the memory."""
    require_small(path)
    _require_dense(path)
    import python_calamine

    return python_calamine.CalamineWorkbook.from_path(str(path))


def sheet_rows(path: Path, sheet: str | None) -> list[list[Any]]:
    """Give every row of a sheet from its first row and column on, blank ones included."""
    book = open_book(path)
    name = sheet or book.sheet_names[0]
    if name not in book.sheet_names:
        raise TableError(
            f"There is no sheet {name!r}; the workbook has "
            f"{', '.join(book.sheet_names)}. Name one of these."
        )
    return _rows_of(book.get_sheet_by_name(name))


def every_sheet(path: Path) -> Iterator[Sheet]:
    """Yield the sheets that hold cells, those that can be seen first."""
    book = open_book(path)
    formats = _number_formats(path)
    known = [one for one in book.sheets_metadata if "Chart" not in str(one.typ)]
    hidden = {one.name for one in known if not str(one.visible).endswith(".Visible")}
    for one in sorted(known[:SHEETS_MAX], key=lambda one: one.name in hidden):
        sheet = book.get_sheet_by_name(one.name)
        merged = [(tuple(start), tuple(end)) for start, end in sheet.merged_cell_ranges or ()]
        yield Sheet(one.name, _rows_of(sheet), one.name in hidden, merged,
                    formats.get(one.name, {}))  # fmt: skip


def _rows_of(sheet: Any) -> list[list[Any]]:
    cells = (sheet.total_height + 1) * (sheet.total_width + 1)
    if cells > CELLS_MAX:
        raise UnusableError(_too_many(cells))
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    return rows


def _require_dense(path: Path) -> None:
    """Raise for a small file whose few cells lie so far apart that they span too many."""
    if path.suffix.lower() not in OPEN_XML or not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as packed:
        for entry in packed.infolist():
            if "/worksheets/" in entry.filename and entry.file_size <= SCANNED_BYTES_MAX:
                width = height = 0
                for letters, row in FILLED.findall(packed.read(entry)):
                    height = max(height, int(row))
                    width = max(width, _column_number(letters))
                if width * height > CELLS_MAX:
                    raise UnusableError(_too_many(width * height))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_many(cells: int) -> str:
    return (
        f"one of its sheets spans {cells:,} cells, and {CELLS_MAX:,} is the limit; "
        "save a copy with the rows and columns you need"
    )


def _number_formats(path: Path) -> dict[str, Formats]:
    """Give the number formats of the first rows by sheet and column, where the file tells."""
    if path.suffix.lower() not in OPEN_XML:
        return {}
    try:
        import openpyxl

        book = openpyxl.load_workbook(path, read_only=True)
        found: dict[str, Formats] = {}
        for sheet in book.worksheets[:SHEETS_MAX]:
            columns: Formats = {}
            for row in sheet.iter_rows(max_row=FORMAT_ROWS_MAX, max_col=FORMAT_COLUMNS_MAX):
                for cell in row:
                    if isinstance(cell.value, int | float):
                        columns.setdefault(cell.column - 1, []).append(str(cell.number_format))
            found[sheet.title] = columns
        book.close()
    except Exception:  # noqa: BLE001 - formats are a hint only
        return {}
    return found
