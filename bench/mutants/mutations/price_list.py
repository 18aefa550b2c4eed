"""The price list with one more column."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from bench.mutants.mutations import Mutant, Mutations
from bench.mutants.tasks.price_list import Article, articles

RAISED = ("Hand tools", "Power tools")


def _new(article: Article, slip: str) -> int:
    """Give the new price in cents."""
    groups = RAISED[:1] if slip == "one_group" else RAISED
    raised = article.group in groups or slip == "all_raised"
    if not raised or (article.state == "discontinued" and slip != "discontinued"):
        return article.price
    factor = 1_450 if slip == "percent" else 1_045
    # Thousandths of a cent are exact as whole numbers; half a cent goes up.
    return (article.price * factor + (0 if slip == "truncated" else 500)) // 1_000


def _write(folder: Path, slip: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Prices 2025"
    sheet.append(["Article no", "Description", "Group", "State", "List price", "New price"])
    listed = articles()
    if slip == "rows_lost":
        listed = [a for a in listed if a.state == "active"]
    for a in listed:
        new = _new(a, slip)
        old = new if slip == "overwritten" else a.price
        number = int(a.number) if slip == "zeros" else a.number
        sheet.append([number, a.name, a.group, a.state, old / 100, new / 100])
    notes = book.create_sheet("Terms")
    notes.append(["Prices in EUR without VAT, valid from 1 January 2025"])
    book.save(folder / "out/price_list.xlsx")


MUTATIONS = Mutations(
    "price_list",
    _write,
    (
        Mutant("all_raised", "filter", "every group is raised"),
        Mutant("discontinued", "filter", "discontinued articles are raised, too"),
        Mutant("one_group", "filter", "power tools keep their price"),
        Mutant("percent", "unit", "raised by 45 instead of 4.5 percent"),
        Mutant("truncated", "rounding", "cut off at the cent instead of rounded"),
        Mutant("zeros", "types", "article numbers became numbers without leading zeros"),
        Mutant("overwritten", "column", "the old list price was overwritten"),
        Mutant("rows_lost", "rows lost", "discontinued articles are missing"),
    ),
)
