"""Reads an .xlsx file from its parts: cells with formulas and stored values, tables, charts.

Owns the format as far as the checks need it, read without any spreadsheet library so that nothing
is recalculated or repaired on the way. Must never write.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree as ET

ENTRIES_MAX = 5_000
UNPACKED_BYTES_MAX = 512 << 20
CELLS_MAX = 3_000_000
COLUMNS_MAX = 16_384
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)")

Scalar = float | str | bool | None
Place = tuple[int, int]


class ErrorValue(str):
    """An error in a cell, such as #DIV/0!."""

    __slots__ = ()


@dataclass(frozen=True)
class Formula:
    """A formula's text; `shift` moves its relative references (for shared formulas)."""

    text: str
    shift: Place = (0, 0)
    array: bool = False


@dataclass(frozen=True)
class Table:
    """A native table: its place (first and last row and column, from 1) and headings."""

    name: str
    sheet: str
    first: Place
    last: Place
    columns: tuple[str, ...]
    header_rows: int
    totals_rows: int

    @property
    def body(self) -> tuple[int, int]:
        """Give the first and last row of the data."""
        return self.first[0] + self.header_rows, self.last[0] - self.totals_rows


@dataclass(frozen=True)
class Series:
    """One series of a chart: references, and the points stored with the chart by position."""

    name: str | None
    categories: str | None
    values: str | None
    stored_categories: dict[int, str]
    stored_values: dict[int, str]
    stored_name: str | None = None


@dataclass
class Sheet:
    """The cells of a sheet by (row, column), counted from 1."""

    name: str
    values: dict[Place, Scalar] = field(default_factory=dict)
    formulas: dict[Place, Formula] = field(default_factory=dict)
    charts: list[tuple[Series, ...]] = field(default_factory=list)
    looks: dict[Place, str] = field(default_factory=dict)
    """How a number is shown where that matters: "date", "percent" or "nothing"."""
    merged: list[tuple[Place, Place]] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    rows: int = 0
    columns: int = 0


@dataclass
class Workbook:
    """All sheets in order, with tables and names."""

    sheets: dict[str, Sheet]
    tables: dict[str, Table]
    names: dict[str, str]
    day_zero_1904: bool = False


@lru_cache(maxsize=4)
def open_workbook(path: Path) -> Workbook:
    """Read the whole file; raises ValueError with a reason when it is no sound workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bombs(archive)
            return _Reader(archive).workbook()
    except (zipfile.BadZipFile, ET.ParseError, KeyError) as wrong:
        raise ValueError(f"the workbook is damaged ({wrong})") from wrong


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > ENTRIES_MAX or sum(e.file_size for e in entries) > UNPACKED_BYTES_MAX:
        raise ValueError("the workbook is too large to be examined")


def place_of(reference: str) -> Place:
    """Give (row, column) of a reference such as B7."""
    found = REFERENCE.fullmatch(reference)
    if not found:
        raise ValueError(f"{reference!r} is no cell reference")
    return int(found.group(2)), column_number(found.group(1))


def column_number(letters: str) -> int:
    """Give 1 for A, 28 for AB."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def name_of(place: Place) -> str:
    """Give B7 for (7, 2)."""
    row, column = place
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


class _Reader:
    """Walks the parts of one archive."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._entries = set(archive.namelist())
        self._strings: list[str] = []
        self._looks: list[str] = []
        self._cells = 0

    def workbook(self) -> Workbook:
        main = self._target_of("", "officeDocument")
        root, links = self._xml(main), self._links(main)
        strings = next((t for t, kind in links.values() if kind == "sharedStrings"), None)
        if strings:
            self._strings = [_text(item) for item in self._xml(strings).iter(f"{MAIN}si")]
        styles = next((t for t, kind in links.values() if kind == "styles"), None)
        if styles:
            self._looks = looks_of(self._xml(styles))
        properties = root.find(f"{MAIN}workbookPr")
        old = properties is not None and properties.get("date1904") in ("1", "true")
        names = {
            (one.get("name") or "").casefold(): one.text or ""
            for one in root.iter(f"{MAIN}definedName")
        }
        book = Workbook({}, {}, names, old)
        for entry in root.iter(f"{MAIN}sheet"):
            target, kind = links[entry.get(RELATION) or ""]
            if kind == "worksheet":
                sheet = self._sheet(book, entry.get("name") or "", target)
                sheet.hidden = (entry.get("state") or "visible") != "visible"
        return book

    def _sheet(self, book: Workbook, name: str, part: str) -> Sheet:
        sheet = Sheet(name)
        book.sheets[name] = sheet
        shared: dict[str, tuple[Place, str]] = {}
        row = 0
        root = self._xml(part)
        _read_hidden(sheet, root)
        for line in root.iter(f"{MAIN}row"):
            row = int(line.get("r") or row + 1)
            column = 0
            if _is_hidden(line, "ht"):
                sheet.hidden_rows.add(row)
            for cell in line.iter(f"{MAIN}c"):
                reference = cell.get("r")
                column = place_of(reference)[1] if reference else column + 1
                self._cell(sheet, (row, column), cell, shared)
        for target, kind in self._links(part).values():
            if kind == "table":
                table = self._table(name, target)
                book.tables[table.name.casefold()] = table
            elif kind == "drawing":
                sheet.charts += [
                    self._chart(chart)
                    for chart, inner in self._links(target).values()
                    if inner == "chart"
                ]
        return sheet

    def _cell(self, sheet: Sheet, place: Place, cell: ET.Element,
              shared: dict[str, tuple[Place, str]]) -> None:  # fmt: skip
        self._cells += 1
        if self._cells > CELLS_MAX:
            raise ValueError(f"the workbook has more than {CELLS_MAX:,} cells")
        sheet.rows, sheet.columns = max(sheet.rows, place[0]), max(sheet.columns, place[1])
        value = self._value(cell)
        if value is not None:
            sheet.values[place] = value
        style = int(cell.get("s") or 0)
        if style < len(self._looks) and self._looks[style]:
            sheet.looks[place] = self._looks[style]
        formula = cell.find(f"{MAIN}f")
        if formula is not None:
            sheet.formulas[place] = _formula(place, formula, shared)

    def _value(self, cell: ET.Element) -> Scalar:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inline = cell.find(f"{MAIN}is")
            return _text(inline) if inline is not None else None
        stored = cell.find(f"{MAIN}v")
        if stored is None or stored.text is None:
            return "" if stored is not None and kind == "str" else None
        if kind == "s":
            return self._strings[int(stored.text)]
        if kind == "b":
            return stored.text == "1"
        if kind == "e":
            return ErrorValue(stored.text)
        return float(stored.text) if kind == "n" else stored.text

    def _table(self, sheet: str, part: str) -> Table:
        root = self._xml(part)
        first, _, last = (root.get("ref") or "").partition(":")
        columns = tuple(
            re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m.group(1), 16)), c.get("name") or "")
            for c in root.iter(f"{MAIN}tableColumn")
        )
        return Table(
            root.get("displayName") or root.get("name") or "", sheet, place_of(first),
            place_of(last or first), columns,
            int(root.get("headerRowCount", "1")), int(root.get("totalsRowCount", "0")),
        )  # fmt: skip

    def _chart(self, part: str) -> tuple[Series, ...]:
        return tuple(_series(one) for one in self._xml(part).iter(f"{CHART}ser"))

    def _xml(self, part: str) -> ET.Element:
        if part not in self._entries:
            raise ValueError(f"the workbook lacks its part {part}")
        raw = self._archive.read(part)
        if b"<!DOCTYPE" in raw[:2_000]:
            raise ValueError(f"part {part} declares entities")
        return ET.fromstring(raw)  # noqa: S314 -- in the sandbox, entities refused above

    def _links(self, part: str) -> dict[str, tuple[str, str]]:
        """Give the related parts by id: path and kind."""
        folder, name = posixpath.split(part)
        links = posixpath.join(folder, "_rels", f"{name}.rels")
        if links not in self._entries:
            return {}
        found = {}
        for link in self._xml(links):
            if link.get("TargetMode") == "External":
                continue
            target = link.get("Target") or ""
            path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            kind = (link.get("Type") or "").rpartition("/")[2]
            found[link.get("Id") or ""] = (posixpath.normpath(path), kind)
        return found

    def _target_of(self, part: str, kind: str) -> str:
        for target, found in self._links(part).values():
            if found == kind:
                return target
        raise ValueError("the file is no workbook")


def looks_of(styles: ET.Element) -> list[str]:
    """Give for each style of a cell how it shows a number, as far as that changes its meaning."""
    codes = {int(one.get("numFmtId") or 0): one.get("formatCode") or ""
             for one in styles.iter(f"{MAIN}numFmt")}  # fmt: skip
    formats = styles.find(f"{MAIN}cellXfs")
    numbers = [int(one.get("numFmtId") or 0) for one in (formats if formats is not None else ())]
    return [_look(number, codes.get(number)) for number in numbers]


def _look(number: int, code: str | None) -> str:
    if code is None:
        dated = number in range(14, 23) or number in range(45, 48)
        return "date" if dated else "percent" if number in (9, 10) else ""
    code = re.sub(r"(?<=s)\.0+", "", code, flags=re.IGNORECASE)
    bare = re.sub(r'"[^"]*"|\\.|_.|\*.|\[(?!h|m|s)[^\]]*\]', "", code, flags=re.IGNORECASE)
    if set(code) == {";"}:
        return "nothing"
    if re.search(r"[ymdhs]", bare, re.IGNORECASE) and "#" not in bare and "0" not in bare:
        return "date"
    return "percent" if "%" in bare else ""


def _read_hidden(sheet: Sheet, root: ET.Element) -> None:
    """Note merged cells and the columns that nobody sees."""
    for one in root.iter(f"{MAIN}mergeCell"):
        first, _, last = (one.get("ref") or "").partition(":")
        sheet.merged.append((place_of(first), place_of(last or first)))
    for one in root.iter(f"{MAIN}col"):
        if _is_hidden(one, "width"):
            least, most = int(one.get("min") or 0), int(one.get("max") or 0)
            sheet.hidden_columns.update(range(least, min(most, COLUMNS_MAX) + 1))


def _is_hidden(element: ET.Element, size: str) -> bool:
    return element.get("hidden") in ("1", "true") or float(element.get(size) or 1) == 0


def _formula(place: Place, element: ET.Element,
             shared: dict[str, tuple[Place, str]]) -> Formula:  # fmt: skip
    """Read a formula; those that share one text are moved copies of it."""
    text, index = element.text or "", element.get("si")
    if element.get("t") == "shared" and index is not None:
        if text:
            shared[index] = (place, text)
        origin, text = shared.get(index, (place, text))
        return Formula(text, (place[0] - origin[0], place[1] - origin[1]))
    array = element.get("t") == "array" and (element.get("ref") or "").count(":") == 1
    return Formula(text, array=array)


def _text(element: ET.Element) -> str:
    """Join the runs of a text, without phonetic hints."""
    parts = []
    for child in element:
        if child.tag == f"{MAIN}t":
            parts.append(child.text or "")
        elif child.tag == f"{MAIN}r":
            parts.extend(run.text or "" for run in child.iter(f"{MAIN}t"))
    return "".join(parts)


def _series(element: ET.Element) -> Series:
    name, name_points = _points(element.find(f"{CHART}tx"))
    categories, category_points = _points(element.find(f"{CHART}cat"))
    values, value_points = _points(element.find(f"{CHART}val"))
    return Series(name, categories, values, category_points, value_points, name_points.get(0))


def _points(element: ET.Element | None) -> tuple[str | None, dict[int, str]]:
    if element is None:
        return None, {}
    reference = next((f.text for f in element.iter(f"{CHART}f")), None)
    points = {}
    for point in element.iter(f"{CHART}pt"):
        value = point.find(f"{CHART}v")
        points[int(point.get("idx") or 0)] = (value.text or "") if value is not None else ""
    return reference, points
