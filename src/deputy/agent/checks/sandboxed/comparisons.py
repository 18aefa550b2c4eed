"""Compares a table as found with the figures as they should be.

Owns which columns must agree and what is said of those that do not. Must never look for tables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deputy.agent.checks.sandboxed.grids import Cell
from deputy.agent.checks.sandboxed.layouts import Block, kinds
from deputy.agent.checks.sandboxed.likeness import rounds_to, scales
from deputy.agent.checks.sandboxed.recomputation import ADDED, Answer, Figure, Line, ranked_by
from deputy.agent.checks.sandboxed.sources import BLANK
from deputy.agent.checks.sandboxed.verdicts import close

RANKING = re.compile(
    r"\b(top|bottom|rank\w*|largest|biggest|highest|lowest|smallest|best|worst|leading|fastest|"
    r"busiest|quietest)\b",
    re.IGNORECASE,
)
WHOLE_MIN = 0.6  # a table that names so many of the groups claims to be of them


@dataclass
class Judged:
    """What came of one table: what is wrong, whether it is named after the measure, how near.

    `lacking`: what the table does not show at all, which contradicts nothing.
    """

    block: Block
    wrong: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)
    claims: bool = False
    ranked: bool = False
    right: int = 0
    shown: list[str] = field(default_factory=list)


def judge(question: Mapping[str, Any], answer: Answer, block: Block) -> Judged:
    """Compare one table with the answer."""
    judged = Judged(block)
    stated = kinds(block, question)
    _name_by_figures(question, answer, block, stated)
    required = [key for key, line in answer.lines.items() if not line.optional]
    missing = [key for key in required if key not in block.rows]
    named = {measure for kind, measure in stated.values() if kind == "value"}
    judged.claims = bool(named) and len(block.rows) >= WHOLE_MIN * max(1, len(required))
    judged.ranked = bool(missing) and _is_leaders(question, answer, block)
    if missing and not judged.ranked and _is_headed_as_ranking(question, answer, block, stated):
        judged.claims = True
        names = ", ".join(answer.lines[key].name for key in answer.leaders)
        judged.wrong.append(f"the ranked list does not read {names}")
    elif missing and not judged.ranked:
        judged.wrong += [f"{answer.lines[key].name!r} is missing" for key in missing]
    judged.wrong += [f"{name!r} does not belong there" for name in block.extra]
    judged.wrong += [f"{answer.lines[key].name!r} stands there twice" for key in block.twice]
    for number in range(len(question["measures"])):
        _one_measure(question, answer, judged, stated, number)
    judged.wrong += _misplaced(question, answer, block, stated)
    return judged


def _name_by_figures(question: Mapping[str, Any], answer: Answer, block: Block,
                     stated: Mapping[int, tuple[str, int]]) -> None:  # fmt: skip
    """Know blanks and total by their figures, whatever they are called: "Unassigned", "Everyone".

    Only one row each, and only where no row bears the usual name.
    """
    for name, cells in list(block.extra.items()):
        blank = answer.lines.get(BLANK)
        if blank is not None and BLANK not in block.rows:
            figures = blank.figures
        elif block.total is None:
            figures, blank = answer.total, None
        else:
            continue
        if not _holds(question, cells, figures, stated):
            continue
        del block.extra[name]
        if blank is None:
            block.total = (name, cells)
        else:
            block.rows[BLANK] = cells


def _holds(question: Mapping[str, Any], cells: Mapping[int, Cell], figures: Sequence[Figure],
           stated: Mapping[int, tuple[str, int]]) -> bool:  # fmt: skip
    """Say whether a row shows the value of each measure, in its own column where one is named."""
    for number, figure in enumerate(figures):
        own = [at for at, what in stated.items() if what == ("value", number) and at in cells]
        unit = question["measures"][number].get("unit")
        shown = [cell.number for at, cell in cells.items()
                 if cell.number is not None and (not own or at in own)]  # fmt: skip
        if not figure.value:
            if own and any(not rounds_to(found, 0.0) for found in shown):
                return False
        elif not any(rounds_to(found, figure.value * scale)
                     for found in shown for scale in scales("value", unit, "")):  # fmt: skip
            return False
    return any(figure.value for figure in figures)


def _is_leaders(question: Mapping[str, Any], answer: Answer, block: Block) -> bool:
    """Say whether the table is the list of the groups ranked first, in their order."""
    if not question.get("rank") or len(block.order) != len(answer.leaders):
        return False
    figures = [ranked_by(dict(question), answer.lines[key]) for key in block.order]
    right = [ranked_by(dict(question), answer.lines[key]) for key in answer.leaders]
    return all(
        a is not None and b is not None and close(a, b) for a, b in zip(figures, right, strict=True)
    )


def _is_headed_as_ranking(question: Mapping[str, Any], answer: Answer, block: Block,
                          stated: Mapping[int, tuple[str, int]]) -> bool:  # fmt: skip
    """Say whether the table claims to list the groups ranked first."""
    if not question.get("rank") or len(block.order) != len(answer.leaders):
        return False
    kinds_shown = {kind for kind, _ in stated.values()}
    return "rank" in kinds_shown or ("value" in kinds_shown and bool(RANKING.search(block.title)))


def _one_measure(question: Mapping[str, Any], answer: Answer, judged: Judged,
                 stated: Mapping[int, tuple[str, int]], number: int) -> None:  # fmt: skip
    """Find the measure's columns by heading, else by their figures; the value must be there."""
    block, measure = judged.block, question["measures"][number]
    free = [at for at in block.columns() if at not in stated]
    for kind in ("value", "compare", "change", "growth", "share"):
        own = [at for at, (what, which) in stated.items() if (what, which) == (kind, number)
               and at in block.columns()]  # fmt: skip
        if kind == "share" and measure.get("aggregate", "sum") not in ADDED:
            continue
        if kind in ("change", "growth", "compare") and not question.get("compare"):
            continue
        if kind == "change":
            own = [at for at in own if not _is_growth(block, at)]
        for at in own:
            judged.wrong += _column(question, answer, block, (kind, number), at)
        right = own
        if kind == "value" and not own:
            known = any(answer.lines[key].figures[number].value is not None for key in block.rows)
            said = _unnamed_value(question, answer, block, free, number) if known else []
            judged.wrong += said
            judged.lacking += said
        elif kind == "compare" and not own:
            right = [at for at in free
                     if not _column(question, answer, block, (kind, number), at)]  # fmt: skip
        judged.shown += [kind] if right else []
    known = any(answer.lines[key].figures[number].compare is not None for key in block.rows)
    if known and not {"compare", "change", "growth"} & set(judged.shown):
        said = [f"nothing is compared with {question['compare']['label']!r}"]
        judged.wrong += said
        judged.lacking += said


def _is_growth(block: Block, at: int) -> bool:
    """A column of changes may be relative: its cells are percentages."""
    cells = [row[at] for row in block.rows.values() if at in row and row[at].number is not None]
    return bool(cells) and all(cell.percent for cell in cells)


def _unnamed_value(question: Mapping[str, Any], answer: Answer, block: Block, free: Sequence[int],
                   number: int) -> list[str]:  # fmt: skip
    """No heading names the measure: some column must hold its figures all the same."""
    tried = [_column(question, answer, block, ("value", number), at) for at in free]
    if any(not wrong for wrong in tried):
        return []
    label = question["measures"][number]["label"]
    nearest = min(tried, key=len, default=[])
    return [f"no column shows {label!r}", *nearest[:2]]


def _column(question: Mapping[str, Any], answer: Answer, block: Block, what: tuple[str, int],
            at: int) -> list[str]:  # fmt: skip
    """Compare one column with one figure, at the scale that fits best."""
    kind, number = what
    measure = question["measures"][number]
    words = f"{block.headings.get(at, '')} {block.joined.get(at, '')}"
    tried = []
    for scale in scales(kind, measure.get("unit"), words):
        wrong = []
        for key, cells in block.rows.items():
            line = answer.lines[key]
            expected = _expected(kind, line.figures[number], answer.total[number])
            said = _difference(line.name, kind, cells.get(at), expected, scale, _lenient(line))
            wrong += [said] if said else []
        wrong += _total(answer, block, what, at, scale)
        tried.append(wrong)
    return min(tried, key=len)


def _lenient(line: Line) -> bool:
    return line.optional


def _expected(kind: str, figure: Figure, total: Figure) -> float | None:
    if kind == "share":
        if figure.value is None or not total.value:
            return None
        return figure.value / total.value
    found: float | None = getattr(figure, kind)
    return found


def _difference(name: str, kind: str, cell: Cell | None, expected: float | None, scale: float,
                lenient: bool) -> str:  # fmt: skip
    """Say how a cell differs; one with nothing to show must show nothing."""
    found = None if cell is None else cell.number
    if found is None:
        # What adds up to nothing may be left blank.
        if expected is None or expected == 0 or lenient:
            return ""
        said = repr(cell.text) if cell else "nothing"
        return f"{name}: {kind} shows {said}, the source gives {expected:,.4f}"
    if expected is None:
        return "" if lenient else f"{name}: {kind} shows {found:,.4f} where there is none"
    if rounds_to(found, expected * scale):
        return ""
    return f"{name}: {kind} shows {found:,.4f}, the source gives {expected * scale:,.4f}"


def _total(answer: Answer, block: Block, what: tuple[str, int], at: int,
           scale: float) -> list[str]:  # fmt: skip
    """The total where shown is that of all rows; of a list of leaders it may be theirs."""
    kind, number = what
    wrong: list[str] = []
    if block.total is not None and block.total[1].get(at) is not None:
        cell = block.total[1][at]
        whole = _expected(kind, answer.total[number], answer.total[number])
        listed = _listed(answer, block, what)
        right = [one for one in (whole, listed) if one is not None]
        if cell.number is None and whole is not None and kind == "value":
            wrong.append(f"{block.total[0]} shows {cell.text!r}, the source gives {whole:,.4f}")
        elif cell.number is not None and not any(rounds_to(cell.number, r * scale) for r in right):
            said = f"{right[0] * scale:,.4f}" if right else "nothing"
            wrong.append(f"{block.total[0]}: {kind} shows {cell.number:,.4f}, the source gives "
                         + said)  # fmt: skip
    wrong += _together(answer, block, what, at, scale)
    return wrong + _rest(answer, block, what, at, scale)


def _together(answer: Answer, block: Block, what: tuple[str, int], at: int,
              scale: float) -> list[str]:  # fmt: skip
    """A row for the groups ranked first, taken together, shows what they come to."""
    cell, right = (block.together or {}).get(at), answer.together
    if what[0] != "value" or cell is None or cell.number is None or right is None:
        return []
    if what[1] != answer.ranked or right.value is None:
        return []
    if rounds_to(cell.number, right.value * scale):
        return []
    return [f"together shows {cell.number:,.4f}, the source gives {right.value * scale:,.4f}"]


def _rest(answer: Answer, block: Block, what: tuple[str, int], at: int,
          scale: float) -> list[str]:  # fmt: skip
    """A row for all other groups shows what they come to."""
    cell, whole = (block.rest or {}).get(at), answer.total[what[1]].value
    listed = _listed(answer, block, what, short=True)
    if what[0] != "value" or cell is None or cell.number is None or whole is None or listed is None:
        return []
    right = (whole - listed) * scale
    if rounds_to(cell.number, right):
        return []
    return [f"the rest shows {cell.number:,.4f}, the source gives {right:,.4f}"]


def _listed(answer: Answer, block: Block, what: tuple[str, int],
            short: bool = False) -> float | None:  # fmt: skip
    """Add up the groups a list of leaders shows, or take what they come to together."""
    kind, number = what
    required = [key for key, line in answer.lines.items() if not line.optional]
    if not short and (block.rest is not None or all(key in block.rows for key in required)):
        return None
    if kind == "value" and answer.together is not None and not short:
        return answer.together.value
    figures = [
        _expected(kind, answer.lines[k].figures[number], answer.total[number]) for k in block.rows
    ]
    if kind in ("growth",) or any(one is None for one in figures):
        return None
    return sum(one for one in figures if one is not None)


def _misplaced(question: Mapping[str, Any], answer: Answer, block: Block,
               stated: Mapping[int, tuple[str, int]]) -> list[str]:  # fmt: skip
    """Compare the ranks shown with the order of the figures recomputed."""
    at = next((at for at, (kind, _) in stated.items() if kind == "rank"), None)
    if at is None or not question.get("rank"):
        return []
    known = {
        key: figure for key, line in answer.lines.items()
        if (figure := ranked_by(dict(question), line)) is not None and key != BLANK
    }  # fmt: skip
    sign = 1.0 if question["rank"].get("order") == "asc" else -1.0
    wrong = []
    for key, cells in block.rows.items():
        cell, figure = cells.get(at), known.get(key)
        if cell is None or figure is None:
            continue
        others = [other for other in known.values() if not close(other, figure)]
        ahead = sum(sign * other < sign * figure for other in others)
        tied = len(known) - len(others)
        if cell.number is None or not ahead < cell.number <= ahead + tied:
            wrong.append(f"{answer.lines[key].name}: rank shows {cell.text!r}, the source gives "
                         f"{ahead + 1}")  # fmt: skip
    return wrong
