"""The parts of a result come to the whole: no row lost or counted twice between them."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import Records, records_of, shown, source_of
from deputy.agent.checks.sandboxed.verdicts import FailedError, close, must

NAME = "batches.reconcile"
TITLE = "All parts together have the rows, sums and keys of the whole"
LIMITS = "whether each row is in the right part"
KIND = "recomputes"
CONTENT = True
APPLIES_TO = (".csv", ".tsv", ".xlsx", ".xlsm", ".json", ".jsonl", ".sqlite", ".sqlite3", ".db")
NEEDS = ("parts",)
TAKES = (
    "parts: [path] of all parts, the target among them, each a deliverable of the brief; source: "
    "the whole; columns: [column] summed; keys: [column] that name a row (optional)."
)
PARTS_MAX = 500


def check(target: Path, params: dict[str, Any]) -> str:
    """Count, add up and compare keys of all parts and of the whole."""
    paths = must(params, "parts")
    if target.as_posix() not in paths or len(set(paths)) != len(paths) or len(paths) > PARTS_MAX:
        raise FailedError(f"{target} is not one of the parts, or a part is named twice.")
    parts = [records_of({"path": path}) for path in paths]
    whole = source_of(params)
    rows = sum(len(part.rows) for part in parts)
    wrong = []
    if rows != len(whole.rows):
        wrong.append(f"the parts have {rows:,} rows, the whole {len(whole.rows):,}")
    for name in params.get("columns") or ():
        ours, right = sum((_sum(part, name) for part in parts), Decimal(0)), _sum(whole, name)
        if not close(float(ours), float(right)):
            wrong.append(f"{name!r} sums to {ours:,.2f}, in the whole to {right:,.2f}")
    if params.get("keys"):
        held = Counter(key for part in parts for key in part.keys(params["keys"]))
        there = Counter(whole.keys(params["keys"]))
        wrong += [f"{' '.join(key)} is in no part" for key in there - held]
        wrong += [f"{' '.join(key)} is in a part once too often" for key in held - there]
    if wrong:
        raise FailedError(shown(wrong))
    return f"{len(parts)} parts, {rows:,} rows, as many as the whole."


def _sum(records: Records, name: str) -> Decimal:
    return sum((n for n in records.numbers(name) if n is not None), Decimal(0))
