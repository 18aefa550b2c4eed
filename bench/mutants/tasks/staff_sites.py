"""Staff of four sites, a sheet for each, with titles above and totals below."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from bench.mutants.tasks import Task

SITES = {"Leeds": 61, "Cork": 38, "Porto": 47, "Gdansk": 29}
DEPARTMENTS = ("Finance", "Logistics", "Sales", "Production", "IT")
FIRST = ("Grace", "Liam", "Ines", "Marek", "Aoife", "Rui", "Zofia", "Tom", "Beatriz", "Sean")
LAST = ("Okafor", "Walsh", "Pereira", "Nowak", "Byrne", "Costa", "Lewis", "Kowalska", "Moore")


@dataclass(frozen=True)
class Person:
    """One line of a site's sheet; `pay` is euro a year."""

    number: int
    name: str
    department: str | None
    contract: str
    pay: int


def staff() -> dict[str, list[Person]]:
    """Give the people of each site."""
    rng = random.Random(303)
    sites: dict[str, list[Person]] = {}
    number = 1_000
    for place, (site, count) in enumerate(SITES.items()):
        sites[site] = []
        for _ in range(count):
            number += rng.randrange(1, 9)
            rank = rng.randrange(len(DEPARTMENTS))
            full = rng.random() < 0.74
            pay = round((27_000 + 4_800 * rank - 2_500 * place) * rng.uniform(0.85, 1.5))
            person = Person(
                number,
                f"{rng.choice(FIRST)} {rng.choice(LAST)}",
                None if rng.random() < 0.06 else DEPARTMENTS[rank],
                "full-time" if full else "part-time",
                pay if full else pay * 6 // 10,
            )
            sites[site].append(person)
    return sites


def _write(folder: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for site, people in staff().items():
        sheet = book.create_sheet(site)
        sheet.append([f"Staff in {site}, 31 December 2024"])
        sheet.append([])
        sheet.append(["Staff no", "Name", "Department", "Contract", "Annual pay EUR"])
        for p in people:
            sheet.append([p.number, p.name, p.department, p.contract, p.pay])
        sheet.append(["Total", None, None, None, sum(p.pay for p in people)])
    book.save(folder / "staff_2024.xlsx")


TASK = Task(
    "staff_sites",
    "The workbook has one sheet per site. How many full-time people do we have per department over"
    " all sites, and what do they earn on average a year? One Excel table, with those who have no"
    " department as 'Unassigned' and a line for everybody at the end.",
    ("out/headcount.xlsx",),
    _write,
)
