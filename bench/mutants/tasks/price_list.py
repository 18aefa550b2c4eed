"""A price list of which some prices rise."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from bench.mutants.tasks import Task

GROUPS = ("Hand tools", "Power tools", "Paint", "Fasteners")


@dataclass(frozen=True)
class Article:
    """One line of the list; the price in cents."""

    number: str
    name: str
    group: str
    state: str
    price: int


def articles() -> list[Article]:
    """Give the list in its order."""
    rng = random.Random(1_515)
    return [
        Article(
            f"{rng.randrange(120, 9_800):06d}{n:02d}",
            f"{rng.choice(('Basic', 'Pro', 'Compact', 'Max'))} {n}",
            rng.choice(GROUPS),
            "discontinued" if rng.random() < 0.12 else "active",
            rng.randrange(295, 48_000),
        )
        for n in range(1, 131)
    ]


def _write(folder: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Prices 2025"
    sheet.append(["Article no", "Description", "Group", "State", "List price"])
    for a in articles():
        sheet.append([a.number, a.name, a.group, a.state, a.price / 100])
    notes = book.create_sheet("Terms")
    notes.append(["Prices in EUR without VAT, valid from 1 January 2025"])
    book.save(folder / "price_list.xlsx")


TASK = Task(
    "price_list",
    "Raise the list price of everything in the groups Hand tools and Power tools by 4.5 %, rounded"
    " to the cent (half a cent up). Discontinued articles and all other groups keep their price."
    " Give me the same workbook back with one more column 'New price' for every article, nothing"
    " else changed.",
    ("out/price_list.xlsx",),
    _write,
)
