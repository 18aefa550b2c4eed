"""Quarter against quarter by region: formulas for the change, a chart beside the table."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from bench.mutants.mutations import Mutant, Mutations
from bench.mutants.tasks.region_quarter import orders

Sums = dict[str, tuple[float, float]]
NOW = (date(2025, 4, 1), date(2025, 6, 30))
BEFORE = (date(2024, 4, 1), date(2024, 6, 30))


def _sums(slip: str) -> Sums:
    """Give (Q2 2025, Q2 2024) in euro by region."""
    before = (date(2025, 1, 1), date(2025, 3, 31)) if slip == "prior_quarter" else BEFORE
    now = (NOW[0], date(2025, 6, 29)) if slip == "end_day" else NOW
    counted = [o for o in orders() if o.status == "shipped" or slip == "cancelled_counted"]
    named = {o.number: o.region if slip == "case_split" else o.region.title() for o in counted}

    def total(region: str, span: tuple[date, date]) -> float:
        rows = (o for o in counted if named[o.number] == region and span[0] <= o.day <= span[1])
        return sum(o.net if slip == "net" else o.net + o.vat for o in rows) / 100

    return {r: (total(r, now), total(r, before)) for r in sorted(set(named.values()))}


def _write(folder: Path, slip: str) -> None:
    rows = _sums(slip)
    with xlsxwriter.Workbook(folder / "out/regions.xlsx") as book:
        sheet = book.add_worksheet("Regions")
        bold, euro = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
        percent = book.add_format({"num_format": "0.0%"})
        sheet.set_column(0, 3, 16)
        sheet.write(0, 0, "Revenue incl. VAT, second quarter", bold)
        sheet.write_row(2, 0, ["Region", "Q2 2025 EUR", "Q2 2024 EUR", "Change"], bold)
        base = "B" if slip == "swapped_base" else "C"
        for n, (region, (now, before)) in enumerate(rows.items(), 4):
            sheet.write(n - 1, 0, region)
            sheet.write(n - 1, 1, now, euro)
            sheet.write(n - 1, 2, before, euro)
            if not before:
                sheet.write(n - 1, 3, "new")
                continue
            change = (now - before) / (now if base == "B" else before)
            sheet.write_formula(n - 1, 3, f"=(B{n}-C{n})/{base}{n}", percent, change)
        last = len(rows) + 3
        summed = list(rows.values())[: -1 if slip == "total_range" else None]
        now, before = (sum(pair[k] for pair in summed) for k in (0, 1))
        end = 3 + len(summed)
        sheet.write(last, 0, "Total", bold)
        sheet.write_formula(last, 1, f"=SUM(B4:B{end})", euro, now)
        sheet.write_formula(last, 2, f"=SUM(C4:C{end})", euro, before)
        change = (now - before) / (now if base == "B" else before)
        n = last + 1
        sheet.write_formula(last, 3, f"=(B{n}-C{n})/{base}{n}", percent, change)
        _chart(book, sheet, last, slip)


def _chart(book: Any, sheet: Any, last: int, slip: str) -> None:
    column = 2 if slip == "chart_prior_year" else 1
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": "Q2 2025",
            "categories": ["Regions", 3, 0, last - 1, 0],
            "values": ["Regions", 3, column, last - 1, column],
        }
    )
    chart.set_title({"name": "Revenue Q2 2025 by region"})
    sheet.insert_chart("F3", chart)


MUTATIONS = Mutations(
    "region_quarter",
    _write,
    (
        Mutant("prior_quarter", "period", "compares with Q1 2025 under the heading Q2 2024"),
        Mutant("end_day", "period", "the quarter ends on 29 June: its last day is missing"),
        Mutant("net", "column", "sums net instead of gross"),
        Mutant("swapped_base", "growth", "divides the change by the newer quarter"),
        Mutant("cancelled_counted", "filter", "cancelled orders are counted"),
        Mutant("case_split", "groups", "'north' and 'North' are two regions"),
        Mutant("chart_prior_year", "chart", "the chart called Q2 2025 draws Q2 2024"),
        Mutant("total_range", "formula", "the sums of the total line miss the last region"),
    ),
)
