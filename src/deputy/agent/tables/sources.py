"""The rows of one planned table: where its headings stand and which rows are its data.

Owns following a `Source` statement down to headings and rows. Must never find out anything: what
the statement does not say is not so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from deputy.agent.tables.cells import TableError, blank, blank_row
from deputy.agent.tables.headings import headings_of
from deputy.agent.tables.records import is_text_table, text_records
from deputy.agent.tables.workbooks import sheet_rows


def headings_and_rows(source: Mapping[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """Give the headings and the data rows, each as wide as they; blank rows are left out."""
    path = Path(source["path"])
    if not path.is_file():
        raise TableError(f"There is no file {path}. Attach it again or name another one.")
    rows = _every_row(path, source)
    while rows and blank_row(rows[-1]):
        rows.pop()
    last = source.get("header_row", 0)
    if len(rows) <= last + 1:
        raise TableError(
            f"{path.name} has no rows below row {last + 1}. "
            "Say which sheet or row holds the headings."
        )
    first = max(0, last + 1 - source.get("header_rows", 1))
    headings = headings_of([list(row) for row in rows[first : last + 1]])
    width, left_out = len(headings), set(source.get("skip_rows", ()))
    body = [
        (list(rows[at]) + [None] * width)[:width]
        for at in range(last + 1, len(rows) - source.get("skip_footer", 0))
        if at not in left_out and not blank_row(rows[at])
    ]
    return headings, body


def filled_down(cells: Iterable[Any]) -> Iterator[Any]:
    """Yield the cells, a blank one as the value above it."""
    above: Any = None
    for cell in cells:
        above = above if blank(cell) else cell
        yield above


def _every_row(path: Path, source: Mapping[str, Any]) -> list[list[Any]]:
    if is_text_table(path):
        return text_records(path, source.get("encoding"), source.get("delimiter"),
                            source.get("quote"))  # fmt: skip
    return sheet_rows(path, source.get("sheet"))
