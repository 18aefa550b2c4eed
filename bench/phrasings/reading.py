"""Reads names and figures as people write them: months, weekdays, hours, 1,234.50, 12.3 %.

Owns when a cell or a piece of text means a name or a figure. Strict on figures, tolerant of how
they look. Must never know what was asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from bench.phrasings.expectations import WEEKDAYS, Figure

Cell = str | int | float | bool | None
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
ABSOLUTE = 0.005
"""How far a figure of a sheet may be off: half of the second decimal."""
SLACK = 1e-6
DIGITS_MIN = 4
"""A text may round, but shows at least two decimals (a percentage one) or this many digits."""
_NUMBER = re.compile(r"\(?[-−–]?\s?[€$£]?\s?[-−–]?\d[\d,.\u00a0\u202f']*\)?(?:\s?%)?")
_FALLING = re.compile(r"\b(down|fell|falls?|drop(ped|s)?|decreas\w+|declin\w+|less|lower|minus)\b")


@cache
def spellings(name: str) -> frozenset[str]:
    """Give the ways in which a name may be written, lower case."""
    kind, _, value = name.partition(":")
    known = {"month": _month, "quarter": _quarter, "year": _year, "weekday": _day, "hour": _hour}
    found = known[kind](value) if kind in known else [name]
    return frozenset(one.casefold() for one in found)


def _month(value: str) -> list[str]:
    year, number = value.split("-")
    full = MONTHS[int(number) - 1]
    names = [full, full[:3]] + (["Sept"] if full == "September" else [])
    both = [
        f"{n}{sep}{y}" for n in names for sep in (" ", "-", ", ", "/") for y in (year, year[2:])
    ]
    both += [f"{year}{sep}{n}" for n in (number, *names) for sep in ("-", "/", " ", ".")]
    days = [f"{value}-01", f"{value}-01t00:00:00", f"{value}-01 00:00:00"]
    return [value, f"{number}/{year}", f"{number}.{year}", *names, *both, *days]


def _quarter(value: str) -> list[str]:
    year, quarter = value.split("-")
    years = [
        f"{a}{sep}{b}" for a, b in ((year, quarter), (quarter, year)) for sep in ("-", " ", "/", "")
    ]
    return [value, quarter, *years, f"{quarter} {year[2:]}", f"{quarter} '{year[2:]}"]


def _year(value: str) -> list[str]:
    return [value, f"{value}-01-01t00:00:00", f"{value}-01-01", f"FY {value}", f"{value}.0"]


def _day(value: str) -> list[str]:
    number = WEEKDAYS.index(value) + 1
    short = {"Tuesday": "Tues", "Thursday": "Thurs", "Wednesday": "Weds"}.get(value, value)
    return [
        value,
        value[:3],
        value[:2],
        short,
        f"{value}s",
        f"{number} {value}",
        f"{number} {value[:3]}",
    ]


def _hour(value: str) -> list[str]:
    number = int(value)
    half = f"{number % 12 or 12} {'am' if number < 12 else 'pm'}"
    ends = (f"{(number + 1) % 24:02}:00", f"{number:02}:59", f"{number + 1:02}:00")
    spans = [f"{number:02}:00{dash}{end}" for end in ends for dash in ("-", "–", " - ", " – ")]
    single = [value, str(number), f"{value}:00", f"{number}:00", f"{value}:00:00", f"{value}h"]
    return [*single, f"{number}h", f"{number}.0", half, half.replace(" ", ""), *spans]


def means_name(cell: Cell, name: str) -> bool:
    """Say whether a cell is this name."""
    if cell is None or isinstance(cell, bool):
        return False
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split()).casefold() in spellings(name)


def means_figure(cell: Cell, wanted: Figure) -> bool:
    """Say whether a cell is this figure; an empty one is 0."""
    if cell is None or (isinstance(cell, str) and cell.strip() in ("", "-", "–", "—")):
        return abs(wanted.value) < SLACK
    if isinstance(cell, bool):
        return False
    if isinstance(cell, int | float):
        return fits(float(cell), wanted)
    text = cell.strip()
    match = _NUMBER.fullmatch(re.sub(r"\s?(EUR|GBP|USD|€|£|\$|km|pp)$", "", text))
    return match is not None and shows(text, wanted)


def fits(value: float, wanted: Figure) -> bool:
    """Say whether a number is this figure within half of the second decimal."""
    signs = (1, -1) if wanted.any_sign else (1,)
    for sign in signs:
        target = sign * wanted.value
        if abs(value - target) <= ABSOLUTE + SLACK:
            return True
        if wanted.percent and abs(value - target / 100) <= ABSOLUTE / 100 + SLACK:
            return True
    return False


def numbers(text: str) -> Iterator[str]:
    """Give the numbers that stand in a text, as written."""
    for match in _NUMBER.finditer(text):
        yield match[0].rstrip(".,")


def shows(text: str, wanted: Figure, words: str = "") -> bool:
    """Say whether a number as written is this figure, rounded at most as a reader bears it.

    `words` stand around it: "down 3.1 %" is -3.1 %, and there "(900)" may be 900.
    """
    parsed = _parsed(text)
    if parsed is None:
        return False
    value, decimals, digits = parsed
    aside = bool(words) and text.startswith("(")
    loose = wanted.any_sign or aside or _FALLING.search(words.casefold())
    signs = (1, -1) if loose else (1,)
    if wanted.percent and not text.rstrip().endswith("%") and fits(value, wanted):
        return True
    enough = decimals >= (1 if wanted.percent else 2) or digits >= DIGITS_MIN
    for sign in signs:
        target = sign * wanted.value
        if abs(value - target) <= SLACK:
            return True
        if enough and abs(value - target) <= 0.5 * 10**-decimals + SLACK:
            return True
    return False


def _parsed(text: str) -> tuple[float, int, int] | None:
    """Give value, decimals and digits of a number as written in English or German."""
    negative = text.strip().startswith("(") or re.match(r"[^\d]*[-−–]", text) is not None
    bare = re.sub(r"[^\d.,]", "", text).rstrip(".,")
    if not bare:
        return None
    comma, point = bare.rfind(","), bare.rfind(".")
    if comma > point and (bare.count(",") == 1 and len(bare) - comma != 4):
        bare = bare.replace(".", "").replace(",", ".")
    elif bare.count(".") > 1:
        bare = bare.replace(".", "")
    else:
        bare = bare.replace(",", "")
    try:
        value = float(bare)
    except ValueError:
        return None
    decimals = len(bare.partition(".")[2])
    return (-value if negative else value), decimals, len(bare.replace(".", "").lstrip("0"))


def positions(text: str, name: str) -> list[tuple[int, int]]:
    """Give where a name stands in a text, as whole words."""
    return [m.span() for m in _pattern(name).finditer(text.casefold())]


@cache
def _pattern(name: str) -> re.Pattern[str]:
    longest_first = sorted(spellings(name), key=len, reverse=True)
    return re.compile(rf"(?<![\w.,-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")


def flat(cell: Any) -> str:
    """Give a cell as lower-case text."""
    return "" if cell is None else " ".join(str(cell).split()).casefold()
