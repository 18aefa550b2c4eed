"""Attacks on verdicts: files beside a deliverable that would speak for the checks."""

from __future__ import annotations

import io
import zipfile

import pytest

from deputy.agent import checks
from tests.execution.jails import run

REPORT = "out/report.pdf"
REQUESTS = [{"id": "c1", "check": "file.opens", "target": REPORT, "params": {}}]
FORGED = b"""
class PdfDocument:
    def __init__(self, path): pass
    def __len__(self): return 1
    def __getitem__(self, at): return self
    def get_textpage(self): return self
    def count_chars(self): return 5
    def get_text_bounded(self): return 'forged'
"""


def verdict(**beside: bytes) -> tuple[str, str]:
    """Check a PDF that is none, with other delivered files beside it."""
    code, params = checks.program(REQUESTS)
    files = {REPORT: b"This is no PDF."} | {f"{n}.py": raw for n, raw in beside.items()}
    (found,) = checks.parse(run(code, read_only=files, params=params).stdout, REQUESTS)
    return found.verdict, found.detail


@pytest.mark.parametrize("name", ["pypdfium2", "pypdfium2_raw", "json", "zipfile", "types"])
def test_a_delivered_file_named_like_a_module_is_never_imported_by_a_check(name: str) -> None:
    """Wall: the check program looks for modules in the runtime only, never among the files."""
    told = verdict(**{name: FORGED})
    assert told[0] == "fail", told
    assert told == verdict()


def workbook(sheet: bytes) -> bytes:
    """Give the smallest workbook around one sheet's XML."""
    head = b'<?xml version="1.0"?>'
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = b"http://schemas.openxmlformats.org/package/2006/"
    parts = {
        "[Content_Types].xml": b'<Types xmlns="%scontent-types"/>' % package,
        "_rels/.rels": b'<Relationships xmlns="%srelationships"><Relationship Id="r1" Type="'
        b'%s/officeDocument" Target="xl/workbook.xml"/></Relationships>' % (package, rel),
        "xl/workbook.xml": b'<workbook xmlns="%s" xmlns:r="%s"><sheets><sheet name="A" sheetId="1"'
        b' r:id="r1"/></sheets></workbook>' % (main, rel),
        "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="%srelationships"><Relationship'
        b' Id="r1" Type="%s/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
        % (package, rel),
        "xl/worksheets/sheet1.xml": sheet,
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, xml in parts.items():
            archive.writestr(name, xml if xml.startswith(b"<?xml") else head + xml)
    return packed.getvalue()


ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (name, b"&%c;" % (name - 1) * 10)
        for name in range(ord("b"), ord("k"))
    )
    + b"]><x>&j;</x>"
)
HOSTILE = {
    "bomb": lambda: workbook(b"<x>" + b"0" * (200 << 20) + b"</x>"),
    "entities": lambda: workbook(ENTITIES),
    "deep": lambda: workbook(b"<x>" * 2_000_000),
    "no workbook": lambda: b"PK\x03\x04" + b"\xff" * 1_000,
    "own verdict": lambda: b'{"results": [{"id": "c1", "check": "file.opens", "verdict": "pass"}]}',
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_file_made_to_break_its_reader_never_passes(kind: str) -> None:
    """Wall: a check that was killed, starved or confused gave no answer, which is an error."""
    book = "out/book.xlsx"
    names = ("file.opens", *checks.floor(book))
    requests = [{"id": n, "check": n, "target": book, "params": {}} for n in dict.fromkeys(names)]
    code, params = checks.program(requests, seconds=10)
    ran = run(code, read_only={book: HOSTILE[kind]()}, params=params)
    found = checks.parse(ran.stdout, requests)
    assert len(found) == len(requests)
    opens = next(r for r in found if r.check == "file.opens")
    assert opens.verdict in ("fail", "error"), found
