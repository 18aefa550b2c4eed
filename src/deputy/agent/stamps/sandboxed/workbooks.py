"""One more sheet in a workbook, written into its package; nothing else in it is touched.

Owns the parts it adds. Must never open the workbook with a library that would write it anew:
charts, formats and formulas stay byte for byte.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

BYTES_MAX = 400_000_000
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
PART = "xl/worksheets/deputy_words.xml"
RELATION = "rIdDeputyWords"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def stamp(source: str, target: str, lines: Sequence[Sequence[str]], *, first: bool) -> None:
    """Write a copy with a sheet of words: the first and open one, or the last."""
    with zipfile.ZipFile(source) as package:
        if sum(entry.file_size for entry in package.infolist()) > BYTES_MAX:
            raise ValueError("the workbook is too large to be written into")
        names = package.namelist()
        book = "xl/workbook.xml"
        rels = "xl/_rels/workbook.xml.rels"
        if book not in names or rels not in names or PART in names:
            raise ValueError("the workbook is laid out in another way")
        title = "NOT VERIFIED" if first else "Receipt"
        changed = {
            book: _with_sheet(package.read(book).decode("utf-8"), title, first),
            rels: _with_relation(package.read(rels).decode("utf-8")),
            "[Content_Types].xml": _with_type(package.read("[Content_Types].xml").decode("utf-8")),
        }
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
            for entry in package.infolist():
                raw = package.read(entry)
                if entry.filename in changed:
                    raw = changed[entry.filename].encode("utf-8")
                elif first and entry.filename.startswith("xl/worksheets/sheet"):
                    raw = re.sub(rb'\s+tabSelected="(?:1|true)"', b"", raw, count=1)
                written.writestr(entry.filename, raw)
            written.writestr(PART, _sheet(lines, selected=first))


def _with_sheet(book: str, title: str, first: bool) -> str:
    if f'"{MAIN}"' not in book:
        raise ValueError("the workbook is of another kind of XML")
    sheets = re.search(r"<(\w+:)?sheets\s*>", book)
    if sheets is None:
        raise ValueError("the workbook lists no sheets")
    prefix = sheets[1] or ""
    if f'name="{title}"' in book:
        title = f"{title} (Deputy)"
    number = 1 + max((int(n) for n in re.findall(r'\bsheetId="(\d+)"', book)), default=0)
    sheet = (
        f'<{prefix}sheet name={quoteattr(title)} sheetId="{number}"'
        f' xmlns:words="{RELATIONS}" words:id="{RELATION}"/>'
    )
    if not first:
        return book.replace(f"</{prefix}sheets>", f"{sheet}</{prefix}sheets>", 1)
    book = book[: sheets.end()] + sheet + book[sheets.end() :]
    # Names and the open sheet are counted by position, and every other sheet moved by one.
    book = re.sub(
        r'\blocalSheetId="(\d+)"', lambda found: f'localSheetId="{int(found[1]) + 1}"', book
    )
    return re.sub(r'\s+(?:activeTab|firstSheet)="\d+"', "", book)


def _with_relation(rels: str) -> str:
    added = (
        f'<Relationship Id="{RELATION}" Type="{RELATIONS}/worksheet" Target="/{PART}"/>'
        "</Relationships>"
    )
    if "</Relationships>" not in rels:
        raise ValueError("the workbook's relations are written in another way")
    return rels.replace("</Relationships>", added, 1)


def _with_type(types: str) -> str:
    if "</Types>" not in types:
        raise ValueError("the workbook's types are written in another way")
    added = f'<Override PartName="/{PART}" ContentType="{SHEET_TYPE}"/></Types>'
    return types.replace("</Types>", added, 1)


def _sheet(lines: Sequence[Sequence[str]], *, selected: bool) -> str:
    rows = "".join(
        f'<row r="{number}"><c r="A{number}" t="inlineStr"><is>{_words(kind, text)}</is></c></row>'
        for number, (kind, text) in enumerate(lines, start=1)
    )
    mark = ' tabSelected="1"' if selected else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="{MAIN}">'
        f'<sheetViews><sheetView showGridLines="0"{mark} workbookViewId="0"/></sheetViews>'
        '<cols><col min="1" max="1" width="110" customWidth="1"/></cols>'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def _words(kind: str, text: str) -> str:
    said = f'<t xml:space="preserve">{escape(NOT_XML.sub("", text))}</t>'
    if kind == "text":
        return said
    size, colour = ("18", '<color rgb="FFA3341F"/>') if text == "NOT VERIFIED" else ("13", "")
    return f'<r><rPr><b/><sz val="{size}"/>{colour}</rPr>{said}</r>'
