"""Actuals with subtotals among the rows, and a budget for a year that starts in April."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import openpyxl

from bench.mutants.tasks import Task, write_csv

CENTRES = ("Marketing", "Research", "Facilities", "People", "Support", "Legal")
MONTHS = [date(2024, m, 1) for m in range(1, 13)] + [date(2025, 1, 1), date(2025, 2, 1)]
YEAR = [date(2024, m, 1) for m in range(4, 13)] + [date(2025, m, 1) for m in (1, 2, 3)]
SO_FAR = YEAR[:9]


def budget() -> dict[str, dict[date, int]]:
    """Give euro by cost centre and month."""
    rng = random.Random(808)
    return {centre: {month: rng.randrange(14, 60) * 500 for month in YEAR} for centre in CENTRES}


def actuals() -> dict[str, dict[date, int]]:
    """Give euro by cost centre and month, from January 2024."""
    rng = random.Random(809)
    plan = budget()
    return {
        centre: {
            m: round(plan[centre].get(m, 15_000) * rng.uniform(0.8, 1.25)) + rng.randrange(90)
            for m in MONTHS
        }
        for centre in CENTRES
    }


def _write(folder: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Ledger"
    sheet.append(["Cost centre", "Month", "Actual EUR"])
    for centre, months in actuals().items():
        for month, euro in months.items():
            sheet.append([centre, month, euro])
        sheet.append([f"Subtotal {centre}", None, sum(months.values())])
    book.save(folder / "actuals.xlsx")
    write_csv(
        folder / "budget_fy2024.csv",
        ["Cost centre", *(f"{m:%b-%y}" for m in YEAR)],
        ([centre, *months.values()] for centre, months in budget().items()),
    )


TASK = Task(
    "budget_year",
    "Our fiscal year starts in April. Compare actuals with budget per cost centre for the fiscal"
    " year to date, April to December 2024: budget, actual, variance in euro (actual minus budget)"
    " and in percent of budget, with a total line. Excel, with live formulas for variance,"
    " percentage and the total line, so that I can play with the numbers.",
    ("out/budget_vs_actual.xlsx",),
    _write,
)
