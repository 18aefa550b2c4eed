"""The file is what its name says and opens."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.spreadsheets import open_workbook
from deputy.agent.checks.sandboxed.verdicts import FailedError, size_of

NAME = "file.opens"
TITLE = "The file opens"
LIMITS = "whether anything in it is right"
KIND = "inspects"
APPLIES_TO = (".xlsx", ".xlsm", ".pdf", ".csv")


def check(target: Path, params: dict[str, Any]) -> str:
    """Open the file with a reader of its kind and look that something is in it."""
    size = size_of(target)
    kind = target.suffix.lower()
    try:
        told = {".pdf": _pdf, ".csv": _csv}.get(kind, _workbook)(target)
    except (ValueError, zipfile.BadZipFile, RuntimeError, csv.Error) as wrong:
        raise FailedError(f"{target.name} does not open: {wrong}.") from wrong
    return f"{told}, {size:,} bytes."


def _workbook(target: Path) -> str:
    with zipfile.ZipFile(target) as archive:
        damaged = archive.testzip()
    if damaged:
        raise ValueError(f"its part {damaged} is damaged")
    book = open_workbook(target)
    cells = sum(len(sheet.values) for sheet in book.sheets.values())
    if not cells:
        raise ValueError("no sheet holds anything")
    return f"A workbook of {len(book.sheets)} sheets with {cells:,} cells"


def _pdf(target: Path) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(target)
    pages = len(document)
    if not pages:
        raise ValueError("it has no page")
    letters = sum(document[number].get_textpage().count_chars() for number in range(pages))
    if not letters:
        raise ValueError("it holds no text")
    return f"A PDF of {pages} {'page' if pages == 1 else 'pages'} with {letters:,} characters"


def _csv(target: Path) -> str:
    with target.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines, strict=True))
    if len(rows) < 2:
        raise ValueError("it has no row below its headings")
    if len({len(row) for row in rows}) != 1:
        raise ValueError("its rows differ in length")
    return f"A table of {len(rows) - 1:,} rows and {len(rows[0])} columns"
