"""Each named check catches its mutants and lets equivalent copies pass.

Owns the proof that a check is worth its name, on a real report checked by the real program.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.agent.checks.mutations import (
    edit_part,
    error_cell,
    replaced,
    restyle,
    stored_value,
    without_formula,
    without_row,
)
from tests.agent.reports.making import EXAMPLE, every_check, judge, plan, report, run
from tests.requirement import requirement

STEM = "out/sales-by-region"
XLSX, PDF, CSV = f"{STEM}.xlsx", f"{STEM}.pdf", f"{STEM}.csv"
SUMMARY, DATA, CHART = ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet3.xml",
                        "xl/charts/chart1.xml")  # fmt: skip
RESAVE = """
import openpyxl
book = openpyxl.load_workbook("out/sales-by-region.xlsx", data_only=True)
book["Summary"].sheet_view.zoomScale = 80
for row in book["Summary"].iter_rows(min_row=1, max_row=3):
    for cell in row:
        cell.font = openpyxl.styles.Font(name="Arial", italic=True)
book.move_sheet("Notes", offset=-3)
book.save("out/sales-by-region.xlsx")
"""
TWO_PAGES = """
import pypdfium2
document = pypdfium2.PdfDocument("out/sales-by-region.pdf")
document.new_page(595.28, 841.89)
document.save("out/sales-by-region.pdf")
"""
LETTER = """
import pypdfium2
document = pypdfium2.PdfDocument("out/sales-by-region.pdf")
document[0].set_mediabox(0, 0, 400, 842)
document.save("out/sales-by-region.pdf")
"""
COPIED_PDF = """
import pypdfium2
document = pypdfium2.PdfDocument("out/sales-by-region.pdf")
copy = pypdfium2.PdfDocument.new()
copy.import_pages(document)
copy.save("out/sales-by-region.pdf")
"""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's report, made once."""
    folder = tmp_path_factory.mktemp("report")
    shutil.copy(EXAMPLE, folder / "sales.xlsx")
    report(folder, plan())
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path, dirs_exist_ok=True)
    return tmp_path


def verdict(folder: Path, check: str, target: str, made: dict[str, Any] | None = None) -> str:
    (result,) = judge(folder, made or plan(), (check, target))
    assert result.detail
    return result.verdict


def report_of(folder: Path, **changes: Any) -> None:
    """Put another plan's report where this plan's is expected."""
    report(folder, plan(**changes))


def in_workbook(part: str, edit: Callable[[str], str]) -> Callable[[Path], None]:
    return lambda folder: edit_part(folder / XLSX, part, edit)


def in_text(old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / CSV).read_text("utf-8-sig")
        assert old in text
        (folder / CSV).write_text(text.replace(old, new, 1), "utf-8-sig")

    return change


def by_program(code: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        done = run(folder, code, {})
        assert done.returncode == 0, done.stderr

    return change


def truncate(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        raw = (folder / name).read_bytes()
        (folder / name).write_bytes(raw[: len(raw) // 2])

    return change


def cut_csv(folder: Path) -> None:
    lines = (folder / CSV).read_text("utf-8-sig").splitlines(keepends=True)
    (folder / CSV).write_text("".join([*lines[:3], *lines[4:]]), "utf-8-sig")


def earlier(folder: Path) -> None:
    report_of(folder, period={"kind": "range", "label": "Q4 2026 to date", "start": "2026-10-01",
                              "end": "2026-11-17"})  # fmt: skip


def whole_quarter_before(folder: Path) -> None:
    report_of(folder, compare={"label": "Q4 2025, same days", "start": "2025-10-01",
                               "end": "2025-12-31"})  # fmt: skip


def without_iberia(folder: Path) -> None:
    report_of(folder, filters=[{"column": "Region", "op": "ne", "value": "Iberia"}])


def of_quantities(folder: Path) -> None:
    report_of(folder, measures=[{"column": "Quantity", "label": "Net sales (EUR)", "unit": "EUR"}])


MUTANTS: list[tuple[str, str, Callable[[Path], None]]] = [
    ("file.opens", XLSX, truncate(XLSX)),
    ("file.opens", PDF, truncate(PDF)),
    ("file.opens", CSV, lambda folder: (folder / CSV).write_bytes(b"\xff\xfe\x00")),
    ("file.opens", PDF, lambda folder: (folder / PDF).unlink()),
    ("workbook.no_error_cells", XLSX, in_workbook(SUMMARY, error_cell("C11"))),
    ("workbook.no_error_cells", XLSX, in_workbook(DATA, error_cell("L40"))),
    ("workbook.formulas_recompute", XLSX, in_workbook(SUMMARY, stored_value("C11", "288907"))),
    ("workbook.formulas_recompute", XLSX, in_workbook(SUMMARY, stored_value("F12", "0.18"))),
    ("workbook.formulas_recompute", XLSX, in_workbook(SUMMARY, replaced("Period_end+1",
                                                                        "Period_end", 1))),
    ("workbook.formulas_recompute", XLSX, in_workbook(DATA, without_row(5900))),
    ("workbook.chart_equals_table", XLSX, in_workbook(CHART, replaced("$10:", "$11:"))),
    ("workbook.chart_equals_table", XLSX, in_workbook(CHART, replaced("$D$10:$D$18",
                                                                      "$C$10:$C$18"))),
    ("workbook.chart_equals_table", XLSX, in_workbook(CHART, replaced("$18", "$14"))),
    ("workbook.chart_equals_table", XLSX, in_workbook(CHART, replaced("<c:v>462524",
                                                                      "<c:v>562524"))),
    ("figures.in_tables", XLSX, earlier),
    ("figures.in_tables", XLSX, whole_quarter_before),
    ("figures.in_tables", XLSX, without_iberia),
    ("figures.in_tables", XLSX, of_quantities),
    ("figures.in_tables", XLSX, in_workbook(SUMMARY, without_formula("C12", "287901.27"))),
    ("figures.in_tables", XLSX, in_workbook(SUMMARY, without_formula("C19", "2336000"))),
    ("figures.in_tables", CSV, cut_csv),
    ("figures.in_tables", CSV, in_text("282646.79", "282646.97")),
    ("csv.no_formulas", CSV, in_text("Iberia", "=1+1")),
    ("csv.no_formulas", CSV, in_text("Iberia", "@SUM(A1)")),
    ("pdf.one_page", PDF, by_program(TWO_PAGES)),
    ("pdf.one_page", PDF, by_program(LETTER)),
    ("figures.in_text", PDF, earlier),
    ("figures.in_text", PDF, whole_quarter_before),
    ("figures.in_text", PDF, without_iberia),
    ("figures.in_text", PDF, of_quantities),
    ("figures.in_text", PDF, lambda folder: report_of(folder, rank={"by": "growth",
                                                                      "order": "asc"})),
]  # fmt: skip


@requirement("R301", "R027")
@pytest.mark.parametrize(("check", "target", "mutate"), MUTANTS)
def test_a_check_fails_on_its_mutant(
    folder: Path, check: str, target: str, mutate: Callable[[Path], None]
) -> None:
    mutate(folder)
    assert verdict(folder, check, target) == "fail"


@requirement("R301")
def test_every_check_passes_on_the_report_as_made(original: Path) -> None:
    found = judge(original, plan(), *every_check(plan()))
    assert {result.check: result.detail for result in found if result.verdict != "pass"} == {}
    assert len(found) >= 17


def test_every_check_passes_on_a_copy_with_other_looks_and_order(folder: Path) -> None:
    restyle(folder / XLSX)
    by_program(COPIED_PDF)(folder)
    text = (folder / CSV).read_text("utf-8-sig").splitlines()
    (folder / CSV).write_text("\n".join([text[0], *reversed(text[1:-1]), text[-1]]), "utf-8")
    found = judge(folder, plan(), *every_check(plan()))
    assert {result.check: result.detail for result in found if result.verdict != "pass"} == {}


def test_figures_reconcile_in_a_copy_saved_by_another_program_as_values(folder: Path) -> None:
    by_program(RESAVE)(folder)
    for check in ("file.opens", "figures.in_tables", "workbook.no_error_cells",
                  "workbook.formulas_recompute"):  # fmt: skip
        assert verdict(folder, check, XLSX) == "pass"


def test_a_right_number_in_place_of_a_formula_is_accepted_unless_formulas_are_asked_for(
    folder: Path,
) -> None:
    exact = "287901.26"
    edit_part(folder / XLSX, SUMMARY, without_formula("C12", exact))
    assert verdict(folder, "figures.in_tables", XLSX) == "pass"
    by_program(RESAVE)(folder)
    from deputy.agent import checks

    asked = [{"id": "a", "check": "workbook.formulas_recompute", "target": XLSX,
              "params": {"formulas_min": 20}}]  # fmt: skip
    code, params = checks.program(asked)
    (result,) = checks.parse(run(folder, code, params).stdout, asked)
    assert result.verdict == "fail"


def test_an_unknown_function_is_reported_as_not_checked(folder: Path) -> None:
    edit_part(folder / XLSX, SUMMARY, replaced("SUMIFS(", "WEBSERVICE(", 1))
    assert verdict(folder, "workbook.formulas_recompute", XLSX) == "error"
