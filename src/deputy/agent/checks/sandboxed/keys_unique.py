"""No two rows of a table share a key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import delivered, repeated, shown
from deputy.agent.checks.sandboxed.sources import BLANK
from deputy.agent.checks.sandboxed.verdicts import FailedError, must

NAME = "keys.unique"
TITLE = "Every row has a key of its own"
LIMITS = "whether the keys are those of the source"
KIND = "inspects"
APPLIES_TO = (".csv", ".tsv", ".xlsx", ".xlsm", ".json", ".jsonl", ".sqlite", ".sqlite3", ".db")
NEEDS = ("keys",)
TAKES = "keys: [column]; sheet, table or records (JSON path) where the file has several."


def check(target: Path, params: dict[str, Any]) -> str:
    """Compare the keys of all rows; a blank key is none."""
    keys = delivered(target, params).keys(must(params, "keys"))
    if not keys:
        raise FailedError("The table has no rows.")
    blank = sum(any(part == BLANK for part in key) for key in keys)
    if blank:
        raise FailedError(f"{blank:,} of {len(keys):,} rows have no key.")
    twice = [" ".join(key) + " stands there again" for key in repeated(keys)]
    if twice:
        raise FailedError(shown(twice))
    return f"{len(keys):,} rows, each with its own key."
