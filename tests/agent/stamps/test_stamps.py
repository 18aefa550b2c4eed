"""The platform's words inside real files: nothing else changes, and what fails is not said.

Runs the very program that runs in the sandbox, with the data runtime's Python.
"""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from deputy.agent import checks, stamps
from deputy.core.brief import Brief, Criterion, Deliverable
from deputy.execution import runtimes
from tests.requirement import requirement

BOOK, PAGE = "out/r.xlsx", "out/r.pdf"
MAKE = """
import pathlib, typst, xlsxwriter
pathlib.Path("out").mkdir()
book = xlsxwriter.Workbook("out/r.xlsx")
sheet = book.add_worksheet("Figures")
sheet.write_row(0, 0, ["Region", "Sales"])
for row, (name, value) in enumerate([("North", 3), ("South", 4)], start=1):
    sheet.write_row(row, 0, [name, value])
sheet.write_formula(3, 1, "=SUM(B2:B3)", None, 7)
sheet.print_area("A1:B4")
chart = book.add_chart({"type": "column"})
chart.add_series({"values": "=Figures!$B$2:$B$3"})
sheet.insert_chart("D2", chart)
book.close()
typst.compile(b"Sales: 7", output="out/r.pdf", ignore_system_fonts=True)
"""
LOOK = """
import json, sys, openpyxl, pypdfium2
book = openpyxl.load_workbook(sys.argv[1])
pdf = pypdfium2.PdfDocument(sys.argv[2])
print(json.dumps({
    "sheets": book.sheetnames, "open": book.active.title,
    "words": [[c.value for c in row][0] for row in book[sys.argv[3]].iter_rows()],
    "charts": len(book["Figures"]._charts), "area": book["Figures"].print_area,
    "formula": book["Figures"]["B4"].value,
    "pages": [p.get_textpage().get_text_range() for p in pdf],
}))
"""
FILES = tuple(
    Deliverable(path=path, media_type="x", title=path) for path in (BOOK, PAGE)
)  # fmt: skip
BRIEF = Brief(
    goal="Sales <by> region & =1+1",
    deliverables=FILES,
    criteria=tuple(
        Criterion(id=f"c{n}", text="It opens.", check="file.opens", target=d.path)
        for n, d in enumerate(FILES)
    ),
    assumptions=("Net of tax.",),
)


def python(folder: Path, code: str, *args: str) -> bytes:
    done = subprocess.run(
        [runtimes.find("data") / "bin" / "python", "-", *args], input=code.encode(),
        cwd=folder, capture_output=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def stamped(folder: Path, *, break_it: bool = False) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Make the files, run the program over them; give what it said and the stamped copies."""
    python(folder, MAKE)
    if break_it:
        (folder / PAGE).write_bytes(b"%PDF-1.7 cut off")
    requests = [c.model_dump(mode="json") for c in BRIEF.criteria]
    requests += [
        {"id": f"floor:{name}", "check": name, "target": BOOK, "params": {}}
        for name in checks.floor(BOOK)
    ]
    code, params = stamps.around(
        *checks.program(requests),
        receipts={
            d.path: stamps.receipt_lines(BRIEF, d.path, turn="trn_1", never=["Whether it is nice."])
            for d in FILES
        },
        banners={d.path: stamps.banner_lines(BRIEF, d.path, turn="trn_1") for d in FILES},
    )
    said = python(folder, f"PARAMS = {params!r}\n{code}")
    changed = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in (folder / stamps.FOLDER).glob("*")
    }
    told = json.loads(said)
    return told, stamps.taken(params, said, changed, verified=told["passed"])


def look(folder: Path, copies: dict[str, bytes], sheet: str) -> dict[str, Any]:
    for name, path in (("b.xlsx", BOOK), ("p.pdf", PAGE)):
        (folder / name).write_bytes(copies.get(path) or (folder / path).read_bytes())
    shown: dict[str, Any] = json.loads(python(folder, LOOK, "b.xlsx", "p.pdf", sheet))
    return shown


@requirement("R301")
def test_the_receipt_stands_last_in_files_that_passed_and_nothing_else_changes(
    tmp_path: Path,
) -> None:
    told, copies = stamped(tmp_path)
    assert {one["verdict"] for one in told["results"]} == {"pass"}
    assert set(copies) == {BOOK, PAGE}
    shown = look(tmp_path, copies, "Receipt")
    assert (shown["sheets"], shown["open"]) == (["Figures", "Receipt"], "Figures")
    assert (shown["charts"], shown["formula"]) == (1, "=SUM(B2:B3)")
    assert shown["words"][:2] == ["Receipt", "Asked for: Sales <by> region & =1+1"]
    assert "Net of tax." in shown["words"]
    assert "Sales: 7" in shown["pages"][0]
    assert "Whether it is nice." in shown["pages"][1]
    with zipfile.ZipFile(tmp_path / BOOK) as plain, zipfile.ZipFile(tmp_path / "b.xlsx") as copy:
        same = [n for n in plain.namelist() if plain.read(n) == copy.read(n)]
    assert {"xl/worksheets/sheet1.xml", "xl/charts/chart1.xml", "xl/styles.xml"} <= set(same)


@requirement("R301")
def test_a_file_that_did_not_pass_opens_with_the_warning(tmp_path: Path) -> None:
    told, copies = stamped(tmp_path, break_it=True)
    assert "fail" in {one["verdict"] for one in told["results"]}
    assert set(copies) == {BOOK}, "what cannot be opened cannot be written into"
    (tmp_path / PAGE).unlink()
    python(tmp_path, 'import typst; typst.compile(b"x", output="out/r.pdf")')
    shown = look(tmp_path, copies, "NOT VERIFIED")
    assert (shown["sheets"], shown["open"]) == (["NOT VERIFIED", "Figures"], "NOT VERIFIED")
    assert shown["area"] == "'Figures'!$A$1:$B$4"
    assert shown["words"][0] == "NOT VERIFIED"


@pytest.mark.parametrize("said", [b"", b"{}", b"[]", b'{"stamped": [1, "x"]}', b"\xff"])
def test_nothing_counts_as_stamped_that_the_program_did_not_say(said: bytes) -> None:
    params = {"stamps": {"places": {BOOK: "a/0.xlsx"}}}
    assert stamps.taken(params, said, {"a/0.xlsx": b"x", "b": b"y"}, verified=True) == {}
    assert stamps.taken({}, said, {"a/0.xlsx": b"x"}, verified=True) == {}
