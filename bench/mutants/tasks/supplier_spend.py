"""A supplier ledger as a German program writes it, to be a one-page PDF."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

from bench.mutants.tasks import Task, write_csv

SUPPLIERS = (
    "Brandt Logistik GmbH",
    "Keller & Sohn KG",
    "Nordwerk AG",
    "Schuster IT Service",
    "Otto Baumann GmbH",
    "Rheinstahl Handel",
    "Vogel Verpackung",
    "Lindner Energie",
    "Papierhaus Krause",
    "Wolff Consulting",
    "Alpen Reisen GmbH",
    "Kraft Gebäudedienst",
    "Sommer Druck",
    "Berger Mietgeräte",
)
KINDS = ("Fracht", "Material", "IT", "Energie", "Dienste")


def postings() -> list[tuple[date, str, str, int]]:
    """Give (day, supplier, kind of cost, cents); credit notes are negative."""
    rng = random.Random(202)
    found = []
    for number in range(640):
        who = min(int(rng.expovariate(0.22)), len(SUPPLIERS) - 1)
        # Those with few invoices send the large ones.
        cents = round(rng.uniform(0.3, 2.2) * 21_000 * (1 + who * rng.uniform(0.5, 2.4)))
        if number % 23 == 0:
            cents = -cents
        day = date(2024, 1, 3) + timedelta(rng.randrange(362))
        found.append((day, SUPPLIERS[who], rng.choice(KINDS), cents))
    return sorted(found)


def german(cents: int) -> str:
    """Give an amount with a comma for decimals and dots for thousands."""
    text = f"{abs(cents) / 100:,.2f}".translate(str.maketrans(",.", ".,"))
    return f"-{text}" if cents < 0 else text


def _write(folder: Path) -> None:
    rows = postings()
    lines = [[f"{d:%d.%m.%Y}", supplier, kind, german(c)] for d, supplier, kind, c in rows]
    lines.append(["Summe", "", "", german(sum(r[3] for r in rows))])
    write_csv(
        folder / "kreditoren_2024.csv",
        ["Belegdatum", "Lieferant", "Kostenart", "Betrag EUR"],
        lines,
        delimiter=";",
        encoding="utf-8-sig",
    )


TASK = Task(
    "supplier_spend",
    "Here is the supplier ledger 2024 of our German subsidiary. I need a one-page PDF for the"
    " board: what we spent in total, the ten suppliers we spent the most on with amount and share"
    " of total spend, largest first, and a bar chart of those ten. Credit notes reduce the spend.",
    ("out/suppliers.pdf",),
    _write,
)
