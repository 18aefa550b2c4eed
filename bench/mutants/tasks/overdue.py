"""Open invoices and a customer list that do not quite fit each other."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bench.mutants.tasks import Task, money, write_csv

TODAY = date(2025, 3, 31)
NAMES = (
    "Harbour Foods",
    "Miller Retail",
    "Castle Hotels",
    "Greenfield Farms",
    "Oak & Iron",
    "Bluewater Marine",
    "Sunrise Bakeries",
    "Pennine Textiles",
    "Quayside Cafés",
)
TERMS_DAYS = (14, 30, 30, 45)


@dataclass(frozen=True)
class Invoice:
    """One invoice or credit note; the amount in cents."""

    number: str
    customer: str
    issued: date
    due: date
    amount: int
    paid: date | None


def customers() -> list[tuple[str, str, str]]:
    """Give (number, name, city). One moved and is listed twice; K211 and K212 are missing."""
    rows = [(f"K{201 + n}", name, "Leeds") for n, name in enumerate(NAMES)]
    return [*rows, ("K203", "Castle Hotels", "York")]


def invoices() -> list[Invoice]:
    """Give all invoices, settled ones too."""
    rng = random.Random(404)
    numbers = [c[0] for c in customers()[:-1]] + ["K211", "K212"]
    found = []
    for n in range(330):
        issued = date(2024, 9, 1) + timedelta(rng.randrange(205))
        due = issued + timedelta(rng.choice(TERMS_DAYS))
        # A few end exactly on the edges of the classes.
        if n % 16 == 0:
            due = TODAY - timedelta((0, 30, 60, 90)[n // 16 % 4])
            issued = due - timedelta(30)
        amount = rng.randrange(8_000, 640_000)
        if n % 19 == 0:
            amount = -amount // 4
        settled = rng.random() < 0.45
        paid = min(due + timedelta(rng.randrange(-8, 25)), TODAY) if settled else None
        found.append(Invoice(f"R{n + 5_001}", rng.choice(numbers), issued, due, amount, paid))
    return found


def _write(folder: Path) -> None:
    write_csv(
        folder / "invoices.csv",
        ["Invoice", "Customer no", "Issued", "Due", "Amount", "Paid on"],
        (
            [
                i.number,
                i.customer,
                f"{i.issued:%d/%m/%Y}",
                f"{i.due:%d/%m/%Y}",
                money(i.amount),
                f"{i.paid:%d/%m/%Y}" if i.paid else "",
            ]
            for i in invoices()
        ),
    )
    write_csv(folder / "customers.csv", ["Customer no", "Name", "City"], customers())


TASK = Task(
    "overdue",
    "Which invoices are overdue as of 31 March 2025? Excel by customer name with the amounts 1-30,"
    " 31-60, 61-90 and more than 90 days past the due date and a total, and on a second sheet the"
    " invoices themselves. Dates are day/month/year. Invoices with a payment date are settled,"
    " leave them out; credit notes are negative and count. If a customer isn't in the customer"
    " list, show the number instead of the name; one customer moved and is in the list twice.",
    ("out/overdue.xlsx",),
    _write,
)
