"""Which words name which column or value: exactly, by head noun, by synonym, or by a part.

Owns the index of one table's phrases. Must never know a particular file: everything is derived
from the names, kinds and values in its schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from deputy.agent.playbooks.language.facts import core, is_identifier, is_rate, label, money
from deputy.agent.playbooks.language.vocabulary import (
    DOINGS,
    EVENT_NOUNS,
    FILLERS,
    GENDERS,
    NO,
    SYNONYMS,
    YES,
    listed,
)
from deputy.agent.playbooks.language.words import NGRAM_WORDS_MAX, key, root
from deputy.agent.playbooks.schema import Column, Table

EXACT, HEAD, SYNONYM, PART = 0, 1, 2, 3
PART_CHARS_MIN = 3

_TAIL_WORDS = listed("name id no nr number code key title label local at on date ref")
_DATE_WORDS = listed("date time day timestamp at on dt month datetime of the")
_GENDER = frozenset({"gender", "sex"})
_FLAG_WORDS = listed("is has was flag did are")


def _groups() -> dict[str, tuple[frozenset[str], ...]]:
    """Give, for every name of a column, the words of requests that may mean it."""
    found: dict[str, tuple[frozenset[str], ...]] = {}
    for group in SYNONYMS:
        words = frozenset(key(phrase) for phrase in group if not phrase.endswith("!"))
        for phrase in group:
            name = key(phrase)
            found[name] = (*found.get(name, ()), words)
    return found


_SYNONYM_GROUPS: Mapping[str, tuple[frozenset[str], ...]] = _groups()


@dataclass(frozen=True, slots=True)
class Named:
    """A column that some words may mean, and how directly: `EXACT` is best."""

    column: Column
    level: int


@dataclass(frozen=True, slots=True)
class Found:
    """A value that some words may mean, and how directly."""

    column: Column
    value: str
    level: int


@dataclass(frozen=True, slots=True)
class Index:
    """Every phrase that can mean a column of a table, a value, a yes, or a date's doing."""

    columns: Mapping[str, tuple[Named, ...]]
    values: Mapping[str, tuple[Found, ...]]
    parts: Mapping[str, tuple[Found, ...]]
    flags: Mapping[str, tuple[Found, ...]]
    doings: Mapping[str, tuple[Column, ...]]

    def named(self, phrase: str) -> tuple[Named, ...]:
        """Give the columns a phrase may mean, each once, the most direct first."""
        return self.columns.get(phrase, ())


def index(table: Table) -> Index:
    """List the phrases of one table."""
    columns: dict[str, dict[str, Named]] = {}
    values: dict[str, list[Found]] = {}
    parts: dict[str, dict[tuple[str, str], Found]] = {}
    flags: dict[str, list[Found]] = {}
    for column in table.columns:
        for phrase, level in _phrases(column, table):
            rows = columns.setdefault(phrase, {})
            if column.name not in rows or rows[column.name].level > level:
                rows[column.name] = Named(column, level)
        for phrase, found in _values(column):
            values.setdefault(phrase, []).append(found)
        for phrase, found in _parts(column):
            parts.setdefault(phrase, {})[(column.name, found.value)] = found
        for phrase, found in _flags(column):
            flags.setdefault(phrase, []).append(found)
    ordered = {
        phrase: tuple(sorted(rows.values(), key=lambda one: one.level))
        for phrase, rows in columns.items()
    }
    return Index(
        ordered,
        {phrase: tuple(rows) for phrase, rows in values.items()},
        {phrase: tuple(rows.values()) for phrase, rows in parts.items()},
        {phrase: tuple(rows) for phrase, rows in flags.items()},
        _doings(table),
    )


def _phrases(column: Column, table: Table) -> Iterator[tuple[str, int]]:
    """Give every phrase that may mean a column."""
    bare = core(column.name)
    yield key(column.name), EXACT
    yield key(column.name.lower()), EXACT
    yield bare, EXACT
    if column.computed:
        return
    yield re.sub(r"[\W_]+", "", column.name.lower()), EXACT
    heads, words = _heads(column, bare)
    yield from ((head, HEAD) for head in heads - {bare} if head and head not in FILLERS)
    for word in _meaning_the_same(heads):
        yield word, SYNONYM
    if column.kind == "number":
        tails = ("score", "rating") if is_rate(column) else ("amount", "total", "figure")
        for tail in tails:
            yield f"{bare} {tail}", SYNONYM
    if column.kind == "date":
        yield f"{bare} date", HEAD
    if column in money(table):
        yield "money", SYNONYM
        yield "cash", SYNONYM
    for start in range(1, len(words)):
        part = " ".join(words[:start])
        if part not in FILLERS and len(part) > PART_CHARS_MIN:
            yield part, PART


def _heads(column: Column, bare: str) -> tuple[set[str], list[str]]:
    """Give the ends of a name that stand for it, and its words without a tail such as "ID"."""
    words = bare.split()
    heads = {bare, *(" ".join(words[start:]) for start in range(1, len(words)))}
    if column.kind != "number" or is_identifier(column):
        while len(words) > 1 and words[-1] in _TAIL_WORDS:
            words = words[:-1]
            if column.kind == "date" and words[-1] in EVENT_NOUNS:
                break  # "Postings" are not the posting date.
            heads |= {" ".join(words[start:]) for start in range(len(words))}
    return heads, words


def _meaning_the_same(heads: set[str]) -> Iterator[str]:
    for head in sorted(heads):
        for group in _SYNONYM_GROUPS.get(head, ()):
            yield from (word for word in group if word not in FILLERS or word == "total")


def _values(column: Column) -> Iterator[tuple[str, Found]]:
    if column.kind != "text":
        return
    for value in column.values:
        for phrase in dict.fromkeys((key(value), key(value.lower()))):
            if phrase and phrase.count(" ") < NGRAM_WORDS_MAX:
                yield phrase, Found(column, value, EXACT)
    if _GENDER & set(core(column.name).split()):
        for value in column.values:
            for family in GENDERS:
                if value.strip().lower() in family:
                    for word in family:
                        yield word, Found(column, value, SYNONYM)


def _parts(column: Column) -> Iterator[tuple[str, Found]]:
    """Give the single words that stand in values of a column, and the roots of one-word values."""
    if column.kind != "text" or is_identifier(column):
        return
    for value in column.values:
        words = dict.fromkeys((*key(value).split(), *key(value.lower()).split()))
        for word in words:
            if len(word) >= PART_CHARS_MIN and word not in FILLERS and not word.isdigit():
                yield word, Found(column, value, PART)
                yield root(word), Found(column, value, PART)


def _flags(column: Column) -> Iterator[tuple[str, Found]]:
    """Give the phrases that say yes to a column of yes and no."""
    yes = yes_of(column)
    if yes is None:
        return
    words = [word for word in core(column.name).split() if word not in _FLAG_WORDS]
    whole = " ".join(root(word) for word in words)
    yield whole, Found(column, yes, EXACT)
    for word in words:
        if len(word) > PART_CHARS_MIN and word not in FILLERS and root(word) != whole:
            yield root(word), Found(column, yes, PART)


def yes_of(column: Column) -> str | None:
    """Give the value that means yes in a column of yes and no, else nothing."""
    if column.kind == "number":
        return "1" if (column.low, column.high, column.distinct) == (0, 1, 2) else None
    values = [value.strip().lower() for value in column.values]
    if column.kind != "text" or not 1 <= len(values) <= 2 or column.distinct > 2:
        return None
    if not all(value in YES or value in NO for value in values):
        return None
    return next((value for value in column.values if value.strip().lower() in YES), None)


def no_of(column: Column) -> str | None:
    """Give the value that means no in a column of yes and no, else nothing."""
    if column.kind == "number":
        return "0"
    return next((value for value in column.values if value.strip().lower() in NO), None)


def _doings(table: Table) -> dict[str, tuple[Column, ...]]:
    """Give the dates by what is done on them: "shipped" is on the ship date."""
    found: dict[str, list[Column]] = {}
    for column in table.of_kind("date"):
        names = [word for word in core(column.name).split() if word not in _DATE_WORDS]
        for word in names:
            found.setdefault(root(word), []).append(column)
    related: dict[str, list[Column]] = {}
    for verbs, names_of in DOINGS:
        for column in table.of_kind("date"):
            if names_of.intersection(core(column.name).split()):
                for verb in verbs:
                    related.setdefault(root(verb), []).append(column)
    for verb, columns in related.items():
        found.setdefault(verb, columns)
    return {verb: tuple(dict.fromkeys(columns)) for verb, columns in found.items()}


def spoken(column: Column) -> str:
    """Give a column's name as a reader sees it."""
    return label(column.name)
