"""Which rows satisfy a plan's filters.

Owns what each operator means. Must never change a row.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Any

from deputy.agent.checks.sandboxed.amounts import to_decimal
from deputy.agent.checks.sandboxed.sources import Column, Rows, empty, label
from deputy.agent.checks.sandboxed.verdicts import UncheckedError

DAY = re.compile(r"\d{4}-\d\d-\d\d")
EQUALS = ("eq", "in", "ne", "not_in")
NEGATED = ("ne", "not_in")
WORDS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda cell, word: word in cell,
    "starts": str.startswith,
    "ends": str.endswith,
}


def kept(rows: Rows, rules: Sequence[dict[str, Any]]) -> list[bool]:
    """Tell for each row whether it satisfies every filter."""
    keep = [True] * rows.count
    for rule in rules:
        fits = _fits(rows.column(rule["column"]), rule)
        keep = [a and b for a, b in zip(keep, fits, strict=True)]
    return keep


def _fits(column: Column, rule: dict[str, Any]) -> list[bool]:
    op, value = rule["op"], rule.get("value")
    blanks = [empty(cell) for cell in column.cells()]
    if op in ("missing", "present"):
        return [blank == (op == "missing") for blank in blanks]
    wanted: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    if not wanted or any(one is None for one in wanted):
        raise UncheckedError(f"The filter on {rule['column']!r} has no value.")
    if op in WORDS:
        sought = [label(str(one)).casefold() for one in wanted]
        return [not blank and any(WORDS[op](cell, one) for one in sought)
                for blank, cell in zip(blanks, _texts(column), strict=True)]  # fmt: skip
    if op in EQUALS:
        hits = _equal(column, wanted)
        if op in NEGATED:
            return [blank or not hit for blank, hit in zip(blanks, hits, strict=True)]
        return [hit and not blank for blank, hit in zip(blanks, hits, strict=True)]
    return [not blank and hit
            for blank, hit in zip(blanks, _ordered(column, op, wanted), strict=True)]  # fmt: skip


def _texts(column: Column) -> list[str]:
    return [text.casefold() for text in column.labels()]


def _equal(column: Column, wanted: list[Any]) -> list[bool]:
    """Compare as text; a value that never occurs so is compared as a date or a number."""
    sought = {label(float(one) if isinstance(one, int) else one).casefold() for one in wanted}
    hits = [text in sought for text in _texts(column)]
    if all(isinstance(one, str) and DAY.fullmatch(one) for one in wanted):
        days = {dt.date.fromisoformat(one) for one in wanted}
        dated = [m is not None and m.date() in days for m in column.moments()]
        return [a or b for a, b in zip(hits, dated, strict=True)]
    figures = {to_decimal(one, ".") for one in wanted} - {None}
    if not figures or (any(hits) and all(isinstance(one, str) for one in wanted)):
        return hits
    same = [number is not None and number in figures for number in column.numbers()]
    return [a or b for a, b in zip(hits, same, strict=True)]


def _ordered(column: Column, op: str, wanted: list[Any]) -> list[bool]:
    found: list[Any]
    if all(isinstance(one, str) and DAY.fullmatch(one) for one in wanted):
        found = [moment.date() if moment else None for moment in column.moments()]
        ends: list[Any] = [dt.date.fromisoformat(one) for one in wanted]
    else:
        found = list(column.numbers())
        ends = [to_decimal(one, "." if not isinstance(one, str) else None) for one in wanted]
    if any(end is None for end in ends):
        raise UncheckedError(f"The filter value {wanted[0]!r} is neither a number nor a date.")
    first, last = ends[0], ends[-1]
    tests: dict[str, Callable[[Any], bool]] = {
        "gt": lambda one: one > first, "ge": lambda one: one >= first,
        "lt": lambda one: one < first, "le": lambda one: one <= first,
        "between": lambda one: first <= one <= last,
    }  # fmt: skip
    if op not in tests:
        raise UncheckedError(f"The filter {op!r} is not known.")
    return [one is not None and tests[op](one) for one in found]
