"""Compares the columns of a table in a text with the figures they show.

Owns how a column tells what it shows: most of its rows do. Must never look for tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deputy.agent.checks.sandboxed.likeness import spellings
from deputy.agent.checks.sandboxed.recomputation import ADDED, Answer, Figure
from deputy.agent.checks.sandboxed.sources import spelled
from deputy.agent.checks.sandboxed.text_tables import TextRow, TextTable, squeezed
from deputy.agent.checks.sandboxed.written_numbers import Written, tells

LIKE_MIN = 0.6  # so much of a column must be a figure's for it to be taken for that figure's
HEADED_MIN = 0.3  # so much of a table with a question's headings must agree for it to be its own
ROWS_MIN = 3
ALIKE_MIN = 2  # different figures that agree
SURE = 100.0  # two figures of this size do not agree by chance
SURE_COUNT = 4
KINDS = ("value", "compare", "change", "growth", "share")


@dataclass(frozen=True)
class Shown:
    """A figure that a column may show: for each group, for the total, and how it is written."""

    kind: str
    figures: Mapping[str, float | None]
    total: float | None
    own: bool  # of the question judged, not of another of the brief
    tells: Callable[[Written, float], bool]


def shown(question: Mapping[str, Any], expected: Answer, own: bool) -> Iterator[Shown]:
    """Give every figure that the question's tables may show in a column."""
    for number in range(len(question["measures"])):
        for one in _of_measure(question, expected, number, own=own):
            if any(one.figures.values()):
                yield one
    for head in expected.across:
        yield _of_column(question, expected, head, own=own)


def _of_measure(question: Mapping[str, Any], expected: Answer, number: int, *,
                own: bool) -> Iterator[Shown]:  # fmt: skip
    measure, total = question["measures"][number], expected.total[number]
    for kind in KINDS:
        if kind == "share" and (measure.get("aggregate") or "sum") not in ADDED:
            continue
        fraction = kind in ("growth", "share") or measure.get("unit") == "%"
        figures = {key: _figure(kind, line.figures[number], total)
                   for key, line in expected.lines.items()}  # fmt: skip
        yield Shown(kind, figures, _figure(kind, total, total), own, _teller(fraction, kind))


def _of_column(question: Mapping[str, Any], expected: Answer, head: str, *, own: bool) -> Shown:
    cells = {key: line.across[head].value if head in line.across else None
             for key, line in expected.lines.items()}  # fmt: skip
    fraction = question["measures"][0].get("unit") == "%"
    total = expected.across[head].figures[0].value
    return Shown("cell", cells, total, own, _teller(fraction, "value"))


def _figure(kind: str, figure: Figure, total: Figure) -> float | None:
    if kind == "share":
        known = figure.value is not None and total.value
        return figure.value / total.value if known else None  # type: ignore[operator]
    found: float | None = getattr(figure, kind)
    return found


def _teller(fraction: bool, kind: str) -> Callable[[Written, float], bool]:
    signed = kind not in ("change", "growth")

    def tell(number: Written, value: float) -> bool:
        forms = (value, value / 100) if fraction and kind not in ("growth", "share") else (value,)
        loose = number.percent or kind not in ("growth", "share")
        return any(tells(number, one, fraction=fraction, sign=signed, loose=loose)
                   for one in forms)  # fmt: skip

    return tell


def misprints(tables: Sequence[TextTable],
              asked: Sequence[tuple[Mapping[str, Any], Answer]]) -> list[str]:  # fmt: skip
    """Say which cells differ in columns that bear a figure's heading, or are otherwise its own.

    The first of the questions asked is judged; the others tell which tables are not its.
    """
    figures = [one for at, (question, expected) in enumerate(asked)
               for one in shown(question, expected, own=at == 0)]  # fmt: skip
    headed = [headings(question, expected) for question, expected in asked]
    labels = [spelled(question["groups"][0]["label"]) if question.get("groups") else ""
              for question, _ in asked]  # fmt: skip
    wrong: list[str] = []
    for table in tables:
        named = [row for row in table.rows if row.keys]
        if not named:
            continue
        width = Counter(len(row.cells) for row in named).most_common(1)[0][0]
        rows = [row for row in table.rows if len(row.cells) == width]
        read = [_columns(table.head, label, known, width)
                for label, known in zip(labels, headed, strict=True)]  # fmt: skip
        if read[0]:
            wrong += _headed(rows, read)
        elif len(named) >= ROWS_MIN:
            for at in range(width):
                wrong += _column(rows, at, figures)
    return wrong


def headings(question: Mapping[str, Any], expected: Answer) -> dict[str, Shown | None]:
    """Give what the question's columns may be called, without blanks, and what they show."""
    found: dict[str, Shown | None] = {}
    several = len(question["measures"]) > 1
    now = (question.get("period") or {}).get("label")
    then = (question.get("compare") or {}).get("label")
    crossed = len(question.get("groups") or ()) > 1
    for number, measure in enumerate(question["measures"]):
        label = measure["label"]
        words = {"value": [label], "compare": [f"{label}, {then}"] if then else [],
                 "change": [f"{label}, change"], "growth": [f"{label}, growth"],
                 "share": ["Share"] if number == expected.ranked else []}  # fmt: skip
        if not several and then:
            words |= {"value": [label, now or label], "compare": [then, f"{label}, {then}"],
                      "change": ["Change"], "growth": ["Growth"]}  # fmt: skip
        words = {"value": ["Total"]} if crossed else words
        for one in _of_measure(question, expected, number, own=True):
            found |= {squeezed(word): one for word in words.get(one.kind, ())}
    if crossed:
        for name, key in spellings(question["groups"][1], expected.across).items():
            found[squeezed(name)] = _of_column(question, expected, key, own=True)
        found |= dict.fromkeys(("others", "earlier"))
    return found


def _columns(head: str, label: str, known: Mapping[str, Shown | None],
             width: int) -> list[Shown | None]:  # fmt: skip
    """Read the headings that end a text, after the group's own; nothing if they are others."""
    plain = head.casefold()
    at = plain.rfind(label) if label else -1
    while at >= 0:
        rest, found = squeezed(plain[at + len(label) :]), list[Shown | None]()
        while rest:
            name = max((one for one in known if rest.startswith(one)), key=len, default="")
            if not name:
                break
            found.append(known[name])
            rest = rest[len(name) :]
        if not rest and len(found) == width:
            return found
        at = plain.rfind(label, 0, at)
    return []


def _headed(rows: Sequence[TextRow], read: Sequence[list[Shown | None]]) -> list[str]:
    """Judge a table by its headings, which may be those of another question too."""
    said: list[str] = []
    for place, columns in enumerate(read):
        judged = [_compared(rows, at, one) for at, one in enumerate(columns) if one is not None]
        wrong = [one for _, some in judged for one in some]
        agreeing = sum(len(some) for some, _ in judged)
        if columns and not wrong:
            return []
        if place == 0 and agreeing >= HEADED_MIN * (agreeing + len(wrong)):
            said = wrong
        elif place and columns:
            return []
    return said


def _column(rows: Sequence[TextRow], at: int, figures: Sequence[Shown]) -> list[str]:
    """Judge a column by the figure that explains most of it."""
    best: tuple[float, bool, list[str]] = (0.0, False, [])
    for one in figures:
        like, said = _likeness(rows, at, one)
        if not said and like:
            return []
        if like > best[0] or (like == best[0] and not one.own):
            best = (like, one.own, said)
    like, own, said = best
    return said if own and like >= LIKE_MIN else []


def _likeness(rows: Sequence[TextRow], at: int, one: Shown) -> tuple[float, list[str]]:
    """Give the share of a column that is this figure's, and what is not; noughts tell nothing."""
    agreeing, wrong = _compared(rows, at, one)
    kinds = {f"{value:.6g}" for value in agreeing}
    sure = len(kinds) >= SURE_COUNT or (
        len(kinds) >= ALIKE_MIN and all(abs(value) >= SURE for value in agreeing))  # fmt: skip
    return (len(agreeing) / (len(agreeing) + len(wrong)) if sure else 0.0), wrong


def _compared(rows: Sequence[TextRow], at: int,
              one: Shown) -> tuple[list[float], list[str]]:  # fmt: skip
    """Give the figures of a column that agree, and what is said of the others."""
    agreeing: list[float] = []
    wrong = []
    for row in rows:
        cell = row.cells[at]
        if not row.keys and not row.total:
            continue
        known = [one.figures.get(key) for key in row.keys] if row.keys else [one.total]
        right = [value for value in known if value is not None]
        nought = cell is None or not any(value for value, _ in cell.readings)
        if nought and len(right) < len(known) and row.keys[1:]:
            continue  # of two groups whose cut names are alike it is the one with nothing
        if cell is None or not right:
            # What is none may be shown as nought, and what is nought as none.
            if any(right) or not nought:
                wrong.append(_said(row, cell, right))
            continue
        hits = [value for value in right if one.tells(cell, value)]
        if hits:
            agreeing += [] if nought or row.total else [hits[0]]
        else:
            wrong.append(_said(row, cell, right))
    return agreeing, wrong


def _said(row: TextRow, cell: Written | None, right: Sequence[float]) -> str:
    name = row.keys[0] if row.keys else "the total"
    found = "nothing" if cell is None else f"{cell.readings[0][0]:,}" if cell.readings else "?"
    gives = f"{right[0]:,.4f}" if right else "none"
    return f"{name}: a table shows {found}, the source gives {gives}"
