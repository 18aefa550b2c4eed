"""Finds a pivot in whatever layout a file has it and compares every cell.

Owns tables of two groups: one down and one across, or both down. Must never compute a figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deputy.agent.checks.sandboxed.grids import Cell, Grid
from deputy.agent.checks.sandboxed.likeness import (
    is_together,
    is_total,
    rounds_to,
    scales,
    spellings,
)
from deputy.agent.checks.sandboxed.recomputation import Answer, Figure
from deputy.agent.checks.sandboxed.sources import spelled
from deputy.agent.checks.sandboxed.verdicts import FailedError

SHOWN_MAX = 3
Lines = Mapping[int, dict[int, Cell]]
Names = Mapping[str, str]


def judge_pivot(question: Mapping[str, Any], expected: Answer, grids: Sequence[Grid]) -> str:
    """Give the sentence of a right pivot; raises `FailedError` with what is nearest to it."""
    down = spellings(question["groups"][0], expected.lines, bare=True)
    across = spellings(question["groups"][1], expected.across, bare=True)
    tried: list[tuple[str, list[str]]] = []
    for grid in grids:
        for way in grid.ways():
            lines = way.lines()
            tried += [(grid.name, wrong) for wrong in _matrices(question, expected, lines, down,
                                                                across)]  # fmt: skip
        tried += [(grid.name, wrong) for wrong in _lists(question, expected, grid.lines(), down,
                                                         across)]  # fmt: skip
    if not tried:
        labels = " by ".join(group["label"] for group in question["groups"])
        raise FailedError(f"No visible table shows {labels}.")
    sheet, wrong = min(tried, key=lambda one: len(one[1]))
    if wrong:
        more = f"; and {len(wrong) - SHOWN_MAX:,} more" if len(wrong) > SHOWN_MAX else ""
        raise FailedError(f"{sheet!r}: " + "; ".join(wrong[:SHOWN_MAX]) + more + ".")
    cells = sum(len(line.across) for line in expected.lines.values())
    return (f"{cells:,} cells and the totals computed again from {expected.rows:,} source rows; "
            f"the table on {sheet!r} equals them.")  # fmt: skip


def _matrices(question: Mapping[str, Any], expected: Answer, lines: Lines, down: Names,
              across: Names) -> list[list[str]]:  # fmt: skip
    """Judge each row of headings that names the second group's values."""
    found = []
    least = min(2, len(set(across.values())))
    for row, cells in lines.items():
        heads = {
            at: across[spelled(c.text)] for at, c in cells.items() if spelled(c.text) in across
        }
        if len(set(heads.values())) < least or len(heads) != len(set(heads.values())):
            continue
        for names_at in range(min(heads) - 1, max(0, min(heads) - 4), -1):
            if spelled(lines.get(row + 1, {}).get(names_at, Cell("")).text) in down:
                found.append(_matrix(question, expected, lines, (row, names_at), heads, down))
                break
    return found


def _matrix(question: Mapping[str, Any], expected: Answer, lines: Lines, corner: tuple[int, int],
            heads: Mapping[int, str], down: Names) -> list[str]:  # fmt: skip
    row, names_at = corner
    totals_at = next((at for at, c in lines[row].items() if at > max(heads) and is_total(c.text)),
                     None)  # fmt: skip
    wrong = [f"the column {expected.across[key].name!r} is missing"
             for key in expected.across
             if key not in heads.values() and not expected.across[key].optional]  # fmt: skip
    wrong += [f"the column {c.text!r} does not belong there" for at, c in lines[row].items()
              if min(heads) < at < max(heads) and at not in heads]  # fmt: skip
    seen: list[str] = []
    at_row = row + 1
    while names_at in lines.get(at_row, {}):
        cells, name = lines[at_row], lines[at_row][names_at].text
        at_row += 1
        key = down.get(spelled(name))
        if key is not None:
            line = expected.lines[key]
            seen.append(key)
            figures = {at: line.across.get(head) for at, head in heads.items()}
            whole = line.figures[0]
        elif is_total(name):
            figures = {at: expected.across[head].figures[0] for at, head in heads.items()}
            whole = expected.total[0]
        elif is_together(name):
            continue
        elif any(cells[at].number is not None for at in heads if at in cells):
            wrong.append(f"{name!r} does not belong there")
            continue
        else:
            break
        shown = dict(figures) | ({totals_at: whole} if totals_at is not None else {})
        wrong += _cells(question, name, cells, shown)
    wrong += [f"{line.name!r} is missing" for key, line in expected.lines.items()
              if key not in seen and not line.optional]  # fmt: skip
    return wrong


def _cells(question: Mapping[str, Any], name: str, cells: Mapping[int, Cell],
           figures: Mapping[int, Figure | None]) -> list[str]:  # fmt: skip
    wrong = []
    for at, figure in figures.items():
        said = _differs(question, cells.get(at), figure)
        wrong += [f"{name}: {said}"] if said else []
    return wrong


def _differs(question: Mapping[str, Any], cell: Cell | None, figure: Figure | None) -> str:
    """Say how a cell differs; a combination that never occurs is blank, or nought of a sum."""
    measure = question["measures"][0]
    found = None if cell is None else cell.number
    right = None if figure is None else figure.value
    if found is None:
        return "" if not right else f"shows nothing, the source gives {right:,.4f}"
    if right is None:
        return "" if found == 0 else f"shows {found:,.4f} where there is none"
    for scale in scales("value", measure.get("unit"), ""):
        if rounds_to(found, right * scale):
            return ""
    return f"shows {found:,.4f}, the source gives {right:,.4f}"


def _lists(question: Mapping[str, Any], expected: Answer, lines: Lines, down: Names,
           across: Names) -> list[list[str]]:  # fmt: skip
    """Judge lists with a row for each pair of values."""
    starts: dict[tuple[int, int], list[int]] = {}
    for row, cells in lines.items():
        firsts = [at for at, c in cells.items() if spelled(c.text) in down]
        seconds = [at for at, c in cells.items() if spelled(c.text) in across]
        for pair in ((a, b) for a in firsts for b in seconds if a != b):
            starts.setdefault(pair, []).append(row)
    pairs = sum(len(line.across) for line in expected.lines.values())
    found = []
    for (first, second), rows in starts.items():
        held = [(down[spelled(lines[r][first].text)], across[spelled(lines[r][second].text)], r)
                for r in rows]  # fmt: skip
        if len({(a, b) for a, b, _ in held}) == len(held) >= 0.6 * pairs:
            found.append(_list(question, expected, lines, held, max(first, second)))
    return found


def _list(question: Mapping[str, Any], expected: Answer, lines: Lines,
          held: Sequence[tuple[str, str, int]], after: int) -> list[str]:  # fmt: skip
    """Compare each pair's figure, in the column after the names that fits best."""
    columns = {at for _, _, row in held for at, c in lines[row].items()
               if at > after and c.number is not None}  # fmt: skip
    tried = []
    for at in sorted(columns):
        wrong = []
        for first, second, row in held:
            line = expected.lines[first]
            said = _differs(question, lines[row].get(at), line.across.get(second))
            wrong += [f"{line.name}, {expected.across[second].name}: {said}"] if said else []
        tried.append(wrong)
    shown = {(first, second) for first, second, _ in held}
    missing = [f"{line.name!r} with {expected.across[key].name!r} is missing"
               for first, line in expected.lines.items() for key, figure in line.across.items()
               if (first, key) not in shown and figure.value]  # fmt: skip
    return missing + min(tried, key=len, default=["no figures"])
