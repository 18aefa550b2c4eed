"""Gives any table, delivered or uploaded, as records: headings and rows, whatever the file's kind.

Owns one way to read text tables, workbooks, JSON and databases for the checks of rows and columns.
Must never drop a row but blank ones and those that total up.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.amounts import settled_mark, to_decimal
from deputy.agent.checks.sandboxed.grids import decoded
from deputy.agent.checks.sandboxed.sources import label, read_table, spelled
from deputy.agent.checks.sandboxed.spreadsheets import open_workbook
from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError
from deputy.agent.checks.sandboxed.whole_readings import rows_by_eye, seen

ROWS_MAX = 1_000_000
TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods")
DATABASES = (".sqlite", ".sqlite3", ".db")
SHOWN_MAX = 3


@dataclass(frozen=True)
class Records:
    """A table's headings and its rows as wide as they."""

    name: str
    headings: list[str]
    rows: list[list[Any]]

    def column(self, name: str) -> list[Any]:
        """Give one column's cells; raises `FailedError` if there is no such column."""
        key = spelled(name)
        for at, heading in enumerate(self.headings):
            if spelled(heading) == key:
                return [row[at] for row in self.rows]
        there = ", ".join(self.headings[:12])
        raise FailedError(f"{self.name} has no column {name!r}; it has {there}.")

    def keys(self, names: Sequence[str]) -> list[tuple[str, ...]]:
        """Give what identifies each row, as text."""
        columns = [self.column(name) for name in names]
        return [tuple(label(cell) for cell in cells) for cells in zip(*columns, strict=True)]

    def numbers(self, name: str) -> list[Decimal | None]:
        """Give a column's numbers."""
        cells = self.column(name)
        mark = settled_mark(cells)
        return [to_decimal(cell, mark) for cell in cells]


def records_of(place: Mapping[str, Any]) -> Records:
    """Read {path, sheet, table, records, header_row …}; what is not said the file itself says."""
    path = Path(place["path"])
    if not path.is_file():
        raise UncheckedError(f"{path.name} is not among the files the check was given.")
    kind = path.suffix.lower()
    if kind in (".json", ".jsonl", ".ndjson"):
        found = _json(path, place.get("records"))
    elif kind in DATABASES:
        found = _database(path, place.get("table"))
    elif kind in TABLES:
        found = _table(path, place)
    else:
        raise UncheckedError(f"{path.name} is no table a check can read.")
    if len(found.rows) > ROWS_MAX:
        raise UncheckedError(f"{path.name} has more than {ROWS_MAX:,} rows; check it in parts.")
    return found


def delivered(target: Path, params: Mapping[str, Any]) -> Records:
    """Read the target, with the sheet, table or heading row the params name."""
    named = {name: params[name] for name in ("sheet", "table", "records", "header_row")
             if name in params}  # fmt: skip
    return records_of({"path": str(target), "delivered": True, **named})


def source_of(params: Mapping[str, Any]) -> Records:
    """Read the source the params name."""
    source = params.get("source")
    if isinstance(source, str):
        source = {"path": source}
    if not isinstance(source, Mapping) or "path" not in source:
        raise UncheckedError("The check was asked for without a 'source'.")
    return records_of(source)


def sources_of(params: Mapping[str, Any]) -> list[Records]:
    """Read the one source or the several that are stacked."""
    several = params.get("sources")
    return [source_of({"source": one}) for one in several] if several else [source_of(params)]


def _table(path: Path, place: Mapping[str, Any]) -> Records:
    if "header_row" in place:
        read = read_table(dict(place))
        return Records(path.name, read.headings, [_as_wide(r, read.headings) for r in read.rows])
    rows = rows_by_eye({"path": str(path), "sheet": place.get("sheet") or _first_sheet(path)})
    if not rows:
        raise FailedError(f"{path.name} holds nothing.")
    look = seen(rows)
    headings = [" ".join(str(cell or "").replace("\ufeff", "").split())
                for cell in rows[look.heading]]  # fmt: skip
    # A delivered table has no remarks: a row with little in it is a row.
    remarks = look.remarks if place.get("delivered") else ()
    kept = sorted((*look.data, *look.doubtful, *remarks))
    return Records(path.name, headings, [_as_wide(rows[number], headings) for number in kept])


def _first_sheet(path: Path) -> str | None:
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return None
    sheets = open_workbook(path).sheets.values()
    return next((sheet.name for sheet in sheets if not sheet.hidden and sheet.values), None)


def _as_wide(row: Sequence[Any], headings: Sequence[str]) -> list[Any]:
    return [*row, *[None] * (len(headings) - len(row))]


def _json(path: Path, where: str | None) -> Records:
    text = decoded(path.read_bytes())
    try:
        if path.suffix.lower() == ".json":
            found: Any = json.loads(text)
        else:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError) as wrong:
        raise FailedError(f"{path.name} is no JSON: {wrong}.") from wrong
    for part in (where or "").split("."):
        if part:
            found = found.get(part) if isinstance(found, dict) else None
    if isinstance(found, dict) and where is None:
        lists = [value for value in found.values() if isinstance(value, list)]
        found = lists[0] if len(lists) == 1 else found
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise UncheckedError(f"{path.name} holds no list of objects; name its path as 'records'.")
    headings = list(dict.fromkeys(key for one in found for key in one))
    return Records(path.name, headings, [[_plain(one.get(key)) for key in headings]
                                         for one in found])  # fmt: skip


def _plain(value: Any) -> Any:
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value


def opened(path: Path) -> sqlite3.Connection:
    """Open a database for reading only; raises `FailedError` when it is none."""
    try:
        database = sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as wrong:
        raise FailedError(f"{path.name} does not open: {wrong}.") from wrong
    return database


def tables_of(database: sqlite3.Connection) -> list[str]:
    """Give the names of a database's own tables."""
    found = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return [name for (name,) in found]


def quoted(name: str) -> str:
    """Give a name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def _database(path: Path, table: str | None) -> Records:
    database = opened(path)
    try:
        names = tables_of(database)
        name = table or (names[0] if len(names) == 1 else None)
        if name not in names:
            raise UncheckedError(f"Name one of the tables of {path.name}: {', '.join(names)}.")
        found = database.execute(f"SELECT * FROM {quoted(name)} LIMIT {ROWS_MAX + 1}")  # noqa: S608
        headings = [one[0] for one in found.description]
        return Records(f"{path.name}, {name}", headings, [list(row) for row in found])
    finally:
        database.close()


def shown(wrong: Sequence[str]) -> str:
    """Give the first of several complaints and how many more there are."""
    more = f"; and {len(wrong) - SHOWN_MAX:,} more" if len(wrong) > SHOWN_MAX else ""
    return "; ".join(wrong[:SHOWN_MAX]) + more + "."


def repeated(keys: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Give every key that was met before."""
    met = set()
    for key in keys:
        if key in met:
            yield key
        met.add(key)
