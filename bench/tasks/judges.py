"""Whether what was handed over holds the facts a task expects.

Pure: facts and readings in, findings out. Owns tolerances and how a name, a figure and a date may
be written. Must never know a task, a file or a data set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, assert_never

from bench.tasks.facts import (
    Beside,
    Cell,
    Exactly,
    Fact,
    Figure,
    Ordered,
    Word,
)

MONEY = 0.01 + 1e-9
POINTS = 0.1 + 1e-9
SMALL = 1_000
NUMBER = re.compile(r"(?<![\w.,])([-−]?|\()\s?[£$€]?\s?(\d[\d,]*(?:\.\d+)?)(\))?")
COUNTED = ("rows", "n")
NEGATION = re.compile(r"\b(no|not|false|differs?|mismatch|doesn'?t|don'?t|unequal)\b")

Row = list[Any]
Rows = Sequence[Row]


def holds(fact: Fact, rows: Rows) -> bool:
    """Say whether rows hold a fact."""
    match fact:
        case Figure():
            return _has_figure(fact, rows)
        case Beside():
            return _has_beside(fact, rows)
        case Ordered():
            return _has_order(fact.names, rows)
        case Exactly():
            return _has_exactly(fact.names, rows)
        case Cell():
            return _has_cell(fact, rows)
        case Word():
            return _has_word(fact, rows)
        case _ as never:
            assert_never(never)


def close(found: float, value: float, *, loose: bool) -> bool:
    """Say whether a figure is the expected one: a cent, or a tenth of a percentage point."""
    if loose:
        return min(abs(found - value), abs(found * 100 - value)) <= POINTS
    return abs(found - value) <= MONEY or (value < 0 and abs(found + value) <= MONEY)


def numbers(cell: Any) -> list[float]:
    """Give the numbers a cell holds or its text shows."""
    if isinstance(cell, bool) or cell is None:
        return []
    if isinstance(cell, int | float):
        return [float(cell)]
    found = []
    for mark, digits, closed in NUMBER.findall(str(cell)):
        # A figure in parentheses of its own is negative in accounts.
        negative = mark in ("-", "−") or (mark == "(" and closed)
        found.append((-1.0 if negative else 1.0) * float(digits.replace(",", "")))
    return found


def plain(text: Any) -> str:
    """Give a text as it is compared: case, marks and blanks aside."""
    return " ".join(re.sub(r"[^\w%.]+", " ", str(text).casefold()).replace("_", " ").split())


def _has_figure(fact: Figure, rows: Rows) -> bool:
    for place, row in enumerate(rows):
        found = any(close(n, fact.value, loose=fact.loose) for c in row for n in numbers(c))
        # A small figure may stand anywhere by chance: it must be beside a word of its label.
        if found and (abs(fact.value) >= SMALL or _labelled(fact.label, rows, place)):
            return True
    return False


def _labelled(label: str, rows: Rows, place: int) -> bool:
    if label in COUNTED:
        return True  # what is counted has names of its own: payments, trips, people
    near = plain(" ".join(str(c) for row in rows[max(0, place - 2) : place + 1] for c in row))
    header = plain(" ".join(str(c) for c in _header(rows, place)))
    words = [w.rstrip("s") for w in plain(label).split() if len(w) > 2 and not w.isdigit()]
    return not words or any(w in near or w in header for w in words)


def _header(rows: Rows, place: int) -> Row:
    """Give the head of a row's table: the first row of its block with several texts alone."""
    start = place
    while start and any(c not in (None, "") for c in rows[start - 1]):
        start -= 1
    for row in rows[start:place]:
        filled = [c for c in row if c not in (None, "")]
        if len(filled) > 1 and not any(isinstance(c, int | float) for c in filled):
            return row
    return []


def _has_beside(fact: Beside, rows: Rows) -> bool:
    def complete(cells: Sequence[Any]) -> bool:
        shown = [n for c in cells for n in numbers(c)]
        return all(any(close(n, v, loose=fact.loose) for n in shown) for v in fact.values)

    if any(complete(_others(row, fact.name)) for row in _named(fact.name, rows)):
        return True
    if any(complete(column) for column in _columns(fact.name, rows)):
        return True
    # A bare list of figures has no name of its own: each must occur.
    return fact.name == fact.label and complete([c for row in rows for c in row])


def _others(row: Row, name: str) -> Row:
    """Give a row without the name in it, so that a name's own digits are no figure."""
    if len(row) > 1:
        return [c for c in row if not _is_named(c, name)] or row
    text = str(row[0])
    for form in (name, *_dates(name)):
        place = text.casefold().find(form.casefold())
        if place >= 0:
            return [text[:place] + " " + text[place + len(form) :]]
    return [re.sub(rf"(?<!\d)0?{re.escape(name)}(?!\d)", " ", text, count=1)]


def _named(name: str, rows: Rows) -> Iterator[Row]:
    """Give the rows that name it, save for those of a table that names it again and again.

    Such a table lists single cases, and one of them is no sum.
    """
    for place, row in enumerate(rows):
        column = next((at for at, c in enumerate(row) if _is_named(c, name)), None)
        if column is not None and (len(row) == 1 or not _again(rows, place, column)):
            yield row


def _again(rows: Rows, place: int, column: int) -> bool:
    """Say whether the cell occurs in the same column of another row of the same block."""
    for step in (-1, 1):
        other = place + step
        while 0 <= other < len(rows) and any(c not in (None, "") for c in rows[other]):
            if column < len(rows[other]) and rows[other][column] == rows[place][column]:
                return True
            other += step
    return False


def _is_named(cell: Any, name: str) -> bool:
    if cell is None or cell == "":
        return False
    if name.isdigit():
        # The number of a week or a year: alone, or after a word as in "W09" or "Week 9".
        return bool(re.search(rf"(?<![\d.,])0?{name}(?![\d.,])", _whole(cell)))
    shown = plain(cell)
    return any(_within(plain(form), shown) for form in (name, *_dates(name)))


def _whole(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _within(form: str, shown: str) -> bool:
    return bool(form) and f" {form} " in f" {shown} "


def _dates(name: str) -> list[str]:
    """Give the ways a date is written, if the name is one."""
    try:
        day = date.fromisoformat(name)
    except ValueError:
        return []
    forms = [f"{day:%d/%m/%Y}", f"{day:%d.%m.%Y}", f"{day:%d-%b-%y}", f"{day:%d-%b-%Y}"]
    for month in (f"{day:%B}", f"{day:%b}"):
        forms += [f"{n} {month} {day.year}" for n in (f"{day.day}", f"{day.day:02d}")]
        forms += [f"{month} {n}, {day.year}" for n in (f"{day.day}", f"{day.day:02d}")]
    return forms


def _columns(name: str, rows: Rows) -> Iterator[list[Any]]:
    """Give what stands below a name that heads a column."""
    for top, row in enumerate(rows):
        for place, cell in enumerate(row):
            if len(row) > 1 and _is_named(cell, name):
                below = []
                for other in rows[top + 1 :]:
                    if place >= len(other):
                        break
                    below.append(other[place])
                yield below


def _has_order(names: Sequence[str], rows: Rows) -> bool:
    """Say whether some run of rows names them in this order, with none of them twice before."""
    places = [next((n for n in names if any(_is_named(c, n) for c in row)), None) for row in rows]
    seen = [p for p in places if p is not None]
    wanted = list(names)
    return any(seen[k : k + len(wanted)] == wanted for k in range(len(seen)))


def _has_exactly(names: Sequence[str], rows: Rows) -> bool:
    text = " ".join(str(c) for row in rows for c in row if c is not None)
    form = _form(names)
    if form is None:
        shown = plain(text)
        return all(_within(plain(n), shown) for n in names)
    return set(re.findall(form, text)) == set(names)


def _form(names: Sequence[str]) -> str | None:
    """Give the one form all the names have, digits aside; None if they differ."""
    forms = {re.sub(r"\d", r"\\d", re.escape(n)) for n in names}
    return (
        rf"(?<!\w){forms.pop()}(?!\w)" if len(forms) == 1 and "\\d" in next(iter(forms)) else None
    )


def _has_cell(fact: Cell, rows: Rows) -> bool:
    for place, row in enumerate(rows):
        if not any(_is_named(c, fact.row) for c in row):
            continue
        at = _column(fact.column, rows, place)
        cells = _others(row, fact.row) if at is None else [row[at]] if at < len(row) else [None]
        if fact.value is None:
            return at is not None and cells[0] in (None, "")
        if any(_is_value(c, fact.value) for c in cells):
            return True
    return False


def _column(name: str, rows: Rows, place: int) -> int | None:
    """Give the column whose heading shares most words with a name."""
    header = _header(rows, place)
    words = {w.rstrip("s") for w in plain(name).split()}
    shared = [len(words & {w.rstrip("s") for w in plain(c).split()}) for c in header]
    return shared.index(max(shared)) if shared and max(shared) else None


def _is_value(cell: Any, value: str | float) -> bool:
    if isinstance(value, str):
        return _is_named(cell, value)
    return any(close(n, float(value), loose=False) for n in numbers(cell))


def _has_word(fact: Word, rows: Rows) -> bool:
    if isinstance(fact.value, str):
        return any(_is_named(c, fact.value) for row in rows for c in row)
    words = [w.rstrip("s") for w in plain(fact.label).split() if len(w) > 2]
    for row in rows:
        shown = " ".join(str(c) for c in row if c is not None).casefold()
        if any(w in shown for w in words):
            negated = bool(NEGATION.search(shown))
            confirmed = negated or bool(re.search(r"\b(yes|true|match|adds? up|agree)", shown))
            if confirmed and negated != fact.value:
                return True
    return False


def same_range(rows: Rows, answer: Rows, span: str) -> bool:
    """Say whether two sheets have the same cells in a range such as A1:N53 of their top left."""
    letters, last = re.fullmatch(r"[A-Z]+\d+:([A-Z]+)(\d+)", span).groups()  # type: ignore[union-attr]
    width = 0
    for letter in letters:
        width = width * 26 + ord(letter) - 64

    def cut(of: Rows) -> list[list[str]]:
        padded = [[*row, *[None] * width][:width] for row in of[: int(last)]]
        while padded and not any(c not in (None, "") for c in padded[-1]):
            padded.pop()
        return [[_whole(c).strip() if c is not None else "" for c in row] for row in padded]

    return cut(rows) == cut(answer)


def chart_missing(task: Mapping[str, Any], readings: Sequence[Mapping[str, Any]]) -> str | None:
    """Say which chart was asked for and is not there; None if nothing lacks."""
    if "chart" not in str(task.get("deliverable", "")).casefold():
        return None
    bars = re.search(r"(\d+) bars", str(task.get("checker", "")))
    points = [p for r in readings for p in r.get("charts", [])]
    pictures = sum(r.get("pictures", 0) for r in readings)
    if not points and not pictures:
        return "a chart"
    if bars and points and int(bars[1]) not in points:
        return f"a chart with {bars[1]} bars"
    return None
