"""What a task expects, taken apart into facts by its shape alone.

Owns the meaning of shapes: a figure under a label, figures beside a name, names in order, a set of
names, cells of a named row. Must never know a task, a file or a data set. What neither the request
nor the description of the checker mentions is not asked for and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

PERCENT = ("pct", "percent", "share", "rate")
GENERIC = {"by", "of", "the", "n", "top", "list", "cells", "in", "not", "sum"}
SAME = {
    "rows": ("row", "line", "count"),
    "pct": ("pct", "percent", "%", "pp", "share"),
    "share": ("share", "concentrat"),
    "sum": ("sum", "total", "amount"),
    "bad": ("bad", "unparsable", "invalid"),
    "emails": ("email", "e-mail"),
}


@dataclass(frozen=True)
class Figure:
    """One number under a label. `loose` accepts a percentage and a tenth of a point."""

    label: str
    value: float
    loose: bool = False


@dataclass(frozen=True)
class Beside:
    """Numbers that stand in the same row as a name, or under it."""

    label: str
    name: str
    values: tuple[float, ...]
    loose: bool = False


@dataclass(frozen=True)
class Ordered:
    """Names that follow each other in this order."""

    label: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Exactly:
    """Names that all occur, while no other of the same form does."""

    label: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """What a row has in a column; None is an empty cell."""

    row: str
    column: str
    value: str | float | None


@dataclass(frozen=True)
class Word:
    """A text that occurs, or whether something is so."""

    label: str
    value: str | bool


Fact = Figure | Beside | Ordered | Exactly | Cell | Word


def facts(task: Mapping[str, Any]) -> list[Fact]:
    """Give every fact a task asks for."""
    asked = f"{task['prompt']} {task.get('checker', '')}".casefold()
    found: list[Fact] = []
    for label, value in task["expected"].items():
        if label == "allowed" or "baseline" in label or label.startswith("answer"):
            continue
        if isinstance(value, dict) or is_asked(label, asked) or _is_quoted(value, asked):
            found += _of(label, value)
    return found


def is_asked(label: str, asked: str) -> bool:
    """Say whether every telling word of a label occurs in what was asked, in some form."""
    words = [w for w in re.split(r"[\W_\d]+", label.casefold()) if w and w not in GENERIC]
    return all(any(form in asked for form in _forms(word)) for word in words)


def _is_quoted(value: Any, asked: str) -> bool:
    """Say whether the checker's words give the very figure."""
    return isinstance(value, float) and f"{abs(value):.2f}" in asked


def _forms(word: str) -> tuple[str, ...]:
    if word in SAME:
        return SAME[word]
    stem = re.sub(r"(ies|es|s|y|ed|ing)$", "", word)
    return (stem if len(stem) >= 3 else word,)


def _of(label: str, value: Any) -> Iterator[Fact]:
    loose = any(p in label.casefold() for p in PERCENT)
    if isinstance(value, bool | str):
        yield Word(label, value)
    elif isinstance(value, int | float):
        yield Figure(label, float(value), loose)
    elif isinstance(value, list):
        yield from _of_list(label, value, loose)
    elif isinstance(value, dict):
        yield from _of_mapping(label, value, loose)


def _of_list(label: str, value: list[Any], loose: bool) -> Iterator[Fact]:
    if all(isinstance(v, str) for v in value):
        yield Exactly(label, tuple(value))
    elif all(_is_number(v) for v in value):
        yield Beside(label, label, tuple(float(v) for v in value), loose)
    else:
        pairs = [v for v in value if isinstance(v, list) and v]
        for name, *figures in pairs:
            yield Beside(label, str(name), tuple(float(f) for f in figures), loose)
        yield Ordered(label, tuple(str(p[0]) for p in pairs))


def _of_mapping(label: str, value: dict[str, Any], loose: bool) -> Iterator[Fact]:
    for name, inner in value.items():
        if _is_number(inner):
            # A few figures under the name of a row or of the source they belong to.
            yield Beside(label, name, (float(inner),), loose)
        elif isinstance(inner, list) and all(_is_number(v) for v in inner):
            yield Beside(label, name, tuple(float(v) for v in inner), loose)
        elif isinstance(inner, dict):
            for column, cell in inner.items():
                yield Cell(name, column, cell)
        else:
            yield Cell(label, name, inner)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
