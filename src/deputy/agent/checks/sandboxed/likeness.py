"""When a figure shown is the figure expected, and how groups may be spelled.

Owns the tolerance for rounding, scale and spelling. Must never accept a figure that is off by more
than its own rounding.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from deputy.agent.checks.sandboxed.recomputation import Line
from deputy.agent.checks.sandboxed.sources import BLANK, spelled
from deputy.agent.checks.sandboxed.verdicts import close

DIGITS_KEPT_MIN = 1_000.0  # a figure without decimals says enough from here on
DECIMALS_MAX = 8
BLANK_NAMES = ("(blank)", "blank", "(empty)", "empty", "(none)", "none", "(missing)", "missing",
               "n/a", "nan", "nat", "unknown", "(unknown)", "not stated")  # fmt: skip
TOTAL = re.compile(
    r"((grand|sub)?[\s-]*totals?|sum|overall|altogether|gesamt|summe|all|together)\b(?!.*\d)",
    re.IGNORECASE,
)
WHOLE = re.compile(r"(grand )?total of all \d", re.IGNORECASE)
TOGETHER = re.compile(r"\btogether\b", re.IGNORECASE)
REST = re.compile(r"(all\s+)?(other|others|rest|remaining|the rest)\b", re.IGNORECASE)
THOUSANDS = re.compile(
    r"thousand|'000|\bin 1[.,]?000|\(000|\bt(eur|usd|gbp|chf)\b|\bk\s?(€|\$|£|eur|usd|gbp|chf)"
    r"|[€$£]\s?k\b|\(k\)", re.IGNORECASE,
)  # fmt: skip
MILLIONS = re.compile(
    r"million|\bmio\b|\bmn\b|\bm\s?(€|\$|£|eur|usd|gbp|chf)\b|[€$£]\s?m\b|\(m\)", re.IGNORECASE
)


def rounds_to(found: float, expected: float) -> bool:
    """Say whether a figure is the expected one, or it rounded to a number of decimals."""
    if close(found, expected):
        return True
    for decimals in range(0 if abs(expected) >= DIGITS_KEPT_MIN else 2, DECIMALS_MAX):
        step = 10.0**-decimals
        whole = abs(found / step - round(found / step)) < 1e-6
        if whole and abs(found - expected) <= step / 2 * (1 + 1e-7) + 1e-12:
            return True
    return False


def scales(kind: str, unit: str | None, heading: str) -> tuple[float, ...]:
    """Give what a right figure may be multiplied by, for what the heading says."""
    if kind in ("growth", "share"):
        return (1.0, 100.0)
    if unit == "%":
        return (1.0, 100.0, 0.01)
    if MILLIONS.search(heading):
        return (1.0, 1e-6)
    return (1.0, 1e-3) if THOUSANDS.search(heading) else (1.0,)


def is_total(text: str) -> bool:
    """Say whether a row of this name is the total."""
    return TOTAL.match(text.strip(" *:")) is not None or is_whole(text)


def is_whole(text: str) -> bool:
    """Say whether a row of this name is the total of more rows than stand above it."""
    return WHOLE.match(text.strip(" *:")) is not None


def is_together(text: str) -> bool:
    """Say whether a row of this name is what the groups ranked first come to together."""
    return TOGETHER.search(text) is not None


def is_rest(text: str) -> bool:
    """Say whether a row of this name stands for the groups left out."""
    return REST.match(text.strip(" *:(")) is not None


def spellings(group: Mapping[str, Any], lines: Mapping[str, Line], *,
              bare: bool = False) -> dict[str, str]:  # fmt: skip
    """Give the group's key for every way its name may be written; doubtful ways are left out.

    `bare`: a month, week or hour may also be a mere number, which elsewhere is a figure.
    """
    known: dict[str, str | None] = {}
    for key, line in lines.items():
        for name in {spelled(one) for one in _ways(line.name, group.get("by"))}:
            if name.isdigit() and not bare:
                continue
            known[name] = None if known.get(name, key) != key else key
    known |= {spelled(line.name): key for key, line in lines.items()}
    return {name: key for name, key in known.items() if key is not None}


def _ways(name: str, unit: str | None) -> Iterable[str]:
    yield name
    if name == BLANK:
        yield from BLANK_NAMES
    elif unit == "hour":
        hour = int(name)
        yield from (str(hour), f"{hour:02d}:00", f"{hour}:00", f"{hour}h", f"{name}h")
        yield from (f"{hour:02d}:00-{hour + 1:02d}:00", f"{hour:02d}:00–{hour + 1:02d}:00")
    elif unit == "weekday":
        yield name[:3]
    elif unit is not None:
        yield from _calendar_ways(name, unit)


def _calendar_ways(name: str, unit: str) -> Iterable[str]:
    year = int(name[:4])
    if unit == "month":
        month = int(name[5:])
        last = calendar.monthrange(year, month)[1]
        full, short = calendar.month_name[month], calendar.month_abbr[month]
        yield from (full, short, f"{name}-01", f"{name}-{last}", f"{month:02d}/{year}")
        yield from (f"{word} {tail}" for word in (full, short) for tail in (year, f"{year % 100}"))
        yield from (f"{short}-{year}", f"{short}-{year % 100:02d}", f"{year} {short}", str(month))
        yield from (f"{month:02d}.{year}", f"{year}/{month:02d}", f"{year} {full}")
    elif unit == "quarter":
        quarter = int(name[6:])
        start = dt.date(year, quarter * 3 - 2, 1)
        end = dt.date(year, quarter * 3, calendar.monthrange(year, quarter * 3)[1])
        yield from (f"Q{quarter} {year}", f"Q{quarter}", f"{year} Q{quarter}", f"{year}Q{quarter}")
        yield from (start.isoformat(), end.isoformat(), f"Q{quarter}/{year}", f"Q{quarter}-{year}")
    elif unit == "week":
        week = int(name[6:])
        monday = dt.date.fromisocalendar(year, week, 1)
        sunday = monday + dt.timedelta(days=6)
        yield from (f"W{week:02d}", f"W{week}", f"Week {week}", f"{year}-{week:02d}", str(week))
        yield from (f"W{week:02d} {year}", f"Week {week} {year}", f"{year} W{week:02d}")
        yield from (monday.isoformat(), f"{year}W{week:02d}", f"{monday}/{sunday}")
    elif unit == "day":
        day = dt.date.fromisoformat(name)
        yield from (day.strftime(way) for way in ("%d.%m.%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y",
                                                  "%d/%m/%Y", "%Y-%m-%d 00:00:00"))  # fmt: skip
