"""Files as life brings them: broken, locked, misnamed, bloated.

Owns how each is made, byte by byte, so that no program has to be there. Must never write a file.
"""

from __future__ import annotations

import copy
import io
import struct
import zipfile
from collections.abc import Callable

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
SHEET = "xl/worksheets/sheet1.xml"
ROWS = (("Region", "Sales"), ("North", "10"), ("South", "20"))
TABLE = "".join(f"{region},{sales}\n" for region, sales in ROWS)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde" + bytes(99)
PAGE = b"<html><table><tr><td>Region</td></tr></table></html>"
SECTOR = 512
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD

Filling = Callable[[zipfile.ZipFile], None]


def workbook(fill: Filling | None = None, *, dimension: str = "A1:B3") -> bytes:
    """Give a workbook of one sheet; `fill` writes that sheet, or more, in its own way."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", _types())
        book.writestr("_rels/.rels", _related("officeDocument", "xl/workbook.xml"))
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        rels = _related("worksheet", "worksheets/sheet1.xml")
        book.writestr("xl/_rels/workbook.xml.rels", rels)
        if fill is None:
            book.writestr(SHEET, _sheet(dimension))
        else:
            fill(book)
    return made.getvalue()


def bomb(book: zipfile.ZipFile) -> None:
    """Name one part of 16 MiB two hundred times: a few kB that unpack to 3 GiB."""
    book.writestr(SHEET, _sheet("A1:B3"))
    book.writestr("xl/media/0", b"a" * (1 << 24))
    for number in range(1, 200):
        again = copy.copy(book.getinfo("xl/media/0"))
        again.filename = f"xl/media/{number}"
        book.filelist.append(again)


def nested(book: zipfile.ZipFile) -> None:
    """Add more parts than any workbook has."""
    book.writestr(SHEET, _sheet("A1:B3"))
    for number in range(10_001):
        book.writestr(zipfile.ZipInfo(f"xl/media/{number}"), b"")


def sparse(book: zipfile.ZipFile) -> None:
    """Fill the first and the last cell of a sheet: whoever keeps all between runs out of room."""
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c>'
    book.writestr(SHEET, f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</row></sheetData>'
                         "</worksheet>")  # fmt: skip


def locked() -> bytes:
    """Give what Excel writes for a workbook with a password: a container that holds the
    encrypted package as a stream ([MS-CFB], [MS-OFFCRYPTO])."""
    head = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6,
        b"", 0, 1, 1, 0, 4096, END, 0, END, 0, 0,
    )  # fmt: skip
    head += struct.pack("<108I", *[FREE] * 108)
    content = b"\x10\0\0\0\0\0\0\0" + bytes(4096 - 8)
    sectors = len(content) // SECTOR
    chain = [FAT, END, *range(3, 2 + sectors), END]
    fat = struct.pack("<128I", *chain, *[FREE] * (128 - len(chain)))
    names = (("Root Entry", 5, 1, END, 0), ("EncryptedPackage", 2, FREE, 2, len(content)))
    entries = b"".join(_entry(*one) for one in names)
    return head.ljust(SECTOR, b"\xff") + fat + entries.ljust(SECTOR, b"\0") + content


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    written = (name + "\0").encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sIQQIQ", written, len(written), kind, 1, FREE, FREE, child, b"", 0, 0, 0,
        start, size,
    )  # fmt: skip


def _sheet(dimension: str) -> str:
    rows = ""
    for at, (region, sales) in enumerate(ROWS, start=1):
        value = f"<v>{sales}</v>" if at > 1 else f"<is><t>{sales}</t></is>"
        kind = "" if at > 1 else ' t="inlineStr"'
        rows += (
            f'<row r="{at}"><c r="A{at}" t="inlineStr"><is><t>{region}</t></is></c>'
            f'<c r="B{at}"{kind}>{value}</c></row>'
        )
    return (
        f'<worksheet xmlns="{MAIN}"><dimension ref="{dimension}"/>'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def _types() -> str:
    parts = (("/xl/workbook.xml", "sheet.main"), (f"/{SHEET}", "worksheet"))
    named = "".join(
        f'<Override PartName="{path}" ContentType="{SHEET_TYPE}.{kind}+xml"/>'
        for path, kind in parts
    )
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="{rels}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{named}</Types>'
    )


def _related(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )
