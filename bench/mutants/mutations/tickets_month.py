"""A line for each month and category, as text with commas."""

from __future__ import annotations

import statistics
from pathlib import Path

from bench.mutants.mutations import Mutant, Mutations
from bench.mutants.tasks import write_csv
from bench.mutants.tasks.tickets_month import Ticket, tickets

HEADER = ("month", "category", "tickets", "customers", "median_hours")


def _month(ticket: Ticket, slip: str) -> str:
    if slip == "by_closing":
        return f"{ticket.closed:%Y-%m}" if ticket.closed else ""
    return f"{ticket.opened:%Y-%m}"


def _write(folder: Path, slip: str) -> None:
    groups: dict[tuple[str, str], list[Ticket]] = {}
    for t in tickets():
        month = _month(t, slip)
        blank = not t.category and slip == "blank_dropped"
        if month and not blank and not (slip == "last_month" and month == "2025-06"):
            groups.setdefault((month, t.category or "none"), []).append(t)
    rows = []
    for (month, category), chosen in sorted(groups.items()):
        hours = [(t.closed - t.opened).total_seconds() / 3_600 for t in chosen if t.closed]
        middle = statistics.mean(hours) if slip == "mean" else statistics.median(hours)
        customers = [t.customer for t in chosen]
        many = len(customers if slip == "distinct" else set(customers))
        shown = middle * 60 if slip == "minutes" else middle
        rows.append([month, category, len(chosen), many, f"{shown:.2f}"])
    write_csv(folder / "out/tickets_by_month.csv", HEADER, rows)


MUTATIONS = Mutations(
    "tickets_month",
    _write,
    (
        Mutant("distinct", "distinct", "customers counts rows instead of different customers"),
        Mutant("mean", "measure", "the mean under the heading median"),
        Mutant("minutes", "unit", "minutes under the heading hours"),
        Mutant("last_month", "period", "June is missing"),
        Mutant("by_closing", "period", "months of closing; open tickets are lost"),
        Mutant("blank_dropped", "groups", "tickets without a category are left out"),
    ),
)
