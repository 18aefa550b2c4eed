"""Headcount by department: one plain sheet of values."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from openpyxl.styles import Font

from bench.mutants.mutations import Mutant, Mutations
from bench.mutants.tasks.staff_sites import DEPARTMENTS, SITES, staff

NONE = "Unassigned"


def _people(slip: str) -> list[tuple[str, str, int]]:
    """Give (site, department, pay) of everybody who is counted."""
    sites = staff()
    if slip == "last_sheet":
        sites.pop(list(SITES)[-1])
    found = []
    for site, people in sites.items():
        for p in people:
            full = (p.contract == "full-time") != (slip == "filter_inverted")
            if (full or slip == "filter_forgotten") and (p.department or slip != "blank_dropped"):
                found.append((site, p.department or NONE, p.pay))
        if slip == "totals_row":
            found.append((site, NONE, sum(p.pay for p in people)))
    return found


def _line(name: str, people: list[tuple[str, str, int]], slip: str) -> list[object]:
    pays = [pay for _, _, pay in people]
    average = sum(pays) / len(pays)
    if slip == "mean_of_means":
        by_site = [[pay for site, _, pay in people if site == s] for s in SITES]
        means = [sum(each) / len(each) for each in by_site if each]
        average = sum(means) / len(means)
    if slip == "monthly":
        average /= 12
    return [name, len(pays), round(average, 2)]


def _write(folder: Path, slip: str) -> None:
    people = _people(slip)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Headcount"
    sheet.append(["Department", "Full-time people", "Average annual pay EUR"])
    for name in [*sorted(DEPARTMENTS), NONE]:
        chosen = [p for p in people if p[1] == name]
        if chosen:
            sheet.append(_line(name, chosen, slip))
    sheet.append(_line("Everybody", people, slip))
    for cell in (*sheet[1], *sheet[sheet.max_row]):
        cell.font = Font(bold=True)
    for column, width in zip("ABC", (18, 18, 24), strict=True):
        sheet.column_dimensions[column].width = width
    for row in sheet.iter_rows(min_row=2, min_col=3, max_col=3):
        row[0].number_format = "#,##0.00"
    book.save(folder / "out/headcount.xlsx")


MUTATIONS = Mutations(
    "staff_sites",
    _write,
    (
        Mutant("last_sheet", "part of the source missed", "the last site's sheet is not read"),
        Mutant(
            "totals_row", "totals row", "each site's total counts as a person without department"
        ),
        Mutant("mean_of_means", "pooled mean", "averages the averages of the sites"),
        Mutant("filter_forgotten", "filter", "part-time people are counted"),
        Mutant("filter_inverted", "filter", "part-time people instead of full-time"),
        Mutant("blank_dropped", "groups", "people without a department are left out"),
        Mutant("monthly", "unit", "monthly pay under the heading annual pay"),
    ),
)
