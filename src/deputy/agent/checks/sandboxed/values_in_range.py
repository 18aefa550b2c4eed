"""The numbers or dates of a column lie between two ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.amounts import to_decimal
from deputy.agent.checks.sandboxed.moments import to_moments
from deputy.agent.checks.sandboxed.records import Records, delivered, shown
from deputy.agent.checks.sandboxed.sources import empty
from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError, must

NAME = "values.in_range"
TITLE = "Every value of the column lies within the range stated"
LIMITS = "whether a value within the range is right"
KIND = "inspects"
CONTENT = True
APPLIES_TO = (".csv", ".tsv", ".xlsx", ".xlsm", ".json", ".jsonl", ".sqlite", ".sqlite3", ".db")
NEEDS = ("column",)
TAKES = "column; min and max (both included, one may be left out): numbers or ISO dates."


def check(target: Path, params: dict[str, Any]) -> str:
    """Compare every filled cell with both ends."""
    name, least, most = must(params, "column"), params.get("min"), params.get("max")
    if least is None and most is None:
        raise UncheckedError("State min or max.")
    records = delivered(target, params)
    dated = any(isinstance(end, str) and to_moments([end], None)[0] for end in (least, most))
    cells = records.column(name)
    values = to_moments(cells, None) if dated else _numbers(records, name)
    ends = [_end(one, dated) for one in (least, most)]
    wrong, count = [], 0
    for number, (cell, value) in enumerate(zip(cells, values, strict=True), start=1):
        if empty(cell):
            continue
        count += 1
        if (
            value is None
            or (ends[0] is not None and value < ends[0])
            or (ends[1] is not None and value > ends[1])
        ):
            wrong.append(f"record {number} holds {cell}")
    if wrong:
        raise FailedError(shown(wrong))
    if not count:
        raise FailedError(f"The column {name!r} is empty.")
    return f"{count:,} values, all within {least} and {most}."


def _numbers(records: Records, name: str) -> list[Any]:
    return list(records.numbers(name))


def _end(end: Any, dated: bool) -> Any:
    if end is None:
        return None
    found = to_moments([end], None)[0] if dated else to_decimal(end, ".")
    if found is None:
        raise UncheckedError(f"{end!r} is neither a number nor a date.")
    return found
