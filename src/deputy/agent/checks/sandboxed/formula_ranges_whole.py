"""Formulas over a column reach to its last row."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.likeness import is_total
from deputy.agent.checks.sandboxed.records import shown
from deputy.agent.checks.sandboxed.spreadsheets import (
    Place,
    Sheet,
    Workbook,
    column_number,
    name_of,
    open_workbook,
)
from deputy.agent.checks.sandboxed.verdicts import FailedError

NAME = "workbook.formula_ranges_whole"
TITLE = "Every formula over a column reads it whole, from the first row to the last"
LIMITS = "whether it is the right column"
KIND = "inspects"
APPLIES_TO = (".xlsx", ".xlsm")
TAKES = "ranges_min: how many such ranges there must be at least (default 1)."
RANGE = re.compile(
    r"(?:(?:'((?:[^']|'')+)'|([A-Za-z_][\w.]*))!)?\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)"
)
COLUMN = re.compile(r"[A-Za-z_]\w*\[[^\[\]#@]+\]")
ADDING = re.compile(r"\b(SUM|AVERAGE|COUNT|COUNTA|MIN|MAX|MEDIAN|SUBTOTAL|SUMIFS?|COUNTIFS?"
                    r"|AVERAGEIFS?|SUMPRODUCT|AGGREGATE)\(", re.IGNORECASE)  # fmt: skip
RUNNING = re.compile(r"\$\d+:\$?[A-Z]+\d+$")  # from a fixed row to one that moves along
ROWS_MIN = 2


def check(target: Path, params: dict[str, Any]) -> str:
    """Look at the cells just beyond both ends of each range."""
    book = open_workbook(target)
    wrong: list[str] = []
    count = 0
    for sheet in book.sheets.values():
        for place, formula in sheet.formulas.items():
            if not ADDING.search(formula.text):
                continue
            # A column of a native table is read whole by its very name.
            count += len(COLUMN.findall(formula.text))
            for match in RANGE.finditer(formula.text):
                said = _range(book, sheet, place, match, formula.shift)
                if said is not None:
                    count += 1
                    wrong += [f"{sheet.name}!{name_of(place)} {said}"] if said else []
    if wrong:
        raise FailedError(shown(wrong))
    if count < int(params.get("ranges_min", 1)):
        raise FailedError(f"The workbook has {count} ranges of rows, fewer than asked for.")
    return f"{count:,} ranges, each reads its column whole."


def _range(book: Workbook, home: Sheet, place: Place, match: re.Match[str],
           shift: Place) -> str | None:  # fmt: skip
    """Say what a range leaves out; nothing if it is whole, null if it is no range of rows."""
    name = (match.group(1) or match.group(2) or home.name).replace("''", "'")
    sheet = next((s for s in book.sheets.values() if s.name.casefold() == name.casefold()), None)
    first, last = column_number(match.group(3)), column_number(match.group(5))
    top, bottom = int(match.group(4)), int(match.group(6))
    running = RUNNING.search(match.group(0)) is not None
    if sheet is None or first != last or bottom - top + 1 < ROWS_MIN or running or shift != (0, 0):
        return None
    for row, end in ((bottom + 1, "before"), (top - 1, "after")):
        beyond = (row, first)
        own = sheet is home and beyond == place
        if own or (beyond in sheet.formulas and not _is_row(sheet, bottom, first)):
            continue
        if isinstance(sheet.values.get(beyond), float) and not _sums(sheet, row):
            where = f"{match.group(0)} stops {end} {sheet.name}!{name_of(beyond)}"
            return f"reads {where}, which holds a figure too"
    return ""


def _is_row(sheet: Sheet, row: int, column: int) -> bool:
    """Say whether the range itself is of formulas, so that one beyond it is a row like them."""
    return (row, column) in sheet.formulas


def _sums(sheet: Sheet, row: int) -> bool:
    """Say whether a row is a total."""
    cells = [value for (at, _), value in _row(sheet, row) if isinstance(value, str) and at == row]
    return any(is_total(cell) for cell in cells)


def _row(sheet: Sheet, row: int) -> list[tuple[Place, Any]]:
    return [((row, column), sheet.values.get((row, column)))
            for column in range(1, sheet.columns + 1)]  # fmt: skip
