"""The file is what its name says and opens."""

from __future__ import annotations

import csv
import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from deputy.agent.checks.sandboxed.grids import decoded
from deputy.agent.checks.sandboxed.records import opened, tables_of
from deputy.agent.checks.sandboxed.spreadsheets import open_workbook
from deputy.agent.checks.sandboxed.texts import pages_of, text_of
from deputy.agent.checks.sandboxed.verdicts import FailedError, size_of

NAME = "file.opens"
TITLE = "The file opens and something is in it"
LIMITS = "whether anything in it is right"
KIND = "inspects"
APPLIES_TO = ("*",)
UNPACKED_BYTES_MAX = 1 << 30
PIXELS_MAX = 200_000_000


def check(target: Path, params: dict[str, Any]) -> str:
    """Open the file with a reader of its kind and look that something is in it."""
    size = size_of(target)
    try:
        told = READERS.get(target.suffix.lower(), _any)(target)
    except (ValueError, zipfile.BadZipFile, RuntimeError, OSError, EOFError, SyntaxError,
            csv.Error) as wrong:  # fmt: skip
        raise FailedError(f"{target.name} does not open: {wrong}.") from wrong
    return f"{told}, {size:,} bytes."


def _workbook(target: Path) -> str:
    _members(target)
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
    delimiter = "\t" if target.suffix.lower() == ".tsv" else ","
    with target.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    if len(rows) < 2:
        raise ValueError("it has no row below its headings")
    if len({len(row) for row in rows}) != 1:
        raise ValueError("its rows differ in length")
    return f"A table of {len(rows) - 1:,} rows and {len(rows[0])} columns"


def _document(target: Path) -> str:
    _members(target)
    words = len(text_of(target).split())
    if not words:
        raise ValueError("it shows no text")
    return f"A document of {len(pages_of(target))} parts with {words:,} words"


def _text(target: Path) -> str:
    raw = target.read_bytes()
    if b"\x00" in raw:
        raise ValueError("it is no text")
    words = len(raw.decode("utf-8-sig").split())
    if not words:
        raise ValueError("it shows no text")
    return f"A text of {words:,} words"


def _page(target: Path) -> str:
    _text(target)
    text = decoded(target.read_bytes())
    if "<" not in text:
        raise ValueError("it holds no tag")
    return f"A page with {len(text_of(target).split()):,} words"


def _drawing(target: Path) -> str:
    raw = target.read_bytes()
    if b"<!ENTITY" in raw:
        raise ValueError("it declares entities")
    try:
        root = ET.fromstring(raw)  # noqa: S314 -- in the sandbox, entities refused above
    except ET.ParseError as wrong:
        raise ValueError(f"it is no drawing ({wrong})") from wrong
    if not root.tag.endswith("svg") or not len(root):
        raise ValueError("it is no drawing")
    return f"A drawing of {sum(1 for _ in root.iter()):,} elements"


def _json(target: Path) -> str:
    text = target.read_bytes().decode("utf-8-sig")
    if target.suffix.lower() == ".json":
        parts = [json.loads(text)]
    else:
        parts = [json.loads(line) for line in text.splitlines() if line.strip()]
    if not parts or parts[0] in (None, [], {}):
        raise ValueError("it holds nothing")
    return f"JSON of {len(parts[0]) if isinstance(parts[0], list | dict) else 1:,} parts"


def _database(target: Path) -> str:
    database = opened(target)
    try:
        names = tables_of(database)
    finally:
        database.close()
    if not names:
        raise ValueError("it has no table")
    return f"A database of {len(names)} tables"


def _members(target: Path) -> str:
    with zipfile.ZipFile(target) as archive:
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > UNPACKED_BYTES_MAX:
            raise ValueError("it unpacks to more than can be examined")
        damaged = archive.testzip()
    if damaged or not entries:
        raise ValueError(f"its part {damaged} is damaged" if damaged else "it is empty")
    return f"An archive of {len(entries):,} members"


def _picture(target: Path) -> str:
    from PIL import Image

    with Image.open(target) as picture:
        width, height = picture.size
        if width * height > PIXELS_MAX:
            raise ValueError("it is too large to be examined")
        picture.load()
        small = picture.convert("RGB").resize((64, 64))
    if all(least == most for least, most in small.getextrema()):
        raise ValueError("it shows one colour and nothing else")
    return f"A picture of {width:,} × {height:,} points"


def _columns(target: Path) -> str:
    from pyarrow import parquet

    found = parquet.ParquetFile(target).metadata
    if not found.num_rows:
        raise ValueError("it holds no row")
    return f"A table of {found.num_rows:,} rows and {found.num_columns} columns"


def _packed(target: Path) -> str:
    count = 0
    with gzip.open(target) as packed:
        while block := packed.read(1 << 20):
            count += len(block)
            if count > UNPACKED_BYTES_MAX:
                raise ValueError("it unpacks to more than can be examined")
    return f"A packed file of {count:,} bytes"


def _any(target: Path) -> str:
    return "A file"


READERS: dict[str, Callable[[Path], str]] = {
    ".xlsx": _workbook, ".xlsm": _workbook, ".pdf": _pdf, ".csv": _csv, ".tsv": _csv,
    ".docx": _document, ".pptx": _document, ".txt": _text, ".md": _text, ".html": _page,
    ".htm": _page, ".svg": _drawing, ".json": _json, ".jsonl": _json, ".sqlite": _database,
    ".sqlite3": _database, ".db": _database, ".zip": _members, ".png": _picture, ".jpg": _picture,
    ".jpeg": _picture, ".gif": _picture, ".webp": _picture, ".parquet": _columns, ".gz": _packed,
    ".py": _text, ".sql": _text, ".xml": _text, ".yaml": _text, ".yml": _text,
}  # fmt: skip
