"""Lets one word settle what another means: "net spend", "pickup zone", "remote employees".

Owns these rules. Must never choose without a word of the requester that says so.
"""

from __future__ import annotations

import re
from dataclasses import replace

from deputy.agent.playbooks.language import facts, roles
from deputy.agent.playbooks.language.columns import (
    EXACT,
    HEAD,
    PART,
    Found,
    yes_of,
)
from deputy.agent.playbooks.language.items import (
    Aggregated,
    Item,
    Limit,
    Naming,
    Said,
    Unknown,
    Valued,
)
from deputy.agent.playbooks.language.scenes import Scene
from deputy.agent.playbooks.language.values import by_before, is_cue
from deputy.agent.playbooks.language.vocabulary import TOWARDS
from deputy.agent.playbooks.language.words import stem
from deputy.agent.playbooks.schema import Column

_NET, _GROSS = frozenset({"net", "netto", "nett"}), frozenset({"gross", "brutto"})


def _says_nothing(scene: Scene, word: str) -> bool:
    """Say whether "net" only repeats what the one amount of the table is."""
    money = facts.money(scene.table)
    if len(money) != 1 or word not in _NET | _GROSS:
        return False
    named = set(facts.core(money[0].name).split())
    low = money[0].low
    signed = word in _NET and isinstance(low, int | float) and low < 0
    return bool(named & (_NET if word in _NET else _GROSS)) or signed


def directed(scene: Scene, items: list[Item]) -> list[Item]:
    """Let "from the Airport" and "pickup zone" choose between the columns From and To."""
    made: list[Item] = []
    notes: list[Item] = []
    for item in items:
        last = made[-1] if made else None
        if isinstance(item, Valued | Naming):
            said = scene.words.original[max(0, item.start - 30) : item.start].lower()
            names = [word for word in re.findall(r"[a-z]+", said) if word not in _SMALL][-1:]
            near = isinstance(last, Naming) and not scene.between(last, item).strip(" \x00-")
            if isinstance(item, Valued):
                found = tuple(one for one in item.found if _leads(names, one.column))
                item = replace(item, found=found) if found else item
            else:
                named = tuple(one for one in item.named if _leads(names, one.column))
                narrowed = named and len(named) < len(item.named)
                item = replace(item, named=named) if named else item
                if named and near and isinstance(last, Naming) and roles.is_date(last):
                    said = f"{last.said} {item.said}"
                    item = replace(item, start=last.start, said=said)
                    made.pop()
                if narrowed:
                    name = named[0].column.name
                    note = f"“{item.said}” after “{names[-1]}” is the column {name}."
                    notes.append(Said(item.start, item.start, note))
        made.append(item)
    return [*made, *notes]


_SMALL = frozenset({"the", "our", "a", "each", "of", "other", "every", "all", "off"})


def _leads(words: list[str], column: Column) -> bool:
    """Say whether a word such as "from" or "pickup" fits the name of a column."""
    names = set(facts.core(column.name).split())
    return any(said & set(words) and told & names for said, told in TOWARDS)


def _lean_word(item: Item) -> str | None:
    """Give a word that may settle another: one nobody knows, or a mere part of a name."""
    if isinstance(item, Unknown):
        return stem(item.word.lower())
    if isinstance(item, Naming) and all(one.level >= PART for one in item.named):
        return stem(item.said.lower())
    return None


def flags(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "remote employees" as those whose column Remote says yes."""
    made: list[Item] = []
    for item in items:
        if isinstance(item, Naming) and not item.sure and not by_before(made, 0):
            yes = [(one.column, yes_of(one.column)) for one in item.named if one.level <= HEAD]
            asked = bool(made) and isinstance(made[-1], Aggregated | Limit)
            asked = asked or is_cue(made[-1] if made else item, "missing")
            if yes and all(value is not None for _, value in yes) and not asked:
                found = tuple(Found(column, str(value), EXACT) for column, value in yes)
                made.append(Valued(item.start, item.end, found, item.said))
                continue
        made.append(item)
    return made


def leaning(scene: Scene, items: list[Item]) -> list[Item]:
    """Let "net" settle "spend" where it stands in the name of one of the columns only."""
    made = list(items)
    for item in items:
        word = _lean_word(item)
        if word is None:
            continue
        if isinstance(item, Unknown) and _says_nothing(scene, word):
            name = facts.money(scene.table)[0].name
            note = f"“{item.word}” is what {name} holds: amounts below zero are deducted."
            made = [*(one for one in made if one is not item), Said(item.start, item.end, note)]
            continue
        for at, other in enumerate(made):
            if not isinstance(other, Naming) or other is item:
                continue
            level = min(one.level for one in other.named)
            fits = [one for one in other.named if one.level == level]
            hits = tuple(one for one in fits if word in facts.core(one.column.name).split())
            if len(hits) == 1 and len(fits) > 1:
                made[at] = replace(other, named=hits)
                made = [one for one in made if one is not item]
                break
    return made
