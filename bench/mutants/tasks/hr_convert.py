"""A staff list to be converted for another program."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bench.mutants.tasks import Task, write_csv

DEPARTMENTS = ("D01 - Stores", "D07 - Logistics", "D12 - Accounts", "D30 - Night shift")
FIRST = ("Ada", "Ben", "Chloe", "Dev", "Erin", "Farid", "Gwen", "Hugo", "Isla", "Jamal", "Kate")
LAST = ("Abbott", "Barnes", "Clarke", "Desai", "Evans", "Foster", "Green", "Hughes", "O'Brien")


@dataclass(frozen=True)
class Person:
    """One line of the list; pay in pence."""

    number: str
    last: str
    first: str
    hired: date
    pay: int
    status: str
    department: str


def staff() -> list[Person]:
    """Give the list in its order; two people share a name."""
    rng = random.Random(1_010)
    found = []
    numbers = rng.sample(range(17, 9_999), 180)
    for n in range(180):
        last, first = rng.choice(LAST), rng.choice(FIRST)
        if n == 91:
            last, first = found[40].last, found[40].first
        found.append(
            Person(
                f"{numbers[n]:06d}",
                last,
                first,
                date(2004, 1, 1) + timedelta(rng.randrange(7_400)),
                rng.randrange(1_900_000, 7_200_000),
                rng.choices(("Active", "On leave", "Terminated"), (8, 1, 1))[0],
                rng.choice(DEPARTMENTS),
            )
        )
    return found


def _write(folder: Path) -> None:
    write_csv(
        folder / "staff_list.csv",
        ["Employee no", "Name", "Hired", "Annual pay", "Status", "Department"],
        (
            [
                p.number,
                f" {p.last}, {p.first}" if n % 9 == 0 else f"{p.last}, {p.first}",
                f"{p.hired.day}/{p.hired.month}/{p.hired.year}",
                f"£{p.pay / 100:,.2f}",
                p.status,
                p.department,
            ]
            for n, p in enumerate(staff())
        ),
        delimiter=";",
    )


TASK = Task(
    "hr_convert",
    "Convert the staff list for the new HR system. Columns: employee_id, last_name, first_name,"
    " hire_date (YYYY-MM-DD; ours are day/month/year), annual_pay (two decimals, no pound sign, no"
    " separators), status (A for active, L for on leave, T for terminated), department_code (only"
    " the code). Keep every person, the order, and the employee numbers exactly as they are. A CSV"
    " file with commas.",
    ("out/hr_import.csv",),
    _write,
)
