"""Every formula, computed anew from the cells it reads, gives the value stored with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.functions import evaluator
from deputy.agent.checks.sandboxed.spreadsheets import (
    ErrorValue,
    Scalar,
    name_of,
    open_workbook,
)
from deputy.agent.checks.sandboxed.verdicts import FailedError, close

NAME = "workbook.formulas_recompute"
TITLE = "Every formula recomputed gives the value shown"
LIMITS = "whether the formulas compute what was asked"
KIND = "inspects"
APPLIES_TO = (".xlsx", ".xlsm")
TAKES = "No params. Each formula must have its value stored beside it, as spreadsheets do."
SHOWN_MAX = 3


def check(target: Path, params: dict[str, Any]) -> str:
    """Compare each stored value; `formulas_min` asks for at least so many formulas."""
    book = open_workbook(target)
    engine = evaluator(book)
    wrong: list[str] = []
    count = 0
    for sheet in book.sheets.values():
        for place in sheet.formulas:
            count += 1
            stored, found = sheet.values.get(place), engine.cell(sheet.name, place)
            if not _same(stored, found):
                shown = "nothing" if stored is None else repr(stored)
                wrong.append(f"{sheet.name}!{name_of(place)} shows {shown}, recomputed {found!r}")
    if wrong:
        more = f" and {len(wrong) - SHOWN_MAX:,} more" if len(wrong) > SHOWN_MAX else ""
        raise FailedError(f"{len(wrong):,} of {count:,} formulas show another value: "
                          + "; ".join(wrong[:SHOWN_MAX]) + more + ".")  # fmt: skip
    if count < int(params.get("formulas_min", 0)):
        raise FailedError(f"The workbook holds {count:,} formulas where "
                          f"{int(params['formulas_min']):,} were asked for.")  # fmt: skip
    return f"{count:,} formulas recomputed, all equal to the value shown."


def _same(stored: Scalar, found: Scalar) -> bool:
    if isinstance(stored, float) and isinstance(found, float):
        return close(stored, found)
    kinds_differ = isinstance(stored, ErrorValue) != isinstance(found, ErrorValue)
    return not kinds_differ and type(stored) is type(found) and stored == found
