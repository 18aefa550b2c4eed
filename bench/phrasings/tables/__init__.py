"""Ten invented tables of different shapes: their rows as they truly are, and files that hold them.

Owns what a table is and writing its files into a folder. The same code gives the same rows. Must
never hold data of a real company or person, nor read anything from outside.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Row = dict[str, Any]
"""A value is text, an int, a Decimal, a date, a datetime, or None for an empty cell."""
WRITER = Path(__file__).parent / "workbooks.py"
WRITE_S_MAX = 60


@dataclass(frozen=True)
class Table:
    """A named set of rows (by part: a file, a sheet) and the files a requester would bring.

    A file is its bytes, or a workbook as `workbooks.py` reads it.
    """

    name: str
    rows: Mapping[str, list[Row]]
    files: Mapping[str, bytes | dict[str, Any]]

    def write(self, folder: Path, python: Path) -> list[Path]:
        """Write the files into a folder; `python` is one that has xlsxwriter."""
        for name, content in self.files.items():
            if isinstance(content, bytes):
                (folder / name).write_bytes(content)
                continue
            subprocess.run(
                [python, WRITER, folder / name],
                input=json.dumps(content, default=cell).encode(),
                check=True,
                timeout=WRITE_S_MAX,
            )
        return [folder / name for name in self.files]


def cell(value: Any) -> Any:
    """Give a value as a workbook's cell: dates by name, decimals as floats."""
    if hasattr(value, "isoformat"):
        return {"date": value.isoformat()}
    return float(value)


@cache
def table(name: str) -> Table:
    """Make a table by name."""
    return _makers()[name]()


def names() -> list[str]:
    """Name the tables."""
    return list(_makers())


def _makers() -> dict[str, Callable[[], Table]]:
    from bench.phrasings.tables import finance, operations, people, selling

    return {
        "shop": selling.shop,
        "invoices": selling.invoices,
        "branches": selling.branches,
        "accounts": selling.accounts,
        "staff": people.staff,
        "tickets": people.tickets,
        "ledger": finance.ledger,
        "budget": finance.budget,
        "trips": operations.trips,
        "stock": operations.stock,
    }
