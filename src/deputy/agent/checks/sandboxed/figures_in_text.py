"""The figures a document's text gives equal a recomputation from the source."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.likeness import spellings
from deputy.agent.checks.sandboxed.recomputation import ADDED, Answer, Figure, answer, ranked_by
from deputy.agent.checks.sandboxed.texts import in_one_line, text_of
from deputy.agent.checks.sandboxed.verdicts import FailedError, close, must
from deputy.agent.checks.sandboxed.written_numbers import Written, numbers_in, tells

NAME = "figures.in_text"
TITLE = "The groups' figures and the total in the text equal the source's, by a second route"
LIMITS = "what pictures show, nor what the words make of the figures"
NEEDS = ("asked",)
APPLIES_TO = (".pdf", ".docx", ".pptx", ".html", ".htm", ".svg", ".md", ".txt")
KIND = "recomputes"
CONTENT = True
TAKES = (
    "asked: as for figures.in_tables. The text gives the total, and each group's name followed by "
    "its figures (at least three groups; of a ranking all groups, in its order)."
)
GROUPS_SHOWN_MIN = 3
GROUPS_LOOKED_FOR_MAX = 2_000
NAME_LETTERS = 24
REACH_CHARACTERS = 240
NUMBERS_MAX = 14
GAP_CHARACTERS_MAX = 40
SHOWN_MAX = 3
SPELLED_OUT = frozenset({"day", "week", "month", "quarter", "weekday"})
"""Calendar groups whose names a text writes out, never as a bare number."""

Tells = Callable[[Written], bool]


@dataclass(frozen=True)
class Mention:
    """A group's name in the text, and the numbers between it and the next name."""

    key: str
    start: int
    numbers: tuple[Written, ...]
    gap: int


def check(target: Path, params: dict[str, Any]) -> str:
    """Look for the total, and for each group's name followed by its figures."""
    asked = must(params, "asked")
    expected = answer(asked)
    question = asked["question"]
    text = in_one_line(text_of(target))
    numbers = numbers_in(text)
    wrong = _totals(question, expected, text, numbers)
    found = 0
    if question.get("groups"):
        mentions = _mentions(question, expected, text, numbers)
        found, said = _groups(question, expected, mentions)
        wrong += said + _ranking(question, expected, mentions)
    if wrong:
        more = f"; and {len(wrong) - SHOWN_MAX} more" if len(wrong) > SHOWN_MAX else ""
        raise FailedError("; ".join(wrong[:SHOWN_MAX]) + more + ".")
    value = expected.total[0].value
    total = "none" if value is None else f"{value:,.2f}"
    return (f"The total ({total}) and {found} groups in the text equal a recomputation from "
            f"{expected.rows:,} source rows.")  # fmt: skip


def _totals(question: Mapping[str, Any], expected: Answer, text: str,
            numbers: Sequence[Written]) -> list[str]:  # fmt: skip
    wrong = []
    for measure, figure in zip(question["measures"], expected.total, strict=True):
        if figure.value is None:
            continue
        grouped = bool(question.get("groups")) and measure.get("aggregate", "sum") not in ADDED
        value = _teller(measure, figure.value)
        if not grouped and not any(map(value, numbers)):
            wrong.append(f"{measure['label']}: the total {_shown(figure)} is not in the text")
        elif figure.compare is not None and not _compared(measure, figure, numbers):
            wrong.append(f"{measure['label']}: the total's comparison {_shown(figure)} is not in"
                         " the text")  # fmt: skip
    named = list(_after_total(text, numbers))
    right = [_teller(measure, figure.value) for measure, figure
             in zip(question["measures"], expected.total, strict=True)
             if figure.value is not None]  # fmt: skip
    if named and right and not any(one(number) for number in named for one in right):
        wrong.append("the figure beside the word total is not the source's")
    return wrong


def _after_total(text: str, numbers: Sequence[Written]) -> Iterator[Written]:
    """Give the numbers that follow the word total closely."""
    starts = [number.start for number in numbers]
    plain = text.casefold()
    at = plain.find("total")
    while at >= 0:
        alone = not plain[max(0, at - 1) : at].isalpha() and not plain[at + 5 : at + 6].isalpha()
        first = bisect_left(starts, at)
        near = [n for n in numbers[first : first + NUMBERS_MAX] if n.start - at < REACH_CHARACTERS]
        if (
            alone
            and near
            and near[0].start - at < 10
            and not text[at + 5 : near[0].start].strip(" :|()€$£=+-−–\t")
        ):
            yield from near
        at = plain.find("total", at + 5)


def _teller(measure: Mapping[str, Any], value: float) -> Tells:
    fraction = measure.get("unit") == "%"
    return lambda number: tells(number, value, fraction=fraction) or (
        fraction and tells(number, value / 100, fraction=True))  # fmt: skip


def _compared(measure: Mapping[str, Any], figure: Figure, numbers: Sequence[Written]) -> bool:
    """Say whether the figure compared with, the change or the growth is among the numbers."""
    tests: list[Tells] = []
    if figure.compare is not None:
        tests.append(_teller(measure, figure.compare))
    if figure.growth is not None:
        growth = figure.growth
        tests.append(lambda number: tells(number, growth, fraction=True, sign=False))
    if figure.change is not None:
        change = figure.change
        tests.append(lambda number: tells(number, change, sign=False))
    # A growth that cannot be formed leaves nothing to compare.
    return not figure.compare or any(test(number) for test in tests for number in numbers)


def _mentions(question: Mapping[str, Any], expected: Answer, text: str,
              numbers: Sequence[Written]) -> list[Mention]:  # fmt: skip
    """Find every name, longest first, blanks inside it aside; a long name may be cut."""
    squeezed, places = _squeezed(text)
    taken = [False] * len(squeezed)
    found: list[tuple[int, int, str]] = []
    known = spellings(question["groups"][0], expected.lines)
    kept = {key for key, _ in sorted(expected.lines.items(), key=_size)[:GROUPS_LOOKED_FOR_MAX]}
    group = question["groups"][0]
    names = [
        (_squeezed(name)[0], key)
        for name, key in known.items()
        if key in kept and not (group.get("by") in SPELLED_OUT and _is_small(name))
    ]
    for form, key, cut in _forms(names):
        for at in _places_of(form, squeezed):
            end = at + len(form)
            if _is_word(text, places, at, end, cut=cut) and not any(taken[at:end]):
                taken[at:end] = [True] * len(form)
                found.append((places[at], places[end - 1] + 1, key))
    found.sort()
    starts = [number.start for number in numbers]
    mentions = []
    for number, (start, end, key) in enumerate(found):
        stop = found[number + 1][0] if number + 1 < len(found) else len(text)
        first = bisect_left(starts, end)
        near = [one for one in numbers[first : first + NUMBERS_MAX]
                if one.start < min(stop, end + REACH_CHARACTERS)]  # fmt: skip
        mentions.append(Mention(key, start, tuple(near), near[0].start - end if near else 0))
    return mentions


def _forms(names: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, bool]]:
    """Give whole names, longest first, then beginnings of long ones that no other name shares."""
    ordered = sorted(((name, key) for name, key in names if name), key=lambda pair: -len(pair[0]))
    yield from ((name, key, False) for name, key in ordered)
    starts: dict[str, set[str]] = {}
    for name, key in ordered:
        starts.setdefault(name[:NAME_LETTERS], set()).add(key)
    for name, key in ordered:
        if len(name) > NAME_LETTERS and len(starts[name[:NAME_LETTERS]]) == 1:
            yield name[:NAME_LETTERS], key, True


def _is_small(name: str) -> bool:
    """Say whether a name is a bare number such as "1" for January: it stands everywhere."""
    return name.strip().isdigit() and len(name.strip()) < 4


def _size(pair: tuple[str, Any]) -> float:
    value = pair[1].figures[0].value
    return -abs(value) if value is not None else 0.0


def _squeezed(text: str) -> tuple[str, list[int]]:
    """Give a text without blanks, folded, and where each of its letters stood."""
    kept = [(folded, at) for at, letter in enumerate(text) if not letter.isspace()
            for folded in letter.casefold()]  # fmt: skip
    return "".join(letter for letter, _ in kept), [at for _, at in kept]


def _places_of(form: str, text: str) -> Iterator[int]:
    at = text.find(form) if form else -1
    while at >= 0:
        yield at
        at = text.find(form, at + 1)


def _is_word(text: str, places: Sequence[int], at: int, end: int, *, cut: bool) -> bool:
    before, after = text[: places[at]][-1:], text[places[end - 1] + 1 :][:1]
    if text[places[at] : places[end - 1] + 1].isdigit():
        # A group called 07 is no part of 7.5 or £1,407.
        return not (before + after).strip(" :|()") and text[places[end - 1] + 1 :][:2] != " %"
    return not before.isalnum() and (cut or not after.isalnum())


def _groups(question: Mapping[str, Any], expected: Answer,
            mentions: Sequence[Mention]) -> tuple[int, list[str]]:  # fmt: skip
    """Count the groups with figures and say which have none that is right."""
    listed: dict[str, list[Mention]] = {}
    for mention in mentions:
        if mention.numbers and mention.gap <= GAP_CHARACTERS_MAX:
            listed.setdefault(mention.key, []).append(mention)
    wrong = []
    for key, some in listed.items():
        line = expected.lines[key]
        if not line.optional and not any(_is_right(question, expected, key, one) for one in some):
            said = _shown(line.figures[0])
            wrong.append(f"{line.name}: the source gives {said}, the text does not")
    needed = set(expected.leaders)
    wrong += [f"{expected.lines[key].name!r} does not appear with its figures"
              for key in expected.leaders if key not in listed]  # fmt: skip
    required = [key for key, line in expected.lines.items() if not line.optional]
    if len(listed) < min(len(required), max(GROUPS_SHOWN_MIN, len(needed))):
        wrong.append(f"only {len(listed)} of {len(required)} groups appear with figures")
    return len(listed), wrong


def _is_right(question: Mapping[str, Any], expected: Answer, key: str, mention: Mention) -> bool:
    """Each measure's figure follows the name; of a pivot every cell does."""
    line = expected.lines[key]
    if line.across:
        cells = [_teller(question["measures"][0], figure.value) for figure in line.across.values()
                 if figure.value]  # fmt: skip
        return all(any(map(cell, mention.numbers)) for cell in cells)
    for measure, figure in zip(question["measures"], line.figures, strict=True):
        if figure.value is None:
            continue
        # Nothing summed up may be left blank.
        value = _teller(measure, figure.value)
        if figure.value != 0 and not any(map(value, mention.numbers)):
            return False
        if figure.compare is not None and not _compared(measure, figure, mention.numbers):
            return False
    return True


def _ranking(question: Mapping[str, Any], expected: Answer,
             mentions: Sequence[Mention]) -> list[str]:  # fmt: skip
    """The groups ranked first stand in the text one after another in their order."""
    if len(expected.leaders) < 2:
        return []
    wanted = [ranked_by(dict(question), expected.lines[key]) for key in expected.leaders]
    named: list[str] = []
    for mention in mentions:
        if not named or named[-1] != mention.key:
            named.append(mention.key)
    figures = [ranked_by(dict(question), expected.lines[key]) for key in named]
    for at in range(len(named) - len(wanted) + 1):
        run = figures[at : at + len(wanted)]
        distinct = len(set(named[at : at + len(wanted)])) == len(wanted)
        if distinct and all(_same(a, b) for a, b in zip(run, wanted, strict=True)):
            return []
    names = ", ".join(expected.lines[key].name for key in expected.leaders[:5])
    return [f"the ranking does not read {names}"]


def _same(a: float | None, b: float | None) -> bool:
    return a is not None and b is not None and close(a, b)


def _shown(figure: Figure) -> str:
    value = "nothing" if figure.value is None else f"{figure.value:,.2f}"
    compare = "" if figure.compare is None else f", before {figure.compare:,.2f}"
    growth = "" if figure.growth is None else f", growth {figure.growth:+.1%}"
    return value + compare + growth
