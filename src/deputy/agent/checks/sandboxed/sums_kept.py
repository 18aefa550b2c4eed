"""Column totals of the result equal those of the source."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import Records, delivered, shown, sources_of
from deputy.agent.checks.sandboxed.verdicts import FailedError, close, must

NAME = "sums.kept"
TITLE = "The columns named sum to what they sum to in the source"
LIMITS = "whether each row has its own part of the sum"
KIND = "recomputes"
CONTENT = True
APPLIES_TO = (".csv", ".tsv", ".xlsx", ".xlsm", ".json", ".jsonl", ".sqlite", ".sqlite3", ".db")
NEEDS = ("source", "sources")
TAKES = "source or sources: [source] added up; columns: [column] or {column: source column}."


def check(target: Path, params: dict[str, Any]) -> str:
    """Add up both sides in decimals."""
    found, columns = delivered(target, params), must(params, "columns")
    pairs = columns if isinstance(columns, dict) else {name: name for name in columns}
    sources = sources_of(params)
    wrong, told = [], []
    for ours, theirs in pairs.items():
        result = _sum(found, ours)
        right = sum((_sum(source, theirs) for source in sources), Decimal(0))
        told.append(f"{ours} {result:,.2f}")
        if not close(float(result), float(right)):
            wrong.append(f"{ours!r} sums to {result:,.2f}, in the source to {right:,.2f}")
    if wrong:
        raise FailedError(shown(wrong))
    return f"Sums equal the source's: {'; '.join(told)}."


def _sum(records: Records, name: str) -> Decimal:
    numbers = [number for number in records.numbers(name) if number is not None]
    if not numbers:
        raise FailedError(f"{records.name} has no number in {name!r}.")
    return sum(numbers, Decimal(0))
