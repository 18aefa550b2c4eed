"""Opens delivered files and prints what stands in them; runs under the data runtime's Python.

Owns turning workbooks, CSV and PDF files into plain values: one JSON object a file,
`{"name", "kind", "sheets": [{"name", "rows"}], "text"}`. Must never judge what it sees.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2

Sheet = dict[str, Any]


def opened(path: Path) -> dict[str, Any]:
    """Open one file by its ending; other kinds have neither sheets nor text."""
    kind = path.suffix[1:].lower()
    sheets, text = list[Sheet](), ""
    if kind == "xlsx":
        sheets = _workbook(path)
    elif kind == "csv":
        sheets = [_csv(path)]
    elif kind == "pdf":
        text = _pdf(path)
    return {"name": path.name, "kind": kind, "sheets": sheets, "text": text}


def _workbook(path: Path) -> list[Sheet]:
    book = openpyxl.load_workbook(path, data_only=True)
    return [
        {"name": page.title, "rows": [[_plain(v) for v in row] for row in page.values]}
        for page in book.worksheets
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return value if isinstance(value, str | int | float | None) else str(value)


def _csv(path: Path) -> Sheet:
    text = path.read_bytes().decode("utf-8-sig")
    head = text.splitlines()[0] if text else ""
    delimiter = max(",;\t", key=head.count)
    rows = [[v or None for v in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    return {"name": path.name, "rows": rows}


def _pdf(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    return "\n".join(pages)


if __name__ == "__main__":
    print(json.dumps([opened(Path(name)) for name in sys.argv[1:]]))
