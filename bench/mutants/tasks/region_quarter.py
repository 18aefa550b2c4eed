"""A quarter compared with the same one a year before, from order lines."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bench.mutants.tasks import Task, money, write_csv

REGIONS = ("North", "South", "East", "West", "Central")
PRODUCTS = ("Desk", "Chair", "Lamp", "Shelf")


@dataclass(frozen=True)
class Order:
    """One line of the export; amounts in cents."""

    number: str
    day: date
    region: str
    product: str
    status: str
    net: int
    vat: int


def orders() -> list[Order]:
    """Give every line, in order of day."""
    rng = random.Random(101)
    days = sorted(date(2024, 1, 2) + timedelta(rng.randrange(635)) for _ in range(900))
    days += [date(2024, 6, 30)] * 5 + [date(2025, 6, 30)] * 5
    found = []
    for number, day in enumerate(sorted(days), 10_001):
        net = rng.randrange(4_000, 260_000)
        region = REGIONS[number % 5]
        # Whoever typed the orders was not always careful.
        region = region.lower() if rng.random() < 0.06 else region
        status = "cancelled" if rng.random() < 0.08 else "shipped"
        rate = 7 if rng.random() < 0.2 else 20
        row = Order(
            f"SO-{number}",
            day,
            region,
            rng.choice(PRODUCTS),
            status,
            net,
            round(net * rate / 100),
        )
        found.append(row)
    return found


def _write(folder: Path) -> None:
    write_csv(
        folder / "orders.csv",
        ["order_no", "order_date", "region", "product", "status", "net", "vat", "gross"],
        (
            [
                o.number,
                o.day.isoformat(),
                o.region,
                o.product,
                o.status,
                money(o.net),
                money(o.vat),
                money(o.net + o.vat),
            ]
            for o in orders()
        ),
    )


TASK = Task(
    "region_quarter",
    "Attached are our order lines of 2024 and 2025. Compare revenue including VAT per region for"
    " the second quarter of 2025 with the second quarter of 2024: both amounts, the change in"
    " percent, and a total line. Cancelled orders don't count, and north and North are the same"
    " region. Excel with a column chart of Q2 2025 by region.",
    ("out/regions.xlsx",),
    _write,
)
