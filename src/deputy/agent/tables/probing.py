"""Finds the tables of the attached files and says how each is to be read; prints one JSON line.

Runs in the sandbox with PARAMS["paths"]. Must never change a file, and never let a broken file
hide the others.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deputy.agent.tables.amounts import bare_amount, decimal_mark, likely_amount
from deputy.agent.tables.cells import blank, blank_row, key_of
from deputy.agent.tables.columns import described, unread_note
from deputy.agent.tables.days import moment_in
from deputy.agent.tables.dialects import dialect_of
from deputy.agent.tables.encodings import encoding_of
from deputy.agent.tables.layouts import Layout, layout_of, looks_headless
from deputy.agent.tables.records import is_text_table, split_records
from deputy.agent.tables.refusals import (
    CELLS_MAX,
    UnusableError,
    require_lines,
    require_text,
    told,
)
from deputy.agent.tables.sources import filled_down
from deputy.agent.tables.sums import Row
from deputy.agent.tables.workbooks import Sheet, every_sheet

COLUMNS_MAX = 200
OUTPUT_CHARACTERS_MAX = 190_000
NOTES_MAX = 20
DECIMAL_ROWS = 2_000
SUBTOTALS_MAX = 20
LABELS_MIN = 3
SPARSE_MIN = 0.4
FULL_MIN = 0.95
TABLELESS = (
    "there is no row of headings with rows below it; put a name over each column and attach it "
    "again"
)
HEADLESS = (
    "its first row looks like data, not like headings; add a row that names the columns and "
    "attach it again"
)
WIDE = ("utf-16", "utf-32")
Found = dict[str, Any]


def main(paths: list[str]) -> Found:
    """Give the tables of every file, and the files that could not be read."""
    tables: list[Found] = []
    problems: list[dict[str, str]] = []
    for path in paths:
        try:
            found = list(tables_of(Path(path)))
            usable = [table for table in found if not table.pop("headless", False)]
            if not usable:
                raise UnusableError(HEADLESS if any(one["columns"] for one in found) else TABLELESS)
            width = max(table.pop("width", 0) for table in usable)
            tables += [{"path": path, **table} for table in usable]
            if width > COLUMNS_MAX:
                reason = f"it has {width:,} columns; only the first {COLUMNS_MAX} are read"
                problems.append({"path": path, "reason": reason})
        except Exception as wrong:  # noqa: BLE001 - a broken file must not hide the others
            problems.append({"path": path, "reason": told(wrong, Path(path))})
    return within_bounds({"schema_version": 1, "tables": tables, "problems": problems})


def tables_of(path: Path) -> Iterator[Found]:
    """Yield what is found in each table of a file."""
    if is_text_table(path):
        yield text_table(path)
        return
    for sheet in every_sheet(path):
        yield {"sheet": sheet.name, **table_of(sheet.rows, None, sheet)}


def text_table(path: Path) -> Found:
    """Give what is found in a text file: its encoding, its dialect and its table."""
    raw = path.read_bytes()
    encoding = encoding_of(raw)
    if not encoding.startswith(WIDE):
        require_text(raw, path)
    text = raw.decode(encoding)
    require_lines(text)
    delimiter, quote = dialect_of(text, path.suffix.lower())
    rows = split_records(text, delimiter, quote)
    if (cells := sum(map(len, rows))) > CELLS_MAX:
        raise UnusableError(
            f"it has {cells:,} cells, and {CELLS_MAX:,} is the limit; save a copy with the rows "
            "and columns you need"
        )
    how = {"sheet": None, "encoding": encoding, "delimiter": delimiter, "quote": quote}
    mark, notes = text_decimal(rows, delimiter)
    found = table_of(rows, mark)
    return {**how, "decimal": mark, **found, "notes": [*notes, *found["notes"]][:NOTES_MAX]}


def text_decimal(rows: list[Row], delimiter: str) -> tuple[str, list[str]]:
    """Give the decimal mark of a text table; a sentence when only the delimiter tells it."""
    cells = [
        cell for row in rows[:DECIMAL_ROWS] for cell in row
        if likely_amount(cell) and moment_in(cell) is None
    ]  # fmt: skip
    mark = decimal_mark(cells)
    if mark is not None:
        return mark, []
    parted = [cell for cell in cells if bare_amount(cell).replace(".", "").isdigit()]
    if delimiter == ";" and len(parted) > 1:
        shown = bare_amount(parted[0])
        note = f"The point parts thousands: {shown} is read as {shown.replace('.', '')}."
        return ",", [note]
    return ".", []


def table_of(rows: list[Row], decimal: str | None, sheet: Sheet | None = None) -> Found:
    """Describe the first table of some rows: where it stands and what its columns hold."""
    while rows and blank_row(rows[-1]):
        rows.pop()
    notes = [f"The sheet {sheet.name!r} is hidden."] if sheet and sheet.hidden else []
    layout = layout_of(rows, decimal, sheet.merged if sheet else ())
    if layout is None:
        return {"rows": 0, "columns": [], "subtotals": [], "notes": notes, "headless": bool(rows)}
    left_out = set(layout.skip_rows)
    places = [
        at for at in range(layout.header_row + 1, len(rows) - layout.skip_footer)
        if at not in left_out and not blank_row(rows[at])
    ]  # fmt: skip
    width = len(layout.names)
    body = [rows[at] for at in places]
    columns = list(zip(*[(row + [None] * width)[:width] for row in body], strict=True)) or (
        [()] * width
    )
    filled = columns_filled_down(layout, places, columns, sheet)
    for at in filled:
        columns[at] = tuple(filled_down(columns[at]))
    mark = decimal if sheet is None else sheet_decimal(columns)
    specs, odd = columns_of(layout.names, columns, mark, sheet.formats if sheet else {})
    notes += [
        *layout.notes,
        *ragged(layout, places, rows, sheet),
        *fill_notes(layout, filled),
        *odd,
    ]
    orders = {spec.pop("settled", None) for spec in specs} - {None}
    return {
        "decimal": mark, "header_row": layout.header_row, "header_rows": layout.header_rows,
        "skip_rows": layout.skip_rows, "skip_footer": layout.skip_footer,
        "fill_down": [layout.names[at] for at in filled],
        "day_order": orders.pop() if len(orders) == 1 else None,
        "rows": len(body), "columns": specs, "notes": notes[:NOTES_MAX], "width": width,
        "headless": looks_headless(rows, layout, mark),
        "subtotals": [
            {"column": layout.names[column], "value": text.strip()[:80]}
            for column, text in dict.fromkeys(layout.marked.values())
        ][:SUBTOTALS_MAX],
    }  # fmt: skip


def columns_of(
    names: list[str],
    columns: list[tuple[Any, ...]],
    mark: str | None,
    formats: dict[int, list[str]],
) -> tuple[list[Found], list[str]]:
    """Describe every column; where one settles the order of day and month, others follow it."""
    kept = [at for at in range(len(names)) if not _nothing(names[at], at, columns[at])][
        :COLUMNS_MAX
    ]
    found = {at: described(names[at], columns[at], mark, formats.get(at, []), None) for at in kept}
    orders = {spec.get("settled") for spec, _ in found.values()} - {None}
    unclear = [at for at, (spec, _) in found.items() if spec.get("day_order") == "unclear"]
    notes: list[str] = []
    if len(orders) == 1 and unclear:
        order = orders.pop()
        first = "day" if order == "dmy" else "month"
        for at in unclear:
            found[at] = described(names[at], columns[at], mark, formats.get(at, []), order)
        listed = " and ".join(repr(names[at]) for at in unclear[:3])
        notes.append(f"The dates of {listed} are read with the {first} first, as the table's "
                     "other dates show.")  # fmt: skip
    notes += [note for _, odd in found.values() for note in odd]
    specs = [spec for spec, _ in found.values()]
    return specs, [*notes, *unread_note(specs)]


def _nothing(name: str, at: int, cells: tuple[Any, ...]) -> bool:
    """Whether a column has neither heading nor cells."""
    return name == f"Column {at + 1}" and all(blank(cell) for cell in cells)


def sheet_decimal(columns: list[tuple[Any, ...]]) -> str | None:
    """Give the decimal mark of numbers a workbook holds as text, if it holds any."""
    cells = (
        cell for column in columns for cell in column[:DECIMAL_ROWS]
        if isinstance(cell, str) and likely_amount(cell) and moment_in(cell) is None
    )  # fmt: skip
    return decimal_mark(cells)


def columns_filled_down(
    layout: Layout, places: list[int], columns: list[tuple[Any, ...]], sheet: Sheet | None
) -> list[int]:
    """Give the columns in which a blank cell means the value above it.

    Merged cells say so. Without them it takes sorted names, each once, in a leading column beside
    a full one.
    """
    merged = _merged_blanks(places, sheet)
    found: list[int] = []
    for at, cells in enumerate(columns):
        gaps = [n for n, cell in enumerate(cells) if blank(cell)]
        if not gaps or blank(cells[0]) or len(gaps) == len(cells):
            continue
        covered = merged.get(at, set())
        named = all(places[n] in covered for n in gaps) if covered else False
        if named or (at == len(found) and not covered and _labels_once(columns, at, gaps)):
            found.append(at)
    return found


def _merged_blanks(places: list[int], sheet: Sheet | None) -> dict[int, set[int]]:
    """Give the rows by column whose cell is part of a cell merged downwards."""
    found: dict[int, set[int]] = {}
    for (top, left), (bottom, right) in sheet.merged if sheet else ():
        if bottom > top and places and bottom <= places[-1] + 1:
            for column in range(left, min(right, left + COLUMNS_MAX) + 1):
                found.setdefault(column, set()).update(range(top, bottom + 1))
    return found


def _labels_once(columns: list[tuple[Any, ...]], at: int, gaps: list[int]) -> bool:
    labels = [key_of(cell) for cell in columns[at] if not blank(cell)]
    if len(labels) < LABELS_MIN or len(set(labels)) < len(labels) or labels != sorted(labels):
        return False
    if not all(isinstance(cell, str) for cell in columns[at] if not blank(cell)):
        return False
    beside = columns[at + 1] if at + 1 < len(columns) else ()
    full = sum(not blank(cell) for cell in beside)
    return len(gaps) >= SPARSE_MIN * len(columns[at]) and full >= FULL_MIN * len(columns[at])


def fill_notes(layout: Layout, filled: list[int]) -> list[str]:
    """Say which columns' blank cells are read as the value above."""
    if not filled:
        return []
    listed = " and ".join(repr(layout.names[at]) for at in filled)
    return [f"A blank cell of {listed} is read as the value above it."]


def ragged(layout: Layout, places: list[int], rows: list[Row], sheet: Sheet | None) -> list[str]:
    """Say which rows have cells beyond the headings, or fewer than most rows have."""
    width = len(layout.names)
    wide = [at for at in places if any(not blank(cell) for cell in rows[at][width:])]
    short = [at for at in places if len(rows[at]) < width]
    if sheet is not None:
        beyond = "cells to the right of the last heading; these cells are left out."
        return [f"{_rows_from(wide)} {beyond}"] if wide else []
    notes = []
    if wide:
        notes.append(
            f"{_rows_from(wide)} more cells than there are headings; what stands beyond the last "
            "heading is left out, and the other cells may stand in a wrong column."
        )
    if short and len(short) * 2 < len(places):
        notes.append(
            f"{_rows_from(short)} fewer cells than there are headings; the missing ones count as "
            "blank, and the others may stand in a wrong column."
        )
    return notes


def _rows_from(places: list[int]) -> str:
    if len(places) == 1:
        return f"Row {places[0] + 1} has"
    return f"{len(places):,} rows (the first is row {places[0] + 1}) have"


def within_bounds(found: Found) -> Found:
    """Tell fewer values of each column until the answer is short enough."""
    for limit in (100, 40, 10, 3, 0):
        if len(json.dumps(found, default=str)) <= OUTPUT_CHARACTERS_MAX:
            break
        for table in found["tables"]:
            for spec in table["columns"]:
                spec["values"] = spec.get("values", [])[:limit]
    while len(json.dumps(found, default=str)) > OUTPUT_CHARACTERS_MAX and len(found["tables"]) > 1:
        last = found["tables"].pop()
        reason = "too many tables are attached to look at all of them; attach fewer"
        found["problems"].append({"path": last["path"], "reason": reason})
    return found


if __name__ == "__main__":
    answer = main(PARAMS["paths"])  # type: ignore[name-defined]  # noqa: F821
    sys.stdout.write(json.dumps(answer, allow_nan=False, default=str) + "\n")
