"""Cash in euro: two tables on one sheet, side by side."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from bench.mutants.mutations import Mutant, Mutations
from bench.mutants.tasks.cash_position import RATES, Row, balances

UNIT_SLIPS = {"thousands": 1_000}


def _euro(row: Row, slip: str) -> float:
    rate = float(RATES[row[2]])
    value = row[3] / 100
    if slip == "overdraft_sign":
        value = abs(value)
    if slip == "rate_forgotten" and row[2] == "GBP":
        rate = 1.0
    euro = value * rate if slip == "multiplied" else value / rate
    return euro / UNIT_SLIPS.get(slip, 1)


def _sums(rows: list[Row], place: int, slip: str) -> dict[str, float]:
    sums: dict[str, float] = {}
    for row in rows:
        name = str(row[place])
        sums[name] = sums.get(name, 0.0) + _euro(row, slip)
    return dict(sorted(sums.items()))


def _write(folder: Path, slip: str) -> None:
    rows = balances()["2025-03-30" if slip == "stale" else "2025-03-31"]
    if slip == "last_row":
        rows = rows[:-1]
    with xlsxwriter.Workbook(folder / "out/cash.xlsx") as book:
        sheet = book.add_worksheet("Cash 31 Mar 2025")
        bold = book.add_format({"bold": True})
        euro = book.add_format({"num_format": "#,##0.00;[Red]-#,##0.00"})
        sheet.set_column(0, 5, 17)
        sheet.write(0, 0, "Cash position on 31 March 2025 in euro", bold)
        for column, (place, title) in {0: (0, "Bank"), 3: (2, "Currency")}.items():
            sums = _sums(rows, place, slip)
            sheet.write_row(2, column, [title, "EUR"], bold)
            for n, (name, value) in enumerate(sums.items(), 3):
                shown = round(value, -3) if slip == "rounded" and column == 0 else round(value, 2)
                sheet.write(n, column, name)
                sheet.write(n, column + 1, shown, euro)
            sheet.write(len(sums) + 3, column, "Total", bold)
            sheet.write(len(sums) + 3, column + 1, round(sum(sums.values()), 2), euro)


MUTATIONS = Mutations(
    "cash_position",
    _write,
    (
        Mutant("stale", "stale file", "yesterday's balances under today's date"),
        Mutant("multiplied", "arithmetic", "multiplies by the rate instead of dividing"),
        Mutant("overdraft_sign", "sign", "overdrafts count as money there"),
        Mutant("thousands", "unit", "thousands of euro under the heading euro"),
        Mutant("rate_forgotten", "unit", "pounds are taken for euros"),
        Mutant("last_row", "part of the source missed", "the last account is not read"),
        Mutant("rounded", "rounding", "banks in whole thousands: they do not add up to the total"),
    ),
)
