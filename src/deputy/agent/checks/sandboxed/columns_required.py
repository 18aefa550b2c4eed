"""Named columns are there and filled in every row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import delivered, shown
from deputy.agent.checks.sandboxed.sources import empty
from deputy.agent.checks.sandboxed.verdicts import FailedError, must

NAME = "columns.required"
TITLE = "The named columns are there, and none of their cells is blank"
LIMITS = "whether what is filled in is right"
KIND = "inspects"
APPLIES_TO = (".csv", ".tsv", ".xlsx", ".xlsm", ".json", ".jsonl", ".sqlite", ".sqlite3", ".db")
NEEDS = ("columns",)
TAKES = "columns: [column]; rows: how many rows there are (optional)."


def check(target: Path, params: dict[str, Any]) -> str:
    """Look at every cell of each column named."""
    records = delivered(target, params)
    if not records.rows:
        raise FailedError("The table has no rows.")
    if "rows" in params and len(records.rows) != int(params["rows"]):
        raise FailedError(f"The table has {len(records.rows):,} rows, not {params['rows']:,}.")
    columns = must(params, "columns")
    wrong = [
        f"{name!r} is blank in record {number}"
        for name in columns
        for number, cell in enumerate(records.column(name), start=1)
        if empty(cell)
    ]
    if wrong:
        raise FailedError(shown(wrong))
    return f"{len(records.rows):,} rows, all {len(columns)} columns filled."
