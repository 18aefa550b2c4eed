"""No cell of the workbook shows an error such as #DIV/0! or #REF!."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.spreadsheets import ErrorValue, name_of, open_workbook
from deputy.agent.checks.sandboxed.verdicts import FailedError

NAME = "workbook.no_error_cells"
TITLE = "No cell shows an error"
LIMITS = "whether the values are right"
KIND = "inspects"
APPLIES_TO = (".xlsx", ".xlsm")
SHOWN_MAX = 3
SIGNS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")


def check(target: Path, params: dict[str, Any]) -> str:
    """Look at every stored value, errors written as text too, and at #REF! in formulas."""
    book = open_workbook(target)
    wrong: list[str] = []
    count = 0
    for sheet in book.sheets.values():
        for place, value in sheet.values.items():
            count += 1
            if isinstance(value, ErrorValue) or (isinstance(value, str) and value in SIGNS):
                wrong.append(f"{sheet.name}!{name_of(place)} shows {value}")
        wrong += [
            f"{sheet.name}!{name_of(place)} refers to something deleted"
            for place, formula in sheet.formulas.items()
            if "#REF!" in formula.text
        ]
    if wrong:
        more = f" and {len(wrong) - SHOWN_MAX:,} more" if len(wrong) > SHOWN_MAX else ""
        raise FailedError("; ".join(wrong[:SHOWN_MAX]) + more + ".")
    return f"{count:,} cells on {len(book.sheets)} sheets, none shows an error."
