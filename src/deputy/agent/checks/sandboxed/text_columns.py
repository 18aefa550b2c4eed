"""Compares the columns of a table in a text with the figures they show.

Owns how a column tells what it shows: most of its rows do. Must never look for tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deputy.agent.checks.sandboxed.recomputation import ADDED, Answer, Figure
from deputy.agent.checks.sandboxed.text_tables import TextRow
from deputy.agent.checks.sandboxed.written_numbers import Written, tells

LIKE_MIN = 0.6  # so much of a column must be a figure's for it to be taken for that figure's
ALIKE_MIN = 2  # different figures that agree
SURE = 100.0  # two figures of this size do not agree by chance
SURE_COUNT = 4
KINDS = ("value", "compare", "change", "growth", "share")


@dataclass(frozen=True)
class Shown:
    """A figure that a column may show: for each group, for the total, and how it is written."""

    figures: Mapping[str, float | None]
    total: float | None
    fraction: bool
    own: bool  # of the question judged, not of another of the brief
    tells: Callable[[Written, float], bool]


def shown(question: Mapping[str, Any], expected: Answer, own: bool) -> Iterator[Shown]:
    """Give every figure that the question's tables may show in a column."""
    for number, measure in enumerate(question["measures"]):
        total = expected.total[number]
        for kind in KINDS:
            if kind == "share" and (measure.get("aggregate") or "sum") not in ADDED:
                continue
            fraction = kind in ("growth", "share") or measure.get("unit") == "%"
            figures = {key: _figure(kind, line.figures[number], total)
                       for key, line in expected.lines.items()}  # fmt: skip
            if any(figures.values()):
                yield Shown(figures, _figure(kind, total, total), fraction, own,
                            _teller(fraction, kind))  # fmt: skip
    measure = question["measures"][0]
    fraction = measure.get("unit") == "%"
    for head, column in expected.across.items():
        cells = {key: line.across[head].value if head in line.across else None
                 for key, line in expected.lines.items()}  # fmt: skip
        yield Shown(cells, column.figures[0].value, fraction, own, _teller(fraction, "value"))


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


def misprints(tables: Sequence[Sequence[TextRow]], figures: Sequence[Shown]) -> list[str]:
    """Say which cells differ in columns that are otherwise a figure's."""
    wrong: list[str] = []
    for table in tables:
        named = [row for row in table if row.keys]
        if len(named) < 3:
            continue
        width = Counter(len(row.cells) for row in named).most_common(1)[0][0]
        rows = [row for row in table if len(row.cells) == width]
        for at in range(width):
            wrong += _column(rows, at, figures)
    return wrong


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
    agreeing: list[float] = []
    wrong = []
    for row in rows:
        cell = row.cells[at]
        if not row.keys and not row.total:
            continue
        known = [one.figures.get(key) for key in row.keys] if row.keys else [one.total]
        right = [value for value in known if value is not None]
        if cell is None or not right:
            # What is none may be shown as nought, and what is nought as none.
            if any(right) or (cell is not None and any(value for value, _ in cell.readings)):
                wrong.append(_said(row, cell, right))
            continue
        hits = [value for value in right if one.tells(cell, value)]
        if hits:
            nought = not any(value for value, _ in cell.readings)
            agreeing += [] if nought or row.total else [hits[0]]
        else:
            wrong.append(_said(row, cell, right))
    kinds = {f"{value:.6g}" for value in agreeing}
    sure = len(kinds) >= SURE_COUNT or (
        len(kinds) >= ALIKE_MIN and all(abs(value) >= SURE for value in agreeing))  # fmt: skip
    return (len(agreeing) / (len(agreeing) + len(wrong)) if sure else 0.0), wrong


def _said(row: TextRow, cell: Written | None, right: Sequence[float]) -> str:
    name = row.keys[0] if row.keys else "the total"
    found = "nothing" if cell is None else f"{cell.readings[0][0]:,}" if cell.readings else "?"
    gives = f"{right[0]:,.4f}" if right else "none"
    return f"{name}: a table shows {found}, the source gives {gives}"
