"""Tables of an accounts department: a British ledger and a budget with a column a month.

Owns these two and their files' peculiarities. Must never depend on how anything is asked of them.
"""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

from bench.phrasings.tables import Row, Table
from bench.phrasings.tables.selling import as_csv, money

# Account number: name, usual amount (money in is positive), whether a supplier is named.
ACCOUNTS = {
    "4000": ("Product sales", 3_400, False),
    "4100": ("Service fees", 1_250, False),
    "5000": ("Payroll", -5_200, False),
    "6000": ("Rent", -2_100, True),
    "6200": ("Travel", -310, True),
    "6300": ("Office supplies", -95, True),
    "6400": ("Software", -480, True),
    "6500": ("Repairs", -720, True),
}
CENTRES = ("Head office", "Workshop", "Showroom", "Delivery")
SUPPLIERS = ("Café Nero & Söhne", "Halden Estates", "Rapid Rail", "Bluebird Software", "Papermate")
SUPPLIERS += ("Spanner & Co", "Crossways Hotels", "Northgate Tools", "Élan Interiors")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def ledger() -> Table:
    """Postings in pounds: day first, thousands separators, money out in parentheses, cp1252."""
    rng = random.Random(8_107)
    served = {c: SUPPLIERS[place : place + 7 - place] for place, c in enumerate(CENTRES)}
    rows: list[Row] = []
    for number in range(860):
        account = rng.choices(list(ACCOUNTS), (22, 14, 12, 6, 18, 14, 8, 6))[0]
        name, usual, named = ACCOUNTS[account]
        rows.append(
            {
                "Posting date": dt.date(2024, 1, 1) + dt.timedelta(days=rng.randrange(546)),
                "Document": f"D{number:05}",
                "Account": account,
                "Account name": name,
                "Cost centre": (centre := rng.choices(CENTRES, (40, 25, 20, 15))[0]),
                "Supplier": rng.choice(served[centre]) if named and rng.random() > 0.06 else None,
                "Amount (£)": money(rng, abs(usual), 0.7) * (1 if usual > 0 else -1),
            }
        )
    rows.sort(key=lambda r: (r["Posting date"], r["Document"]))
    shown = [
        {
            **r,
            "Posting date": f"{r['Posting date']:%d/%m/%Y}",
            "Amount (£)": bracketed(r["Amount (£)"]),
        }
        for r in rows
    ]
    raw = as_csv(shown).encode("cp1252")
    return Table("ledger", {"ledger": rows}, {"ledger_postings.csv": raw})


def bracketed(value: Decimal) -> str:
    """Write an amount as accountants do: (1,234.50) is negative."""
    return f"({-value:,})" if value < 0 else f"{value:,}"


DEPARTMENTS = {
    "Marketing": 1.0,
    "Sales": 1.6,
    "IT": 1.3,
    "Production": 2.4,
    "Logistics": 1.1,
    "Admin": 0.7,
}
PLANNED = {
    "Salaries": 42_000, "Travel": 2_600, "Training": 900, "External services": 5_400, "Rent": 3_800,
    "Energy": 1_300, "Licences": 1_700, "Insurance": 650, "Vehicles": 2_100, "Other": 480,
}  # fmt: skip


def budget() -> Table:
    """A year's budget: a column a month, departments in merged cells, a subtotal below each."""
    rng = random.Random(8_108)
    rows: list[Row] = []
    for department, size in DEPARTMENTS.items():
        for account, usual in PLANNED.items():
            skipped = 0.0 if account == "Salaries" else 0.2
            planned = {
                month: None
                if rng.random() < skipped
                else rng.randrange(75, 126) * usual * size // 100
                for month in MONTHS
            }
            amounts = {m: None if a is None else int(a) for m, a in planned.items()}
            full = sum(a or 0 for a in amounts.values())
            rows.append(
                {"Department": department, "Account": account, **amounts, "Full year": full}
            )
    return Table(
        "budget", {"budget": rows}, {"budget_2025.xlsx": {"sheets": [_budget_sheet(rows)]}}
    )


def _budget_sheet(rows: list[Row]) -> dict[str, Any]:
    lines: list[list[Any]] = [["Budget 2025, EUR"], [], list(rows[0])]
    merged = []
    for department in DEPARTMENTS:
        mine = [r for r in rows if r["Department"] == department]
        merged.append((len(lines), len(lines) + len(mine) - 1, 0))
        for place, row in enumerate(mine):
            lines.append([department if place == 0 else None, *list(row.values())[1:]])
        lines.append([f"Subtotal {department}", None, *_added(mine)])
    lines.append(["Grand total", None, *_added(rows)])
    return {"name": "Budget", "rows": lines, "merged": merged, "formats": {"14": "#,##0"}}


def _added(rows: list[Row]) -> list[int]:
    return [sum(r[c] or 0 for r in rows) for c in (*MONTHS, "Full year")]
