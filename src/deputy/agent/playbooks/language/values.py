"""Turns lists of values into filters: "Germany, France and Italy", "not returned or cancelled".

Owns the choice between values. Must never choose between columns that fit equally well.
"""

from __future__ import annotations

from dataclasses import replace

from deputy.agent.plans import Filter, Scalar
from deputy.agent.playbooks.language.columns import (
    EXACT,
    PART,
    Found,
    yes_of,
)
from deputy.agent.playbooks.language.items import (
    Break,
    Cue,
    Item,
    Kept,
    Valued,
)
from deputy.agent.playbooks.language.outcomes import ask
from deputy.agent.playbooks.language.scenes import Scene


def is_cue(item: Item, what: str) -> bool:
    """Say whether a span is this cue."""
    return isinstance(item, Cue) and item.what == what


def by_before(made: list[Item], back: int) -> bool:
    """Say whether "by" or "which" stands so far before."""
    before = made[-back - 1] if len(made) > back else None
    return isinstance(before, Cue) and before.what in {"by", "per", "which"}


def valued(scene: Scene, items: list[Item]) -> list[Item]:
    """Turn lists of values into filters, with what stands before them: only, not, either."""
    made: list[Item] = []
    at = 0
    while at < len(items):
        item = items[at]
        if not isinstance(item, Valued):
            made.append(item)
            at += 1
            continue
        begin = at
        by = made.pop() if made and is_cue(made[-1], "by") else None
        run, at, either = _run(items, at)
        against = any(_is_against(one) for one in items[max(0, begin - 2) : at])
        between = any(_is_against(one) for one in items[begin:at])
        negative = only = False
        while made and isinstance(made[-1], Cue) and made[-1].what in _BEFORE_VALUES:
            cue = made.pop()
            only = only or is_cue(cue, "only")
            negative = negative or (isinstance(cue, Cue) and cue.what in {"not", "missing"})
        if at < len(items) and is_cue(items[at], "only"):
            at += 1
        kept = _kept(scene, run, negative=negative, either=either)
        if between and len(kept.columns) > 1:
            raise ask(
                "I compare values of one column, or two periods. Which two do you want to set side "
                "by side, for example “Retail versus Online”?"
            )
        if by is not None:
            said = scene.words.said(by.start, kept.end)
            note = f"“{said}” chooses the rows whose {kept.columns[0]} is so."
            kept = replace(kept, notes=(*kept.notes, note))
        made.append(replace(kept, against=against and len(run) > 1 and not negative))
        if only:
            made.append(Cue(kept.start, kept.start, "only"))
    return made


_BEFORE_VALUES = frozenset({"not", "only", "either", "missing", "all"})


def _run(items: list[Item], at: int) -> tuple[list[Valued], int, bool]:
    """Give a list of values that share a column: "Germany, France and Italy"."""
    first = items[at]
    run = [first] if isinstance(first, Valued) else []
    at += 1
    either = False
    while True:
        ahead = at
        while ahead < len(items) and isinstance(items[ahead], Break):
            ahead += 1
        against = ahead < len(items) and _is_against(items[ahead])
        breaks = items[at:ahead]
        ahead += 1 if against else 0
        value = items[ahead] if ahead < len(items) else None
        marks = {one.mark for one in breaks if isinstance(one, Break)}
        joins = bool(breaks) or against
        if not joins or not isinstance(value, Valued) or not marks <= {",", "and", "or"}:
            return run, at, either
        either = either or "or" in marks
        run.append(value)
        at = ahead + 1


def _is_against(item: Item) -> bool:
    return isinstance(item, Cue) and item.what in {"versus", "compares"}


def _kept(scene: Scene, run: list[Valued], *, negative: bool, either: bool) -> Kept:
    chosen = [_chosen(value, run) for value in run]
    columns = list(dict.fromkeys(one[0].column.name for one in chosen))
    if len(columns) > 1 and (negative or either):
        raise ask(
            "A list of values across two columns can mean several things. Which of them shall "
            "count?"
        )
    notes: list[str] = []
    filters: list[Filter] = []
    for name in columns:
        found = [found for one in chosen for found in one if found.column.name == name]
        filters.append(_filter(found, negative=negative))
    for value, meant in zip(run, chosen, strict=True):
        notes += _read_as(value, meant)
    start, end = run[0].start, run[-1].end
    return Kept(start, end, tuple(filters), tuple(notes), scene.words.said(start, end),
                tuple(columns))  # fmt: skip


def _chosen(value: Valued, run: list[Valued]) -> tuple[Found, ...]:
    """Give the values meant, all of one column, or ask."""
    best = min(one.level for one in value.found)
    found = tuple(one for one in value.found if one.level == best)
    names = {one.column.name for one in found}
    if len(names) > 1:
        others = [one for one in run if one is not value]
        shared = [
            name for name in sorted(names)
            if others and all(name in {f.column.name for f in one.found} for one in others)
        ]  # fmt: skip
        if len(shared) == 1:
            return tuple(one for one in found if one.column.name == shared[0])
        listed = " or ".join(sorted(names))
        raise ask(f"“{value.said}” stands in several columns. Which do you mean: {listed}?")
    values = list(dict.fromkeys(one.value for one in found))
    if best == PART and len(values) > 1:
        listed = ", ".join(f"“{one}”" for one in values[:6])
        raise ask(f"“{value.said}” is part of several values: {listed}. Which of them?")
    return found


def _filter(found: list[Found], *, negative: bool) -> Filter:
    column = found[0].column
    values: list[Scalar] = list(dict.fromkeys(one.value for one in found))
    if column.kind == "number":
        values = [int(str(value)) for value in values]
    if len(values) == 1:
        return Filter(column=column.name, op="ne" if negative else "eq", value=values[0])
    return Filter(column=column.name, op="not_in" if negative else "in", value=tuple(values))


def _read_as(value: Valued, found: tuple[Found, ...]) -> list[str]:
    one = found[0]
    if yes_of(one.column) == one.value:
        return [f"“{value.said}” is read as {one.column.name} = {one.value}."]
    if one.level == EXACT:
        return []
    return [f"“{value.said}” is read as {one.column.name} “{one.value}”."]
