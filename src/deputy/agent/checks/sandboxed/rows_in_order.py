"""Rows stand in the order of a column."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.moments import to_moments
from deputy.agent.checks.sandboxed.records import Records, delivered
from deputy.agent.checks.sandboxed.sources import label
from deputy.agent.checks.sandboxed.verdicts import FailedError, must

NAME = "rows.in_order"
TITLE = "The rows stand in the order of the column"
LIMITS = "whether rows are missing"
KIND = "inspects"
APPLIES_TO = (".csv", ".tsv", ".xlsx", ".xlsm", ".json", ".jsonl", ".sqlite", ".sqlite3", ".db")
NEEDS = ("column",)
TAKES = "column; order: asc (default) or desc. Blank cells come last."


def check(target: Path, params: dict[str, Any]) -> str:
    """Compare each row with the next, as numbers, dates or text."""
    records = delivered(target, params)
    name, down = must(params, "column"), params.get("order") == "desc"
    values = _values(records, name)
    if len(values) < 2:
        raise FailedError("There are not two rows to compare.")
    for number, (first, second) in enumerate(pairwise(values), start=2):
        if (first is None and second is not None) or (
            None not in (first, second) and (first < second if down else first > second)
        ):
            raise FailedError(f"Record {number} breaks the order: {second} after {first}.")
    return f"{len(values):,} rows in order of {name}."


def _values(records: Records, name: str) -> list[Any]:
    cells = records.column(name)
    filled = sum(label(cell) != "(blank)" for cell in cells)
    for found in (records.numbers(name), to_moments(cells, None)):
        if sum(value is not None for value in found) == filled:
            return list(found)
    texts = [label(cell).casefold() for cell in cells]
    return [None if text == "(blank)" else text for text in texts]
