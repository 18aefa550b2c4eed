"""What a column holds: its kind, its values, its ends, and how sure that is.

Owns the description of one column. Must never read a cell otherwise than the reading part does.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from deputy.agent.tables.amounts import number_in
from deputy.agent.tables.cells import blank, text_of
from deputy.agent.tables.days import Moment, moment_in, moments
from deputy.agent.tables.layouts import ABSENT, MOSTLY
from deputy.agent.tables.units import mixed_units, unit_of

VALUES_MAX = 200
VALUE_CHARACTERS_MAX = 80
LONG_NUMBER_DIGITS = 16
ODD_MAX = 3
SAMPLED = 400  # different cells that tell a kind is out of the question
COLUMNS_NAMED_MAX = 2
DAY_NUMBERS = (25_000, 60_000)  # 1968 to 2064
DATE_WORDS = re.compile(
    r"date|datum|\bday\b|\btag\b|fecha|data\b|jour|\bon$|_on$|_at$|posted|created|invoiced",
    re.IGNORECASE,
)
Spec = dict[str, Any]


def described(
    name: str, cells: Iterable[Any], decimal: str | None, formats: list[str], day_order: str | None
) -> tuple[Spec, list[str]]:
    """Describe one column by its different values; gives it and what is odd, in sentences."""
    counted = _counted(list(cells))
    missing = counted.pop("", 0)
    spec: Spec = {
        "name": name, "kind": "empty", "unit": unit_of(name, formats, counted),
        "distinct": len(counted), "missing": missing, "unread": 0,
    }  # fmt: skip
    present = {c: n for c, n in counted.items() if not (isinstance(c, str) and c.lower() in ABSENT)}
    if not present:
        return (spec | {"kind": "text" if counted else "empty"}), []
    absent = sum(counted.values()) - sum(present.values())
    for kind in (_as_dates, _as_numbers):
        read = kind(name, present, decimal, day_order)
        if read is not None:
            found, notes = read
            found["unread"] += absent
            if found["kind"] == "number":
                found["mixed_units"] = mixed_units(formats, present)
            if found["kind"] == "date":
                spec["unit"] = None
            readable = found.pop("readable")
            found["odd"] = [cell for cell in counted if cell not in readable][:ODD_MAX]
            return spec | found, notes
    texts: Counter[str] = Counter()
    for cell, count in counted.items():
        texts[" ".join(text_of(cell).split())[:VALUE_CHARACTERS_MAX]] += count
    values = [text for text, _ in texts.most_common(VALUES_MAX)]
    return spec | {"kind": "text", "values": values}, []


def _counted(cells: list[Any]) -> Counter[Any]:
    """Count the different cells: blanks are one, texts are trimmed, True is not 1."""
    if bool in set(map(type, cells)):
        cells = [str(cell) if isinstance(cell, bool) else cell for cell in cells]
    counted: Counter[Any] = Counter()
    for cell, count in Counter(cells).items():
        plain = "" if blank(cell) else cell.strip() if isinstance(cell, str) else cell
        counted[plain] += count
    return counted


def _as_dates(
    name: str, present: dict[Any, int], _: str | None, day_order: str | None
) -> tuple[Spec, list[str]] | None:
    sample = list(itertools.islice(present, SAMPLED))
    if len(present) > SAMPLED and sum(moment_in(c) is not None for c in sample) * 2 < SAMPLED:
        return None
    numeric = [c for c in present if isinstance(c, int | float) and not isinstance(c, bool)]
    words = {c: n for c, n in present.items() if isinstance(c, str | dt.date | dt.datetime)}
    found, order, settled = moments(sorted(words, key=str), day_order)
    notes: list[str] = []
    numbered = len(numeric) == len(present) and _day_numbers(name, numeric)
    stamped = all(_stamp(cell) for cell in present) and not any(
        isinstance(cell, dt.date) for cell in present
    )  # fmt: skip
    if numbered or (stamped and numeric):
        found, order, settled = moments(numeric, day_order)
        notes.append(f"The numbers of {name!r} are read as days, such as {text_of(numeric[0])} as "
                     f"{found[numeric[0]].date()}.")  # fmt: skip
    total = sum(present.values())
    read = sum(present[cell] for cell in found)
    if not found or read < MOSTLY * total:
        return None
    days = list(found.values())
    triples = any(isinstance(cell, str) and _ordered(cell) for cell in found)
    spec = {
        "kind": "date", "low": min(days).date().isoformat(), "high": max(days).date().isoformat(),
        "grain": _grain(days), "timed": any(day.time() != dt.time() for day in days),
        "day_order": "clear" if settled or day_order in ("dmy", "mdy") else "unclear",
        "settled": order if settled and triples else None, "unread": total - read,
        "readable": set(found),
    }  # fmt: skip
    return spec, notes


def _as_numbers(
    name: str, present: dict[Any, int], decimal: str | None, _: str | None
) -> tuple[Spec, list[str]] | None:
    sample = list(itertools.islice(present, SAMPLED))
    if len(present) > SAMPLED and sum(number_in(c, decimal) is not None for c in sample) * 2 < (
        SAMPLED
    ):
        return None
    figures = {cell: value for cell in present if (value := number_in(cell, decimal)) is not None}
    total = sum(present.values())
    read = sum(present[cell] for cell in figures)
    if not figures or read < MOSTLY * total or _codes(present):
        return None
    values = figures.values()
    spec = {"kind": "number", "low": min(values), "high": max(values), "unread": total - read,
            "readable": set(figures)}  # fmt: skip
    return spec, []


def _codes(present: dict[Any, int]) -> bool:
    """Tell codes such as 00123 and long numbers of accounts from amounts."""
    texts = [c for c in present if isinstance(c, str) and c.isdigit()]
    return any((len(c) > 1 and c[0] == "0") or len(c) >= LONG_NUMBER_DIGITS for c in texts)


def _day_numbers(name: str, cells: list[Any]) -> bool:
    named = DATE_WORDS.search(name.replace("_", " ")) is not None
    return named and all(DAY_NUMBERS[0] < cell < DAY_NUMBERS[1] for cell in cells)


def _stamp(cell: Any) -> bool:
    """Whether a cell is a day written as eight digits."""
    text = text_of(cell)
    return len(text) == 8 and text.isdigit() and 1950 <= int(text[:4]) <= 2100 and (
        0 < int(text[4:6]) < 13 and 0 < int(text[6:]) < 32)  # fmt: skip


def _ordered(cell: str) -> bool:
    return re.match(r"\D{0,12}\d{1,2}\s?[-/. ]\s?\d{1,2}\s?[-/. ]", cell) is not None


def _grain(days: list[Moment]) -> str:
    """Say whether every date stands for a whole month."""
    firsts = all(day.day == 1 for day in days)
    lasts = all((day + dt.timedelta(days=1)).day == 1 for day in days)
    return "month" if len({day.date() for day in days}) > 1 and (firsts or lasts) else "day"


def unread_note(specs: list[Spec]) -> list[str]:
    """Say in one sentence which columns hold cells that are not of their kind; takes `odd` off."""
    told = [(spec, odd) for spec in specs if (odd := spec.pop("odd", [])) and spec["unread"]]
    if not told:
        return []
    cells = sum(spec["unread"] for spec, _ in told)
    shown = ", ".join(
        dict.fromkeys(repr(text_of(cell)[:30]) for _, odd in told for cell in odd[:2])
    )
    where = " and ".join(repr(spec["name"]) for spec, _ in told[:COLUMNS_NAMED_MAX])
    where += f" and {len(told) - 2} more columns" if len(told) > COLUMNS_NAMED_MAX else ""
    kinds = " or ".join(sorted({spec["kind"] for spec, _ in told}))
    several = "cells" if cells > 1 else "cell"
    return [f"{cells:,} {several} of {where} cannot be read as a {kinds} (such as {shown[:100]}); "
            f"{'they count' if cells > 1 else 'it counts'} as empty there."]  # fmt: skip
