"""Columns hold what they are said to hold: numbers, dates, text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import delivered, shown
from deputy.agent.checks.sandboxed.sources import empty
from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError, must

NAME = "columns.typed"
TITLE = "Every filled cell of the named columns has its kind: number, ISO date, text, yes or no"
LIMITS = "whether the values are right"
KIND = "inspects"
APPLIES_TO = (".csv", ".tsv", ".xlsx", ".xlsm", ".json", ".jsonl", ".sqlite", ".sqlite3", ".db")
NEEDS = ("columns",)
TAKES = "columns: {column: number | integer | date | datetime | text | boolean}."
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
ISO_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?")
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
TEXT_FILES = (".csv", ".tsv")


def check(target: Path, params: dict[str, Any]) -> str:
    """Look at every filled cell of each column named."""
    records, wrong, count = delivered(target, params), [], 0
    written = target.suffix.lower() in TEXT_FILES
    for name, kind in must(params, "columns").items():
        fits = KINDS.get(str(kind))
        if fits is None:
            raise UncheckedError(f"There is no kind {kind!r}: use {', '.join(KINDS)}.")
        for number, cell in enumerate(records.column(name), start=1):
            if not empty(cell):
                count += 1
                if not fits(cell, written):
                    wrong.append(f"{name!r}, record {number}: {cell!r} is no {kind}")
    if wrong:
        raise FailedError(shown(wrong))
    if not count:
        raise FailedError("The named columns are empty.")
    return f"{count:,} cells, each of its kind."


def _number(cell: Any, written: bool) -> bool:
    if isinstance(cell, str):
        return written and NUMBER.fullmatch(cell.strip()) is not None
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _integer(cell: Any, written: bool) -> bool:
    return _number(cell, written) and float(cell).is_integer()


def _date(cell: Any, written: bool) -> bool:
    if isinstance(cell, str):
        return ISO_DAY.fullmatch(cell.strip()) is not None and _is_day(cell.strip())
    return isinstance(cell, dt.date)


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _datetime(cell: Any, written: bool) -> bool:
    if isinstance(cell, str):
        return ISO_TIME.fullmatch(cell.strip()) is not None and _is_day(cell.strip()[:10])
    return isinstance(cell, dt.datetime)


def _text(cell: Any, written: bool) -> bool:
    return isinstance(cell, str)


def _boolean(cell: Any, written: bool) -> bool:
    words = ("true", "false", "yes", "no", "0", "1")
    return isinstance(cell, bool) or (str(cell).casefold() in words and written)


KINDS: dict[str, Callable[[Any, bool], bool]] = {
    "number": _number, "integer": _integer, "date": _date, "datetime": _datetime, "text": _text,
    "boolean": _boolean,
}  # fmt: skip
