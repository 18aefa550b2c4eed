"""Meter readings over three pages of a PDF, to be a workbook."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import typst

from bench.mutants.tasks import Task

SITES = ("Depot East", "Depot West", "Head office", "Workshop")


@dataclass(frozen=True)
class Meter:
    """One line: readings at the start and the end of 2024, and the factor to kWh."""

    site: str
    number: str
    start: int
    end: int
    factor: int


def meters() -> list[Meter]:
    """Give the lines in the order of the pages."""
    rng = random.Random(1_616)
    found = []
    for n in range(78):
        start = rng.randrange(1_000, 60_000)
        used = rng.randrange(150, 5_200)
        number = f"EL{rng.randrange(100, 999)}-{n:02d}"
        factor = rng.choice((1, 1, 10, 40))
        found.append(Meter(SITES[n * 5 % 4], number, start, start + used, factor))
    return found


def _write(folder: Path) -> None:
    cells = "\n".join(
        f"[{m.site}], [{m.number}], [{m.start}], [{m.end}], [{m.factor}]," for m in meters()
    )
    text = (
        '#set page(paper: "a4", margin: 2cm, numbering: "1 of 1")\n'
        "= Electricity meters 2024\n\n"
        "#table(columns: 5, inset: 7pt, table.header([Site], [Meter], [Reading 1 Jan],"
        f" [Reading 31 Dec], [Factor]),\n{cells}\n)\n"
    )
    source = folder.parent / "meters.typ"
    source.write_text(text, encoding="utf-8")
    (folder / "meters_2024.pdf").write_bytes(typst.compile(str(source)))
    source.unlink()


TASK = Task(
    "meter_readings",
    "The PDF has our electricity meter readings of 2024. Put every meter into Excel: site, meter,"
    " both readings, factor and consumption in kWh (difference of the readings times the factor)."
    " On another sheet the consumption per site and overall.",
    ("out/consumption.xlsx",),
    _write,
)
