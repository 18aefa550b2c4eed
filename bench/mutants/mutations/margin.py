"""Margin by product group: values with a note below."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from openpyxl.styles import Font, PatternFill

from bench.mutants.mutations import Mutant, Mutations
from bench.mutants.tasks.margin import costs, sales

UNKNOWN = "No cost known"


def _known(slip: str) -> dict[str, list[tuple[str, int]]]:
    """Give (group, cost) of each product: one, or all of them where a join takes all."""
    found: dict[str, list[tuple[str, int]]] = {}
    for product, group, _, cost in sorted(costs(), key=lambda row: row[2]):
        if slip == "duplicate_join":
            found.setdefault(product, []).append((group, cost))
        elif slip != "old_cost" or product not in found:
            found[product] = [(group, cost)]
    return found


def _groups(slip: str) -> tuple[dict[str, list[float]], float]:
    """Give (revenue, cost) by group in euro, and the revenue without a known cost."""
    known, lost = _known(slip), 0
    groups: dict[str, list[float]] = {}
    for day, product, pieces, revenue in sales():
        if day.year != 2024 and slip != "all_years":
            continue
        if product not in known:
            lost += revenue
        for group, cost in known.get(product, []):
            sums = groups.setdefault(group, [0.0, 0.0])
            sums[0] += revenue / 100
            sums[1] += pieces * cost / 100
    return groups, lost / 100


def _write(folder: Path, slip: str) -> None:
    groups, lost = _groups(slip)
    rows = []
    for group, (revenue, cost) in groups.items():
        share = (revenue - cost) / (cost if slip == "on_cost" else revenue) * 100
        if slip == "fraction":
            share = round(share / 100, 4)
        rows.append([group, round(revenue, 2), round(cost, 2), round(revenue - cost, 2), share])
    rows.sort(key=lambda row: row[4], reverse=slip != "ascending")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Margin 2024"
    sheet["A1"] = "Gross margin by product group, 2024"
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append(["Group", "Revenue EUR", "Cost EUR", "Gross margin EUR", "Margin %"])
    for cell in sheet[2]:
        cell.fill = PatternFill("solid", fgColor="DDE6F0")
    for row in rows:
        sheet.append([*row[:4], round(row[4], 4 if slip == "fraction" else 2)])
    if slip != "inner_join":
        sheet.append([UNKNOWN, round(lost, 2)])
    for row in sheet.iter_rows(min_row=3, min_col=2, max_col=5):
        for cell in row:
            cell.number_format = "#,##0.00"
    sheet.append([])
    sheet.append(["Where two costs are listed, the newer one is used. Margin % is of revenue."])
    for column in "ABCDE":
        sheet.column_dimensions[column].width = 19
    book.save(folder / "out/margin.xlsx")


MUTATIONS = Mutations(
    "margin",
    _write,
    (
        Mutant("duplicate_join", "multiplied by a join", "products with two costs count twice"),
        Mutant("inner_join", "lost in a join", "products without a cost vanish without a line"),
        Mutant("old_cost", "stale value", "the older of two costs is used"),
        Mutant("on_cost", "share", "the margin in percent of cost"),
        Mutant("ascending", "ranking", "lowest margin first"),
        Mutant("fraction", "unit", "0.42 under the heading Margin %"),
        Mutant("all_years", "period", "2023 is counted, too"),
    ),
)
