"""Finds numbers in running text and says whether one is the figure expected.

Owns how figures are written: marks, signs, percent, thousands and millions in words. Must never
accept a figure that is off by more than its own rounding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

NUMBER = re.compile(
    r"(?<![\w.,])(?P<sign>[-+−–(]?)\s?(?:(?:EUR|USD|GBP|CHF|[€$£¥])\s?)?(?P<inner>[-−]?)"
    r"(?P<digits>\d{1,3}(?:[ \u00a0\u202f\u2009]\d{3})+(?:[.,]\d+)?(?!\d)|\d[\d.,'’]*\d|\d)"
    r"(?!\d)(?:\s?(?P<percent>%|percent\b|per cent\b))?"
    r"(?:\s?(?:€|\$|£)?(?P<size>k\b|thousand\b|m\b|mn\b|mio\b|million\b|bn\b|billion\b))?",
    re.IGNORECASE,
)
SIZES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6,
         "bn": 1e9, "billion": 1e9}  # fmt: skip
THREES = re.compile(r"\d{1,3}([.,'’])\d{3}(\1\d{3})*")
BLANKS = re.compile(r"[ \u00a0\u202f\u2009]")
EDGE = 1e-7
WHOLE_MIN = 100.0


@dataclass(frozen=True)
class Written:
    """A number in a text: where it stands, and each way to read it with its decimals."""

    start: int
    end: int
    readings: tuple[tuple[float, int], ...]
    percent: bool
    size: float


def numbers_in(text: str) -> list[Written]:
    """Give the numbers of a text in order; digits parted by blanks are given both ways."""
    found = []
    for match in NUMBER.finditer(text):
        found.append(_written(match, match["digits"], match.start("digits")))
        if BLANKS.search(match["digits"]):
            found += _apart(match)
    return found


def _apart(match: re.Match[str]) -> list[Written]:
    """Read digits parted by blanks one by one: the sign is the first's, what follows the last's."""
    parts = list(re.finditer(r"[\d.,]+", match["digits"]))
    found = []
    for part in parts:
        one = _written(match, part.group(), match.start("digits") + part.start())
        if part is not parts[-1]:
            one = replace(one, percent=False, size=1.0)
        if part is not parts[0]:
            one = replace(one, readings=tuple(_readings(part.group())))
        found.append(one)
    return found


def _written(match: re.Match[str], digits: str, start: int) -> Written:
    sign = match["sign"] or match["inner"]
    if sign == "(":
        sign = "-" if match.string[match.end("digits") : match.end("digits") + 1] == ")" else ""
    factor = -1.0 if sign in ("-", "−", "–") else 1.0
    size = SIZES.get((match["size"] or "").casefold(), 1.0)
    readings = tuple((value * factor, decimals) for value, decimals in _readings(digits))
    return Written(start, start + len(digits), readings, bool(match["percent"]), size)


def _readings(digits: str) -> list[tuple[float, int]]:
    """Read the digits with a point, with a comma, or with either as the mark of thousands."""
    bare = BLANKS.sub("", digits)
    found = []
    if THREES.fullmatch(bare):
        found.append((float(re.sub(r"\D", "", bare)), 0))
    for mark, other in ((".", ","), (",", ".")):
        whole, _, rest = bare.rpartition(mark) if bare.count(mark) == 1 else (bare, "", "")
        whole = re.sub(rf"[{other}'’]", "", whole)
        if whole.isdigit() and (not rest or rest.isdigit()):
            found.append((float(f"{whole}.{rest or 0}"), len(rest)))
    return list(dict.fromkeys(found))


def tells(number: Written, expected: float, *, fraction: bool = False,
          sign: bool = True, loose: bool = False) -> bool:  # fmt: skip
    """Say whether a number written is `expected` in its own rounding.

    A `fraction` may be written as percent; without `sign` words may say which way it went.
    `loose`: in the place where it is expected a number of few digits may be rounded as well.
    """
    for value, decimals in number.readings:
        if not sign:
            value, expected = abs(value), abs(expected)
        if fraction and _near(value, expected * 100, decimals, loose=loose):
            if loose or number.percent or decimals or abs(expected * 100 - value) < EDGE:
                return True
            continue
        if number.percent and not fraction:
            continue
        if _near(value * number.size, expected, decimals, number.size, loose=loose):
            return True
    return False


def _near(value: float, expected: float, decimals: int, size: float = 1.0, *,
          loose: bool = False) -> bool:  # fmt: skip
    step = 10.0**-decimals * size
    if abs(value - expected) > step / 2 * (1 + EDGE) + EDGE * abs(expected) * (size == 1):
        return False
    if abs(value - expected) <= 1e-9 * max(1.0, abs(expected)):
        return True
    kept = abs(value) / step
    return loose or kept >= WHOLE_MIN or (decimals >= 1 and size == 1)
