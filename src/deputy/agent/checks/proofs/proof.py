"""The shape of a proof, and the files samples are made of.

Owns how sample files are written and changed. Must never know what a check looks for.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Change = Callable[[Path], None]
Line = Sequence[Any]


@dataclass(frozen=True)
class Proof:
    """A check's sample with its params, what must make it fail, and what must not."""

    check: str
    target: str
    params: Mapping[str, Any]
    sample: Change
    mutators: Mapping[str, Change]
    invariances: Mapping[str, Change]
    errors: Mapping[str, Change] = field(default_factory=dict)
    """What leaves the check unable to say anything."""
    sound: bool = True
    """Whether the sample itself must pass."""


def write_csv(path: str, rows: Sequence[Line], delimiter: str = ",") -> Change:
    """Give a change that writes a text table."""

    def change(folder: Path) -> None:
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("w", encoding="utf-8", newline="") as lines:
            csv.writer(lines, delimiter=delimiter, lineterminator="\n").writerows(rows)

    return change


def write_text(path: str, text: str) -> Change:
    """Give a change that writes a text."""

    def change(folder: Path) -> None:
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")

    return change


def write_book(path: str, sheets: Mapping[str, Sequence[Line]]) -> Change:
    """Give a change that writes a workbook of sheets with rows."""

    def change(folder: Path) -> None:
        import openpyxl

        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(list(row))
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        book.save(place)

    return change


def in_book(path: str, edit: Callable[[Any], object]) -> Change:
    """Give a change that opens a workbook, edits it and saves it."""

    def change(folder: Path) -> None:
        import openpyxl

        book = openpyxl.load_workbook(folder / path)
        edit(book)
        book.save(folder / path)

    return change


def cell(path: str, sheet: str, place: str, value: Any) -> Change:
    """Give a change of one cell."""

    def edit(book: Any) -> None:
        book[sheet][place] = value

    return in_book(path, edit)


def replaced(path: str, old: str, new: str) -> Change:
    """Give a change of a text that must occur."""

    def change(folder: Path) -> None:
        text = (folder / path).read_text("utf-8")
        if old not in text:
            raise ValueError(f"{old!r} does not occur in {path}")
        (folder / path).write_text(text.replace(old, new), "utf-8")

    return change


def in_part(path: str, part: str, edit: Callable[[str], str]) -> Change:
    """Give a change of one text part of a packed file; it must change something."""

    def change(folder: Path) -> None:
        with zipfile.ZipFile(folder / path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        before = parts[part].decode()
        parts[part] = edit(before).encode()
        if parts[part].decode() == before:
            raise ValueError(f"the edit of {part} changed nothing")
        with zipfile.ZipFile(folder / path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, raw in parts.items():
                archive.writestr(name, raw)

    return change


def repacked(path: str) -> Change:
    """Give a change of nothing but how a packed file is packed."""

    def change(folder: Path) -> None:
        with zipfile.ZipFile(folder / path) as archive:
            parts = {name: archive.read(name) for name in reversed(archive.namelist())}
        with zipfile.ZipFile(folder / path, "w", zipfile.ZIP_STORED) as archive:
            for name, raw in parts.items():
                archive.writestr(name, raw)

    return change


def cut(path: str) -> Change:
    """Give a change that leaves half of a file."""

    def change(folder: Path) -> None:
        raw = (folder / path).read_bytes()
        (folder / path).write_bytes(raw[: len(raw) // 2])

    return change


def gone(path: str) -> Change:
    """Give a change that takes a file away."""
    return lambda folder: (folder / path).unlink()


def each(*changes: Change) -> Change:
    """Give a change of several, one after the other."""

    def change(folder: Path) -> None:
        for one in changes:
            one(folder)

    return change
