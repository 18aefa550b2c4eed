"""A ticket export to be a small table for another program."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bench.mutants.tasks import Task, write_csv

CATEGORIES = ("Billing", "Delivery", "Login", "Returns")


@dataclass(frozen=True)
class Ticket:
    """One ticket; an open one has no time of closing."""

    number: int
    opened: datetime
    closed: datetime | None
    category: str
    customer: str


def tickets() -> list[Ticket]:
    """Give all tickets of the first half of 2025."""
    rng = random.Random(505)
    # Plain clock times without a zone, as the export has them.
    first = datetime(2025, 1, 1, 7, 0)  # noqa: DTZ001
    found = []
    for minutes in sorted(rng.randrange(181 * 24 * 60 - 600) for _ in range(720)):
        opened = first + timedelta(minutes=minutes)
        took = timedelta(minutes=30 * max(1, int(rng.expovariate(1 / 55))))
        category = "" if rng.random() < 0.05 else rng.choice(CATEGORIES)
        closed = None if rng.random() < 0.07 else opened + took
        customer = f"C{rng.randrange(1, 95):03d}"
        found.append(Ticket(len(found) + 70_001, opened, closed, category, customer))
    return found


def _write(folder: Path) -> None:
    form = "%Y-%m-%d %H:%M"
    write_csv(
        folder / "tickets.csv",
        ["ticket", "opened_at", "closed_at", "category", "customer_id"],
        (
            [
                t.number,
                t.opened.strftime(form),
                t.closed.strftime(form) if t.closed else "",
                t.category,
                t.customer,
            ]
            for t in tickets()
        ),
    )


TASK = Task(
    "tickets_month",
    "From the ticket export make me a CSV with one line per month and category: month (like"
    " 2025-01), category, tickets, customers, median_hours. tickets is how many were opened in"
    " that month, customers how many different customers opened them, median_hours the median"
    " hours from opening to closing with two decimals. Tickets still open count in the first two"
    " but not in the median. Tickets without a category go under 'none'.",
    ("out/tickets_by_month.csv",),
    _write,
)
