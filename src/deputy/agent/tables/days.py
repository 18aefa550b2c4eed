"""Dates in cells: real ones, day numbers of spreadsheets, and text in many orders.

Owns what day and time a cell says. Must never read a date two ways in one column: one order of
day and month holds for all its cells.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any, Literal

Order = Literal["dmy", "mdy", "ymd"]
Moment = dt.datetime
EXCEL_DAY_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - cells know no zone
EXCEL_DAYS = (20_000, 80_000)  # 1954 to 2119: numbers that may be dates in a date column
YEARS = (1800, 2200)
MOSTLY_IN_ORDER = 0.9  # an order that reads so many is not given up for years in front
CENTURY_TURN = 69  # two digits below it are 20xx
DAY_CHARACTERS_MAX = 60
MONTH_WORDS = (
    ("jan", "january", "januar", "janvier", "janv", "enero", "ene", "gennaio", "gen"),
    ("feb", "february", "februar", "février", "févr", "fév", "febrero", "febbraio"),
    ("mar", "march", "märz", "mär", "mrz", "mars", "marzo"),
    ("apr", "april", "avril", "avr", "abril", "abr", "aprile"),
    ("may", "mai", "mayo", "maggio", "mag"),
    ("jun", "june", "juni", "juin", "junio", "giugno", "giu"),
    ("jul", "july", "juli", "juillet", "juil", "julio", "luglio", "lug"),
    ("aug", "august", "août", "agosto", "ago"),
    ("sep", "sept", "september", "septembre", "septiembre", "settembre", "set"),
    ("oct", "october", "oktober", "okt", "octobre", "octubre", "ottobre", "ott"),
    ("nov", "november", "novembre", "noviembre"),
    ("dec", "december", "dezember", "dez", "décembre", "déc", "diciembre", "dic", "dicembre"),
)  # fmt: skip
MONTHS = {word: number for number, words in enumerate(MONTH_WORDS, start=1) for word in words}
WEEKDAY = re.compile(
    r"^(?:(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|mo|di|mi|do|fr|sa|so)"
    r"(?:day|nesday|urday)?|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend)\.?"
    r"(?:,\s*|\s+)", re.IGNORECASE,
)  # fmt: skip
CLOCK = re.compile(
    r"(?:[T ]|,\s*)\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*([ap])?(?:\.?m\.?)?"
    r"(?:\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?", re.IGNORECASE,
)  # fmt: skip
TRIPLE = re.compile(r"(\d{1,2})\s?([-/. ])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})\.?", re.ASCII)
YEAR_FIRST = re.compile(r"(\d{4})([-/. ])(\d{1,2})\2(\d{1,2})|(\d{4})(\d{2})(\d{2})", re.ASCII)
MONTH_ONLY = re.compile(r"(\d{4})[-/](\d{1,2})|(\d{1,2})[-/](\d{4})", re.ASCII)
NAMED = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]*(?:of\s+)?([^\W\d_]{3,10})\.?[\s,-]+'?(\d{4}|\d{2})"
    r"|([^\W\d_]{3,10})\.?[\s-]+(\d{1,2})(?:st|nd|rd|th)?,?[\s-]+(\d{4})"
    r"|([^\W\d_]{3,10})\.?[\s,-]+(\d{4})|([^\W\d_]{3,10})(?:-|\.?\s?')(\d{2})"
    r"|(\d{4})[\s-]([^\W\d_]{3,10})[\s-](\d{1,2})", re.IGNORECASE,
)  # fmt: skip
Triple = tuple[int, int, str, str, dt.time]


def moments(cells: Iterable[Any], day_order: str | None) -> tuple[dict[Any, Moment], Order, bool]:
    """Read the different cells of one column as moments.

    Gives those that are dates, the order numeric ones were read in and whether the cells
    themselves settle it. The order that reads most of the different texts is taken; when two
    read as many, `day_order`; without it days stand first, and only points settle that.
    """
    found: dict[Any, Moment] = {}
    triples: dict[str, Triple] = {}
    for cell in cells:
        moment = moment_in(cell)
        if isinstance(moment, dt.datetime):
            found[cell] = moment
        elif moment is not None:
            triples[cell] = moment
    order, settled = settle(triples.values(), day_order)
    for cell, triple in triples.items():
        moment = in_order(triple, order)
        if moment is not None:
            found[cell] = moment
    return found, order, settled


def settle(triples: Iterable[Triple], day_order: str | None) -> tuple[Order, bool]:
    """Choose the order of day, month and year, and say whether the texts alone settle it."""
    several = list(triples)
    fits: dict[Order, int] = {
        order: sum(in_order(one, order) is not None for one in several)
        for order in ("dmy", "mdy", "ymd")
    }
    if not several:
        return "dmy", True
    best = max(fits["dmy"], fits["mdy"])
    if fits["ymd"] > best and best < MOSTLY_IN_ORDER * len(several):
        return "ymd", True
    if fits["dmy"] != fits["mdy"]:
        return ("dmy" if fits["dmy"] > fits["mdy"] else "mdy"), max(fits.values()) == len(several)
    same = all(one[0] == one[1] for one in several)
    dotted = all(one[3] == "." for one in several)
    told: dict[str | None, Order] = {"dmy": "dmy", "mdy": "mdy"}
    return told.get(day_order, "dmy"), same or (dotted and day_order not in told)


def moment_in(cell: Any) -> Moment | Triple | None:
    """Read one cell: a moment, three numbers whose order is to be settled, or nothing."""
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, dt.date):
        return dt.datetime.combine(cell, dt.time())
    if isinstance(cell, str):
        return _in_text(cell.strip()) if len(cell) <= DAY_CHARACTERS_MAX else None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return day_number(cell)
    return None


def day_number(cell: float) -> Moment | None:
    """Read a spreadsheet's day number, or a number such as 20260131."""
    if EXCEL_DAYS[0] < cell < EXCEL_DAYS[1]:
        return EXCEL_DAY_ZERO + dt.timedelta(seconds=round(float(cell) * 86_400))
    if cell == int(cell) and 18_000_101 <= cell <= 22_001_231:
        return _moment(int(cell) // 10_000, int(cell) // 100 % 100, int(cell) % 100, dt.time())
    return None


def in_order(triple: Triple, order: Order) -> Moment | None:
    """Read three numbers in one order."""
    first, second, third, _, clock = triple
    if order == "ymd":
        if len(third) != 2:
            return None
        return _moment(_full_year(f"{first:02}"), second, int(third), clock)
    day, month = (first, second) if order == "dmy" else (second, first)
    return _moment(_full_year(third), month, day, clock)


def _in_text(text: str) -> Moment | Triple | None:
    plain = WEEKDAY.sub("", text, count=1) if text[:1].isalpha() else text
    clock = dt.time()
    if ":" in plain:
        match = next((m for m in CLOCK.finditer(plain) if m.end() == len(plain)), None)
        found = _clock(match) if match else None
        if match is None or found is None:
            return None
        plain, clock = plain[: match.start()].rstrip(" ,"), found
    if match := YEAR_FIRST.fullmatch(plain):
        year, month, day = match[1] or match[5], match[3] or match[6], match[4] or match[7]
        return _moment(int(year), int(month), int(day), clock)
    match = TRIPLE.fullmatch(plain)
    if match and not (match[2] == " " and len(match[4]) == 2):
        return int(match[1]), int(match[3]), match[4], match[2], clock
    if match := MONTH_ONLY.fullmatch(plain):
        return _moment(int(match[1] or match[4]), int(match[2] or match[3]), 1, clock)
    return _named(plain, clock)


def _named(text: str, clock: dt.time) -> Moment | None:
    match = NAMED.fullmatch(text)
    if match is None:
        return None
    word = match[2] or match[4] or match[7] or match[9] or match[12]
    year = match[3] or match[6] or match[8] or match[10] or match[11]
    day = match[1] or match[5] or match[13] or "1"
    month = MONTHS.get(word.casefold())
    return _moment(_full_year(year), month, int(day), clock) if month else None


def _clock(match: re.Match[str]) -> dt.time | None:
    hour, half = int(match[1]), (match[4] or "").lower()
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + 12 * (half == "p") if half else hour
    try:
        return dt.time(hour, int(match[2]), int(match[3] or 0))
    except ValueError:
        return None


def _full_year(year: str) -> int:
    if len(year) == 4:
        return int(year)
    return (2000 if int(year) < CENTURY_TURN else 1900) + int(year)


def _moment(year: int, month: int, day: int, clock: dt.time) -> Moment | None:
    if not YEARS[0] <= year <= YEARS[1]:
        return None
    try:
        return dt.datetime.combine(dt.date(year, month, day), clock)
    except ValueError:
        return None
