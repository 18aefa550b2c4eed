"""Keys are written in the result as the source writes them, leading zeros and all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import delivered, shown, source_of
from deputy.agent.checks.sandboxed.sources import BLANK
from deputy.agent.checks.sandboxed.verdicts import FailedError, must

NAME = "keys.kept"
TITLE = "Every key of the source stands in the result, written alike, and no other"
LIMITS = "whether the other columns belong to their keys"
KIND = "recomputes"
CONTENT = True
APPLIES_TO = (".csv", ".tsv", ".xlsx", ".xlsm", ".json", ".jsonl", ".sqlite", ".sqlite3", ".db")
NEEDS = ("source",)
TAKES = "source: {path, sheet}; keys: [column]; source_keys: [column] where they differ."


def check(target: Path, params: dict[str, Any]) -> str:
    """Compare the two sets of keys as text."""
    names = must(params, "keys")
    found = set(delivered(target, params).keys(names))
    source = source_of(params)
    wanted = {k for k in source.keys(params.get("source_keys") or names) if set(k) != {BLANK}}
    found = {key for key in found if set(key) != {BLANK}}
    wrong = [f"{' '.join(key)!r} is missing" for key in sorted(wanted - found)]
    wrong += [f"{' '.join(key)!r} is not in the source" for key in sorted(found - wanted)]
    if wrong:
        raise FailedError(shown(wrong))
    return f"{len(wanted):,} keys, written as in {source.name}."
