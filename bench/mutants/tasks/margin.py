"""Sales and costs of products in two files, one with several costs for a product."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

from bench.mutants.tasks import Task, money, write_csv

GROUPS = ("Garden", "Kitchen", "Bath", "Lighting", "Storage")


def products() -> dict[str, str]:
    """Give the product group of each product, cost known or not."""
    return {f"P-{100 + n}": GROUPS[n % 5] for n in range(32)}


def costs() -> list[tuple[str, str, date, int]]:
    """Give (product, group, valid from, cost of a piece in cents); newer ones replace older."""
    rng = random.Random(606)
    rows = []
    for n, (product, group) in enumerate(products().items()):
        if n % 11 == 5:
            continue
        cost = rng.randrange(350, 4_200)
        rows.append((product, group, date(2023, 1, 1), cost))
        if n % 4 == 0:
            rows.append((product, group, date(2024, 1, 1), round(cost * 1.35)))
    rng.shuffle(rows)
    return rows


def sales() -> list[tuple[date, str, int, int]]:
    """Give (day, product, pieces, revenue in cents) of 2023 and 2024."""
    rng = random.Random(607)
    newest = {p: c for p, _, _, c in sorted(costs(), key=lambda row: row[2])}
    names = list(products())
    rows = []
    for _ in range(1_100):
        product = rng.choice(names)
        pieces = rng.randrange(1, 40)
        factor = 1.15 + 0.22 * GROUPS.index(products()[product])
        price = round(newest.get(product, 1_500) * factor * rng.uniform(0.95, 1.05))
        rows.append((date(2023, 1, 1) + timedelta(rng.randrange(731)), product, pieces))
        rows[-1] = (*rows[-1], pieces * price)
    return sorted(rows)


def _write(folder: Path) -> None:
    write_csv(
        folder / "sales.csv",
        ["date", "product", "pieces", "revenue_eur"],
        ([d.isoformat(), p, n, money(r)] for d, p, n, r in sales()),
    )
    write_csv(
        folder / "costs.csv",
        ["product", "product_group", "valid_from", "cost_per_piece_eur"],
        ([p, g, d.isoformat(), money(c)] for p, g, d, c in costs()),
    )


TASK = Task(
    "margin",
    "Work out the gross margin per product group for 2024: revenue, cost (pieces times cost per"
    " piece) and margin in percent of revenue, highest margin percentage first. Where a product"
    " is in the cost file twice, the newer cost counts. Products that aren't in the cost file go"
    " into one last line 'No cost known' with their revenue only. Excel please.",
    ("out/margin.xlsx",),
    _write,
)
