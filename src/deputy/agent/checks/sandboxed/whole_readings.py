"""Judges by its own eyes which rows of a file are data, how it parts cells and writes numbers.

Owns the look that trusts no plan. Must never take a plan's word for where a table begins or ends.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.amounts import to_decimal
from deputy.agent.checks.sandboxed.grids import decoded, delimiter_of
from deputy.agent.checks.sandboxed.likeness import is_total
from deputy.agent.checks.sandboxed.moments import to_moments
from deputy.agent.checks.sandboxed.sources import (
    TEXT_KINDS,
    Cells,
    empty,
    raw_rows,
    words_of,
)

HEADING_ROWS_LOOKED_AT = 60
REMARK = re.compile(
    r"\*|note\b|notes?:|source\b|sources?:|printed|exported|generated|created|as of|page \d"
    r"|report\b|end of|confidential|remark|quelle|stand\b|\(?continued", re.IGNORECASE,
)  # fmt: skip
SAYS_TOTAL = re.compile(
    r"\b(?:(?:grand|sub|over)[\s-]*)?(?:totals?|sums?|summe|gesamt|somme|suma|totale)\b",
    re.IGNORECASE,
)
ROWS_SUMMED_MAX = 500
UNPROVEN_MAX = 50  # rows called sums that are none; further ones are not tried
ROWS_LOOKED_AT = 400
ROUNDING = Decimal("0.011")


@dataclass(frozen=True)
class Seen:
    """What a file's rows look like: the row of headings, and which rows below it are what."""

    heading: int
    data: tuple[int, ...]
    totals: tuple[int, ...]
    remarks: tuple[int, ...]
    doubtful: tuple[int, ...]


def rows_by_eye(source: dict[str, Any]) -> list[Cells]:
    """Give a file's rows, text parted as the file itself suggests."""
    path = Path(source["path"])
    if path.suffix.lower() not in TEXT_KINDS:
        return raw_rows(source)
    text = decoded(path.read_bytes())
    quote = '"' if text.count('"') >= text.count("'") else str(source.get("quote") or '"')
    lines = csv.reader(text.splitlines(keepends=True), delimiter=delimiter_of(text),
                       quotechar=quote or '"')  # fmt: skip
    return [list(row) for row in lines]


def seen(rows: Sequence[Cells], header: int = 0) -> Seen:
    """Judge each row of the table that has the row `header`, by its own cells and those around."""
    begin, end = _span(rows, header)
    heading = begin + _heading(rows[begin:end])
    width = _width(rows[heading + 1 : end])
    names = [_spelled(cell) for cell in rows[heading]]
    kinds: dict[str, list[int]] = {"data": [], "total": [], "remark": [], "doubt": []}
    above: list[Cells] = []
    backwards = range(end - 1, heading - 1, -1)
    last = next((number for number in backwards if _several(rows[number])), end)
    unproven = 0
    for number in range(heading + 1, end):
        row = rows[number]
        filled = [cell for cell in row if not empty(cell)]
        if not filled:
            continue
        says = _says_total(filled)
        proven = says and unproven < UNPROVEN_MAX and sums_up(row, above)
        unproven += says and not proven
        if names[:1] == [_spelled(cell) for cell in row[:1]] and names == [
            _spelled(cell) for cell in row[: len(names)]
        ]:
            kind = "remark"
        elif says and (proven or len(filled) < width):
            kind = _kind_of_sum(filled, width, proven)
        else:
            kind = _kind(row, filled, width, () if number <= last else above)
        kinds[kind].append(number)
        if kind == "data":
            above.append(row)
    found = [tuple(kinds[kind]) for kind in ("data", "total", "remark", "doubt")]
    return Seen(heading, *found)


def _several(row: Cells) -> bool:
    return sum(not empty(cell) for cell in row) > 1


def _says_total(filled: Cells) -> bool:
    """Say whether a row with figures bears a word for a sum among its first cells."""
    named = any(isinstance(cell, str) and _word_for_sum(cell) for cell in filled[:2])
    return named and any(to_decimal(cell, None) is not None for cell in filled)


@lru_cache(maxsize=10_000)
def _word_for_sum(text: str) -> bool:
    return SAYS_TOTAL.search(text) is not None or is_total(text)


def _kind_of_sum(filled: Cells, width: int, proven: bool) -> str:
    """Judge a row that says it is a sum: one as full as the others may bear it as its name."""
    return "total" if len(filled) < width and (proven or _names_total(filled)) else "doubt"


def _kind(row: Cells, filled: Cells, width: int, above: Sequence[Cells]) -> str:
    """Judge one row that is not blank and not known for a sum; `above`, if none but such follow."""
    if len(filled) >= max(2, width / 2):
        return "doubt" if _names_total(filled) else "data"
    remark = REMARK.match(words_of(filled[0]).strip()) is not None
    if len(filled) == 1 and isinstance(filled[0], str) and width >= 2:
        if width == 2:
            return "doubt" if remark else "data"
        return "remark" if remark or (above and not _coded(row, above)) else "doubt"
    if len(filled) < width / 2:
        return "remark" if remark else "doubt"
    return "doubt" if _names_total(filled) else "data"


def sums_up(row: Cells, above: Sequence[Cells]) -> bool:
    """Say whether a row's numbers are the sums of rows right above it, by one decimal mark."""
    for mark in (None, ".", ","):
        wanted = {at: number for at, cell in enumerate(row)
                  if (number := to_decimal(cell, mark)) is not None}  # fmt: skip
        sums = dict.fromkeys(wanted, Decimal(0))
        for other in above[: -ROWS_SUMMED_MAX - 1 : -1] if any(wanted.values()) else ():
            for at in wanted:
                cell = other[at] if at < len(other) else None
                sums[at] += to_decimal(cell, mark) or 0
            if all(abs(sums[at] - wanted[at]) <= ROUNDING for at in wanted):
                return True
    return False


def _coded(row: Cells, above: Sequence[Cells]) -> bool:
    """Say whether a row's one text is a code like most of its column: an entry without figures."""
    at = next(at for at, cell in enumerate(row) if not empty(cell))
    shapes = [_shape(words_of(other[at])) for other in above if at < len(other)]
    own = _shape(words_of(row[at]))
    return "0" in own and shapes.count(own) > len(shapes) / 2


def _shape(text: str) -> str:
    return re.sub(r"[^\W\d]+", "x", re.sub(r"\d+", "0", text.strip()))


def _span(rows: Sequence[Cells], header: int) -> tuple[int, int]:
    """Give first row and end of the table, of several one below the other, that has a row."""
    starts, names = [0], set[str]()
    for number in range(2, len(rows) - 1):
        if _begins(rows, number):
            part = rows[starts[-1] : min(number, starts[-1] + ROWS_LOOKED_AT)]
            names = names or {_spelled(cell) for cell in part[_heading(part)]}
            own = {_spelled(cell) for cell in rows[number]}
            if own - {""} != names - {""} and any(map(_figured, part)):
                starts, names = [*starts, number], set()
    begin = max(start for start in starts if start <= header)
    return begin, min((start for start in starts if start > header), default=len(rows))


def _begins(rows: Sequence[Cells], number: int) -> bool:
    """Say whether a row may head another table: words below a blank row and above figures."""
    filled = [cell for cell in rows[number] if not empty(cell)]
    return (
        all(empty(cell) for cell in rows[number - 1])
        and len(filled) > 1
        and all(_is_word(cell) and not SAYS_TOTAL.search(cell) for cell in filled)
        and _figured(rows[number + 1])
        and len(filled) >= 0.6 * sum(not empty(cell) for cell in rows[number + 1])
    )


def _figured(row: Cells) -> bool:
    filled = [cell for cell in row if not empty(cell)]
    return len(filled) > 1 and not all(_is_word(cell) for cell in filled)


def _heading(rows: Sequence[Cells]) -> int:
    """Give the first row of words that is as wide as most of the rows below it."""
    width = _width(rows)
    for number, row in enumerate(rows[:HEADING_ROWS_LOOKED_AT]):
        filled = [cell for cell in row if not empty(cell)]
        words = [cell for cell in filled if _is_word(cell)]
        if len(filled) >= max(1, 0.6 * width) and len(words) >= 0.6 * len(filled):
            return number
    return 0


def _is_word(cell: Any) -> bool:
    if not isinstance(cell, str) or to_decimal(cell, None) is not None:
        return False
    return to_moments([cell], None)[0] is None


def _width(rows: Sequence[Cells]) -> int:
    """Give how many cells a row has filled, as most rows have."""
    counts = sorted(n for row in rows if (n := sum(not empty(cell) for cell in row)))
    return counts[len(counts) // 2] if counts else 0


def _names_total(filled: Sequence[Any]) -> bool:
    return any(isinstance(cell, str) and is_total(cell) for cell in filled[:2])


def _spelled(cell: Any) -> str:
    return " ".join(words_of(cell).split()).casefold()
