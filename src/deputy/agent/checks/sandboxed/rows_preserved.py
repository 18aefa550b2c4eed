"""A converted table has the rows of its source: as many, and the same."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.amounts import to_decimal
from deputy.agent.checks.sandboxed.moments import to_moments
from deputy.agent.checks.sandboxed.records import Records, delivered, shown, sources_of
from deputy.agent.checks.sandboxed.sources import label
from deputy.agent.checks.sandboxed.verdicts import FailedError

NAME = "rows.preserved"
TITLE = "No row of the source is lost, doubled or made up, and named columns are unchanged"
LIMITS = "columns that are not named"
KIND = "recomputes"
CONTENT = True
APPLIES_TO = (".csv", ".tsv", ".xlsx", ".xlsm", ".json", ".jsonl", ".sqlite", ".sqlite3", ".db")
NEEDS = ("source", "sources")
TAKES = (
    "source: {path, sheet, header_row …} or sources: [source] stacked; columns: [column] or "
    "{column: source column} compared row by row, in any order (default: those both have)."
)


def check(target: Path, params: dict[str, Any]) -> str:
    """Compare counts, then the rows as sets that know how often."""
    found = delivered(target, params)
    sources = sources_of(params)
    rows = sum(len(source.rows) for source in sources)
    if len(found.rows) != rows:
        raise FailedError(f"The result has {len(found.rows):,} rows, the source {rows:,}.")
    pairs = _pairs(found, sources[0], params.get("columns"))
    if not pairs:
        raise FailedError("The result shares no column with the source; name them as 'columns'.")
    ours = Counter(_lines(found, [ours for ours, _ in pairs]))
    theirs: Counter[tuple[str, ...]] = Counter()
    for source in sources:
        theirs.update(_lines(source, [name for _, name in pairs]))
    wrong = [f"{', '.join(line)} is missing" for line in (theirs - ours)]
    wrong += [f"{', '.join(line)} is not in the source" for line in (ours - theirs)]
    if wrong:
        raise FailedError(shown(wrong))
    return f"{rows:,} rows, equal to the source's in {len(pairs)} columns."


def _pairs(found: Records, source: Records, named: Any) -> list[tuple[str, str]]:
    if isinstance(named, dict):
        return [(str(ours), str(theirs)) for ours, theirs in named.items()]
    if named:
        return [(str(name), str(name)) for name in named]
    known = {heading.casefold() for heading in source.headings if heading}
    return [(name, name) for name in found.headings if name.casefold() in known]


def _lines(records: Records, names: list[str]) -> list[tuple[str, ...]]:
    """Give rows as text in which a number or a date is the same however it is written."""
    columns = [_column(records, name) for name in names]
    return list(zip(*columns, strict=True))


def _column(records: Records, name: str) -> list[str]:
    cells, numbers = records.column(name), records.numbers(name)
    texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    filled = sum(number is not None for number in numbers)
    # Text with leading zeros is a key, never a number.
    keys = any(text.strip()[:1] == "0" and text.strip().isdigit() and len(text.strip()) > 1
               for text in texts)  # fmt: skip
    if filled and not keys:
        return [label(cell) if number is None else str(number.normalize() + 0)
                for cell, number in zip(cells, numbers, strict=True)]  # fmt: skip
    days = to_moments(cells, None)
    return [label(cell) if day is None or to_decimal(cell, ".") is not None else day.isoformat()
            for cell, day in zip(cells, days, strict=True)]  # fmt: skip
