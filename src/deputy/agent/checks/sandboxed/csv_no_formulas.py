"""No cell of a text table would be taken for a formula by a spreadsheet."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.verdicts import FailedError

NAME = "csv.no_formulas"
TITLE = "No cell acts as a formula when opened in a spreadsheet"
LIMITS = "whether its values are right"
KIND = "inspects"
APPLIES_TO = (".csv", ".tsv")


def check(target: Path, params: dict[str, Any]) -> str:
    """Look at the first sign of every cell; plain negative and signed numbers are harmless."""
    count = 0
    mark = "\t" if target.suffix.lower() == ".tsv" else ","
    with target.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.reader(lines, delimiter=mark), start=1):
            for cell in row:
                count += 1
                if cell[:1] in tuple("=+-@\t\r") and not _number(cell):
                    raise FailedError(f"Row {number} has a cell that starts with {cell[0]!r}.")
    return f"{count:,} cells, none starts like a formula."


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
