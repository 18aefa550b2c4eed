"""Every group and total shown in a table file equals a recomputation from the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.comparisons import Judged, judge
from deputy.agent.checks.sandboxed.crossings import judge_pivot
from deputy.agent.checks.sandboxed.grids import Grid, grids_of
from deputy.agent.checks.sandboxed.layouts import blocks
from deputy.agent.checks.sandboxed.likeness import rounds_to, scales, spellings
from deputy.agent.checks.sandboxed.recomputation import Answer, answer
from deputy.agent.checks.sandboxed.shaping import headings_of
from deputy.agent.checks.sandboxed.singles import judge_single
from deputy.agent.checks.sandboxed.sources import BLANK, spelled
from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError, must
from deputy.agent.checks.sandboxed.written_numbers import numbers_in

NAME = "figures.in_tables"
TITLE = "Every group's figure and the total equal the source's, computed by a second route"
LIMITS = "whether the question is the one that was meant, nor figures the question does not name"
NEEDS = ("asked",)
APPLIES_TO = (".xlsx", ".xlsm", ".csv", ".tsv")
KIND = "recomputes"
CONTENT = True
TAKES = (
    "asked: what is computed again from uploads: {source: {path, sheet (workbooks), header_row "
    "(from 0), header_rows, skip_rows, skip_footer, fill_down, encoding, delimiter, quote, decimal "
    "(text tables), day_order: dmy | mdy | ymd}, more: [source, …] stacked below, join: {source, "
    "on: [[column, column]]}, question: {title, measures: [{column (null: rows), label, aggregate: "
    "sum | mean | count | min | max | median | distinct | missing | ratio, unit, over, where: "
    "[filter]}], groups: [{column, label, by: day | week | month | quarter | year | weekday | "
    "hour}] (none, one, or two for a pivot), filters: [{column, op: eq | in | ne | not_in | gt | "
    "ge | lt | le | between | contains | starts | ends | missing | present, value}], date_column, "
    "period: {kind: range | all, label, start, end}, compare: {label, start, end}, rank: {measure, "
    "by: value | growth | change, top, order: desc | asc, together}}}. The file shows a table with "
    "a row for each group (or the ranked ones), headed by the measure's label."
)
SHOWN_MAX = 3
DATA_HEADINGS_SHARE = 0.7


def check(target: Path, params: dict[str, Any]) -> str:
    """Find the question's table among all visible ones and compare every figure."""
    asked = must(params, "asked")
    expected = answer(asked)
    grids = grids_of(target)
    if len(asked["question"].get("groups") or ()) != 1:
        return _without_rows(asked, expected, grids)
    figures = [figure for line in expected.lines.values() for figure in line.figures]
    if all(figure.value is None and figure.compare is None for figure in figures):
        return "The source gives no figure for any group, so none is compared."
    found = _tables(asked, expected, grids)
    right = [one for one in found if not one.wrong]
    if not right:
        raise FailedError(_best(asked, expected, found))
    _require_no_contradiction(asked, found, grids, params.get("others") or ())
    _require_together(asked, expected, grids)
    value = expected.total[0].value
    total = "none" if value is None else f"{value:,.2f}"
    part = "the groups ranked first" if all(one.ranked for one in right) else "all groups"
    return (f"{len(expected.lines):,} groups and the total ({total}) computed again from "
            f"{expected.rows:,} source rows; {part} on {right[0].block.sheet!r} equal "
            "them.")  # fmt: skip


def _without_rows(asked: Mapping[str, Any], expected: Answer, grids: Sequence[Grid]) -> str:
    """Judge a question with no group or with two."""
    if asked["question"].get("groups"):
        return judge_pivot(asked["question"], expected, grids)
    return judge_single(asked["question"], expected, grids)


def _tables(asked: Mapping[str, Any], expected: Answer, grids: Sequence[Grid]) -> list[Judged]:
    question = asked["question"]
    headings = headings_of(dict(asked))
    named = set(expected.lines) - {BLANK} or {BLANK}
    for bare in (False, True):
        known = spellings(question["groups"][0], expected.lines, bare=bare)
        found = [
            judge(question, expected, block)
            for grid in grids
            for data in (_data_columns(grid, headings),)
            for way in ((grid,) if data else grid.ways())
            for block in blocks(way, known)
            if named & set(block.rows) and block.names_at not in data
        ]
        if found:
            return found
    return []


def _best(asked: Mapping[str, Any], expected: Answer, found: Sequence[Judged]) -> str:
    """Say what is wrong with the table that comes nearest."""
    if not found:
        names = ", ".join(line.name for line in list(expected.lines.values())[:SHOWN_MAX])
        label = asked["question"]["groups"][0]["label"]
        return f"No visible table has a row for each {label}: {names} …"
    nearest = min(found, key=lambda one: (not one.claims, len(one.wrong), -len(one.block.rows)))
    more = len(nearest.wrong) - SHOWN_MAX
    tail = f"; and {more:,} more" if more > 0 else ""
    return f"{nearest.block.sheet!r}: " + "; ".join(nearest.wrong[:SHOWN_MAX]) + tail + "."


def _require_no_contradiction(asked: Mapping[str, Any], found: Sequence[Judged],
                              grids: Sequence[Grid], others: Sequence[Any]) -> None:  # fmt: skip
    """A second table of the same headings shows the same figures, or answers another question."""
    headings = headings_of(dict(asked))
    wrong = [one for one in found if one.claims and set(one.wrong) - set(one.lacking)]
    wrong = [one for one in wrong if not _is_data(one, headings)]
    for one in wrong:
        if not any(_explains(other, one, grids) for other in others):
            raise FailedError(
                f"A second table on {one.block.sheet!r} has the same headings and other figures: "
                f"{_first_of(one)}. If it answers another question, state that as a criterion too."
            )


def _first_of(one: Judged) -> str:
    return next(said for said in one.wrong if said not in one.lacking)


def _is_data(one: Judged, headings: set[str]) -> bool:
    """Say whether the table is a copy of the source's rows."""
    shared = headings & set(one.block.headings.values())
    return len(shared) >= max(3, DATA_HEADINGS_SHARE * len(headings))


def _data_columns(grid: Grid, headings: set[str]) -> frozenset[int]:
    """Give the columns of a sheet below the source's own headings: rows of data, no tables."""
    least = max(3, DATA_HEADINGS_SHARE * len(headings))
    for row in grid.lines().values():
        own = {at for at, cell in row.items() if spelled(cell.text) in headings}
        if len({spelled(row[at].text) for at in own}) >= least:
            last = max(own)
            while last + 1 in row:
                last += 1
            return frozenset(range(min(own), last + 1))
    return frozenset()


def _explains(other: Mapping[str, Any], one: Judged, grids: Sequence[Grid]) -> bool:
    """Say whether another question of the brief has exactly this table as its answer."""
    question = other["question"]
    if len(question.get("groups") or ()) != 1:
        return False
    try:
        found = _tables(other, answer(dict(other)), grids)
    except UncheckedError:
        return False
    return any(
        not set(judged.wrong) - set(judged.lacking) and (judged.block.sheet, judged.block.rows) ==
        (one.block.sheet, one.block.rows) for judged in found
    )  # fmt: skip


def _require_together(asked: Mapping[str, Any], expected: Answer, grids: Sequence[Grid]) -> None:
    """What the ranked groups come to together stands somewhere, as a figure or a share."""
    figure = expected.together
    if figure is None or figure.value is None:
        return
    measure = asked["question"]["measures"][int(asked["question"]["rank"].get("measure") or 0)]
    total = expected.total[int(asked["question"]["rank"].get("measure") or 0)].value
    right = [figure.value * s for s in scales("value", measure.get("unit"), "thousand")]
    right += [figure.value / total * s for s in (1.0, 100.0)] if total else []
    for grid in grids:
        for cell in grid.cells.values():
            numbers = [cell.number] if cell.number is not None else _numbers(cell.text)
            if any(rounds_to(n, r) or _one_decimal(n, r) for n in numbers for r in right):
                return
    raise FailedError(f"What the first {len(expected.leaders)} come to together "
                      f"({figure.value:,.2f}) stands nowhere.")  # fmt: skip


def _one_decimal(found: float, right: float) -> bool:
    return abs(right) >= 1 and round(right, 1) == found


def _numbers(text: str) -> list[float]:
    return [value for token in numbers_in(text) for value, _ in token.readings]
