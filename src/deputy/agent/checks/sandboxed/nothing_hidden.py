"""A workbook hides nothing from its reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import shown
from deputy.agent.checks.sandboxed.spreadsheets import name_of, open_workbook
from deputy.agent.checks.sandboxed.verdicts import FailedError

NAME = "workbook.nothing_hidden"
TITLE = "No sheet, row or column that holds anything is hidden, and no number is shown as nothing"
LIMITS = "text in the colour of its ground"
KIND = "inspects"
APPLIES_TO = (".xlsx", ".xlsm")
TAKES = "sheets: [name] of sheets that may be hidden, such as one of helping cells (default none)."


def check(target: Path, params: dict[str, Any]) -> str:
    """Look at what is marked as hidden and holds a value."""
    book = open_workbook(target)
    allowed = set(params.get("sheets") or ())
    wrong = []
    for sheet in book.sheets.values():
        if sheet.name in allowed:
            continue
        if sheet.hidden and sheet.values:
            wrong.append(f"the sheet {sheet.name!r} is hidden")
            continue
        rows = sorted({row for row, _ in sheet.values} & sheet.hidden_rows)
        columns = sorted({column for _, column in sheet.values} & sheet.hidden_columns)
        wrong += [f"{sheet.name}: row {row} is hidden" for row in rows[:3]]
        wrong += [f"{sheet.name}: column {name_of((1, one))[:-1]} is hidden" for one in columns[:3]]
        wrong += [f"{sheet.name}!{name_of(place)} shows nothing"
                  for place, look in sheet.looks.items()
                  if look == "nothing" and place in sheet.values][:3]  # fmt: skip
    if wrong:
        raise FailedError(shown(wrong))
    return f"{len(book.sheets)} sheets, nothing hidden."
