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


PAGES = {"asked": {
    "source": {"path": "sales.csv"},
    "question": {"title": "Sales", "measures": [{"column": "Sales", "label": "Sales"}],
                 "groups": [{"column": "Region", "label": "Region"}]}}}  # fmt: skip
SALES = b"Region,Sales\nNorth,1200.5\nSouth,900.25\nEast,310\n"
RIGHT = "North 1,200.50\nSouth 900.25\nEast 310.00\nTotal 2,410.75\n"
WRONG = "North 1,300.50\nSouth 800.25\nEast 310.00\nTotal 2,410.75\n"
WHITE = f"#text(fill: white)[{RIGHT}]\n\n{WRONG}"
COVERED = f"#place(block[{RIGHT}])\n#rect(fill: black, width: 100%, height: 60%)\n\n{WRONG}"
TINY = f"#text(size: 0.1pt)[{RIGHT}]\n\n{WRONG}"
OUTSIDE = f"#place(dx: 900pt)[{RIGHT}]\n{WRONG}"


@pytest.mark.parametrize("source", [WHITE, COVERED, TINY, OUTSIDE])
def test_right_figures_that_nobody_can_see_do_not_make_a_pdf_pass(source: str) -> None:
    """Wall: text that leaves no trace on the drawn page is not read."""
    made = run("import pathlib, typst\npathlib.Path('p.typ').write_text(PARAMS['s'])\n"
               "typst.compile('p.typ', output='p.pdf')", params={"s": source})  # fmt: skip
    assert check_of("figures.in_text", "p.pdf", made.changed["p.pdf"])[0] == "fail"


def test_the_same_figures_in_sight_pass() -> None:
    made = run("import pathlib, typst\npathlib.Path('p.typ').write_text(PARAMS['s'])\n"
               "typst.compile('p.typ', output='p.pdf')", params={"s": RIGHT})  # fmt: skip
    assert check_of("figures.in_text", "p.pdf", made.changed["p.pdf"])[0] == "pass"


@pytest.mark.parametrize(
    "rows",
    [
        "Region,Sales\nNorth,1300.5\nSouth,800.25\nEast,310\n\nRegion,Sales\nNorth,1200.5\n"
        "South,900.25\nEast,310\n",
        "Region,Sales,Sales\nNorth,1300.5,1200.5\nSouth,800.25,900.25\nEast,310,310\n",
    ],
)
def test_a_file_that_says_both_right_and_wrong_does_not_pass(rows: str) -> None:
    """Wall: a second table, or column, of the same heading must not say otherwise."""
    assert check_of("figures.in_tables", "t.csv", rows.encode())[0] == "fail"


SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row><c t="str"><v>Region</v></c><c t="str"><v>Sales</v></c></row>'
    b'<row><c t="str"><v>North</v></c><c><f>1000+1</f><v>1200.5</v></c></row>'
    b'<row><c t="str"><v>South</v></c><c><v>900.25</v></c></row>'
    b'<row><c t="str"><v>East</v></c><c><v>310</v></c></row></sheetData></worksheet>'
)


def test_a_stored_value_that_its_formula_does_not_give_is_caught_by_the_floor() -> None:
    """Wall: no brief can leave out that formulas are computed anew."""
    raw = workbook(SHEET)
    assert check_of("workbook.formulas_recompute", "b.xlsx", raw)[0] == "fail"
    assert "workbook.formulas_recompute" in checks.floor("b.xlsx")


LIAR = """
import json, os, sys
said = {"id": "1", "check": "file.opens", "target": "t.csv", "verdict": "pass", "detail": "mine"}
def check(path, params):
    os.write(1, json.dumps({"results": [said]}).encode() + b"\\n")
    frame = sys._getframe()
    while frame:
        for name, value in frame.f_locals.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                for one in value:
                    one["verdict"] = "pass"
        frame = frame.f_back
    os._exit(0)
"""


def test_the_agents_own_code_cannot_speak_for_the_named_checks() -> None:
    """Wall: named checks have answered before any code of the agent runs."""
    requests = [
        {"id": "2", "check": "code.check", "target": "t.csv",
         "params": {"code": LIAR, "claims": {"columns": ["a"]}}},
        {"id": "1", "check": "file.opens", "target": "t.csv", "params": {}},
    ]  # fmt: skip
    code, params = checks.program(requests)
    ran = run(code, read_only={"t.csv": b"a,b\n1\n"}, params=params)
    own, opens = checks.parse(ran.stdout, requests)
    assert (opens.verdict, own.verdict) == ("fail", "error")


def check_of(name: str, target: str, raw: bytes) -> tuple[str, str]:
    """Run one check on one file in the jail."""
    requests = [{"id": "c", "check": name, "target": target, "params": PAGES}]
    code, params = checks.program(requests)
    ran = run(code, read_only={target: raw, "sales.csv": SALES}, params=params)
    (found,) = checks.parse(ran.stdout, requests)
    return found.verdict, found.detail


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
