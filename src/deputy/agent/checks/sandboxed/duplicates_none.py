"""No row stands in a table twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import delivered, repeated, shown
from deputy.agent.checks.sandboxed.verdicts import FailedError

NAME = "duplicates.none"
TITLE = "No row stands there twice, case and blanks aside"
LIMITS = "duplicates that are spelled differently"
KIND = "inspects"
APPLIES_TO = (".csv", ".tsv", ".xlsx", ".xlsm", ".json", ".jsonl", ".sqlite", ".sqlite3", ".db")
TAKES = "columns: [column] that make two rows the same (default all)."


def check(target: Path, params: dict[str, Any]) -> str:
    """Compare rows by the columns named."""
    records = delivered(target, params)
    names = params.get("columns") or [heading for heading in records.headings if heading]
    keys = [tuple(part.casefold() for part in key) for key in records.keys(names)]
    if not keys:
        raise FailedError("The table has no rows.")
    twice = [", ".join(key)[:80] + " stands there again" for key in repeated(keys)]
    if twice:
        raise FailedError(shown(twice))
    return f"{len(keys):,} rows, all different."
