"""Half a year of transactions to be split by month and packed."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

from bench.mutants.tasks import Task, money, write_csv

HEADER = ("id", "booked_on", "account", "text", "amount")
MONTHS = tuple(f"2025-{m:02d}" for m in range(1, 7))


def transactions() -> list[tuple[str, date, str, str, int]]:
    """Give (id, day, account, text, cents), not in order of day."""
    rng = random.Random(1_414)
    days = [date(2025, 1, 1) + timedelta(rng.randrange(181)) for _ in range(500)]
    days += [date(2025, 1, 31), date(2025, 3, 31), date(2025, 5, 31), date(2025, 2, 28)]
    return [
        (
            f"T{n:05d}",
            day,
            f"{rng.choice((1200, 1800, 4400, 6300)):05d}",
            rng.choice(("Card payment", "Transfer, urgent", "Direct debit", "Fee")),
            rng.randrange(-90_000, 140_000),
        )
        for n, day in enumerate(days, 1)
    ]


def _write(folder: Path) -> None:
    write_csv(
        folder / "transactions.csv",
        HEADER,
        ([i, d.isoformat(), a, t, money(c)] for i, d, a, t, c in transactions()),
    )


TASK = Task(
    "months_zip",
    "Split the transactions into one CSV per month, 2025-01.csv to 2025-06.csv, same columns as"
    " the source, sorted by booking date, and add a totals.csv with month, rows and amount. Pack"
    " everything into one ZIP file.",
    ("out/transactions_by_month.zip",),
    _write,
)
