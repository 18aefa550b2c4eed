"""Reads dates and times from cells and from text as people write it.

Owns how a column settles the order of day and month. Must never read what the report program read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

DAY_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001 -- cells have no time zone
SERIALS = (20_000, 80_000)
COMPACT = (19_000_101, 21_001_231)
YEAR_TURN = 69
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NAMED = "|".join(f"{m}[a-z]*" for m in MONTHS)
TIME = re.compile(
    r"(?:^|[T\s,]+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp][Mm])?\s*"
    r"(?:Z|UTC|[+-]\d{2}:?\d{2})?$"
)
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?")
COMPACT_TEXT = re.compile(r"(\d{4})(\d{2})(\d{2})")
THREE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})")
DAY_NAME = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[,.]?\s+", re.IGNORECASE)
DAY_MONTH = re.compile(rf"(\d{{1,2}})[.\s-]*({NAMED})\.?[\s,-]+(\d{{4}}|\d{{2}})", re.IGNORECASE)
MONTH_DAY = re.compile(rf"({NAMED})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})", re.IGNORECASE)
MONTH_ONLY = re.compile(rf"({NAMED})\.?[\s-]+(\d{{4}})", re.IGNORECASE)
NUMBER_MONTH = re.compile(r"(\d{1,2})[/.](\d{4})")


def to_moments(cells: Sequence[Any], order: str | None) -> list[dt.datetime | None]:
    """Read a column; `order` decides about "03/04/2026" where the column's own dates do not."""
    settled = settled_order(cells) or order or "dmy"
    known: dict[str, dt.datetime | None] = {}
    found = []
    for cell in cells:
        if isinstance(cell, str):
            if cell not in known:
                known[cell] = _from_text(cell.strip(), settled)
            found.append(known[cell])
        else:
            found.append(_from_cell(cell))
    return found


def settled_order(cells: Sequence[Any]) -> str | None:
    """Give "dmy" or "mdy" if some date of the column can be read in one order only."""
    votes = {"dmy": 0, "mdy": 0}
    for text in {cell.strip() for cell in cells if isinstance(cell, str)}:
        three = THREE.match(text)
        if three:
            first, second = int(three.group(1)), int(three.group(3))
            votes["dmy"] += first > 12 >= second
            votes["mdy"] += second > 12 >= first
    if votes["dmy"] == votes["mdy"]:
        return None
    return max(votes, key=lambda one: votes[one])


def undecided(cells: Sequence[Any]) -> bool:
    """Say whether the column has dates that can be read two ways and none that settles it."""
    texts = {cell.strip() for cell in cells if isinstance(cell, str)}
    loose = [
        three for three in map(THREE.match, texts)
        if three and three.group(2) != "." and three.group(1) != three.group(3)
    ]  # fmt: skip
    return bool(loose) and settled_order(cells) is None


def _from_cell(cell: Any) -> dt.datetime | None:
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, dt.date):
        return dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    if SERIALS[0] < cell < SERIALS[1]:
        return DAY_ZERO + dt.timedelta(seconds=round(cell * 86_400))
    if COMPACT[0] <= cell <= COMPACT[1] and float(cell).is_integer():
        return _from_text(str(int(cell)), "dmy")
    return None


def _from_text(text: str, order: str) -> dt.datetime | None:
    clock = TIME.search(text)
    seconds = 0
    if clock:
        hour = int(clock.group(1))
        if clock.group(4):
            hour = hour % 12 + (12 if clock.group(4).lower() == "pm" else 0)
        seconds = hour * 3600 + int(clock.group(2)) * 60 + int(clock.group(3) or 0)
        text = text[: clock.start()].strip(" ,T")
    parts = _parts(DAY_NAME.sub("", text), order)
    if parts is None or seconds >= 86_400:
        return None
    try:
        day = dt.datetime(*parts)  # noqa: DTZ001
    except ValueError:
        return None
    return day + dt.timedelta(seconds=seconds)


def _parts(text: str, order: str) -> tuple[int, int, int] | None:
    """Give year, month and day."""
    if found := ISO.fullmatch(text):
        return int(found.group(1)), int(found.group(2)), int(found.group(3) or 1)
    if found := COMPACT_TEXT.fullmatch(text):
        return int(found.group(1)), int(found.group(2)), int(found.group(3))
    if found := THREE.fullmatch(text):
        return _three(int(found.group(1)), int(found.group(3)), found.group(4), order)
    if found := DAY_MONTH.fullmatch(text):
        return _year(found.group(3)), _month(found.group(2)), int(found.group(1))
    if found := MONTH_DAY.fullmatch(text):
        return int(found.group(3)), _month(found.group(1)), int(found.group(2))
    if found := MONTH_ONLY.fullmatch(text):
        return int(found.group(2)), _month(found.group(1)), 1
    if found := NUMBER_MONTH.fullmatch(text):
        return int(found.group(2)), int(found.group(1)), 1
    return None


def _three(first: int, second: int, third: str, order: str) -> tuple[int, int, int]:
    if order == "ymd" and len(third) == 2:
        return _year(f"{first:02d}"), second, int(third)
    day, month = (second, first) if order == "mdy" else (first, second)
    if month > 12 >= day:
        day, month = month, day
    return _year(third), month, day


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year >= YEAR_TURN else 2000)


def _month(name: str) -> int:
    return MONTHS.index(name[:3].lower()) + 1
