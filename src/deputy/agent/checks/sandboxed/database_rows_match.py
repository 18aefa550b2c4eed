"""Tables of a database hold the rows of their sources."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import delivered, shown, source_of
from deputy.agent.checks.sandboxed.sources import BLANK
from deputy.agent.checks.sandboxed.verdicts import FailedError, close, must

NAME = "database.rows_match"
TITLE = "Each table has as many rows as its source, with the same keys and sums"
LIMITS = "columns that are not named"
KIND = "recomputes"
CONTENT = True
APPLIES_TO = (".sqlite", ".sqlite3", ".db")
NEEDS = ("tables",)
TAKES = (
    "tables: [{table, source: {path, sheet; records: dotted path into JSON}, columns: {column: "
    "source column} summed, keys: {column: source column}}]."
)


def check(target: Path, params: dict[str, Any]) -> str:
    """Compare each table with its own source."""
    wrong: list[str] = []
    told = []
    for part in must(params, "tables"):
        name = part["table"]
        found, source = delivered(target, {"table": name}), source_of(part)
        told.append(f"{name} {len(found.rows):,}")
        if len(found.rows) != len(source.rows):
            wrong.append(f"{name!r} has {len(found.rows):,} rows, its source {len(source.rows):,}")
        for ours, theirs in (part.get("columns") or {}).items():
            sums = [sum((n for n in side.numbers(column) if n is not None), Decimal(0))
                    for side, column in ((found, ours), (source, theirs))]  # fmt: skip
            if not close(float(sums[0]), float(sums[1])):
                wrong.append(f"{name}.{ours} sums to {sums[0]:,.2f}, in the source to "
                             f"{sums[1]:,.2f}")  # fmt: skip
        for ours, theirs in (part.get("keys") or {}).items():
            left = {key for key in found.keys([ours]) if key != (BLANK,)}
            right = {key for key in source.keys([theirs]) if key != (BLANK,)}
            wrong += [f"{name}.{ours} lacks {key[0]!r}" for key in sorted(right - left)]
            wrong += [f"{name}.{ours} has {key[0]!r} too many" for key in sorted(left - right)]
    if wrong:
        raise FailedError(shown(wrong))
    return f"Rows as in the sources: {', '.join(told)}."
