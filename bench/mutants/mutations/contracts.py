"""Four contracts in a table with the sentences it rests on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font

from bench.mutants.mutations import Mutant, Mutations

HEADER = (
    "File",
    "Other party",
    "Date of agreement",
    "Governing law",
    "Notice period (days)",
    "Renews automatically",
    "Sentence",
)
ROWS: tuple[tuple[Any, ...], ...] = (
    (
        "cleaning.pdf",
        "Brightwell Cleaning Ltd",
        "2022-02-14",
        "England and Wales",
        90,
        "Yes",
        "Unless either party gives notice before its end, this Agreement renews for successive"
        " periods of one year.",
    ),
    (
        "data_centre.pdf",
        "Kelvin Data Centres GmbH",
        "2023-11-03",
        "Germany",
        60,
        "No",
        "This Agreement ends on 31 December 2026 without notice and may be extended only by a"
        " written agreement signed by both parties.",
    ),
    (
        "catering.pdf",
        "Mesa Verde Catering SL",
        "2024-05-09",
        None,
        120,
        "Yes",
        "The Agreement runs for twelve months and is thereafter extended automatically by twelve"
        " months at a time, unless terminated.",
    ),
    (
        "security.docx",
        "Northgate Guarding plc",
        "2021-08-21",
        "Scotland",
        45,
        "No",
        "The Contract has a fixed term of five years and does not renew; a new contract has to be"
        " negotiated.",
    ),
)
CHANGES: dict[str, tuple[int, int, Any]] = {
    "other_document": (1, 4, 90),
    "effective_date": (0, 2, "2022-03-01"),
    "guess": (2, 3, "Spain"),
    "payment_days": (0, 4, 30),
    "party": (3, 1, "Tarn Office Parks Ltd"),
    "invented": (
        0,
        6,
        "Unless terminated by either party, this Agreement shall automatically renew for further"
        " one-year periods.",
    ),
}


def _write(folder: Path, slip: str) -> None:
    rows = [list(row) for row in ROWS]
    if slip in CHANGES:
        row, column, value = CHANGES[slip]
        rows[row][column] = value
    if slip == "flipped":
        rows[1][5] = "Yes"
        rows[1][6] = "Licences of third parties renew automatically at the Provider's expense."
    if slip == "last_document":
        rows.pop()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Contracts"
    sheet.append(HEADER)
    for row in rows:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, width in zip("ABCDEFG", (18, 28, 18, 20, 20, 20, 70), strict=True):
        sheet.column_dimensions[column].width = width
    for row in sheet.iter_rows(min_row=2, min_col=7):
        row[0].alignment = Alignment(wrap_text=True)
    book.save(folder / "out/contracts.xlsx")


MUTATIONS = Mutations(
    "contracts",
    _write,
    (
        Mutant("invented", "quote", "a sentence that stands in no contract"),
        Mutant("flipped", "yes or no", "Yes with a sentence about third parties' licences"),
        Mutant("other_document", "another document", "the notice period of the first contract"),
        Mutant("effective_date", "column", "the day it takes effect as its date"),
        Mutant("guess", "guess", "a governing law where the contract names none"),
        Mutant("payment_days", "another clause", "days for payment as the notice period"),
        Mutant("party", "another clause", "our own company as the other party"),
        Mutant("last_document", "part of the source missed", "the Word file is not read"),
    ),
)
