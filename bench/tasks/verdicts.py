"""One verdict on what was handed over for a task.

Pure. Owns what counts as correct, partial, declined, not verified, failed, and as the worst: wrong
but called verified. Must never know a task, a file or a data set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bench.tasks.facts import Cell, facts
from bench.tasks.judges import chart_missing, holds, same_range

Verdict = Literal["correct", "partial", "declined", "wrong_but_verified", "not_verified", "failed"]
VERDICTS: tuple[Verdict, ...] = (
    "correct",
    "partial",
    "declined",
    "wrong_but_verified",
    "not_verified",
    "failed",
)
DECLINING = ("answered", "declined", "parked", "refused")
UNABLE = re.compile(
    r"\b(cannot|can't|could not|unable|not able|no (readable )?text)\b", re.IGNORECASE
)
FORMAL = "a file of kind"


@dataclass(frozen=True)
class Judged:
    """A verdict with what was found of what was expected."""

    verdict: Verdict
    found: int
    expected: int
    missing: tuple[str, ...]


def judge(
    task: Mapping[str, Any],
    outcome: str,
    text: str,
    readings: Sequence[Mapping[str, Any]],
    answers: Sequence[Mapping[str, Any]] = (),
) -> Judged:
    """Judge a turn's outcome, words and files; `answers` are readings of files to be equalled."""
    rows = [row for r in readings for row in [*r.get("rows", []), []]]
    rows += [[line] for line in text.splitlines()]
    found, missing, enough = _facts_found(task, rows)
    more = _more(task, readings, answers)
    missing += [what for what, there in more.items() if not there]
    something = found + sum(there for what, there in more.items() if not what.startswith(FORMAL))
    enough = enough and all(more.values())
    verdict = _verdict(outcome, delivered=bool(readings), something=something > 0, enough=enough)
    if not readings and "declined" in task["expected"].get("allowed", ()):
        # What cannot be known is to be declined; an answer in words to it is made up.
        declined = outcome in DECLINING and UNABLE.search(text)
        verdict = "correct" if declined else "failed"
    found += sum(more.values())
    return Judged(verdict, found, found + len(missing), tuple(missing))


def _facts_found(task: Mapping[str, Any], rows: list[list[Any]]) -> tuple[int, list[str], bool]:
    """Give how many facts were found, which were not, and whether these are enough.

    Cells of rows may have a bar of their own: "bar 36/40" in the checker, or a share that a
    baseline in `expected` reaches without reading.
    """
    all_facts = facts(task)
    lacking = [f for f in all_facts if not holds(f, rows)]
    cells = [f for f in all_facts if isinstance(f, Cell)]
    wrong_cells = [f for f in lacking if isinstance(f, Cell)]
    others_there = len(lacking) == len(wrong_cells)
    bar = _bar(task)
    if cells and bar is not None:
        share = 1 - len(wrong_cells) / len(cells)
        enough = others_there and share >= bar
    else:
        enough = not lacking
    return len(all_facts) - len(lacking), [str(f) for f in lacking], enough


def _bar(task: Mapping[str, Any]) -> float | None:
    if stated := re.search(r"bar (\d+)/(\d+)", str(task.get("checker", ""))):
        return int(stated[1]) / int(stated[2])
    baselines = [v for k, v in task["expected"].items() if "baseline" in k]
    return float(baselines[0]) + 1e-6 if baselines else None


def _more(
    task: Mapping[str, Any],
    readings: Sequence[Mapping[str, Any]],
    answers: Sequence[Mapping[str, Any]],
) -> dict[str, bool]:
    """Give what else must be so: a file of a kind that was asked for, a chart, equal ranges."""
    found: dict[str, bool] = {}
    kinds = set(re.findall(r"xlsx|pdf|csv|html|sqlite|docx|zip", str(task.get("deliverable", ""))))
    if kinds:
        found[f"a file of kind {' or '.join(sorted(kinds))}"] = any(
            r.get("kind") in kinds and not r.get("error") for r in readings
        )
    if readings and (chart := chart_missing(task, readings)):
        found[chart] = False
    for answer in answers:
        span = task["expected"]["answer_position"]
        found[f"the cells of {answer['file']}"] = any(
            same_range(r["rows"], answer["rows"], span) for r in readings
        )
    return found


def _verdict(outcome: str, *, delivered: bool, something: bool, enough: bool) -> Verdict:
    if enough and something:
        return "correct"
    if outcome == "verified":
        return "wrong_but_verified"
    if delivered:
        return "partial" if something else "not_verified"
    return "declined" if outcome in DECLINING else "failed"
