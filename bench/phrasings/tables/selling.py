"""Tables of people who sell: a web shop, German invoices, coffee bars, orders with their customers.

Owns these four and their files' peculiarities. Must never depend on how anything is asked of them.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from bench.phrasings.tables import Row, Table

CENT = Decimal("0.01")


def shop() -> Table:
    """A web shop's orders: plain CSV with commas, points and ISO dates."""
    rng = random.Random(8_101)
    countries = ("Germany", "Austria", "Netherlands", "United Kingdom", "France", "Ireland")
    price = {"Bikes": 900, "Helmets": 70, "Clothing": 85, "Lights": 40, "Spare parts": 25}
    rows: list[Row] = []
    for number in range(1_200):
        category = rng.choices(list(price), (12, 18, 30, 16, 24))[0]
        items = rng.choices((1, 2, 3, 4, 5), (50, 25, 13, 8, 4))[0]
        rows.append(
            {
                "order_id": f"W-{10_001 + number}",
                "order_date": dt.date(2023, 1, 1) + dt.timedelta(days=rng.randrange(912)),
                "customer_id": f"C{rng.randrange(1, 421):04}",
                "country": rng.choices(countries, (40, 12, 18, 14, 11, 5))[0],
                "channel": rng.choices(("Web", "App", "Marketplace"), (50, 30, 20))[0],
                "category": category,
                "payment": rng.choices(("Card", "PayPal", "Invoice", "Voucher"), (45, 33, 17, 5))[
                    0
                ],
                "status": rng.choices(("completed", "cancelled", "returned"), (84, 7, 9))[0],
                "items": items,
                "order_value": money(rng, price[category] * items),
                "shipping_fee": rng.choice((Decimal("0.00"), Decimal("4.90"), Decimal("7.50"))),
                "discount_code": rng.choices(
                    (None, "SPRING10", "WELCOME", "FRIEND5"), (70, 9, 14, 7)
                )[0],
            }
        )
    rows.sort(key=lambda r: (r["order_date"], r["order_id"]))
    return Table("shop", {"orders": rows}, {"webshop_orders.csv": as_csv(rows).encode()})


def invoices() -> Table:
    """Invoices of a German wholesaler: semicolons, decimal commas, € signs, 31.12.2024."""
    rng = random.Random(8_102)
    states = ("Bayern", "Hessen", "Sachsen", "Berlin", "Hamburg", "Baden-Württemberg")
    groups = {"Schrauben": 14, "Dübel": 9, "Werkzeug": 120, "Elektro": 65, "Farben": 38}
    sellers = ("Krämer", "Özdemir", "Lindner", "Voß", "Petersen")
    first = ("Altmark", "Brenner", "Clausen", "Dornfeld", "Elbtal", "Falken", "Grünau", "Heide")
    second = ("Bau GmbH", "Holzbau KG", "Montage AG", "Handwerk e.K.", "Technik GmbH")
    customers = {f"{a} {b}": rng.choice(states) for a in first for b in second}
    rows: list[Row] = []
    for number in range(780):
        customer = rng.choice(list(customers))
        group = rng.choice(list(groups))
        quantity = rng.choice((1, 2, 5, 10, 12, 20, 25, 40, 60))
        price = money(rng, groups[group])
        discount = rng.choice([Decimal(d) for d in ("0", "0", "0", "2.5", "5", "7.5", "10")])
        net = (quantity * price * (100 - discount) / 100).quantize(CENT)
        if rng.random() < 0.04:
            quantity, net = -quantity, -net
        rows.append(
            {
                "Rechnungsnr": f"R{24_000 + number}",
                "Datum": dt.date(2024, 1, 2) + dt.timedelta(days=rng.randrange(630)),
                "Kunde": customer,
                "Bundesland": customers[customer],
                "Warengruppe": group,
                "Verkäufer": rng.choice(sellers),
                "Menge": quantity,
                "Einzelpreis": price,
                "Rabatt %": discount,
                "Netto": net,
            }
        )
    rows.sort(key=lambda r: r["Rechnungsnr"])
    shown = [
        {
            **r,
            "Datum": f"{r['Datum']:%d.%m.%Y}",
            "Einzelpreis": f"{german(r['Einzelpreis'])} €",
            "Rabatt %": german(r["Rabatt %"].quantize(Decimal("0.1"))),
            "Netto": f"{german(r['Netto'])} €",
        }
        for r in rows
    ]
    raw = as_csv(shown, delimiter=";").encode("utf-8-sig")
    return Table("invoices", {"invoices": rows}, {"Rechnungen_Export.csv": raw})


BRANCHES = {
    "Harbour": "North",
    "Station": "North",
    "Market": "South",
    "Castle": "South",
    "Airport": "West",
}
LINES = {"Beans": (14, 6), "Drinks": (4, 1), "Bakery": (3, 2), "Merchandise": (19, 11)}


def branches() -> Table:
    """Coffee bars: a sheet a year with titles above, a totals row below, and a sheet of notes."""
    rng = random.Random(8_103)
    rows = {"2024": _branch_rows(rng, 2024, 12), "2025": _branch_rows(rng, 2025, 9)}
    notes = [
        ["Lakeside Coffee Roasters"],
        [],
        ["Figures are in EUR. Revenue is without VAT."],
        ["The Airport bar was closed for two weeks in February 2025."],
    ]
    sheets: list[dict[str, Any]] = [{"name": "Notes", "rows": notes, "formats": {}}]
    for year, found in rows.items():
        total = ["Total", None, None, None, *(sum(r[c] for r in found) for c in list(found[0])[4:])]
        lines = [
            [f"Branch sales {year}"],
            ["Finance department, all amounts in EUR"],
            [],
            list(found[0]),
            *(list(r.values()) for r in found),
            total,
        ]
        formats = {"0": "mmm yyyy", "5": "#,##0.00", "6": "#,##0.00"}
        sheets.append({"name": year, "rows": lines, "formats": formats})
    return Table("branches", rows, {"branch_sales.xlsx": {"sheets": sheets}})


def _branch_rows(rng: random.Random, year: int, months: int) -> list[Row]:
    rows: list[Row] = []
    for month in range(1, months + 1):
        for branch, region in BRANCHES.items():
            for line, (price, cost) in LINES.items():
                units = rng.randrange(60, 900) * (3 if line == "Drinks" else 1)
                rows.append(
                    {
                        "Month": dt.date(year, month, 1),
                        "Branch": branch,
                        "Region": region,
                        "Product line": line,
                        "Units": units,
                        "Revenue": (units * money(rng, price, 0.1)).quantize(CENT),
                        "Cost": (units * money(rng, cost, 0.1)).quantize(CENT),
                    }
                )
    return rows


def accounts() -> Table:
    """Orders in one file and the customers they name in another."""
    rng = random.Random(8_104)
    customers, orders = _customers(rng), list[Row]()
    prices = {"Pump": 420, "Valve": 95, "Filter": 32, "Hose": 18, "Gauge": 61}
    buyers = customers[:104]  # the others have never ordered
    for number in range(900):
        product = rng.choice(list(prices))
        quantity = rng.choice((1, 2, 3, 4, 6, 8, 10, 12, 20, 25))
        known = rng.random() > 0.02
        orders.append(
            {
                "order_no": 70_001 + number,
                "order_date": dt.date(2024, 1, 3) + dt.timedelta(days=rng.randrange(720)),
                "customer_no": rng.choice(buyers)["Customer no"] if known else f"K9{number % 7:02}",
                "product": product,
                "quantity": quantity,
                "net_amount": (quantity * money(rng, prices[product], 0.2)).quantize(CENT),
                "sales_rep": rng.choice(("Amara", "Bent", "Chiara", "Dmitri")),
            }
        )
    lines = [list(customers[0]), *(list(r.values()) for r in customers)]
    sheet = {"name": "Customers", "rows": lines, "formats": {"6": "yyyy-mm-dd"}}
    files: dict[str, bytes | dict[str, Any]] = {
        "orders.csv": as_csv(orders).encode(),
        "customers.xlsx": {"sheets": [sheet]},
    }
    return Table("accounts", {"orders": orders, "customers": customers}, files)


def _customers(rng: random.Random) -> list[Row]:
    first = (
        "Aster",
        "Birch",
        "Cedar",
        "Dahlia",
        "Elm",
        "Fern",
        "Ginkgo",
        "Hazel",
        "Iris",
        "Juniper",
    )
    second = ("Foods", "Mills", "Labs", "Metals", "Farms", "Paper", "Brewing", "Glass", "Textiles")
    names = [f"{a} {b}" for a in first for b in second] + [f"{a} Energy" for a in first]
    names += [f"New {a} Works" for a in first] + [f"Old {a} Mine" for a in first]
    rng.shuffle(names)
    states = {"Ohio": "Dayton", "Texas": "Austin", "Iowa": "Ames", "Oregon": "Salem"}
    rows: list[Row] = []
    for number, name in enumerate(names):
        state = rng.choice(list(states))
        rows.append(
            {
                "Customer no": f"K{number + 101}",
                "Company": name,
                "Industry": rng.choice(("Food", "Chemicals", "Energy", "Automotive", "Paper")),
                "Segment": rng.choices(("Enterprise", "Mid-size", "Small"), (20, 35, 45))[0],
                "City": states[state],
                "State": state,
                "Customer since": dt.date(2012, 1, 1) + dt.timedelta(days=rng.randrange(4_300)),
                "Account manager": rng.choice(("Ines", "Jonas", "Kofi", "Lena")),
            }
        )
    return rows


def money(rng: random.Random, about: float, spread: float = 0.4) -> Decimal:
    """Give an amount in cents around a price."""
    return Decimal(round(about * 100 * rng.uniform(1 - spread, 1 + spread))) * CENT


def german(value: Decimal) -> str:
    """Write a number with decimal comma and points between thousands."""
    return f"{value:,}".translate({ord(","): ".", ord("."): ","})


def as_csv(rows: Iterable[Row], *, delimiter: str = ",", lead: Sequence[str] = ()) -> str:
    """Write rows as separated text below lines that lead in; empty cells are empty."""
    rows = list(rows)
    out = io.StringIO()
    out.writelines(f"{line}\r\n" for line in lead)
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
