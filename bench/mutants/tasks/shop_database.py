"""A nested JSON export of a shop, to be a database."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench.mutants.tasks import Task

STATUSES = ("delivered", "pending", "cancelled", "returned")
CITIES = (("01067", "Dresden"), ("04109", "Leipzig"), ("20095", "Hamburg"), ("80331", "München"))


def shop() -> dict[str, Any]:
    """Give the export: products, and customers with their orders and order lines."""
    rng = random.Random(1_212)
    products = [
        {"sku": f"SKU-{n:03d}", "title": f"Article {n}", "price_cents": rng.randrange(190, 24_900)}
        for n in range(1, 41)
    ]
    number = 5_000
    customers = []
    for n in range(1, 91):
        code, city = rng.choice(CITIES)
        placed = []
        for _ in range(rng.choice((0, 1, 1, 2, 3, 5))):
            number += 1
            # The export writes times without a zone.
            at = datetime(2024, 1, 4, 9) + timedelta(minutes=rng.randrange(480_000))  # noqa: DTZ001
            picked = rng.sample(products, rng.choice((1, 1, 2, 3, 4)))
            lines = [
                {
                    "sku": p["sku"],
                    "quantity": rng.randrange(1, 5),
                    "unit_price_cents": p["price_cents"],
                }
                for p in picked
            ]
            placed.append(
                {
                    "number": f"B{number}",
                    "placed_at": at.isoformat(),
                    "status": rng.choices(STATUSES, (6, 2, 1, 1))[0],
                    "lines": lines,
                }
            )
        customers.append(
            {
                "id": f"{n:05d}",
                "name": f"Customer {n}",
                "email": f"customer{n}@shop.example",
                "address": {"postal_code": code, "city": city},
                "orders": placed,
            }
        )
    return {"exported_at": "2025-01-02T06:00:00", "products": products, "customers": customers}


def _write(folder: Path) -> None:
    text = json.dumps(shop(), ensure_ascii=False, indent=1)
    (folder / "shop_export.json").write_text(text, encoding="utf-8")


TASK = Task(
    "shop_database",
    "Move our shop export into a SQLite database with tables customers, products, orders and"
    " order_lines, with primary keys and real foreign keys. Amounts in euro as numbers (the export"
    " has cents), order date as YYYY-MM-DD, customer ids and postal codes as they are. Nothing may"
    " get lost.",
    ("out/shop.sqlite",),
    _write,
)
