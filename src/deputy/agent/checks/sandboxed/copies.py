"""Copies of a delivered file: put wrong where a check claims to look, or equal to it.

Owns the changes made to put an agent's check to the test. Must never change the file itself.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.grids import decoded, delimiter_of
from deputy.agent.checks.sandboxed.packed_copies import (
    database_mutants,
    pdf_mutants,
    saved_anew,
    zip_mutants,
)
from deputy.agent.checks.sandboxed.sources import spelled

Change = Callable[[Path], None]
TABLES = (".csv", ".tsv")
BOOKS = (".xlsx", ".xlsm")
TEXTS = (".md", ".txt", ".html", ".htm", ".svg", ".json", ".jsonl", ".py", ".sql", ".xml", ".yaml")
PACKED = (".docx", ".pptx")
DATABASES = (".sqlite", ".sqlite3", ".db")


def mutants(target: Path, claims: dict[str, Any]) -> dict[str, Change]:
    """Give changes that touch what is claimed, by what each does in words."""
    kind = target.suffix.lower()
    columns = [str(one) for one in claims.get("columns") or ()]
    found: dict[str, Change] = {}
    if kind in TABLES:
        found |= _table_mutants(target, columns)
    elif kind in BOOKS:
        found |= _book_mutants(target, columns, [str(one) for one in claims.get("cells") or ()])
    phrases = [str(one) for one in claims.get("texts") or ()]
    if kind == ".zip":
        return zip_mutants(target, phrases, other)
    if kind in DATABASES:
        return database_mutants(target, columns, phrases, other)
    if kind == ".pdf":
        return pdf_mutants(target, phrases)
    for phrase in phrases:
        change = _text_mutant(target, phrase)
        if change is not None:
            found[f"{phrase[:30]!r} was changed"] = change
    return found


def equals(target: Path) -> dict[str, Change]:
    """Give changes that leave what the file says as it was."""
    kind = target.suffix.lower()
    if kind in TABLES:
        return {"every cell quoted": _quoted}
    if kind in (*BOOKS, *PACKED, ".zip"):
        return {"packed otherwise": _repacked}
    if kind == ".json":
        return {"spaced otherwise": _respaced}
    if kind == ".pdf":
        return {"saved anew": saved_anew}
    return {}


def _rows(path: Path) -> tuple[list[list[str]], str]:
    text = decoded(path.read_bytes())
    delimiter = delimiter_of(text)
    return list(csv.reader(io.StringIO(text), delimiter=delimiter)), delimiter


def _save(path: Path, rows: Sequence[Sequence[str]], delimiter: str, quoting: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, delimiter=delimiter, quoting=quoting, lineterminator="\n")  # type: ignore[arg-type]
        writer.writerows(rows)


def _quoted(path: Path) -> None:
    rows, delimiter = _rows(path)
    _save(path, rows, delimiter, csv.QUOTE_ALL)


def _table_mutants(target: Path, columns: Sequence[str]) -> dict[str, Change]:
    rows, delimiter = _rows(target)
    if len(rows) < 2:
        return {}
    headings = [spelled(cell) for cell in rows[0]]
    middle = 1 + (len(rows) - 1) // 2
    found: dict[str, Change] = {}

    def changed(at: int, line: int) -> Change:
        def change(path: Path) -> None:
            own = [list(row) for row in rows]
            own[line][at] = other(own[line][at])
            _save(path, own, delimiter, csv.QUOTE_MINIMAL)

        return change

    def dropped(path: Path) -> None:
        _save(path, [*rows[:middle], *rows[middle + 1 :]], delimiter, csv.QUOTE_MINIMAL)

    for name in columns:
        if spelled(name) in headings:
            at = headings.index(spelled(name))
            for line in sorted({1, middle, len(rows) - 1}):
                if at < len(rows[line]):
                    found[f"{name!r} was changed in row {line + 1}"] = changed(at, line)
    if found:
        found[f"row {middle + 1} was left out"] = dropped
    return found


def _book_mutants(target: Path, columns: Sequence[str], cells: Sequence[str]) -> dict[str, Change]:
    import openpyxl

    book = openpyxl.load_workbook(target, data_only=True)
    places: list[tuple[str, str]] = []
    for one in cells:
        sheet, _, place = one.rpartition("!")
        sheet = sheet.strip("'") or book.sheetnames[0]
        if sheet in book.sheetnames and re.fullmatch(r"[A-Z]{1,3}\d{1,7}", place):
            places.append((sheet, place))
    wanted = {spelled(name) for name in columns}
    for page in book.worksheets if wanted else ():
        for row in page.iter_rows(max_row=30):
            for cell in row:
                if isinstance(cell.value, str) and spelled(cell.value) in wanted:
                    below = [page.cell(cell.row + step, cell.column) for step in (1, 2)]
                    places += [(page.title, one.coordinate) for one in below
                               if one.value is not None]  # fmt: skip

    def changed(sheet: str, place: str) -> Change:
        def change(path: Path) -> None:
            own = openpyxl.load_workbook(path, data_only=True)
            own[sheet][place] = other(own[sheet][place].value)
            own.save(path)

        return change

    return {f"{sheet}!{place} was changed": changed(sheet, place) for sheet, place in places}


def _text_mutant(target: Path, phrase: str) -> Change | None:
    kind, new = target.suffix.lower(), other(phrase)
    if kind in PACKED:
        with zipfile.ZipFile(target) as archive:
            held = any(phrase.encode() in archive.read(n) for n in archive.namelist()
                       if n.endswith(".xml"))  # fmt: skip
        return (lambda path: _repacked(path, phrase.encode(), str(new).encode())) if held else None
    if kind not in (*TEXTS, *TABLES) or phrase not in decoded(target.read_bytes()):
        return None

    def change(path: Path) -> None:
        text = decoded(path.read_bytes())
        path.write_text(text.replace(phrase, str(new)), "utf-8")

    return change


def _repacked(path: Path, old: bytes = b"", new: bytes = b"") -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, raw in parts.items():
            inside = old and name.endswith(".xml")
            archive.writestr(name, raw.replace(old, new) if inside else raw)


def _respaced(path: Path) -> None:
    found = json.loads(decoded(path.read_bytes()))
    path.write_text(json.dumps(found, indent=3, ensure_ascii=False), "utf-8")


def other(value: Any) -> Any:
    """Give another value of the same kind."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float):
        return value * 1.1 + 1
    text = str(value)
    digits = re.search(r"\d(?=\D*$)", text)
    if digits is None:
        return text[:-1] + ("x" if text[-1:] != "x" else "y")
    turned = str((int(digits.group()) + 3) % 10)
    return text[: digits.start()] + turned + text[digits.end() :]
