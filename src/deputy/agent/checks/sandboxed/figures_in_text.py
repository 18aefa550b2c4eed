"""The figures a document's text gives equal a recomputation from the source."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.likeness import spellings
from deputy.agent.checks.sandboxed.recomputation import (
    ADDED,
    Answer,
    Figure,
    Line,
    answer,
    ranked_by,
)
from deputy.agent.checks.sandboxed.text_columns import misprints
from deputy.agent.checks.sandboxed.text_tables import numbered, parted, squeezed
from deputy.agent.checks.sandboxed.texts import in_lines, in_one_line, text_of
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
LIST_LINES = 4
ROWS_MIN = 2  # lines of a name and figures that make a table
TOLD_SHARE_MIN = 0.5
LETTERS = re.compile(r"[^\W\d_]{3}|[^\W\d_]\S*\d{3}")

Tells = Callable[[Written], bool]


@dataclass(frozen=True)
class Mention:
    """A name of a group, or of several it may be, and the numbers that are said of it."""

    keys: tuple[str, ...]
    numbers: tuple[Written, ...]
    row: bool
    near: bool


def check(target: Path, params: dict[str, Any]) -> str:
    """Look for the total, and for each group's name followed by its figures."""
    asked = must(params, "asked")
    expected = answer(asked)
    question = asked["question"]
    others = [(one["question"], answer(one)) for one in params.get("others") or ()]
    text = text_of(target)
    plain = in_one_line(text)
    wrong = _totals([(question, expected), *others], plain, numbers_in(plain))
    found = 0
    if question.get("groups"):
        names = _names(question, expected)
        tables, prose = parted(in_lines(text), names, _units(question, *(q for q, _ in others)))
        rows = [Mention(row.keys, row.numbers, row=True, near=True)
                for table in tables for row in table.rows if row.keys]  # fmt: skip
        said = [*_placed(names, prose), *_mentions(names, in_one_line(" ".join(prose)))]
        rows = _own(question, expected, others, rows)
        found, missed = _groups(question, expected, rows, said)
        wrong += missed + _ranking(question, expected, rows, said)
        wrong += misprints(tables, [(question, expected), *others])
    if wrong:
        more = f"; and {len(wrong) - SHOWN_MAX} more" if len(wrong) > SHOWN_MAX else ""
        raise FailedError("; ".join(wrong[:SHOWN_MAX]) + more + ".")
    value = expected.total[0].value
    total = "none" if value is None else f"{value:,.2f}"
    return (f"The total ({total}) and {found} groups in the text equal a recomputation from "
            f"{expected.rows:,} source rows.")  # fmt: skip


def _own(question: Mapping[str, Any], expected: Answer,
         others: Sequence[tuple[Mapping[str, Any], Answer]],
         rows: Sequence[Mention]) -> list[Mention]:  # fmt: skip
    """Leave out the rows that answer another question of the brief and not this one."""

    def fits(asks: Mapping[str, Any], gives: Answer, row: Mention) -> bool:
        figures = [
            (measure, figure.value) for key in row.keys if key in gives.lines
            for measure, figure in zip(asks["measures"], gives.lines[key].figures, strict=True)
        ]  # fmt: skip
        return any(any(map(_teller(measure, value, loose=True), row.numbers))
                   for measure, value in figures if value is not None)  # fmt: skip

    return [row for row in rows if fits(question, expected, row)
            or not any(fits(*other, row) for other in others)]  # fmt: skip


def _units(*questions: Mapping[str, Any]) -> frozenset[str]:
    words = " ".join(str(m.get("unit") or "") for one in questions for m in one["measures"])
    return frozenset(words.casefold().split())


def _names(question: Mapping[str, Any], expected: Answer) -> dict[str, tuple[str, ...]]:
    """Give the largest groups' names without blanks; bare numbers only where they are names."""
    known = spellings(question["groups"][0], expected.lines)
    kept = {key for key, _ in sorted(expected.lines.items(), key=_size)[:GROUPS_LOOKED_FOR_MAX]}
    names: dict[str, tuple[str, ...]] = {}
    for name, key in known.items():
        if key in kept:
            names[squeezed(name)] = (*names.get(squeezed(name), ()), key)
    return names


def _totals(asked: Sequence[tuple[Mapping[str, Any], Answer]], text: str,
            numbers: Sequence[Written]) -> list[str]:  # fmt: skip
    question, expected = asked[0]
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
    right = [_teller(measure, figure.value) for asks, gives in asked
             for measure, figure in zip(asks["measures"], gives.total, strict=True)
             if figure.value is not None]  # fmt: skip
    right += [_teller(asks["measures"][0], figure.value, loose=True) for asks, gives in asked
              for column in gives.across.values() for figure in column.figures
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


def _teller(measure: Mapping[str, Any], value: float, *, loose: bool = False) -> Tells:
    fraction = measure.get("unit") == "%"
    return lambda number: tells(number, value, fraction=fraction, loose=loose) or (
        fraction and tells(number, value / 100, fraction=True, loose=loose))  # fmt: skip


def _compared(measure: Mapping[str, Any], figure: Figure, numbers: Sequence[Written], *,
              loose: bool = False) -> bool:  # fmt: skip
    """Say whether the figure compared with, the change or the growth is among the numbers."""
    tests: list[Tells] = []
    if figure.compare is not None:
        tests.append(_teller(measure, figure.compare, loose=loose))
    if figure.growth is not None:
        growth = figure.growth
        tests.append(lambda number: tells(number, growth, fraction=True, sign=False))
    if figure.change is not None:
        change = figure.change
        part = measure.get("unit") == "%"
        tests.append(lambda number: tells(number, change, fraction=part, sign=False, loose=loose))
    # A growth that cannot be formed leaves nothing to compare.
    return not figure.compare or any(test(number) for test in tests for number in numbers)


def _mentions(names: Mapping[str, tuple[str, ...]], text: str) -> list[Mention]:
    """Find names in running text, longest first, blanks aside; a long name may be cut.

    A name that is neither a word nor a code may be anything: it counts only before a table's row.
    """
    numbers = numbers_in(text)
    squeezed_text, places = _squeezed(text)
    taken = [False] * len(squeezed_text)
    found: list[tuple[int, int, tuple[str, ...]]] = []
    for form, keys, cut in _forms(names):
        for at in _places_of(form, squeezed_text):
            end = at + len(form)
            if _is_word(text, places, at, end, cut=cut) and not any(taken[at:end]):
                taken[at:end] = [True] * len(form)
                found.append((places[at], places[end - 1] + 1, keys))
    found.sort()
    starts = [number.start for number in numbers]
    mentions = []
    for number, (_, end, keys) in enumerate(found):
        stop = found[number + 1][0] if number + 1 < len(found) else len(text)
        first = bisect_left(starts, end)
        near = tuple(one for one in numbers[first : first + NUMBERS_MAX]
                     if one.start < min(stop, end + REACH_CHARACTERS))  # fmt: skip
        between = text[end : near[0].start] if near else ". "
        close_by = len(between) <= GAP_CHARACTERS_MAX and ". " not in between
        mentions.append(Mention(keys, near, row=False, near=close_by))
    return mentions


def _forms(names: Mapping[str, tuple[str, ...]]
           ) -> Iterator[tuple[str, tuple[str, ...], bool]]:  # fmt: skip
    """Give whole names, longest first, then the beginnings of long ones."""
    ordered = [name for name in sorted(names, key=len, reverse=True) if LETTERS.search(name)]
    yield from ((name, names[name], False) for name in ordered)
    starts: dict[str, tuple[str, ...]] = {}
    for name in ordered:
        if len(name) > NAME_LETTERS:
            start = name[:NAME_LETTERS]
            starts[start] = (*starts.get(start, ()), *names[name])
    yield from ((start, keys, True) for start, keys in starts.items())


def _placed(names: Mapping[str, tuple[str, ...]], lines: Sequence[str]) -> list[Mention]:
    """Give the names of a numbered list, each with the figures up to the next."""
    places = numbered(lines, names)
    found = []
    for at, (line, keys) in enumerate(places):
        stop = min(line + LIST_LINES, places[at + 1][0] if at + 1 < len(places) else len(lines))
        text = " | ".join([lines[line].partition(" ")[2], *lines[line + 1 : stop]])
        found.append(Mention(keys, tuple(numbers_in(text)), row=False, near=True))
    return found


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


def _groups(question: Mapping[str, Any], expected: Answer, rows: Sequence[Mention],
            prose: Sequence[Mention]) -> tuple[int, list[str]]:  # fmt: skip
    """Count the groups with figures and say which have none that is right.

    Where a text has tables they say which groups it shows; what else is said of one may help it.
    """
    tabled = len({mention.keys for mention in rows}) >= ROWS_MIN
    listed: dict[str, list[Mention]] = {}
    for mention in (*rows, *prose):
        for key in mention.keys if mention.numbers and mention.near else ():
            if mention.row or not tabled or key in listed or key in expected.leaders:
                listed.setdefault(key, []).append(mention)
    every = [mention for some in listed.values() for mention in some]
    needed = [
        number for number in range(len(question["measures"]))
        if number == expected.ranked or _is_told(question, expected, every, number)
    ]  # fmt: skip
    wrong = []
    for key, some in listed.items():
        line = expected.lines[key]
        if not line.optional and not any(
            _is_right(question, expected, other, one, needed) for one in some for other in one.keys
        ):
            said = _shown(line.figures[expected.ranked])
            wrong.append(f"{line.name}: the source gives {said}, the text does not")
    wrong += [f"{expected.lines[key].name!r} does not appear with its figures"
              for key in expected.leaders if key not in listed
              and not any(_level(question, expected, key, other) for other in listed)]  # fmt: skip
    required = [key for key, line in expected.lines.items() if not line.optional]
    if len(listed) < min(len(required), max(GROUPS_SHOWN_MIN, len(expected.leaders))):
        wrong.append(f"only {len(listed)} of {len(required)} groups appear with figures")
    return len(listed), wrong


def _is_told(question: Mapping[str, Any], expected: Answer, mentions: Sequence[Mention],
             number: int) -> bool:  # fmt: skip
    """Say whether most groups come with a measure, or with a figure in its place.

    A page may leave a measure to the tables, but not show another figure for it.
    """
    able = [one for one in mentions
            if any(expected.lines[key].figures[number].value for key in one.keys)]  # fmt: skip
    told = [
        one for one in able
        if any(_is_right(question, expected, key, one, [number]) for key in one.keys)
    ]  # fmt: skip
    if len(told) > len(able) * TOLD_SHARE_MIN or question.get("compare"):
        return len(told) > len(able) * TOLD_SHARE_MIN
    filled = [one for one in able if one.row and len(one.numbers) >= _places(question, one)]
    return len(filled) > len(able) * TOLD_SHARE_MIN


def _places(question: Mapping[str, Any], mention: Mention) -> int:
    """Give how many numbers a row has that shows every measure; a share has a place of its own."""
    parts = any(measure.get("unit") == "%" for measure in question["measures"])
    shared = not parts and any(number.percent for number in mention.numbers)
    return len(question["measures"]) + shared


def _is_right(question: Mapping[str, Any], expected: Answer, key: str, mention: Mention,
              needed: Sequence[int]) -> bool:  # fmt: skip
    """Each measure's figure follows the name; of a pivot the line's own, or every cell."""
    line = expected.lines[key]
    for number in needed:
        measure, figure = question["measures"][number], line.figures[number]
        if figure.value is None:
            continue
        # Nothing summed up may be left blank.
        value = _teller(measure, figure.value, loose=mention.row)
        if figure.value != 0 and not any(map(value, mention.numbers)):
            return bool(line.across) and _is_crossed(measure, line, mention)
        if figure.compare is not None and not _compared(measure, figure, mention.numbers,
                                                        loose=mention.row):  # fmt: skip
            return False
    return True


def _is_crossed(measure: Mapping[str, Any], line: Line, mention: Mention) -> bool:
    cells = [_teller(measure, figure.value, loose=mention.row) for figure in line.across.values()
             if figure.value]  # fmt: skip
    return bool(cells) and all(any(map(cell, mention.numbers)) for cell in cells)


def _ranking(question: Mapping[str, Any], expected: Answer,
             *said: Sequence[Mention]) -> list[str]:  # fmt: skip
    """The groups ranked first stand in the text one after another in their order."""
    wanted = [ranked_by(dict(question), expected.lines[key]) for key in expected.leaders]
    if len(wanted) < 2:
        return []
    for mentions in said:
        named: list[tuple[str, ...]] = []
        for mention in mentions:
            if not named or named[-1] != mention.keys:
                named.append(mention.keys)
        for at in range(len(named) - len(wanted) + 1):
            run = named[at : at + len(wanted)]
            if len(set(run)) == len(wanted) and all(
                any(_same(ranked_by(dict(question), expected.lines[key]), value) for key in keys)
                for keys, value in zip(run, wanted, strict=True)
            ):
                return []
    names = ", ".join(expected.lines[key].name for key in expected.leaders[:5])
    return [f"the ranking does not read {names}"]


def _level(question: Mapping[str, Any], expected: Answer, key: str, other: str) -> bool:
    """Say whether another group, not among the first, may stand for one of them."""
    first, second = (ranked_by(dict(question), expected.lines[one]) for one in (key, other))
    return other not in expected.leaders and _same(first, second)


def _same(a: float | None, b: float | None) -> bool:
    return a is not None and b is not None and close(a, b)


def _shown(figure: Figure) -> str:
    value = "nothing" if figure.value is None else f"{figure.value:,.2f}"
    compare = "" if figure.compare is None else f", before {figure.compare:,.2f}"
    growth = "" if figure.growth is None else f", growth {figure.growth:+.1%}"
    return value + compare + growth
