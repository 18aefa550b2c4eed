"""The shop as a database of four tables."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from bench.mutants.mutations import Mutant, Mutations
from bench.mutants.tasks.shop_database import shop

TABLES = """
CREATE TABLE customers (
    customer_id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL,
    postal_code TEXT NOT NULL, city TEXT NOT NULL);
CREATE TABLE products (
    sku TEXT PRIMARY KEY, title TEXT NOT NULL, price_eur REAL NOT NULL);
CREATE TABLE orders (
    order_no TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers (customer_id),
    order_date TEXT NOT NULL, status TEXT);
CREATE TABLE order_lines (
    order_no TEXT NOT NULL REFERENCES orders (order_no), line_no INTEGER NOT NULL,
    sku TEXT NOT NULL REFERENCES products (sku), quantity INTEGER NOT NULL,
    unit_price_eur REAL NOT NULL, PRIMARY KEY (order_no, line_no));
"""
MARKS = {"customers": 5, "products": 3, "orders": 4, "order_lines": 5}


def _lines(order: dict[str, Any], slip: str) -> list[tuple[Any, ...]]:
    divisor = 1 if slip == "cents" else 100
    lines = order["lines"]
    if slip == "last_lines" and len(lines) > 2:
        lines = lines[:-1]
    return [
        (order["number"], n, line["sku"], line["quantity"], line["unit_price_cents"] / divisor)
        for n, line in enumerate(lines, 1)
    ]


def _rows(slip: str) -> dict[str, list[tuple[Any, ...]]]:
    export = shop()
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in MARKS}
    for p in export["products"]:
        rows["products"].append((p["sku"], p["title"], p["price_cents"] / 100))
    if slip == "product_lost":
        rows["products"].pop()
    for c in export["customers"]:
        if slip == "without_orders" and not c["orders"]:
            continue
        code = c["address"]["postal_code"]
        code = code.lstrip("0") if slip == "postal_zero" else code
        rows["customers"].append((c["id"], c["name"], c["email"], code, c["address"]["city"]))
        for o in c["orders"]:
            status = None if slip == "enum_lost" and o["status"] == "returned" else o["status"]
            rows["orders"].append((o["number"], c["id"], o["placed_at"][:10], status))
            rows["order_lines"] += _lines(o, slip)
    return rows


def _write(folder: Path, slip: str) -> None:
    tables = TABLES
    if slip == "no_foreign_keys":
        tables = "\n".join(
            line.replace(" REFERENCES customers (customer_id)", "")
            .replace(" REFERENCES orders (order_no)", "")
            .replace(" REFERENCES products (sku)", "")
            for line in TABLES.splitlines()
        )
    database = sqlite3.connect(folder / "out/shop.sqlite")
    database.executescript(tables)
    for name, rows in _rows(slip).items():
        marks = ", ".join("?" * MARKS[name])
        database.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    database.commit()
    database.close()


MUTATIONS = Mutations(
    "shop_database",
    _write,
    (
        Mutant("last_lines", "rows lost", "orders of three lines and more lose their last line"),
        Mutant("without_orders", "lost in a join", "customers without an order are missing"),
        Mutant("no_foreign_keys", "keys", "there are no foreign keys"),
        Mutant("product_lost", "keys", "one product is missing: its order lines point nowhere"),
        Mutant("cents", "unit", "unit prices of order lines stay cents"),
        Mutant("postal_zero", "keys", "postal codes lost their leading zeros"),
        Mutant("enum_lost", "enumeration", "orders that were returned have no status"),
    ),
)
