"""What went wrong, in a word of a closed set, and what mends it.

Owns the classes of failures of code and of checks, told to whoever is to repair them. Pure. Must
never repair anything, nor decide whether it is tried again: `core.moves` bounds that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from deputy.agent.checks import all_checks
from deputy.core.brief import CheckResult

_LIMITS: Final[Mapping[str, tuple[str, str]]] = {
    "time_limit": ("limit.time", "Do less in one run: read only the columns and rows you need."),
    "cpu_limit": ("limit.time", "Do less in one run; use vectorised operations, no row loops."),
    "memory_limit": (
        "limit.memory",
        "Read only the columns you need, or in pieces, or with duckdb straight from the file.",
    ),
    "killed": ("limit.memory", "It was ended, most likely for its memory: read less at a time."),
    "output_limit": ("limit.output", "Print less: shapes, heads and totals, no whole tables."),
    "file_limit": ("limit.files", "Write fewer or smaller files."),
}
_EXCEPTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "ModuleNotFoundError": (
        "library.missing",
        "Use the libraries listed with this tool; nothing can be installed.",
    ),
    "ImportError": ("library.missing", "Use the libraries listed with this tool."),
    "FileNotFoundError": (
        "input.missing",
        "Name every file you read as an input, by its exact path; make folders before you write.",
    ),
    "KeyError": (
        "layout.unknown",
        "A column or sheet of that name is not there: print the names first, as they are.",
    ),
    "IndexError": ("layout.unknown", "There are fewer rows or columns than that: print the shape."),
    "UnicodeDecodeError": ("format.encoding", "Find the encoding first: try utf-8-sig, cp1252."),
    "MemoryError": ("limit.memory", "Read only the columns you need, or in pieces."),
    "SyntaxError": ("code.syntax", "The code cannot be read: correct the line that is named."),
    "IndentationError": ("code.syntax", "The code cannot be read: correct the line that is named."),
    "TypeError": ("code.types", "A value has another type than the code takes: print the dtypes."),
    "ValueError": (
        "code.values",
        "A value is not of the expected form: print the odd ones before you convert them.",
    ),
    "PermissionError": ("input.read_only", "Inputs are not changed: write below out/."),
    "RecursionError": ("code.error", "It calls itself for ever: mend the end of the recursion."),
}
_ABSENT: Final = ("there is no file", "no such file")
_LAYOUT: Final = ("no table", "not found", "no heading", "no column", "no sheet", "cannot be found")


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure: its class, and what mends it."""

    kind: str
    cure: str


def of_code(content: Mapping[str, Any]) -> Fault | None:
    """Classify what a code call returned; None if it did not fail."""
    outcome = str(content.get("outcome") or "error")
    if outcome == "ok":
        return None
    if outcome in _LIMITS:
        return Fault(*_LIMITS[outcome])
    exception = str(content.get("exception") or "other")
    if exception in _EXCEPTIONS:
        return Fault(*_EXCEPTIONS[exception])
    line = f" in line {content['line']}" if content.get("line") else ""
    return Fault("code.error", f"Read the last lines of stderr and mend the cause{line}.")


def of_check(result: CheckResult) -> Fault | None:
    """Classify what a check said; None if it passed."""
    if result.verdict == "pass":
        return None
    detail, known = result.detail.lower(), all_checks().get(result.check)
    if any(word in detail for word in _ABSENT):
        return Fault("file.missing", f"Write {result.target} and look whether it is there.")
    if result.verdict == "error":
        return Fault(
            "check.unable",
            "The check could not do its work, which never counts as passed: make the file plainer,"
            " or correct the params of the criterion if they do not fit it.",
        )
    if any(word in detail for word in _LAYOUT):
        return Fault(
            "layout.unknown",
            "The check did not find its figures in the file: one table with a heading row, labels"
            " in the first columns, figures as numbers.",
        )
    if known is not None and known.kind == "recomputes":
        return Fault(
            "figure.wrong",
            "Computed again from the source the figure is another: compare filters, period,"
            " duplicates, signs and units with the brief, and mend the code, not the criterion.",
        )
    return Fault("form.wrong", "Mend the form of the file as the detail says.")
