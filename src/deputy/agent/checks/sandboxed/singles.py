"""Finds the one figure of a question without groups and compares it.

Owns figures that stand alone: beside, below or under the name of their measure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deputy.agent.checks.sandboxed.grids import Cell, Grid
from deputy.agent.checks.sandboxed.layouts import plain
from deputy.agent.checks.sandboxed.likeness import is_total, rounds_to, scales
from deputy.agent.checks.sandboxed.recomputation import Answer, Figure
from deputy.agent.checks.sandboxed.sources import spelled
from deputy.agent.checks.sandboxed.verdicts import FailedError

STEPS_MAX = 4
TELLING_DIGITS = 4  # a figure of so many digits is hardly there by chance
ROWS_ABOVE_MAX = 6


def judge_single(question: Mapping[str, Any], expected: Answer, grids: Sequence[Grid]) -> str:
    """Give the sentence of right figures; raises `FailedError` for the first that is not."""
    for number, measure in enumerate(question["measures"]):
        _one(question, measure, expected.total[number], grids)
    said = ", ".join(
        f"{measure['label']}: {figure.value:,.4f}" if figure.value is not None else "nothing"
        for measure, figure in zip(question["measures"], expected.total, strict=True)
    )
    return f"Computed again from {expected.rows:,} source rows and shown so: {said}."


def _one(question: Mapping[str, Any], measure: Mapping[str, Any], figure: Figure,
         grids: Sequence[Grid]) -> None:  # fmt: skip
    if figure.value is None:
        return
    beside: list[Cell] = []
    for grid in grids:
        for place, cell in grid.cells.items():
            words = spelled(cell.text)
            if cell.number is None and _is_label(words, measure["label"]):
                near = list(_near(grid, place))
                if near and not _is_list(grid, place):
                    beside += near[:1] if not _any_right(near, figure, measure, words) else []
                    if _any_right(near, figure, measure, words):
                        _require_comparison(question, measure, figure, grids)
                        return
    if beside:
        raise FailedError(f"{measure['label']!r} shows {beside[0].text}, the source gives "
                          f"{figure.value:,.4f}.")  # fmt: skip
    if not _anywhere(figure, measure, grids):
        raise FailedError(f"No visible cell shows {measure['label']!r} as {figure.value:,.4f}.")
    _require_comparison(question, measure, figure, grids)


def _is_label(words: str, label: str) -> bool:
    wanted = spelled(label)
    return words.rstrip(":") == wanted or plain(words).rstrip(":") == plain(wanted)


def _near(grid: Grid, place: tuple[int, int]) -> Iterator[Cell]:
    """Give the figures to the right of a name, and the total or the first figure below it."""
    row, column = place
    for step in range(1, STEPS_MAX + 1):
        cell = grid.cells.get((row, column + step))
        if cell and cell.number is not None:
            yield cell
            break
    below = [grid.cells.get((row + step, column)) for step in range(1, STEPS_MAX + 1)]
    first = next((cell for cell in below if cell and cell.number is not None), None)
    if first:
        yield first


def _is_list(grid: Grid, place: tuple[int, int]) -> bool:
    """Say whether the name heads a long column: a list of records, not one figure."""
    row, column = place
    below = [grid.cells.get((row + step, column)) for step in range(1, ROWS_ABOVE_MAX)]
    names = [grid.cells.get((row + step, at)) for step in range(1, ROWS_ABOVE_MAX)
             for at in range(max(1, column - 4), column)]  # fmt: skip
    totals = any(name and is_total(name.text) for name in names)
    return all(cell is not None and cell.number is not None for cell in below) and not totals


def _any_right(cells: Sequence[Cell], figure: Figure, measure: Mapping[str, Any],
               words: str) -> bool:  # fmt: skip
    return any(_is_right(cell, figure.value, measure, words) for cell in cells)


def _is_right(cell: Cell, value: float | None, measure: Mapping[str, Any], words: str) -> bool:
    if cell.number is None or value is None:
        return False
    return any(rounds_to(cell.number, value * s) for s in scales("value", measure.get("unit"),
                                                                 words))  # fmt: skip


def _anywhere(figure: Figure, measure: Mapping[str, Any], grids: Sequence[Grid]) -> bool:
    """Look for a telling figure beside any words at all."""
    for grid in grids:
        for (row, column), cell in grid.cells.items():
            if not _is_right(cell, figure.value, measure, ""):
                continue
            near = [grid.cells.get((row, column - step)) for step in range(1, STEPS_MAX)]
            near.append(grid.cells.get((row - 1, column)))
            named = any(one is not None and one.number is None for one in near)
            if named and len(cell.text.replace(".", "").lstrip("-0")) >= TELLING_DIGITS:
                return True
    return False


def _require_comparison(question: Mapping[str, Any], measure: Mapping[str, Any], figure: Figure,
                        grids: Sequence[Grid]) -> None:  # fmt: skip
    """With a comparison the other figure, the change or the growth stands there too."""
    if not question.get("compare") or figure.compare is None:
        return
    right = [figure.compare, figure.change]
    growth = [figure.growth, None if figure.growth is None else figure.growth * 100]
    for grid in grids:
        for cell in grid.cells.values():
            if any(_is_right(cell, value, measure, "") for value in (*right, *growth)):
                return
    then = question["compare"]["label"]
    raise FailedError(f"{measure['label']!r} is not compared with {then!r}: "
                      f"the source gives {figure.compare:,.4f}.")  # fmt: skip
