"""Every meter on one sheet, the sums of the sites on another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import xlsxwriter

from bench.mutants.mutations import Mutant, Mutations
from bench.mutants.tasks.meter_readings import SITES, Meter, meters

LINES_OF_LAST_PAGE = 13


def _used(meter: Meter, slip: str) -> float:
    used = meter.end - meter.start
    if slip == "end_reading":
        used = meter.end
    if slip != "factor":
        used *= meter.factor
    return used / 1_000 if slip == "megawatt" else used


def _read(slip: str) -> list[Meter]:
    found = meters()
    if slip == "last_page":
        return found[:-LINES_OF_LAST_PAGE]
    if slip == "row_shifted":
        factors = [m.factor for m in found]
        return [
            replace(m, factor=f) for m, f in zip(found, [*factors[1:], factors[0]], strict=True)
        ]
    return found


def _write(folder: Path, slip: str) -> None:
    read = _read(slip)
    with xlsxwriter.Workbook(folder / "out/consumption.xlsx") as book:
        head = book.add_format({"bold": True})
        kwh = book.add_format({"num_format": "#,##0"})
        sheet, sums = book.add_worksheet("Meters"), book.add_worksheet("Sites")
        header = ["Site", "Meter", "Reading 1 Jan", "Reading 31 Dec", "Factor", "Consumption kWh"]
        sheet.write_row(0, 0, header, head)
        sheet.set_column(0, 5, 16)
        for n, m in enumerate(read, 1):
            sheet.write_row(n, 0, [m.site, m.number, m.start, m.end, m.factor])
            sheet.write(n, 5, _used(m, slip), kwh)
        sums.write_row(0, 0, ["Site", "Meters", "Consumption kWh"], head)
        sums.set_column(0, 2, 18)
        total = 0.0
        for n, site in enumerate(SITES, 1):
            chosen = [m for m in read if m.site == site]
            used = sum(_used(m, slip) for m in chosen)
            total += used
            sums.write_row(n, 0, [site, len(chosen)])
            sums.write(n, 2, used, kwh)
        sums.write_row(5, 0, ["All sites", len(read)], head)
        sums.write(5, 2, total * 2 if slip == "doubled" else total, kwh)


MUTATIONS = Mutations(
    "meter_readings",
    _write,
    (
        Mutant("last_page", "part of the source missed", "the last page is not read"),
        Mutant("factor", "arithmetic", "the factor is not applied"),
        Mutant("megawatt", "unit", "megawatt hours under the heading kWh"),
        Mutant("end_reading", "column", "the end reading instead of the difference"),
        Mutant("row_shifted", "another row", "each meter has the next one's factor"),
        Mutant("doubled", "subtotals", "the sites' sums count in the overall sum again"),
    ),
)
