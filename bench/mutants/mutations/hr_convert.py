"""The staff list as the new program reads it."""

from __future__ import annotations

from pathlib import Path

from bench.mutants.mutations import Mutant, Mutations
from bench.mutants.tasks import money, write_csv
from bench.mutants.tasks.hr_convert import Person, staff

HEADER = (
    "employee_id",
    "last_name",
    "first_name",
    "hire_date",
    "annual_pay",
    "status",
    "department_code",
)
STATUS = {"Active": "A", "On leave": "L", "Terminated": "T"}


def _date(person: Person, slip: str) -> str:
    day = person.hired
    if slip == "day_month" and day.day <= 12:
        return f"{day.year}-{day.day:02d}-{day.month:02d}"
    return day.isoformat()


def _row(person: Person, slip: str) -> list[str]:
    status = STATUS[person.status]
    if slip == "enum_unmapped" and person.status == "On leave":
        status = person.status
    pay = money(person.pay)
    if slip == "separators":
        # What stands before the separator.
        pay = f"{person.pay // 100_000}.00"
    code, _, name = person.department.partition(" - ")
    return [
        person.number.lstrip("0") if slip == "zeros" else person.number,
        person.last,
        person.first,
        _date(person, slip),
        pay,
        status,
        name if slip == "department_name" else code,
    ]


def _write(folder: Path, slip: str) -> None:
    people = staff()
    if slip == "same_name":
        # One line for each name: the later of two people is taken for a repetition.
        people = list({(p.last, p.first): p for p in reversed(people)}.values())[::-1]
    if slip == "row_dropped":
        del people[-1]
    rows = [_row(p, slip) for p in people]
    if slip == "row_shifted":
        pays = [row[4] for row in rows]
        for row, pay in zip(rows[100:], [*pays[101:], pays[100]], strict=True):
            row[4] = pay
    write_csv(folder / "out/hr_import.csv", HEADER, rows)


MUTATIONS = Mutations(
    "hr_convert",
    _write,
    (
        Mutant("row_dropped", "rows lost", "the last person is missing"),
        Mutant("zeros", "keys", "employee numbers lost their leading zeros"),
        Mutant("day_month", "dates", "day and month swapped where that is possible"),
        Mutant("enum_unmapped", "enumeration", "'On leave' was not mapped"),
        Mutant(
            "separators", "thousands separator", "pay stops at the separator: 55.00 for 55,427.40"
        ),
        Mutant("row_shifted", "another row", "from row 101 on, pay is the next person's"),
        Mutant("same_name", "rows lost", "people of the same name are taken for one"),
        Mutant("department_name", "column", "the department's name under department_code"),
    ),
)
