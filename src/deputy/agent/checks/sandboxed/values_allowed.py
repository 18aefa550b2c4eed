"""A column holds nothing but the values stated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import delivered, shown
from deputy.agent.checks.sandboxed.sources import BLANK, label
from deputy.agent.checks.sandboxed.verdicts import FailedError, must

NAME = "values.allowed"
TITLE = "The column holds only the values stated"
LIMITS = "whether each row has the right one of them"
KIND = "inspects"
CONTENT = True
APPLIES_TO = (".csv", ".tsv", ".xlsx", ".xlsm", ".json", ".jsonl", ".sqlite", ".sqlite3", ".db")
NEEDS = ("allowed",)
TAKES = "column; allowed: [value]; blank: true where cells may be blank (default false)."


def check(target: Path, params: dict[str, Any]) -> str:
    """Compare every cell with the list, letter by letter."""
    allowed = {label(one) for one in must(params, "allowed")}
    if params.get("blank"):
        allowed.add(BLANK)
    found = [label(cell) for cell in delivered(target, params).column(must(params, "column"))]
    if not found:
        raise FailedError("The table has no rows.")
    wrong = [f"record {number} holds {one!r}" for number, one in enumerate(found, start=1)
             if one not in allowed]  # fmt: skip
    if wrong:
        raise FailedError(shown(wrong))
    return f"{len(found):,} cells, {len(set(found))} of {len(allowed)} values."
