"""What a delivered file says: rows of cells, lines of text, charts. Judges nothing.

Runs on the `data` runtime's Python, outside Deputy: `PYTHON -m bench.tasks.readings FILE...` prints
one JSON list. A reading is {"file", "kind", "rows": [[cell]], "charts": [points], "pictures": n};
cells are text, numbers or null. A table inside a PDF is rows of one cell each: the line of text.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

ROWS_MAX = 100_000
DISTINCT_MAX = 30
PICTURE_POINTS_MIN = 8.0
PDF_SHAPE, PDF_IMAGE, PDF_FORM = 2, 3, 5

Row = list[Any]


def read(path: Path) -> dict[str, Any]:
    """Give the reading of one file; what cannot be read has no rows."""
    kind = path.suffix.lower().lstrip(".")
    found: dict[str, Any] = {"file": path.name, "kind": kind, "charts": [], "pictures": 0}
    rows, more = READERS.get(kind, _text)(path)
    return {**found, "rows": rows[:ROWS_MAX], **more}


def _workbook(path: Path) -> tuple[list[Row], dict[str, Any]]:
    import openpyxl

    book = openpyxl.load_workbook(path, data_only=True)
    rows: list[Row] = []
    charts = []
    for sheet in book.worksheets:
        table = [[_cell(v) for v in row] for row in sheet.iter_rows(values_only=True)]
        rows += [*table, *_summed(sheet.title, table), []]
        charts += [_points(chart) for chart in sheet._charts]
    return rows, {"charts": charts, "pictures": sum(len(s._images) for s in book.worksheets)}


def _points(chart: Any) -> int:
    """Give the number of points of a chart's first series, as its reference spans them."""
    for series in chart.series:
        reference = series.val.numRef.f if series.val and series.val.numRef else ""
        rows = [int(n) for n in re.findall(r"\$[A-Z]+\$(\d+)", reference)]
        columns = re.findall(r"\$([A-Z]+)\$\d+", reference)
        if len(rows) == 2 and len(set(columns)) == 1:
            return rows[1] - rows[0] + 1
        if len(columns) == 2:
            from openpyxl.utils import column_index_from_string as number

            return abs(number(columns[1]) - number(columns[0])) + 1
        if rows:
            return 1
    return 0


def _pdf(path: Path) -> tuple[list[Row], dict[str, Any]]:
    import pypdfium2

    rows: list[Row] = []
    pictures = 0
    for page in pypdfium2.PdfDocument(path):
        rows += [[line] for line in page.get_textpage().get_text_range().splitlines()]
        pictures += sum(_is_picture(each) for each in page.get_objects(max_depth=4))
    return rows, {"pictures": pictures}


def _is_picture(each: Any) -> bool:
    """Say whether an object is an image, a drawing of its own, or a filled shape like a bar."""
    if each.type in (PDF_IMAGE, PDF_FORM):
        return True
    left, bottom, right, top = each.get_bounds() if each.type == PDF_SHAPE else (0, 0, 0, 0)
    return min(right - left, top - bottom) >= PICTURE_POINTS_MIN


def _table(path: Path) -> tuple[list[Row], dict[str, Any]]:
    rows = _parsed(path.read_text("utf-8-sig", errors="replace"))
    return [*rows, *_summed(path.stem, rows)], {}


def _parsed(text: str) -> list[Row]:
    try:
        dialect: Any = csv.Sniffer().sniff(text[:20_000], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    return [list(row) for row in csv.reader(io.StringIO(text), dialect)]


def _database(path: Path) -> tuple[list[Row], dict[str, Any]]:
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    rows: list[Row] = []
    names = [n for (n,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for name in names:
        cursor = base.execute(f'SELECT * FROM "{name}" LIMIT {ROWS_MAX}')
        table = [[d[0] for d in cursor.description], *([_cell(v) for v in row] for row in cursor)]
        rows += [[name, len(table) - 1], *_summed(name, table)]
        rows += _counted(name, table)
    broken = len(base.execute("PRAGMA foreign_key_check").fetchall())
    base.close()
    return [*rows, ["foreign_key_check", broken]], {}


def _counted(name: str, table: list[Row]) -> Iterator[Row]:
    """Give how often each value of a column occurs, where these are few, and sums of products."""
    for place, title in enumerate(table[0]):
        values = [row[place] for row in table[1:] if isinstance(row[place], str)]
        if values and len(set(values)) <= DISTINCT_MAX:
            yield from ([f"{name} {title}", v, values.count(v)] for v in sorted(set(values)))
    numbers = [p for p in range(len(table[0])) if _numeric(table[1:], p)]
    for one in numbers:
        for other in (n for n in numbers if n > one):
            product = sum(row[one] * row[other] for row in table[1:])
            yield [f"{name} sum of {table[0][one]} times {table[0][other]}", round(product, 4)]


def _numeric(rows: list[Row], place: int) -> bool:
    return bool(rows) and all(isinstance(row[place], int | float) for row in rows)


def _document(path: Path) -> tuple[list[Row], dict[str, Any]]:
    import docx

    document = docx.Document(str(path))
    rows: list[Row] = [[p.text] for p in document.paragraphs]
    rows += [[c.text for c in row.cells] for table in document.tables for row in table.rows]
    return rows, {"pictures": len(document.inline_shapes)}


class _Page(HTMLParser):
    """Collects the text of a page; cells of a table row stay together."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.pictures = 0
        self._row: Row | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._row = []
            self.rows.append(self._row)
        self.pictures += tag in ("svg", "canvas", "img")

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr":
            self._row = None

    def handle_data(self, data: str) -> None:
        if text := data.strip():
            (self.rows.append([text]) if self._row is None else self._row.append(text))


def _page(path: Path) -> tuple[list[Row], dict[str, Any]]:
    page = _Page()
    page.feed(path.read_text("utf-8", errors="replace"))
    return page.rows, {"pictures": page.pictures}


def _archive(path: Path) -> tuple[list[Row], dict[str, Any]]:
    rows: list[Row] = []
    with zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            rows.append([name])
            if name.endswith(".csv"):
                rows += _parsed(packed.read(name).decode("utf-8-sig", errors="replace"))
    return rows, {}


def _text(path: Path) -> tuple[list[Row], dict[str, Any]]:
    return [[line] for line in path.read_text("utf-8", errors="replace").splitlines()], {}


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else str(value)
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, int | float | bool) else str(value)


def _summed(name: str, table: list[Row]) -> Iterable[Row]:
    """Give what a person sees at the foot of a sheet: how many rows, and sums of its columns."""
    if len(table) < 3:
        return []
    widest = max(table[:20], key=lambda row: sum(v not in (None, "") for v in row))
    body = [r for r in table[table.index(widest) + 1 :] if any(v not in (None, "") for v in r)]
    found: list[Row] = [[f"{name} rows", len(body)]]
    for place, title in enumerate(widest):
        values = [_number(row[place]) for row in body if place < len(row)]
        known = [v for v in values if v is not None]
        if known and len(known) > len(body) / 2:
            found.append([f"{name} sum of {title}", round(sum(known), 4)])
    return found


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value in (None, ""):
        return None
    try:
        return float(value)
    except ValueError:
        return None


READERS = {
    "xlsx": _workbook,
    "pdf": _pdf,
    "csv": _table,
    "tsv": _table,
    "sqlite": _database,
    "db": _database,
    "docx": _document,
    "html": _page,
    "zip": _archive,
}


if __name__ == "__main__":
    # A file that cannot be read says nothing; that is for the judge to find.
    readings = []
    for argument in sys.argv[1:]:
        try:
            readings.append(read(Path(argument)))
        except Exception as broken:  # noqa: BLE001
            readings.append({"file": argument, "kind": "", "rows": [], "error": repr(broken)})
    print(json.dumps(readings))
