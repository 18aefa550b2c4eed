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
NO_DAY = (0, 0, 0)
MOSTLY = 0.9  # an order that reads so many is not given up for years in front
MONTH_NAMES = (  # English, German, French, Spanish, Italian; a name may be cut after three letters
    "january januar janvier enero gennaio", "february februar février febrero febbraio",
    "march märz mars marzo mrz", "april avril abril aprile", "may mai mayo maggio",
    "june juni juin junio giugno", "july juli juillet julio luglio", "august août agosto",
    "september septembre septiembre settembre", "october oktober octobre octubre ottobre",
    "november novembre noviembre", "december dezember décembre diciembre dicembre",
)  # fmt: skip
MONTHS = {
    name[:length]: number
    for number, names in enumerate(MONTH_NAMES, start=1)
    for name in names.split()
    for length in range(min(3, len(name)), len(name) + 1)
    if (name, length) not in (("juin", 3), ("juillet", 3))
}  # fmt: skip
NAMED = r"[^\W\d_]{3,10}"
TIME = re.compile(
    r"(?:^|[T\s,]+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp]\.?[Mm]?\.?)?\s*"
    r"(?:Z|UTC|[+-]\d{2}:?\d{2})?$"
)
ISO = re.compile(r"(\d{4})(?:([-/. ])(\d{1,2})\2(\d{1,2})|[-/](\d{1,2}))")
COMPACT_TEXT = re.compile(r"(\d{4})(\d{2})(\d{2})")
THREE = re.compile(r"(\d{1,2})\s?([./ -])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})\.?")
DAY_NAME = re.compile(
    r"^(?:(?:mon|tue|wed|thu|fri|sat|sun|dienst|mitt|donn|sams|sonn)[a-z]*|mo|di|mi|do|fr|sa|so)"
    r"(?:[.,]+\s*|\s+)", re.IGNORECASE,
)  # fmt: skip
DAY_MONTH = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th|\.)?[\s-]*(?:of\s+)?({NAMED})\.?[\s,-]+'?(\d{{4}}|\d{{2}})",
    re.IGNORECASE,
)
MONTH_DAY = re.compile(rf"({NAMED})\.?[\s-]+(\d{{1,2}})(?:st|nd|rd|th)?,?[\s-]+(\d{{4}})",
                       re.IGNORECASE)  # fmt: skip
MONTH_ONLY = re.compile(rf"({NAMED})(?:\.?[\s,-]+(\d{{4}})|(?:-|\.?\s?')(\d{{2}}))")
YEAR_MONTH = re.compile(rf"(\d{{4}})[\s-]({NAMED})[\s-](\d{{1,2}})")
NUMBER_MONTH = re.compile(r"(\d{1,2})[-/](\d{4})")


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
    """Give the order that reads more of the column's dates than others, or None on a tie."""
    threes = _threes(cells)
    fits = {order: sum(_is_day(three, order) for three in threes)
            for order in ("dmy", "mdy", "ymd")}  # fmt: skip
    best = max(fits["dmy"], fits["mdy"])
    if fits["ymd"] > best and best < MOSTLY * len(threes):
        return "ymd"
    if fits["dmy"] == fits["mdy"]:
        return None
    return "dmy" if fits["dmy"] == best else "mdy"


def _threes(cells: Sequence[Any]) -> list[re.Match[str]]:
    texts = {DAY_NAME.sub("", cell.strip()) for cell in cells if isinstance(cell, str)}
    return [three for three in map(THREE.match, texts) if three]


def _is_day(three: re.Match[str], order: str) -> bool:
    try:
        return bool(dt.date(*_three(int(three.group(1)), int(three.group(3)), three.group(4),
                                    order)))  # fmt: skip
    except ValueError:
        return False


def undecided(cells: Sequence[Any]) -> bool:
    """Say whether the column has dates that can be read two ways and none that settles it."""
    loose = [
        three for three in _threes(cells)
        if three.group(2) != "." and three.group(1) != three.group(3)
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
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if clock.group(4).lower().startswith("p") else 0)
        seconds = hour * 3600 + int(clock.group(2)) * 60 + int(clock.group(3) or 0)
        text = text[: clock.start()].rstrip(" ,T")
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
        return int(found.group(1)), int(found.group(3) or found.group(5)), int(found.group(4) or 1)
    if found := COMPACT_TEXT.fullmatch(text):
        return int(found.group(1)), int(found.group(2)), int(found.group(3))
    if (found := THREE.fullmatch(text)) and (found.group(2) != " " or len(found.group(4)) == 4):
        return _three(int(found.group(1)), int(found.group(3)), found.group(4), order)
    if named := _named(text):
        year, word, day = named
        month = MONTHS.get(word.casefold())
        return (_year(year), month, int(day)) if month else None
    if found := NUMBER_MONTH.fullmatch(text):
        return int(found.group(2)), int(found.group(1)), 1
    return None


def _named(text: str) -> tuple[str, str, str] | None:
    """Give the year, the month's name and the day of a date with a name in it."""
    if found := DAY_MONTH.fullmatch(text):
        return found.group(3), found.group(2), found.group(1)
    if found := MONTH_DAY.fullmatch(text):
        return found.group(3), found.group(1), found.group(2)
    if found := MONTH_ONLY.fullmatch(text):
        return found.group(2) or found.group(3), found.group(1), "1"
    if found := YEAR_MONTH.fullmatch(text):
        return found.group(1), found.group(2), found.group(3)
    return None


def _three(first: int, second: int, third: str, order: str) -> tuple[int, int, int]:
    if order == "ymd":
        return (_year(f"{first:02d}"), second, int(third)) if len(third) == 2 else NO_DAY
    day, month = (second, first) if order == "mdy" else (first, second)
    return _year(third), month, day


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year >= YEAR_TURN else 2000)
