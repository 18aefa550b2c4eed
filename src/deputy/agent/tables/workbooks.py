"""The cells of a workbook's sheet, row by row, as they stand.

Owns opening workbooks of every kind. Must never open one that needs more memory than there is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.tables.cells import TableError
from deputy.agent.tables.refusals import require_small


def open_book(path: Path) -> Any:
    """Open a workbook of any kind."""
    import python_calamine

    require_small(path)
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
    rows: list[list[Any]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return rows
