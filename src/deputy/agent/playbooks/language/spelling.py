"""Slips of the pen: a long word one or two letters away from exactly one name of the table.

Owns the correction and saying so. Must never correct a word that anything else here knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from deputy.agent.playbooks.language import nearwords, orders, outcomes, periods, phrases, rankings
from deputy.agent.playbooks.language.columns import Index
from deputy.agent.playbooks.language.vocabulary import (
    DOINGS,
    EVENT_NOUNS,
    FILLERS,
    PEOPLE,
    SYNONYMS,
    listed,
)
from deputy.agent.playbooks.language.words import WORD, root, stem
from deputy.agent.playbooks.schema import Table

ONE_SLIP_CHARS_MIN = 5
TWO_SLIPS_CHARS_MIN = 8
WORDS_MAX = 200
_REAL = listed(
    """
    county costs casual quality statue though marine later rates planes sights
    """
)
_SPOKEN = listed(
    """
    average total median monthly quarterly weekly yearly number percentage compare compared
    excluding between revenue customer customers supplier suppliers product products highest
    lowest biggest region department employee employees category country quarter
    """
)


def corrected(text: str, table: Table, index: Index) -> tuple[str, tuple[str, ...]]:
    """Give the text with its slips put right, and what was read as what."""
    names = _names(table) | _SPOKEN
    notes: list[str] = []
    made, end = "", 0
    for match in list(WORD.finditer(text))[:WORDS_MAX]:
        word = match[0].lower()
        if len(word) < ONE_SLIP_CHARS_MIN or not word.isalpha() or _known(word, index, names):
            continue
        meant = _nearest(word, names)
        if meant is not None:
            made += text[end : match.start()] + meant
            end = match.end()
            notes.append(f"“{match[0]}” is read as “{meant}”.")
    return made + text[end:], tuple(dict.fromkeys(notes))


def _names(table: Table) -> frozenset[str]:
    headings = _long_words(column.name for column in table.columns)
    values = _long_words(
        value for column in table.columns if column.kind == "text" for value in column.values
    )
    return (headings - FILLERS) | (values - _vocabulary())


def _long_words(said: Iterable[str]) -> frozenset[str]:
    found = (word.lower() for one in said for word in WORD.findall(one.replace("_", " ")))
    return frozenset(word for word in found if len(word) >= ONE_SLIP_CHARS_MIN and word.isalpha())


def _known(word: str, index: Index, names: frozenset[str]) -> bool:
    plain = stem(word)
    return (
        word in names
        or plain in {stem(name) for name in names}
        or word in _vocabulary()
        or plain in _vocabulary()
        or plain in index.columns
        or plain in index.values
        or plain in index.parts
        or root(word) in index.parts
        or root(word) in index.flags
        or root(word) in index.doings
    )


@cache
def _vocabulary() -> frozenset[str]:
    words = {*FILLERS, *EVENT_NOUNS, *PEOPLE, *_REAL, *nearwords.HARMLESS, *outcomes.beyond_words()}
    for module in (orders, periods, phrases, rankings):
        words |= {word for text in module.patterns() for word in re.findall(r"[a-z]{4,}", text)}
    words |= {word.strip("!") for group in SYNONYMS for one in group for word in one.split()}
    words |= {word for verbs, names in DOINGS for word in (*verbs, *names)}
    return frozenset(words | {stem(word) for word in words})


def _nearest(word: str, names: frozenset[str]) -> str | None:
    slips = 2 if len(word) >= TWO_SLIPS_CHARS_MIN else 1
    for allowed in range(1, slips + 1):
        near = sorted(name for name in names if _within(word, name, allowed))
        stems = {stem(name) for name in near}
        if len(stems) == 1:
            return near[0]
        if near:
            return None
    return None


def _within(word: str, name: str, allowed: int) -> bool:
    """Say whether so many letters added, lost, changed or swapped lie between; the first stays."""
    if abs(len(word) - len(name)) > allowed or word[0] != name[0]:
        return False
    before: list[int] = []
    row = list(range(len(name) + 1))
    for i, a in enumerate(word, start=1):
        older, before, row = before, row, [i]
        for j, b in enumerate(name, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if older and j > 1 and a == name[j - 2] and word[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1] <= allowed
