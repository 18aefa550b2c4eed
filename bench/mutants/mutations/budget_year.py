"""Budget against actual with live formulas."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from bench.mutants.mutations import Mutant, Mutations
from bench.mutants.tasks.budget_year import CENTRES, SO_FAR, YEAR, actuals, budget

HEADER = ("Cost centre", "Budget EUR", "Actual EUR", "Variance EUR", "Variance %")
FIRST = 6


def _figures(slip: str) -> list[tuple[str, int, int]]:
    """Give (cost centre, budget, actual) in euro."""
    plan, real = budget(), actuals()
    planned = YEAR if slip == "whole_budget" else SO_FAR
    spent = [date(2024, m, 1) for m in range(1, 13)] if slip == "calendar_year" else SO_FAR
    found = []
    for centre in CENTRES:
        actual = sum(real[centre][m] for m in spent)
        if slip == "subtotals_counted":
            actual += sum(real[centre].values())
        found.append((centre, sum(plan[centre][m] for m in planned), actual))
    return found


def _formulas(sheet: Any, row: int, figures: tuple[int, int], slip: str, formats: Any) -> None:
    """Write variance and percentage of a line; `row` counts from one."""
    plan, real = figures
    gap, difference = real - plan, f"C{row}-B{row}"
    if slip == "sign":
        gap, difference = -gap, f"B{row}-C{row}"
    base, of = (real, "C") if slip == "of_actual" else (plan, "B")
    if slip == "hard_coded":
        sheet.write(row - 1, 3, gap, formats[0])
        sheet.write(row - 1, 4, gap / base, formats[1])
        return
    sheet.write_formula(row - 1, 3, f"={difference}", formats[0], gap)
    sheet.write_formula(row - 1, 4, f"=D{row}/{of}{row}", formats[1], gap / base)


def _write(folder: Path, slip: str) -> None:
    rows = _figures(slip)
    with xlsxwriter.Workbook(folder / "out/budget_vs_actual.xlsx") as book:
        sheet = book.add_worksheet("FY2024 to date")
        head = book.add_format({"bold": True, "bg_color": "#EEEEEE"})
        formats = book.add_format({"num_format": "#,##0"}), book.add_format({"num_format": "0.0%"})
        sheet.write(0, 0, "Budget against actual, fiscal year to date", head)
        sheet.write(1, 0, "April to December 2024, EUR")
        sheet.write_row(FIRST - 2, 0, HEADER, head)
        sheet.set_column(0, 4, 15)
        for n, (centre, plan, real) in enumerate(rows, FIRST):
            sheet.write(n - 1, 0, centre)
            sheet.write(n - 1, 1, plan, formats[0])
            sheet.write(n - 1, 2, real, formats[0])
            _formulas(sheet, n, (plan, real), slip, formats)
        summed = rows[:-1] if slip == "total_range" else rows
        end, total = FIRST + len(summed) - 1, FIRST + len(rows)
        sums = [sum(r[k] for r in summed) for k in (1, 2)]
        sheet.write(total - 1, 0, "Total", head)
        for column, letter in enumerate("BC", 1):
            value = sums[column - 1]
            if slip == "hard_coded":
                sheet.write(total - 1, column, value, formats[0])
                continue
            formula = f"=SUM({letter}{FIRST}:{letter}{end})"
            sheet.write_formula(total - 1, column, formula, formats[0], value)
        _formulas(sheet, total, (sums[0], sums[1]), slip, formats)


MUTATIONS = Mutations(
    "budget_year",
    _write,
    (
        Mutant("calendar_year", "period", "actuals of January to December"),
        Mutant("sign", "sign", "budget minus actual"),
        Mutant("hard_coded", "formula", "figures where live formulas were asked for"),
        Mutant("total_range", "formula", "the sums of the total line miss the last cost centre"),
        Mutant("subtotals_counted", "subtotals", "the ledger's subtotals count as actuals, too"),
        Mutant("of_actual", "share", "variance in percent of actual"),
        Mutant("whole_budget", "period", "the budget of twelve months against nine"),
    ),
)
