"""The records of a text table, as a csv reader counts them.

Owns how bytes become rows of cells. Must never choose the dialect: it is found or planned
elsewhere.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deputy.agent.tables.cells import TableError

TEXT_SUFFIXES = (".csv", ".tsv", ".tab", ".txt")
CELL_CHARACTERS_MAX = 10_000_000
ONE_MARK = "\x1f"  # stands for a delimiter of several characters


def is_text_table(path: Path) -> bool:
    """Whether a file is read as text, by its name."""
    return path.suffix.lower() in TEXT_SUFFIXES


def text_records(
    path: Path, encoding: str | None, delimiter: str | None, quote: str | None
) -> list[list[Any]]:
    """Give every record of a text file as it stands, blank ones included."""
    named = encoding or "utf-8-sig"
    try:
        text = path.read_bytes().decode(named)
    except (UnicodeDecodeError, LookupError) as wrong:
        raise TableError(f"{path.name} is not {named} text. Save it as UTF-8.") from wrong
    return split_records(text, delimiter or ",", quote)


def split_records(text: str, delimiter: str, quote: str | None) -> list[list[Any]]:
    """Part text into records: `quote` is one mark, nothing for none, and " unless said."""
    mark = '"' if quote is None else quote
    if len(delimiter) > 1:
        text, delimiter = text.replace(delimiter, ONE_MARK), ONE_MARK
    lines = io.StringIO(text, newline="")
    return list(read_records(lines, delimiter, mark))


def read_records(lines: Iterable[str], delimiter: str, mark: str) -> Iterable[list[str]]:
    """Read lines with the csv reader; a mark of quotation doubled stands for itself."""
    csv.field_size_limit(CELL_CHARACTERS_MAX)
    if not mark:
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=delimiter, quotechar=mark)
