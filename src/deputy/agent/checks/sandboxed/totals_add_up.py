"""Rows add up to the totals shown below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.grids import Cell, Grid, grids_of, heading
from deputy.agent.checks.sandboxed.layouts import plain
from deputy.agent.checks.sandboxed.likeness import is_together, is_total, is_whole
from deputy.agent.checks.sandboxed.recomputation import ADDED, answer
from deputy.agent.checks.sandboxed.records import shown
from deputy.agent.checks.sandboxed.sources import spelled
from deputy.agent.checks.sandboxed.verdicts import FailedError

NAME = "totals.add_up"
TITLE = "The rows of every table add up to the totals shown"
LIMITS = "whether rows are missing, nor averages and shares"
KIND = "inspects"
APPLIES_TO = (".xlsx", ".xlsm", ".csv", ".tsv")
TAKES = (
    "columns: [heading] to add up (default: all whose headings name no rate or average); asked: as "
    "for figures.in_tables, its measures that are no sums or counts are passed over."
)
ROWS_TELLING = 2
NONE = ("n/a", "new", "-", "–", "none", "nan")
RATES = ("%", "share", "growth", "average", "avg", "mean", "rate", "median", "ratio", "rank",
         "change %", "per ", "min", "max", "distinct", "margin", "price")  # fmt: skip
OFF_MAX = 0.011  # a cent, so that rows rounded one by one may be a cent off each
Lines = Mapping[int, dict[int, Cell]]


def check(target: Path, params: dict[str, Any]) -> str:
    """Find rows named as totals and add up what stands above them."""
    known = _Added.of(params)
    wrong: list[str] = []
    count = 0
    for grid in grids_of(target):
        lines = grid.lines()
        for place in _named(lines) or _unnamed(grid, lines, known):
            found, said = _table(grid, lines, place, known)
            count += found
            wrong += said
    if wrong:
        raise FailedError(shown(wrong))
    if not count and known.nothing:
        return "Nothing that was asked for adds up, so no total is a sum of its rows."
    if not count:
        raise FailedError("No row is named as a total, so there is nothing to add up.")
    return f"{count:,} totals, each the sum of its rows."


@dataclass(frozen=True)
class _Added:
    """Which headings are of figures that add up, by what the brief says of them."""

    wanted: frozenset[str]
    added: frozenset[str]
    others: frozenset[str]
    crossed: tuple[tuple[frozenset[str], bool], ...]
    """The headings of each pivot, and whether it adds up."""
    nothing: bool
    """Whether of all that was asked no figure has rows that add up."""

    @classmethod
    def of(cls, params: dict[str, Any]) -> _Added:
        asked = [params.get("asked"), *(params.get("others") or ())]
        labels: dict[bool, set[str]] = {True: set(), False: set()}
        crossed, grouped = [], False
        for one in filter(None, asked):
            grouped = grouped or bool(one["question"].get("groups"))
            for measure in one["question"]["measures"]:
                added = (measure.get("aggregate") or "sum") in ADDED
                labels[added].add(plain(spelled(measure["label"])))
            if len(one["question"].get("groups") or ()) > 1:
                names = frozenset(answer(one).across)
                crossed.append((names, added))
        wanted = frozenset(spelled(str(name)) for name in params.get("columns") or ())
        nothing = any(asked) and not (grouped and labels[True])
        return cls(wanted, frozenset(labels[True]), frozenset(labels[False]), tuple(crossed),
                   nothing)  # fmt: skip

    def holds(self, words: str, table: Sequence[str]) -> bool:
        """Say whether a column of these words adds up, in a table with these headings."""
        if self.wanted:
            return words in self.wanted
        if any(rate in words for rate in RATES):
            return plain(words) in self.added
        if not self.others:
            return True
        # With figures that do not add up about, a column must say that it is of one that does.
        named = max((one for one in (*self.added, *self.others) if one in words), key=len,
                    default="")  # fmt: skip
        if named:
            return named in self.added and named not in self.others
        pivots = [added for names, added in self.crossed if names & set(table)]
        if pivots:
            return all(pivots)
        whole = " ".join(table)
        return any(one in whole for one in self.added - self.others) and not any(
            one in whole for one in self.others
        )


def _named(lines: Lines) -> list[tuple[int, int]]:
    """Give the rows whose name says that they are totals, and the column of the name."""
    firsts = [(row, min(cells)) for row, cells in lines.items() if len(cells) > 1]
    return [(row, at) for row, at in firsts
            if lines[row][at].number is None and _adds_up(lines[row][at].text)]  # fmt: skip


def _unnamed(grid: Grid, lines: Lines, known: _Added) -> list[tuple[int, int]]:
    """Give the last rows of tables that are the sum of all above, whatever they are called."""
    found = []
    for row, cells in lines.items():
        at = min(cells)
        ends = at not in lines.get(row + 1, {})
        if ends and cells[at].number is None and len(cells) > 1:
            telling, off = _table(grid, lines, (row, at), known, plain_only=True)
            _, wrong = _table(grid, lines, (row, at), known)
            found += [(row, at)] if telling - len(off) > 2 * len(wrong) else []
    return found


def _adds_up(text: str) -> bool:
    return is_total(text) and not is_whole(text) and not is_together(text)


def _table(grid: Grid, lines: Lines, place: tuple[int, int],
           known: _Added, *, plain_only: bool = False) -> tuple[int, list[str]]:  # fmt: skip
    """Add up each column between the heading and the total; subtotals are passed over."""
    row, names = place
    count, wrong = 0, []
    sub = "sub" in spelled(lines[row][names].text)
    above = _rows_above(lines, row, names, sub)
    words_at = _headings(lines, above, names)
    for at in _columns(lines, row, names):
        cell = lines[row].get(at)
        if cell is None or cell.number is None or (cell.percent and not known.wanted):
            continue
        rows = [lines[one] for one in above]
        values = [one[at].number for one in rows if at in one and not is_total(one[names].text)]
        numbers = [one for one in values if one is not None]
        words = words_at.get(at, "")
        if not numbers or not known.holds(words, list(words_at.values())):
            continue
        if plain_only and sum(one != 0 for one in numbers) < ROWS_TELLING:
            continue  # a nought among noughts, or one row below its equal, says nothing
        count += 1
        # The topmost row may be headings that are numbers, such as years.
        first = lines[above[-1]].get(at) if above else None
        head = first.number if first is not None and first.number is not None else 0.0
        off = OFF_MAX * max(1, len(numbers) / 2)
        sums = (sum(numbers), sum(numbers) - head)
        if all(abs(one - cell.number) > max(off, 1e-9 * abs(one)) for one in sums):
            wrong.append(f"{grid.name!r}, {words or 'column ' + str(at)}: the total shows "
                         f"{cell.number:,.2f}, its rows add up to {sums[0]:,.2f}")  # fmt: skip
    return count, wrong


def _columns(lines: Lines, row: int, names: int) -> range:
    """Give the columns of the table the total closes: up to one that is empty beside it."""
    held = {*lines[row], *lines.get(row - 1, {})}
    last = names
    while last + 1 in held:
        last += 1
    return range(names + 1, last + 1)


def _rows_above(lines: Lines, row: int, names: int, sub: bool) -> list[int]:
    """Give the rows that belong to a total, upwards to its headings and with them."""
    above: list[int] = []
    one = row - 1
    while names in lines.get(one, {}) and len(lines[one]) > 1:
        name, beside = lines[one][names], [c for at, c in lines[one].items() if at != names]
        if sub and name.number is None and is_total(name.text):
            break
        above.append(one)
        if all(cell.number is None and not _is_none(cell.text) for cell in beside):
            break
        one -= 1
    return above


def _is_none(text: str) -> bool:
    return spelled(text) in NONE


def _headings(lines: Lines, above: Sequence[int], names: int) -> dict[int, str]:
    return {at: heading(cell) for at, cell in lines[above[-1]].items()} if above else {}
