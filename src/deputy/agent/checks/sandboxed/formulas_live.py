"""Totals of a workbook are formulas, not typed figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.likeness import is_total
from deputy.agent.checks.sandboxed.records import shown
from deputy.agent.checks.sandboxed.sources import spelled
from deputy.agent.checks.sandboxed.spreadsheets import Sheet, name_of, open_workbook
from deputy.agent.checks.sandboxed.verdicts import FailedError

NAME = "workbook.formulas_live"
TITLE = "Totals and the columns named are formulas that reckon with cells, not typed figures"
LIMITS = "whether the formulas compute what was asked"
KIND = "inspects"
APPLIES_TO = (".xlsx", ".xlsm")
TAKES = "columns: [heading] whose figures must all be formulas too; sheets: [name] (default all)."
CONSTANT = frozenset("0123456789.+-*/() ,eE%")


def check(target: Path, params: dict[str, Any]) -> str:
    """Look at every figure in a row named as a total and in each column named."""
    book = open_workbook(target)
    named = params.get("sheets") or [s.name for s in book.sheets.values() if not s.hidden]
    columns = {spelled(str(one)) for one in params.get("columns") or ()}
    wrong: list[str] = []
    found = 0
    for name in named:
        if name not in book.sheets:
            raise FailedError(f"There is no sheet {name!r}.")
        sheet = book.sheets[name]
        for place in _figures(sheet, columns):
            formula = sheet.formulas.get(place)
            found += 1
            if formula is None:
                wrong.append(f"{name}!{name_of(place)} is a typed figure")
            elif formula.text and set(formula.text.lstrip("=")) <= CONSTANT:
                wrong.append(f"{name}!{name_of(place)} reckons with no cell")
    if wrong:
        raise FailedError(shown(wrong))
    if not found:
        raise FailedError("No total and none of the columns was found.")
    return f"{found:,} figures, all formulas."


def _figures(sheet: Sheet, columns: set[str]) -> list[tuple[int, int]]:
    """Give the places of figures in rows of totals and below the headings named."""
    totals = {row: column for (row, column), value in sorted(sheet.values.items(), reverse=True)
              if isinstance(value, str) and is_total(value)}  # fmt: skip
    below = {column: row for (row, column), value in sheet.values.items()
             if isinstance(value, str) and spelled(value) in columns}  # fmt: skip
    return [
        (row, column) for (row, column), value in sheet.values.items()
        if isinstance(value, float) and (totals.get(row, column) < column
                                         or below.get(column, row) < row)
    ]  # fmt: skip
