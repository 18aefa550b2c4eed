"""Wide tables: a run of columns named as months, quarters or years, and a column of their total.

Owns finding such columns in a schema. Must never read a request.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from deputy.agent.playbooks.schema import Column, Table

RUN_MIN = 3
MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
          "october", "november", "december")  # fmt: skip
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_HEADINGS = (
    ("Month", re.compile(rf"{_MONTH}(?:[\s.-]*(?P<year>(?:20)?\d\d))?", re.IGNORECASE)),
    ("Month", re.compile(r"(?P<year>20\d\d)[-/.](?P<number>0[1-9]|1[0-2])")),
    (
        "Quarter",
        re.compile(r"q(?P<quarter>[1-4])(?:[\s./-]*(?P<year>(?:20)?\d\d))?", re.IGNORECASE),
    ),
    ("Year", re.compile(r"(?:fy\s*)?(?P<year>(?:19|20)\d\d)", re.IGNORECASE)),
)
_TOTAL = re.compile(
    r"(?:full[ -]?year|year|annual|grand|year(?:ly)?)?\s*(?:total|sum|full[ -]?year|year)"
    r"(?:\s*20\d\d)?|fy(?:\s*20\d\d)?|(?:total\s+)?(?:20\d\d|year)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Spread:
    """The run of columns: the unit they are named by, and each one's place in its unit's cycle."""

    unit: str
    columns: tuple[Column, ...]
    places: tuple[tuple[int | None, int], ...]
    total: Column | None = None

    def named(self, year: int | None, numbers: Sequence[int]) -> tuple[str, ...]:
        """Give the headings of these months or quarters, of one year if it is told."""
        years = {one for one, _ in self.places if one is not None}
        if year is not None and years and year not in years:
            return ()
        if year is None and len(years) > 1:
            return ()
        return tuple(
            column.name
            for column, (own, number) in zip(self.columns, self.places, strict=True)
            if number in numbers and (year is None or own in {None, year})
        )


def spread_of(table: Table) -> Spread | None:
    """Give the run of columns that a wide table has, if it is one."""
    if table.of_kind("date"):
        return None
    best: Spread | None = None
    for unit, source in _HEADINGS:
        found = [(column, match) for column in table.columns
                 if column.kind in {"number", "empty"}
                 and (match := source.fullmatch(column.name.strip()))]  # fmt: skip
        if len(found) < RUN_MIN or not any(one.kind == "number" for one, _ in found):
            continue
        places = tuple(_place(unit, match) for _, match in found)
        if len(set(places)) == len(places) and (best is None or len(found) > len(best.columns)):
            best = Spread(unit, tuple(one for one, _ in found), places)
    if best is None:
        return None
    return replace(best, total=_total(table, best))


def _place(unit: str, match: re.Match[str]) -> tuple[int | None, int]:
    told = match.groupdict()
    year = int(told["year"]) if told.get("year") else None
    year = year + 2000 if year is not None and year < 100 else year
    if unit == "Year":
        return None, year or 0
    if told.get("quarter"):
        return year, int(told["quarter"])
    if told.get("number"):
        return year, int(told["number"])
    short = told["month"].lower() if told.get("month") else "jan"
    return year, next(at for at, name in enumerate(MONTHS, 1) if name.startswith(short))


def _total(table: Table, spread: Spread) -> Column | None:
    found = [one for one in table.columns if one.kind == "number" and one not in spread.columns
             and _TOTAL.fullmatch(one.name.strip())]  # fmt: skip
    return found[0] if len(found) == 1 else None
