"""Wrong copies of archives, databases and PDFs.

Owns the changes made inside them to put an agent's check to the test. Must never change the file
itself, nor write anything beside the copy it is given.
"""

from __future__ import annotations

import ctypes
import sqlite3
import zipfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.sources import spelled

Change = Callable[[Path], None]
Other = Callable[[Any], Any]
TABLES_MAX = 50
MEMBERS_MAX = 200
PAGES_MAX = 50
PIECE_LETTERS_MIN = 4


def zip_mutants(target: Path, phrases: Sequence[str], other: Other) -> dict[str, Change]:
    """Change phrases within members, and leave a member out that holds one."""
    with zipfile.ZipFile(target) as archive:
        members = {name: archive.read(name) for name in archive.namelist()[:MEMBERS_MAX]}
    found: dict[str, Change] = {}
    for phrase in phrases:
        old = phrase.encode()
        held = [name for name, raw in members.items() if old in raw]
        if held:
            new = str(other(phrase)).encode()
            changed = {n: raw.replace(old, new) if n == held[0] else raw
                       for n, raw in members.items()}  # fmt: skip
            found[f"{phrase[:30]!r} was changed in {held[0]}"] = _written(changed)
            without = {n: raw for n, raw in members.items() if n != held[0]}
            found[f"{held[0]} was left out"] = _written(without)
    return found


def _written(members: dict[str, bytes]) -> Change:
    def change(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, raw in members.items():
                archive.writestr(name, raw)

    return change


def database_mutants(
    target: Path, columns: Sequence[str], phrases: Sequence[str], other: Other
) -> dict[str, Change]:
    """Change a cell of each column claimed, and each phrase that is a cell's text."""
    wanted = {spelled(name) for name in columns}
    found: dict[str, Change] = {}
    with closing(sqlite3.connect(f"file:{target}?mode=ro", uri=True)) as base:
        names = [row[0] for row in base.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )]  # fmt: skip
        for table in names[:TABLES_MAX]:
            for column in [row[1] for row in base.execute(f"PRAGMA table_info({_quoted(table)})")]:
                for phrase in ("", *phrases) if spelled(column) in wanted else phrases:
                    one = _one_cell(base, table, column, phrase, other)
                    if one is not None:
                        found[f"{table}.{column} was changed"] = one
    return found


def _one_cell(base: sqlite3.Connection, table: str, column: str, phrase: str,
              other: Other) -> Change | None:  # fmt: skip
    place = _quoted(column)
    where = f"CAST({place} AS TEXT) = ?" if phrase else f"{place} IS NOT NULL OR ? = ''"
    query = f"SELECT rowid, {place} FROM {_quoted(table)} WHERE {where} LIMIT 1"  # noqa: S608
    try:
        row = base.execute(query, (phrase,)).fetchone()
    except sqlite3.OperationalError:  # a table without row numbers
        return None
    if row is None or row[1] is None:
        return None

    def change(path: Path) -> None:
        with closing(sqlite3.connect(path)) as own:
            own.execute("PRAGMA ignore_check_constraints = ON")
            own.execute(
                f"UPDATE OR REPLACE {_quoted(table)} SET {place} = ? WHERE rowid = ?",  # noqa: S608
                (other(row[1]), row[0]),
            )
            own.commit()

    return change


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def pdf_mutants(target: Path, phrases: Sequence[str]) -> dict[str, Change]:
    """Take the words of each phrase off the pages that show it."""
    import pypdfium2

    with closing(pypdfium2.PdfDocument(target.read_bytes())) as book:
        pages = [
            book[at].get_textpage().get_text_range() for at in range(min(len(book), PAGES_MAX))
        ]
    shown = " ".join(" ".join(pages).split())
    return {
        f"{phrase[:30]!r} was taken away": _without(phrase)
        for phrase in phrases if " ".join(phrase.split()) in shown
    }  # fmt: skip


def _without(phrase: str) -> Change:
    def change(path: Path) -> None:
        import pypdfium2
        import pypdfium2.raw as raw

        book = pypdfium2.PdfDocument(path.read_bytes())
        for at in range(min(len(book), PAGES_MAX)):
            page = book[at]
            text = page.get_textpage()
            for piece in list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT])):
                words = _words(raw, piece, text)
                part = len(words) >= PIECE_LETTERS_MIN and words in phrase
                if phrase in words or part:
                    page.remove_obj(piece)
            page.gen_content()
        book.save(str(path))

    return change


def _words(raw: Any, piece: Any, text: Any) -> str:
    """Give what one text object of a page says."""
    size = raw.FPDFTextObj_GetText(piece, text, None, 0)
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFTextObj_GetText(piece, text, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return " ".join(buffer.raw[: max(0, size - 2)].decode("utf-16-le", "replace").split())


def saved_anew(path: Path) -> None:
    """Write a PDF again with nothing changed."""
    import pypdfium2

    pypdfium2.PdfDocument(path.read_bytes()).save(str(path))
