"""Half a year packed by month."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

from bench.mutants.mutations import Mutant, Mutations
from bench.mutants.tasks import money
from bench.mutants.tasks.months_zip import HEADER, MONTHS, transactions

PACKED = (2025, 7, 1, 8, 0, 0)


def _text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    found = io.StringIO()
    writer = csv.writer(found, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return found.getvalue()


def _month(day: date, slip: str) -> str:
    """Give the month of a day; somebody may have added an hour too many at midnight."""
    if slip == "edges" and day.day == 31:
        day += timedelta(1)
    return f"{day:%Y-%m}"


def _members(slip: str) -> dict[str, str]:
    members, totals = {}, []
    for month in MONTHS:
        rows = sorted(
            (t for t in transactions() if _month(t[1], slip) == month), key=lambda t: (t[1], t[0])
        )
        if slip == "rows_lost" and month == "2025-04":
            rows = [t for t in rows if "," not in t[3]]
        cells = []
        for number, day, account, text, cents in rows:
            shown = account.lstrip("0") if slip == "zeros" else account
            cells.append([number, day.isoformat(), shown, text, money(cents)])
        members[f"{month}.csv"] = _text(HEADER, cells)
        summed = sum(abs(t[4]) if slip == "totals_sign" else t[4] for t in rows)
        totals.append([month, len(rows), money(summed)])
    members["totals.csv"] = _text(("month", "rows", "amount"), totals)
    return members


def _write(folder: Path, slip: str) -> None:
    members = _members(slip)
    if slip == "member_missing":
        del members["2025-06.csv"]
    if slip == "wrong_content":
        members["2025-02.csv"] = members["2025-03.csv"]
    with zipfile.ZipFile(folder / "out/transactions_by_month.zip", "w") as packed:
        for name, text in members.items():
            entry = zipfile.ZipInfo(name, PACKED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, text)


MUTATIONS = Mutations(
    "months_zip",
    _write,
    (
        Mutant("member_missing", "member missing", "2025-06.csv is missing"),
        Mutant("wrong_content", "another document", "2025-02.csv holds the rows of March"),
        Mutant("edges", "period", "the 31st of a month is in the next month's file"),
        Mutant("rows_lost", "rows lost", "April lost the rows whose text has a comma"),
        Mutant("totals_sign", "sign", "totals.csv sums amounts without their sign"),
        Mutant("zeros", "keys", "accounts lost their leading zeros"),
    ),
)
