"""A stock list to be looked at in a browser."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from bench.mutants.tasks import Task, money, write_csv

WAREHOUSES = ("Bristol", "Dover", "Hull")
KINDS = ("Bolt", "Washer", "Bracket", "Hinge", "Spring", "Valve")


@dataclass(frozen=True)
class Item:
    """One line of the list; the price of a piece in pence."""

    code: str
    name: str
    warehouse: str
    quantity: int
    price: int
    reorder: int


def items() -> list[Item]:
    """Give the list in its order."""
    rng = random.Random(1_313)
    return [
        Item(
            f"A{n:04d}",
            f"{rng.choice(KINDS)} {rng.randrange(3, 60)} mm",
            rng.choice(WAREHOUSES),
            rng.randrange(0, 420),
            rng.randrange(12, 1_950),
            rng.randrange(20, 160),
        )
        for n in range(1, 97)
    ]


def _write(folder: Path) -> None:
    write_csv(
        folder / "stock.csv",
        ["item", "description", "warehouse", "quantity", "price_gbp", "reorder_level"],
        ([i.code, i.name, i.warehouse, i.quantity, money(i.price), i.reorder] for i in items()),
    )


TASK = Task(
    "stock_page",
    "Make a small web page over our stock list that I can open by double click, without internet:"
    " a table of all items with warehouse, quantity and value (quantity times price), a choice of"
    " warehouse, and the total value of what is shown. Items below their reorder level should be"
    " marked 'low'.",
    ("out/stock.html",),
    _write,
)
