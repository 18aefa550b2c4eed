"""Two versions of a bank file, of which only the newer counts, and exchange rates."""

from __future__ import annotations

import random
from pathlib import Path

from bench.mutants.tasks import Task, money, write_csv

BANKS = ("Alpine Bank", "Crédit Rhône", "First Harbor", "Ostsee Bank")
RATES = {"EUR": "1", "USD": "1.0815", "GBP": "0.8354", "CHF": "0.9531", "SEK": "10.8490"}

Row = tuple[str, str, str, int]


def balances() -> dict[str, list[Row]]:
    """Give (bank, account, currency, balance in cents of it) by the day of the file."""
    rng = random.Random(707)
    old: list[Row] = []
    for n in range(26):
        cents = rng.randrange(900_000, 95_000_000)
        if n % 6 == 3:
            cents = -cents // 3
        currency = list(RATES)[n % 5]
        if currency == "SEK":
            cents *= 6
        account = f"4{n:02d}-{rng.randrange(10_000, 99_999)}"
        old.append((BANKS[(n * 7) % 4], account, currency, cents))
    old.sort()
    new = [(b, a, c, v + rng.randrange(-600_000, 900_000)) for b, a, c, v in old]
    return {"2025-03-30": old, "2025-03-31": new}


def _write(folder: Path) -> None:
    for day, rows in balances().items():
        write_csv(
            folder / f"balances_{day}.csv",
            ["bank", "account", "currency", "balance"],
            ([b, a, c, money(v)] for b, a, c, v in rows),
        )
    write_csv(folder / "rates.csv", ["currency", "per_euro"], RATES.items())


TASK = Task(
    "cash_position",
    "Both bank files are attached, yesterday's and today's (31 March 2025). Give me today's cash"
    " position in euro per bank and, in a second table, per currency, each with the total, as an"
    " Excel sheet. Rates are in rates.csv, how much of the currency one euro buys. Overdrafts are"
    " negative.",
    ("out/cash.xlsx",),
    _write,
)
