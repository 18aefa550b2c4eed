"""A text table is well formed: one width, one encoding, headings that differ."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.verdicts import FailedError, size_of

NAME = "csv.well_formed"
TITLE = "All rows have the same width, headings are there and differ, the text is UTF-8"
LIMITS = "whether its values are right"
KIND = "inspects"
APPLIES_TO = (".csv", ".tsv")
TAKES = "delimiter (default comma; tab for .tsv); columns: [heading] in their order (optional)."
SIZE_BYTES_MAX = 200 << 20


def check(target: Path, params: dict[str, Any]) -> str:
    """Read strictly and count."""
    if size_of(target) > SIZE_BYTES_MAX:
        raise FailedError(f"{target.name} is larger than {SIZE_BYTES_MAX >> 20} MiB; part it.")
    usual = "\t" if target.suffix.lower() == ".tsv" else ","
    try:
        with target.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.reader(lines, delimiter=str(params.get("delimiter", usual)), strict=True)
            headings = [" ".join(cell.split()) for cell in next(rows, [])]
            count = 0
            for number, row in enumerate(rows, start=2):
                count += 1
                if len(row) != len(headings):
                    raise FailedError(f"Row {number} has {len(row)} cells, the headings "
                                      f"{len(headings)}.")  # fmt: skip
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise FailedError(f"{target.name} is not well formed: {wrong}.") from wrong
    if not all(headings) or len({one.casefold() for one in headings}) != len(headings):
        raise FailedError("A heading is blank or stands there twice.")
    wanted = params.get("columns")
    if wanted and headings != [" ".join(str(one).split()) for one in wanted]:
        raise FailedError(f"The headings are {', '.join(headings)}, not {', '.join(wanted)}.")
    return f"{count:,} rows of {len(headings)} cells."
