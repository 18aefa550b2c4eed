"""Judges by its own eyes which rows of a file are data, how it parts cells and writes numbers.

Owns the look that trusts no plan. Must never take a plan's word for where a table begins or ends.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
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


def seen(rows: Sequence[Cells]) -> Seen:
    """Judge each row by its own cells and by those around it."""
    heading = _heading(rows)
    width = _width(rows[heading + 1 :])
    names = [_spelled(cell) for cell in rows[heading]]
    data: list[int] = []
    totals: list[int] = []
    remarks: list[int] = []
    doubtful: list[int] = []
    for number in range(heading + 1, len(rows)):
        row = rows[number]
        filled = [cell for cell in row if not empty(cell)]
        if not filled:
            continue
        if [_spelled(cell) for cell in row][: len(names)] == names:
            remarks.append(number)
        elif _names_total(filled) and len(filled) < width:
            totals.append(number)
        elif width >= 3 and len(filled) == 1 and isinstance(filled[0], str):
            (remarks if REMARK.match(filled[0].strip()) or number >= len(rows) - 3
             else doubtful).append(number)  # fmt: skip
        elif len(filled) < width / 2 and REMARK.match(words_of(filled[0]).strip()):
            remarks.append(number)
        elif len(filled) < width / 2 or _names_total(filled):
            doubtful.append(number)
        else:
            data.append(number)
    return Seen(heading, tuple(data), tuple(totals), tuple(remarks), tuple(doubtful))


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
