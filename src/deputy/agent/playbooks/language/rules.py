"""Joins neighbouring spans: a column and its value, limit, emptiness or date become one filter.

Owns these rules and the choice between values. Must never drop a span it does not understand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from deputy.agent.plans import Filter, Scalar
from deputy.agent.playbooks.language import facts
from deputy.agent.playbooks.language.columns import (
    EXACT,
    SYNONYM,
    Named,
)
from deputy.agent.playbooks.language.items import (
    Break,
    Counted,
    Cue,
    Dated,
    Doing,
    Every,
    Item,
    Kept,
    Limit,
    Matching,
    Naming,
    Rows,
    Unknown,
    Valued,
)
from deputy.agent.playbooks.language.leanings import directed, flags, leaning
from deputy.agent.playbooks.language.outcomes import ask
from deputy.agent.playbooks.language.scenes import Scene
from deputy.agent.playbooks.language.values import by_before, is_cue, valued
from deputy.agent.playbooks.language.words import root
from deputy.agent.playbooks.schema import Column

_LINK = re.compile(r"[\s\x00]*(?:is|=|:|are|being|of|in|was|were|equals?|to)?\s*(?:the\s+)?\"?\s*")
_NEAR = re.compile(r"[\s\"]*(?:the\s+)?")


Rule = Callable[[Scene, list[Item]], list[Item]]


def joined(scene: Scene, items: Sequence[Item]) -> list[Item]:
    """Apply every rule in its order."""
    found = list(items)
    for rule in RULES:
        found = rule(scene, found)
    return found


def _appositions(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "revenue (total column)" as the column total."""
    made: list[Item] = []
    for item in items:
        made.append(item)
        match made[-4:]:
            case [Naming() | Unknown() | Rows() as what, Break(mark="("), Naming() as named,
                  Break(mark=")")]:  # fmt: skip
                said = scene.words.said(what.start, what.end)
                made[-4:] = [Naming(what.start, item.end, named.named, said, sure=True)]
    return made


def _columns(named: tuple[Named, ...]) -> set[str]:
    return {one.column.name for one in named}


def _narrow(value: Valued, naming: Naming) -> Valued | None:
    kept = tuple(one for one in value.found if one.column.name in _columns(naming.named))
    return replace(value, found=kept) if kept else None


def _beside(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "North region" and "region is not North" as a value of that column."""
    made: list[Item] = []
    for item in items:
        last = made[-1] if made else None
        if isinstance(item, Valued) and isinstance(last, Naming):
            made = _value_after(scene, made, last, item)
        elif isinstance(item, Valued) and isinstance(last, Cue) and last.what == "not":
            before = made[-2] if len(made) > 1 else None
            narrow = _narrow(item, before) if isinstance(before, Naming) else None
            if narrow is not None and not by_before(made, 2):
                made[-2:] = [last]
            made.append(narrow or item)
        elif isinstance(item, Naming) and isinstance(last, Valued):
            narrow = _narrow(last, item)
            near = narrow is not None and _NEAR.fullmatch(scene.between(last, item))
            if near and narrow is not None and not by_before(made, 1):
                made[-1] = replace(narrow, end=item.end)
            else:
                made.append(item)
        else:
            made.append(item)
    return made


def _value_after(scene: Scene, made: list[Item], last: Naming, item: Valued) -> list[Item]:
    narrow = _narrow(item, last)
    if narrow is None or not _LINK.fullmatch(scene.between(last, item)):
        return [*made, item]
    kept = made if by_before(made, 1) else made[:-1]
    if kept is made:
        return [*kept, narrow]
    said = scene.words.said(last.start, item.end)
    bent = min(one.level for one in last.named) >= SYNONYM
    narrow = replace(narrow, said=said) if bent else narrow
    return [*kept, replace(narrow, start=last.start)]


def _numbered(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "class 1" and "year 2024" as rows whose column holds that number."""
    made: list[Item] = []
    for item in items:
        last = made[-1] if made else None
        if isinstance(item, Counted) and isinstance(last, Naming) and not by_before(made, 1):
            fits = [one.column for one in last.named if _small(one)]
            if len(fits) == 1 and _LINK.fullmatch(scene.between(last, item)):
                said = scene.words.said(last.start, item.end)
                only = Filter(column=fits[0].name, op="eq", value=item.number)
                made[-1] = Kept(last.start, item.end, (only,), said=said, columns=(fits[0].name,))
                continue
        made.append(item)
    return made


def _small(named: Named) -> bool:
    column = named.column
    small = 0 < column.distinct <= facts.GROUPS_OF_NUMBERS_MAX and not column.unit
    return column.kind == "number" and small and named.level <= 1


def _done_on(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "closed in March" and "with order date before May" as dates of that column."""
    made: list[Item] = []
    for item in items:
        last = made[-1] if made else None
        if isinstance(item, Dated) and not item.dates:
            dates = _dates_of(scene, last)
            if dates and not by_before(made, 1):
                made[-1] = Dated(last.start if last else 0, item.end, item.asked, dates)
                continue
        if isinstance(item, Naming) and isinstance(last, Dated) and not last.dates:
            dates = tuple(one.column for one in item.named if one.column.kind == "date")
            if dates and len(dates) == len(item.named):
                made[-1] = replace(last, end=item.end, dates=dates)
                continue
        made.append(item)
    return made


def _dates_of(scene: Scene, item: Item | None) -> tuple[Column, ...]:
    match item:
        case Doing(dates=dates):
            return dates
        case Naming(named=named):
            dates = tuple(one.column for one in named if one.column.kind == "date")
            return dates if len(dates) == len(named) else ()
        case Valued(said=said, found=found) if all(one.column.kind == "text" for one in found):
            return scene.index.doings.get(root(said.lower()), ())
        case _:
            return ()


def _empty(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "no hire date" and "hire date is missing" as rows whose cell is empty."""
    made: list[Item] = []
    for at, item in enumerate(items):
        last = made[-1] if made else None
        missing = isinstance(last, Cue) and last.what == "missing"
        missing = missing or (isinstance(last, Unknown) and last.word.lower() == "no")
        if missing and isinstance(item, Naming) and not _value_next(items, at):
            made[-1] = _missing(scene, last.start if last else 0, item.end, item)
        elif isinstance(item, Cue) and item.what == "missing" and isinstance(last, Naming):
            following = items[at + 1] if at + 1 < len(items) else None
            if isinstance(following, Naming | Valued | Every) or not _is_empty(scene, item):
                made.append(item)
            else:
                made[-1] = _missing(scene, last.start, item.end, last)
        else:
            made.append(item)
    return made


def _none_of(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "zero stock" as a figure of nought, and "never restocked" as a date that is empty."""
    made: list[Item] = []
    for at, item in enumerate(items):
        last = made[-1] if made else None
        following = items[at + 1] if at + 1 < len(items) else None
        zero = isinstance(last, Unknown) and last.word.lower() in {"zero", "nil", "nought"}
        if last is not None and zero and (named := _numbers(item)):
            limit = Limit(last.start, last.end, "eq", (0.0,), "zero")
            made[-1] = _limit(scene, last.start, item.end, named, limit, _said(scene, item))
        elif (
            last is not None
            and len(dates := _dates_of(scene, item)) == 1
            and not isinstance(item, Valued)
            and (is_cue(last, "not") or is_cue(last, "missing"))
            and not isinstance(following, Dated)
        ):
            name = dates[0].name
            said = scene.words.said(last.start, item.end)
            if not dates[0].missing:
                raise ask(f"No row has an empty {name}. What shall “{said}” mean in this table?")
            note = f"“{said}” means rows whose {name} is empty."
            only = Filter(column=name, op="missing")
            made[-1] = Kept(last.start, item.end, (only,), (note,), said, (name,))
        else:
            made.append(item)
    return made


def _said(scene: Scene, item: Item) -> str:
    return scene.words.said(item.start, item.end)


def _is_empty(scene: Scene, item: Item) -> bool:
    said = scene.words.text[item.start : item.end]
    words = scene.words.original[item.start : item.end].lower()
    return bool(said) and bool(re.search(r"missing|blank|empty|null|unknown|not ", words))


def _value_next(items: list[Item], at: int) -> bool:
    return at + 1 < len(items) and isinstance(items[at + 1], Valued)


def _missing(scene: Scene, start: int, end: int, naming: Naming) -> Kept:
    column = settled(naming.named, "column", naming.said)
    said = scene.words.said(start, end)
    if column.kind == "number" and isinstance(column.low, int | float) and column.low <= 0:
        if column.missing:
            raise ask(f"Does “{said}” mean that {column.name} is empty, or that it is zero?")
        only = Filter(column=column.name, op="le", value=0)
        note = f"“{said}” means rows whose {column.name} is not above zero: none is empty."
        return Kept(start, end, (only,), (note,), said, (column.name,))
    note = f"“{said}” means rows whose {column.name} is empty."
    only = Filter(column=column.name, op="missing")
    return Kept(start, end, (only,), (note,), said, (column.name,))


def settled(named: tuple[Named, ...], what: str, said: str) -> Column:
    """Give the one column that fits best, or ask."""
    best = min(one.level for one in named)
    fits = [one.column for one in named if one.level == best]
    if len({column.name for column in fits}) > 1:
        listed = " or ".join(dict.fromkeys(column.name for column in fits))
        raise ask(f"Which {what} do you mean by “{said}”: {listed}?")
    return fits[0]


_NAME = frozenset({"name", "names", "title", "description", "text"})


def _matched(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "suppliers whose name contains X" as a search in that column."""
    made: list[Item] = []
    for item in items:
        last = made[-1] if made else None
        if isinstance(item, Matching):
            while made and (
                (isinstance(made[-1], Cue) and made[-1].what in {"which", "only"})
                or (isinstance(made[-1], Unknown) and made[-1].word.lower() in _NAME)
            ):
                made.pop()
            naming = next((one for one in reversed(made) if isinstance(one, Naming)), None)
            if naming is None or naming is not made[-1]:
                raise ask(f"In which column shall I look for “{item.text}”?")
            texts = tuple(one for one in naming.named if one.column.kind == "text")
            column = settled(texts or naming.named, "column", naming.said)
            said = scene.words.said(naming.start, item.end)
            only = Filter(column=column.name, op=item.op, value=item.text)
            keep_group = by_before(made, 1) or len(made) < 2
            note = f"“{said}” is looked for in {column.name}."
            kept = Kept(item.start, item.end, (only,), (note,), said, (column.name,))
            made = [*(made if keep_group else made[:-1]), kept]
        else:
            made.append(item)
        del last
    return made


def _limited(scene: Scene, items: list[Item]) -> list[Item]:
    """Bind a comparison with numbers to the figure beside it."""
    made: list[Item] = []
    skip = False
    for at, item in enumerate(items):
        if skip:
            skip = False
            continue
        last = made[-1] if made else None
        if not isinstance(item, Limit):
            made.append(item)
            continue
        following = items[at + 1] if at + 1 < len(items) else None
        before = _numbers(last) if isinstance(last, Naming) and not by_before(made, 1) else ()
        after = _numbers(following) if isinstance(following, Naming) else ()
        if isinstance(following, Every) and not before:
            after = _durations(scene, following)
        if before and isinstance(last, Naming):
            made[-1] = _limit(scene, last.start, item.end, before, item, last.said)
        elif after and following is not None:
            made.append(_limit(scene, item.start, following.end, after, item, item.said))
            skip = True
        else:
            made.append(item)
    return made


def _numbers(naming: Item | None) -> tuple[Named, ...]:
    if not isinstance(naming, Naming):
        return ()
    numbers = tuple(
        one
        for one in naming.named
        if one.column.kind == "number" and not facts.is_identifier(one.column)
    )
    return numbers if numbers and numbers[0].level <= naming.named[0].level else ()


_LONG = re.compile(r"time|duration|hours?|minutes?|days?|length|age|wait|lead|delay")
_IN = (
    ("hour", re.compile(r"(?i)\b(?:h|hrs?|hours?)\b")),
    ("day", re.compile(r"(?i)\bdays?\b")),
)


def _durations(scene: Scene, every: Every) -> tuple[Named, ...]:
    """Give the figures that last so many hours or days; the unit must stand in their names."""
    found = []
    for column in facts.measures(scene.table):
        plain = column.name.replace("_", " ")
        unit = next((unit for unit, told in _IN if told.search(plain)), None)
        if unit == every.unit and _LONG.search(f"{facts.core(column.name)} {unit}"):
            found.append(Named(column, EXACT))
    return tuple(found)


def _limit(
    scene: Scene, start: int, end: int, named: tuple[Named, ...], item: Limit, said: str
) -> Kept:
    column = settled(named, "figure", said)
    return Kept(
        start, end, (limit_of(column, item),), said=scene.words.said(start, end),
        columns=(column.name,),
    )  # fmt: skip


def limit_of(column: Column, item: Limit) -> Filter:
    """Give the filter of a comparison with numbers; per cent of a fraction is brought to it."""
    numbers = item.numbers
    if "%" in item.said or "per" in item.said:
        fraction = isinstance(column.high, float | int) and abs(column.high) <= 1
        numbers = tuple(one / 100 for one in numbers) if fraction else numbers
    plain: tuple[Scalar, ...] = tuple(int(one) if one == int(one) else one for one in numbers)
    value = plain if len(plain) > 1 else plain[0]
    return Filter(column=column.name, op=item.op, value=value)


def _compounds(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "payment days" as days, "taxi trips" as trips, and "card payers" as card payments."""
    made: list[Item] = []
    for item in items:
        last = made[-1] if made else None
        near = last is not None and not scene.between(last, item).strip(" \x00")
        if near and isinstance(item, Every) and not item.grouping and _modifies(last):
            named = _dates_named(last)
            made[-1] = replace(item, start=last.start if last else item.start, named=named)
        elif isinstance(last, Every) and _dates_named(item) and _of(scene, last, item):
            made[-1] = replace(last, end=item.end, named=_dates_named(item))
        elif near and isinstance(last, Kept) and _same_family(scene, last, item):
            made[-1] = replace(last, end=item.end)
        elif near and isinstance(item, Rows) and isinstance(last, Rows):
            made[-1] = replace(item, start=last.start, sure=item.sure or last.sure)
        else:
            made.append(item)
    return made


def _of(scene: Scene, first: Item, second: Item) -> bool:
    return bool(re.fullmatch(r"\s*(?:of|in)\s+(?:the\s+|their\s+)?", scene.between(first, second)))


def _dates_named(item: Item | None) -> tuple[Named, ...]:
    """Give the date columns a calendar unit may be of: "check-in month", "shipping month"."""
    match item:
        case Doing(dates=dates):
            return tuple(Named(one, EXACT) for one in dates)
        case Naming(named=named):
            dated = tuple(one for one in named if one.column.kind == "date")
            best = min((one.level for one in dated), default=EXACT)
            return tuple(one for one in dated if one.level == best)
        case _:
            return ()


def _modifies(item: Item | None) -> bool:
    numbers = _numbers(item)
    date = isinstance(item, Naming) and all(one.column.kind == "date" for one in item.named)
    return isinstance(item, Rows | Doing) or date or bool(numbers and numbers[0].level >= SYNONYM)


def _same_family(scene: Scene, kept: Kept, item: Item) -> bool:
    """Say whether a noun after a value only repeats its column: "card payers"."""
    if not isinstance(item, Unknown | Doing | Rows) or len(kept.columns) != 1:
        return False
    if isinstance(item, Rows) and item.sure:
        return False
    said = scene.words.text[item.start : item.end].replace("\x00", "")
    spoken = (said or scene.words.original[item.start : item.end]).lower()
    names = {root(word) for word in facts.core(kept.columns[0]).split()}
    return root(spoken.strip()) in names


RULES: tuple[Rule, ...] = (
    _appositions, leaning, directed, flags, _beside, _numbered, _done_on, _none_of, _empty,
    _matched, _limited, valued, _compounds,
)  # fmt: skip
