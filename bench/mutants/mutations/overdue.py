"""Overdue invoices by customer, and the invoices on a second sheet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import xlsxwriter

from bench.mutants.mutations import Mutant, Mutations
from bench.mutants.tasks.overdue import TODAY, Invoice, customers, invoices

CLASSES = ("1-30", "31-60", "61-90", "over 90")

Line = tuple[str, Invoice, int, float]


def _swapped(day: date) -> date:
    """Give the date as month/day/year reads it, where that is possible."""
    return date(day.year, day.day, day.month) if day.day <= 12 else day


def _late_days(invoice: Invoice, slip: str) -> int:
    day = invoice.issued if slip == "from_issued" else invoice.due
    return (TODAY - (_swapped(day) if slip == "day_month" else day)).days


def _lines(slip: str) -> Iterator[Line]:
    """Give (customer, invoice, days late, euro) of what is overdue."""
    names: dict[str, list[str]] = {}
    for number, name, _ in customers():
        if slip == "duplicate_join" or number not in names:
            names.setdefault(number, []).append(name)
    for i in invoices():
        late = _late_days(i, slip)
        if late < 1 or (i.paid and slip != "paid_counted"):
            continue
        euro = (abs(i.amount) if slip == "credits_sign" else i.amount) / 100
        for name in names.get(i.customer, [] if slip == "inner_join" else [i.customer]):
            yield name, i, late, euro


def _place(late: int, slip: str) -> int:
    return min((late if slip == "edges" else late - 1) // 30, 3)


def _write(folder: Path, slip: str) -> None:
    lines = sorted(_lines(slip), key=lambda line: (line[0], -line[2]))
    with xlsxwriter.Workbook(folder / "out/overdue.xlsx") as book:
        head = book.add_format({"bold": True, "bottom": 1})
        euro = book.add_format({"num_format": "#,##0.00"})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        ages, detail = book.add_worksheet("Ageing"), book.add_worksheet("Invoices")
        ages.write_row(0, 0, ["Customer", *CLASSES, "Total overdue"], head)
        ages.set_column(0, 5, 16)
        names = sorted({line[0] for line in lines})
        for row, name in enumerate([*names, "Total"], 1):
            chosen = [line for line in lines if name in (line[0], "Total")]
            sums = [sum(x[3] for x in chosen if _place(x[2], slip) == k) for k in range(4)]
            ages.write(row, 0, name)
            for column, value in enumerate([*sums, sum(sums)], 1):
                ages.write(row, column, round(value, 2), euro)
        header = ["Customer", "Invoice", "Issued", "Due", "Days overdue", "Amount EUR"]
        detail.write_row(0, 0, header, head)
        detail.set_column(0, 5, 15)
        for row, (name, i, late, amount) in enumerate(lines, 1):
            detail.write_row(row, 0, [name, i.number])
            for column, value in ((2, i.issued), (3, i.due)):
                shown = _swapped(value) if slip == "day_month" else value
                detail.write_datetime(row, column, shown, day)
            detail.write(row, 4, late)
            detail.write(row, 5, amount, euro)


MUTATIONS = Mutations(
    "overdue",
    _write,
    (
        Mutant("day_month", "dates", "reads dates as month/day where that is possible"),
        Mutant("from_issued", "column", "counts days from the day of issue, not the due date"),
        Mutant("paid_counted", "filter", "settled invoices are counted"),
        Mutant("inner_join", "lost in a join", "customers missing in the list lose their invoices"),
        Mutant("duplicate_join", "multiplied by a join", "the customer listed twice counts twice"),
        Mutant("edges", "period", "30, 60 and 90 days fall into the next class"),
        Mutant("credits_sign", "sign", "credit notes raise the amounts"),
    ),
)
