"""Rows that are sums of other rows: said so in words and borne out by their figures.

Owns that proof. Must never call a row a sum by its words alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from deputy.agent.tables.amounts import number_in
from deputy.agent.tables.cells import blank, key_of

TOTAL_WORDS = (
    r"(?:grand |sub[- ]?|overall |running )?totals?|sums?|gesamt(?:summe|betrag)?|summe|"
    r"(?:zwischen|end)summe|insgesamt|sous[- ]total|total g[ée]n[ée]ral|somme|totale|subtotale|suma"
)
TOTAL = re.compile(rf"(?:{TOTAL_WORDS})\s*[:.]?", re.IGNORECASE)
SAYS_TOTAL = re.compile(rf"\b(?:{TOTAL_WORDS})\b", re.IGNORECASE)
MARKED_MAX = 5_000
STEPS_MAX = 2_000_000
RUN_MAX = 100_000
PLACES_MAX = 6
LARGER = 1.5  # how many times the usual figure sums of others are at least, on average
FILLED_AS_OTHERS = 0.8
Figures = tuple[float | None, ...]
Row = list[Any]


def says_total(cell: Any) -> bool:
    """Whether a cell holds a word for a sum."""
    return isinstance(cell, str) and len(cell) <= 120 and SAYS_TOTAL.search(cell) is not None


def is_total(cell: Any) -> bool:
    """Whether a cell is a word for a sum and nothing else."""
    return isinstance(cell, str) and TOTAL.fullmatch(cell.strip()) is not None


def marked_rows(rows: Sequence[Row], width: int) -> dict[int, tuple[int, str]]:
    """Give the rows with a word for a sum, and where it stands: column and text."""
    found: dict[int, tuple[int, str]] = {}
    for column in range(width):
        words = {row[column] for row in rows if column < len(row) and isinstance(row[column], str)}
        said = {word for word in words if says_total(word)}
        if said:
            for at, row in enumerate(rows):
                if column < len(row) and isinstance(row[column], str) and row[column] in said:
                    found.setdefault(at, (column, row[column]))
    return found


def strongly_marked(marked: dict[int, tuple[int, str]], rows: Sequence[Row]) -> set[int]:
    """Give the rows called "Total" or "X total" where X is another value of that column."""
    strong = {at for at, (_, text) in marked.items() if is_total(text)}
    known: dict[int, set[str]] = {}
    for at, (column, text) in marked.items():
        rest = SAYS_TOTAL.sub("", text, count=1).strip(" :-").casefold()
        if column not in known:
            known[column] = {key_of(row[column]) for row in rows if column < len(row)}
        if rest and rest in known[column] and rest != key_of(text):
            strong.add(at)
    return strong


def plain_values(
    rows: Sequence[Row], width: int, numeric: Sequence[int], decimal: str | None
) -> set[tuple[int, str]]:
    """Give the words for a sum that are mere values, such as a company called Total.

    Their rows are filled as all others are, their figures are no larger, and most are no sums.
    """
    marked = marked_rows(rows, width)
    strong = strongly_marked(marked, rows)
    places: dict[tuple[int, str], list[int]] = {}
    for at in sorted(strong):
        places.setdefault(marked[at], []).append(at)
    others = [at for at in range(len(rows)) if at not in marked]
    likely = {
        value: found for value, found in places.items()
        if _alike(rows, value[0], found, others, [n for n in range(width) if n not in numeric])
        and not _larger(rows, found, others, numeric, decimal)
    }  # fmt: skip
    if not likely:
        return set()
    proven = summing_rows(rows, marked, numeric, decimal)
    return {value for value, found in likely.items()
            if 2 * sum(at in proven for at in found) <= len(found)}  # fmt: skip


def _alike(
    rows: Sequence[Row], column: int, some: Sequence[int], others: Sequence[int],
    words: Sequence[int],
) -> bool:  # fmt: skip
    """Whether some rows fill the columns of words beside their own as the other rows do."""
    beside = [at for at in words if at != column]
    shares = [
        sum(at < len(rows[n]) and not blank(rows[n][at]) for n in found for at in beside)
        / max(1, len(found))
        for found in (some, others)
    ]
    return shares[1] >= 1 and shares[0] >= FILLED_AS_OTHERS * shares[1]


def _larger(
    rows: Sequence[Row], some: Sequence[int], others: Sequence[int], numeric: Sequence[int],
    decimal: str | None,
) -> bool:  # fmt: skip
    """Whether the figures of some rows are on average clearly larger than those of the others."""
    for at in numeric:
        means = []
        for found in (some, others):
            read = [_figures(rows[n], [at], decimal)[0] for n in found]
            sizes = [abs(value) for value in read if value is not None]
            means.append(sum(sizes) / len(sizes) if sizes else 0.0)
        if means[0] > LARGER * means[1]:
            return True
    return False


def summing_rows(
    rows: Sequence[Row], marked: dict[int, tuple[int, str]], numeric: Sequence[int],
    decimal: str | None,
) -> set[int]:  # fmt: skip
    """Give the marked rows whose figures are the sums of rows directly above, or below.

    Rows already proven do not count again, so totals of totals are found too. A row that may bear
    its word as a name ("Total Care") must sum up several rows, and either leave cells blank that
    these fill or reach back to where the summing begins.
    """
    strong = strongly_marked(marked, rows)
    said = sorted(marked)[:MARKED_MAX]
    if not said or not numeric:
        return set()
    figures = [_figures(row, numeric, decimal) for row in rows]
    places = _places(figures)
    steps, proven = STEPS_MAX, set[int]()
    for at in said:
        above = [n for n in range(at - 1, max(-1, at - 1 - RUN_MAX), -1) if n not in proven]
        below = [n for n in range(at + 1, min(len(rows), at + 1 + RUN_MAX)) if n not in marked]
        for others in (above, below):
            count, steps = _sums_to(figures, at, others, places, steps)
            if count and (at in strong or _plainly(rows, at, others, count, proven)):
                proven.add(at)
                break
    return proven


def _plainly(
    rows: Sequence[Row], at: int, others: Sequence[int], count: int, proven: set[int]
) -> bool:
    """Whether a row that sums up `count` others is no row like them."""
    if count == 1:
        return False
    first = others[count - 1]
    whole = count == len(others) or (first - 1 in proven and first < at)
    return whole or _filled_cells(rows[at]) < min(_filled_cells(rows[n]) for n in others[:count])


def _filled_cells(row: Row) -> int:
    return sum(not blank(cell) for cell in row)


def is_sum_of_all(rows: Sequence[Row], last: Row, numeric: Sequence[int],
                  decimal: str | None) -> bool:  # fmt: skip
    """Whether every figure of a row is the sum of its column above, and there are some."""
    figures = [_figures(row, numeric, decimal) for row in [*rows, last]]
    target = [value for value in figures[-1] if value is not None]
    sums = [sum(row[at] or 0.0 for row in figures[:-1]) for at in range(len(numeric))]
    near = _near(_places(figures))
    same = [near(total, value) for total, value in zip(sums, figures[-1], strict=True)
            if value is not None]  # fmt: skip
    return all(same) and any(target)


def _sums_to(
    figures: Sequence[Figures], at: int, others: Sequence[int], places: int, steps: int
) -> tuple[int, int]:
    """Add up rows one by one until their sums are this row's figures; gives how many it took."""
    target = figures[at]
    filled = [n for n, value in enumerate(target) if value is not None]
    near = _near(places)
    sums = [0.0] * len(target)
    for count, other in enumerate(others if filled else (), start=1):
        if steps <= 0:
            break
        steps -= 1
        for n in filled:
            sums[n] += figures[other][n] or 0.0
        same = [n for n in filled if near(sums[n], target[n] or 0.0)]
        if len(same) * 2 >= len(filled) and any(target[n] for n in same):
            return count, steps
    return 0, steps


def _near(places: int) -> Callable[[float, float], bool]:
    unit = 10.0**-places if places else 1e-6
    return lambda one, other: abs(one - other) <= 1.01 * unit + 1e-9 * abs(other)


def _places(figures: Sequence[Figures]) -> int:
    """Give how many decimals the figures of the first rows have."""
    texts = (repr(value).partition(".")[2] for row in figures[:200] for value in row if value)
    return min(PLACES_MAX, max((len(text) for text in texts if text != "0"), default=0))


def _figures(row: Row, numeric: Sequence[int], decimal: str | None) -> Figures:
    return tuple(
        None if at >= len(row) or blank(row[at]) else number_in(row[at], decimal) for at in numeric
    )
