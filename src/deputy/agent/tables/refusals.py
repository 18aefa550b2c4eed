"""Says what is wrong with a file that gives no table, and what helps.

Owns these words and the bounds of what is opened at all. Runs in the sandbox, joined to the
schema-reading program; must never change a file.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

LINE_CHARACTERS_MAX = 10_000_000
UNPACKED_BYTES_MAX = 1 << 30
CELLS_MAX = 10_000_000
SCANNED_BYTES_MAX = 50_000_000
ENTRIES_MAX = 10_000
START_BYTES = 512

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
KINDS = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a packed file"),
    (b"7z\xbc\xaf", "a packed file"),
    (b"{\\rtf", "a text document"),
)
TABLES = {".csv", ".tsv", ".tab", ".txt", ".xls", ".xlsx", ".xlsm", ".xlsb", ".ods"}
SAVE_AGAIN = "open it in the program it comes from, save it as .xlsx and attach that"
BROKEN = {"CalamineError", "XmlError", "ZipError", "WorksheetNotFound", "BadZipFile"}


class UnusableError(ValueError):
    """What a file is instead of a table; the message names the cure."""


def told(wrong: Exception, path: Path) -> str:
    """Say what is wrong with a file, and the cure."""
    name = type(wrong).__name__
    if name == "PasswordError":
        return "it is protected by a password; save a copy without one and attach that"
    if isinstance(wrong, UnusableError):
        return str(wrong)
    if isinstance(wrong, MemoryError):
        return "it needs more memory than there is; attach only the rows and columns you need"
    if "Cell limit exceeded" in str(wrong):
        return "one of its sheets spans too many cells; save a copy with the table alone"
    if (kind := kind_of(path)) is not None:
        named = f", although its name ends in {path.suffix}" if path.suffix in TABLES else ""
        return f"it is {kind}{named}; {SAVE_AGAIN}"
    more = "" if name in BROKEN else f" ({name}: {wrong})"
    return f"it is damaged, or no file of the kind its name says; {SAVE_AGAIN}{more}"[:300]


def kind_of(path: Path) -> str | None:
    """Name a kind of file that is no table, by how it begins."""
    try:
        with path.open("rb") as opened:
            start = opened.read(START_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError:
        return None
    page = start[:1] == b"<" and not start.startswith(b"<?xml")
    return next((what for mark, what in KINDS if start.startswith(mark)), None) or (
        "a web page" if page else None
    )


def require_text(raw: bytes, path: Path) -> None:
    """Raise for bytes that are no text, whatever the file is called."""
    named = f"although its name ends in {path.suffix}"
    if raw.startswith((ZIP, OLE)):
        raise UnusableError(f"it is a workbook or archive, {named}; name it .xlsx or .xls")
    if (kind := kind_of(path)) is not None and kind != "a web page":
        raise UnusableError(f"it is {kind}, {named}; {SAVE_AGAIN}")
    if b"\0" in raw:
        cure = "save it again as CSV in UTF-8"
        raise UnusableError(f"it is no text, {named}: it holds zero bytes; {cure}")


def require_lines(text: str) -> None:
    """Raise when the lines are too long to be rows."""
    longest = max((len(line) for line in io.StringIO(text, newline="")), default=0)
    if longest > LINE_CHARACTERS_MAX:
        raise UnusableError(
            f"one of its lines has {longest:,} characters, and {LINE_CHARACTERS_MAX:,} is the "
            "limit: its rows are not parted by line ends; save it again as CSV"
        )


def require_small(path: Path) -> None:
    """Raise for a workbook that unpacks to more than can be read."""
    with path.open("rb") as opened:
        if opened.read(len(ZIP)) != ZIP:
            return
    with zipfile.ZipFile(path) as packed:
        sizes = [entry.file_size for entry in packed.infolist()]
    if len(sizes) > ENTRIES_MAX:
        raise UnusableError(
            f"it is packed from {len(sizes):,} parts, and {ENTRIES_MAX:,} is the limit; "
            "save a copy with the table alone"
        )
    if sum(sizes) > UNPACKED_BYTES_MAX:
        raise UnusableError(
            f"it unpacks to {sum(sizes) >> 20:,} MiB, and {UNPACKED_BYTES_MAX >> 20:,} MiB is the "
            "limit; save a copy with the rows and columns you need"
        )
