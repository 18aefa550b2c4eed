"""A second look at the words: does the finished plan account for everything that was said?

Owns this check, made by another way than the reading: from the plan back to the words. Must never
change a plan: what seems unaccounted for is named in a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from deputy.agent.plans import Plan
from deputy.agent.playbooks.language import (
    demands,
    doubts,
    nearwords,
    orders,
    periods,
    phrases,
    rankings,
)
from deputy.agent.playbooks.language.columns import EXACT, Index
from deputy.agent.playbooks.language.demands import Told
from deputy.agent.playbooks.language.outcomes import Clarify
from deputy.agent.playbooks.language.vocabulary import (
    DOINGS,
    EVENT_NOUNS,
    FILLERS,
    NUMBERS,
    PEOPLE,
    RATIOS,
    ROW_NOUNS,
    listed,
)
from deputy.agent.playbooks.language.words import WORD, Gram, Words, key, read, root, stem
from deputy.agent.playbooks.schema import Table

TOLD_MAX = 4

LOUD = listed(
    """
    net gross unpaid late later overdue new repeat returning active inactive open opened closed
    half double twice thrice once never ever neither consecutive cumulative running pending
    outstanding thousand thousands million millions rounded valuable vat excl remaining others
    rest former existing planned actual early working retained lifetime weighted adjusted
    """
)
"""Words that change a figure: they must stand for something in the plan, fillers though they may
be elsewhere."""
_QUOTED = re.compile(r"“([^”]*)”")
_LET_GO = ("is taken to describe the fig", "Of the tables at hand", "The tables “")
_UNITS = {
    "day": "day daily date dates", "week": "week weekly", "month": "month monthly",
    "quarter": "quarter quarterly", "year": "year yearly annual annually",
    "weekday": "weekday weekdays day days week", "hour": "hour hours hourly day time",
}  # fmt: skip


def unaccounted(
    text: str, plan: Plan, table: Table, index: Index, nouns: frozenset[str]
) -> Clarify | None:
    """Ask when words of a request stand for nothing in its plan, or stand there doubtfully."""
    words = _without_wishes(text)
    told = Told(words.text, plan)
    found = [*demands.unmet(told), *_let_go(plan), *_words(words, told, index, nouns)]
    if not found:
        doubt = doubts.doubted(told, table, nouns)
        return Clarify(doubt) if doubt is not None else None
    named = " and ".join(f"“{one}”" for one in dict.fromkeys(found[:TOLD_MAX]))
    return Clarify(
        f"I am not sure that I took account of {named} rightly, and a figure that leaves something "
        "out would be wrong. Could you say that part differently, or write “leave it out”?"
    )


def _let_go(plan: Plan) -> Iterator[str]:
    """Give what was taken to describe a figure that the words did not even name."""
    if any(note.startswith("No figure was named") for note in plan.assumptions):
        for note in plan.assumptions:
            yield from _QUOTED.findall(note) if _LET_GO[0] in note else ()


def _without_wishes(text: str) -> Words:
    """Blot out what is said about files, charts and occasions."""
    words = orders.courtesies(read(text))
    words, _ = orders.files(words)
    words, _, _ = orders.charts(words)
    return words


def _words(words: Words, told: Told, index: Index, nouns: frozenset[str]) -> Iterator[str]:
    """Give the words that nothing in the plan stands for."""
    said = _said(told.plan)
    columns = frozenset(told.columns)
    meant, named = _spans(words, told, index, columns)
    defaulted = any(note.startswith("No figure was named") for note in told.plan.assumptions)
    plain = _plain() | nouns | (frozenset() if defaulted else nearwords.HARMLESS)
    for match in WORD.finditer(words.text):
        word = match[0]
        if word[0].isdigit() or len(word) == 1 or {stem(word), root(word)} & said:
            continue
        if any(start <= match.start() < end for start, end in meant):
            continue
        if (word == "half" and told.dated) or (word in _NEGATIVE and _excluded(told)):
            continue
        asked = word in LOUD
        asked = asked or any(start <= match.start() < end for start, end in named)
        if asked or not (word in plain or stem(word) in plain):
            yield words.said(*match.span())


_NEGATIVE = listed("never neither nor")


def _excluded(told: Told) -> bool:
    """Say whether the plan leaves something out."""
    return any(one.op in {"ne", "not_in", "missing"} for one in told.filters)


def _said(plan: Plan) -> frozenset[str]:
    """Give the stems and roots of all words of the plan that say what is computed."""
    texts: list[str] = [plan.source.path, plan.source.sheet or ""]
    if plan.join is not None:
        join = plan.join
        texts += [
            join.source.path,
            join.source.sheet or "",
            *(name for on in join.on for name in on),
        ]
    texts += [plan.unpivot.name, plan.unpivot.value] if plan.unpivot else []
    texts += [name for one in plan.derived for name in (one.name, *one.of)]
    for question in plan.questions:
        for measure in question.measures:
            texts += [measure.column or "", measure.label, measure.over or ""]
        for group in question.groups:
            texts += [group.column, group.label, _UNITS.get(group.by or "", "")]
        texts += [question.date_column or "", question.period.label if question.period else ""]
        texts += [question.compare.label if question.compare else ""]
    for one in Told("", plan).filters:
        texts += [one.column, *demands.spoken(one)]
    for note in plan.assumptions:
        if not any(sign in note for sign in _LET_GO):
            texts += _QUOTED.findall(note)
    found = {word for text in texts for word in (*key(text).split(), *key(text.lower()).split())}
    raw = {word.lower() for text in texts for word in WORD.findall(text)}
    return frozenset(found | raw | {root(word) for word in raw | found} - {""})


def _spans(
    words: Words, told: Told, index: Index, columns: frozenset[str]
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Give the stretches that mean something the plan uses, and those that name something else."""
    meant: list[tuple[int, int]] = []
    named: list[tuple[int, int]] = []
    kept = {one.column: set(demands.spoken(one)) for one in told.filters}
    for gram in words.grams():
        if _used(gram, index, columns, kept):
            meant.append((gram.start, gram.end))
        elif _names(gram, index):
            named.append((gram.start, gram.end))
    return meant, named


def _used(gram: Gram, index: Index, columns: frozenset[str], kept: dict[str, set[str]]) -> bool:
    if any(one.column.name in columns for one in index.named(gram.key)):
        return True
    roots = " ".join(root(word) for word in gram.key.split())
    for family, phrase in (
        (index.values, gram.key), (index.parts, gram.key), (index.parts, roots),
        (index.flags, roots),
    ):  # fmt: skip
        if any(one.column.name in kept for one in family.get(phrase, ())):
            return True
    dates = index.doings.get(roots, ()) or index.doings.get(root(gram.key), ())
    return any(one.name in columns for one in dates)


def _names(gram: Gram, index: Index) -> bool:
    """Say whether a stretch is the full name of a column or a value."""
    if gram.words == 1 and (gram.key in EVENT_NOUNS | PEOPLE | ROW_NOUNS or len(gram.key) < 3):
        return False
    if any(one.level == EXACT for one in index.named(gram.key)):
        return True
    plain = gram.words > 1 or gram.key not in _plain()
    return plain and any(one.level == EXACT for one in index.values.get(gram.key, ()))


@cache
def _plain() -> frozenset[str]:
    """Give the words that are about no figure in particular: the fixed phrases and fillers."""
    found = {*FILLERS, *EVENT_NOUNS, *PEOPLE, *ROW_NOUNS, *NUMBERS}
    for module in (orders, periods, phrases, rankings):
        found |= {word for text in module.patterns() for word in re.findall(r"[a-z]{2,}", text)}
    found |= {word for names, *_ in RATIOS for word in re.findall(r"[a-z]+", names)}
    found |= {word for verbs, names in DOINGS for word in (*verbs, *names)}
    return frozenset((found | {stem(word) for word in found}) - LOUD)
