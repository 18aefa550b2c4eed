"""Tables of daily operations: a taxi firm's trips and a stock list.

Owns these two and their files' peculiarities. Must never depend on how anything is asked of them.
"""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

from bench.phrasings.tables import Row, Table
from bench.phrasings.tables.selling import CENT, money

ZONES = ("Old Town", "Airport", "Riverside", "University", "Harbour", "Exhibition")
DRIVERS = ("Abel", "Bruna", "Cyril", "Daria", "Edon", "Franka", "Goran", "Hilda")


def trips() -> Table:
    """A taxi firm's trips of three months, in a workbook that counts days from 1904."""
    rng = random.Random(8_109)
    rows: list[Row] = []
    for _ in range(2_000):
        began = dt.datetime(2025, 3, 1) + dt.timedelta(days=rng.randrange(92))  # noqa: DTZ001
        hour = rng.choices(
            range(24), [4, 3, 2, 1, 1, 3, 6, 10, 12, 8, 6, 6, 7, 7, 6, 7, 9, 12, 13, 11, 9, 8, 7, 5]
        )
        began = began.replace(hour=hour[0], minute=rng.randrange(60))
        source, target = rng.choices(ZONES, (26, 20, 16, 15, 13, 10))[0], rng.choice(ZONES)
        km = Decimal(
            round(rng.gammavariate(3, 2.2) + (9 if "Airport" in (source, target) else 0), 1)
        )
        km = max(km.quantize(Decimal("0.1")), Decimal("0.6"))
        fare = (Decimal("3.90") + km * Decimal("2.15")).quantize(CENT)
        payment = rng.choices(("Card", "Cash", "App", "Account"), (42, 25, 24, 9))[0]
        tips = payment != "Account" and rng.random() < 0.7
        rows.append(
            {
                "Pickup": began,
                "Drop-off": began + dt.timedelta(minutes=int(km * 2) + rng.randrange(3, 15)),
                "From zone": source,
                "To zone": target,
                "Driver": rng.choice(DRIVERS),
                "Passengers": rng.choices((1, 2, 3, 4, 5, 6), (55, 22, 9, 8, 4, 2))[0],
                "Distance km": km,
                "Fare": fare,
                "Tip": money(rng, float(fare) * 0.12) if tips else Decimal("0.00"),
                "Payment": payment,
            }
        )
    rows.sort(key=lambda r: r["Pickup"])
    formats = {"0": "dd/mm/yyyy hh:mm", "1": "dd/mm/yyyy hh:mm", "7": "0.00", "8": "0.00"}
    sheet = {
        "name": "Trips",
        "rows": [list(rows[0]), *(list(r.values()) for r in rows)],
        "formats": formats,
    }
    return Table("trips", {"trips": rows}, {"trips.xlsx": {"date1904": True, "sheets": [sheet]}})


WAREHOUSES = ("Ghent", "Lille", "Aachen", "Breda")
GROUPS = {"Bearings": 18, "Belts": 34, "Motors": 260, "Sensors": 88, "Packaging": 3}
SELLS = {
    "Bearings": ("Vandamme", "Kyoto Parts"),
    "Belts": ("Vandamme", "Ostrava Drives", "Kyoto Parts"),
    "Motors": ("Ostrava Drives", "Kyoto Parts", "Rhein Sensorik", "Vandamme"),
    "Sensors": ("Rhein Sensorik", "Kyoto Parts"),
    "Packaging": ("Delta Pack", "Vandamme", "Kyoto Parts"),
}


def stock() -> Table:
    """A stock list: warehouses in merged cells, a subtotal below each, a grand total at the end."""
    rng = random.Random(8_110)
    codes = rng.sample(range(100, 1_000), 160)
    rows: list[Row] = []
    for place, code in enumerate(codes):
        group = rng.choice(list(GROUPS))
        level = rng.choice((5, 10, 20, 25, 40, 60))
        on_hand = 0 if rng.random() < 0.07 else rng.randrange(level // 3, level * 5)
        price = money(rng, GROUPS[group], 0.7)
        counted = dt.date(2024, 6, 1) + dt.timedelta(days=rng.randrange(390))
        rows.append(
            {
                "Warehouse": WAREHOUSES[place // 40],
                "Item no.": f"{group[:2].upper()}-{code}",
                "Item": f"{group[:-1] if group[-1] == 's' else group} {code}",
                "Group": group,
                "Supplier": rng.choice(SELLS[group]),
                "Stock on hand": on_hand,
                "Reorder level": level,
                "Unit price": price,
                "Stock value": on_hand * price,
                "Last counted": None if rng.random() < 0.05 else counted,
            }
        )
    sheet = {"name": "Stock", "formats": {"7": "#,##0.00", "8": "#,##0.00", "9": "dd.mm.yyyy"}}
    return Table(
        "stock", {"stock": rows}, {"stock_list.xlsx": {"sheets": [sheet | _stock_rows(rows)]}}
    )


def _stock_rows(rows: list[Row]) -> dict[str, Any]:
    lines: list[list[Any]] = [["Stock list as of 30 June 2025"], [], list(rows[0])]
    merged = []
    for warehouse in WAREHOUSES:
        mine = [r for r in rows if r["Warehouse"] == warehouse]
        merged.append((len(lines), len(lines) + len(mine) - 1, 0))
        for place, row in enumerate(mine):
            lines.append([warehouse if place == 0 else None, *list(row.values())[1:]])
        lines.append(_sums(f"Subtotal {warehouse}", mine))
    lines.append(_sums("Total", rows))
    return {"rows": lines, "merged": merged}


def _sums(label: str, rows: list[Row]) -> list[Any]:
    on_hand, value = (sum(r[c] for r in rows) for c in ("Stock on hand", "Stock value"))
    return [label, None, None, None, None, on_hand, None, None, value, None]
