"""Finds what to break down by: lists after "by", "which region", "top 5 products", "monthly".

Owns the rules of groups. Must never decide how many groups a table may have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from deputy.agent.playbooks.language import facts, roles
from deputy.agent.playbooks.language.columns import EXACT, Named
from deputy.agent.playbooks.language.items import (
    Aggregated,
    Break,
    Counted,
    Cue,
    CueKind,
    Every,
    Figure,
    Grouped,
    Item,
    Kept,
    Naming,
    Ranked,
    Rows,
    Unknown,
    Wanted,
)
from deputy.agent.playbooks.language.scenes import Scene

_REPORT = re.compile(
    r"[\s\x00]*(?:\w+\s+){0,2}?(?:reports?|summary|update|review|overview|pack|brief\w*|digest"
    r"|snapshot|newsletter|check|catch ?up|meeting)\b"
)
_CUES: frozenset[CueKind] = frozenset({"by", "per", "which", "versus"})


def grouped(scene: Scene, items: Sequence[Item]) -> list[Item]:
    """Turn mentions after words such as "by" into groups."""
    made: list[Item] = []
    at = 0
    while at < len(items):
        taken, found = _group_at(scene, items, at, made)
        made += found
        at += taken
    return _who(scene, _fallbacks(scene, made))


def _group_at(
    scene: Scene, items: Sequence[Item], at: int, made: list[Item]
) -> tuple[int, list[Item]]:
    """Give how many items a group takes up and what they become."""
    item = items[at]
    if isinstance(item, Every) and item.grouping:
        first = Grouped(item.start, item.end, item.named, item.unit, trend=item.trend, cue="by")
        taken, more = _more(scene, items, at + 1)
        return 1 + taken, [first, *more]
    listing = bool(made) and isinstance(made[-1], Cue) and made[-1].what == "all"
    if isinstance(item, Every) and listing:
        made.pop()
        return 1, [Grouped(item.start, item.end, item.named, item.unit, _said(scene, item), "by")]
    if isinstance(item, Every) and (item.trend or _after(made, Counted | Ranked)):
        if _REPORT.match(scene.words.original.lower(), item.end) and item.trend:
            return 1, [item]
        cue: CueKind | None = None if item.trend else "which"
        said = _said(scene, item)
        return 1, [Grouped(item.start, item.end, item.named, item.unit, said=said, cue=cue)]
    if isinstance(item, Naming) and _most(scene, made) and roles.is_text(item):
        # "The most employees" counts employees; what is ranked stands elsewhere.
        things = roles.identifiers_first(roles.texts(item))
        wanted = Wanted(things=things, said=item.said)
        return 1, [Figure(item.start, item.end, wanted)]
    if isinstance(item, Rows) and not item.sure and _after(made, Ranked | Counted):
        # "Top 10 customers" where nothing in the table is called a customer.
        counted = _most(scene, made)
        return 1, [item if counted else Unknown(item.start, item.end, item.said)]
    if isinstance(item, Naming) and _after(made, Ranked | Counted) and _groupable(item):
        options = roles.group_of(item, numbers=False)
        return 1, [Grouped(item.start, item.end, options, None, item.said, "which")]
    if not (isinstance(item, Cue) and item.what in _CUES):
        return 1, [item]
    return _cued(scene, items, at, item)


def _after(made: list[Item], kinds: type[Item] | object) -> bool:
    """Say whether the span before, filters aside, is a ranking or a number."""
    for item in reversed(made):
        if isinstance(item, Kept) or (isinstance(item, Cue) and item.what == "different"):
            continue
        return isinstance(item, kinds)  # type: ignore[arg-type]
    return False


def _most(scene: Scene, made: list[Item]) -> bool:
    """Say whether "most" or "fewest" stands just before, and something to rank before that."""
    last = made[-1] if made else None
    if not isinstance(last, Ranked) or last.top is not None or last.about:
        return False
    said = scene.words.said(last.start, last.end).lower().split()[-1]
    return said in {"most", "fewest", "least"}


def _said(scene: Scene, item: Item) -> str:
    return scene.words.said(item.start, item.end)


def _groupable(item: Naming) -> bool:
    return roles.is_text(item) or (roles.is_date(item) and not roles.is_figure(item))


def _cued(scene: Scene, items: Sequence[Item], at: int, cue: Cue) -> tuple[int, list[Item]]:
    """Read what stands behind "by", "per" or "which"."""
    ahead = at + 1
    between: list[Item] = []
    while ahead < len(items) and _passable(items[ahead], cue):
        between.append(items[ahead])
        ahead += 1
    target = items[ahead] if ahead < len(items) else None
    if _modifies(scene, target, items[ahead + 1] if ahead + 1 < len(items) else None):
        ahead += 1
        target = items[ahead]
    if cue.what == "by" and _measured(target) and _ranks(items, at):
        return ahead - at, between  # "Top products by quantity" ranks by it.
    first = _target(scene, target, cue)
    if first is None:
        return 1, [cue]
    taken, more = _more(scene, items, ahead + 1) if cue.what != "which" else (0, [])
    return ahead + 1 - at + taken, [*between, first, *more]


def _modifies(scene: Scene, first: Item | None, second: Item | None) -> bool:
    """Say whether a noun only tells whose column follows: "by customer country"."""
    if not (isinstance(first, Naming) and isinstance(second, Naming)):
        return False
    gap = scene.words.original[first.end : second.start]
    return not gap.strip() and roles.is_text(first) and roles.is_text(second)


def _measured(target: Item | None) -> bool:
    return isinstance(target, Naming) and roles.is_figure(target)


def _ranks(items: Sequence[Item], at: int) -> bool:
    """Say whether the sentence ranks, or names no other figure that could be broken down."""
    before = list(items[:at])
    ranked = any(isinstance(one, Ranked) for one in items)
    figures = any(
        isinstance(one, Figure | Rows | Aggregated)
        or (isinstance(one, Cue) and one.what in {"count", "much", "share"})
        or (isinstance(one, Naming) and (roles.is_figure(one) or roles.is_thing(one)))
        for one in before
    )
    return ranked or not figures


def _passable(item: Item, cue: Cue) -> bool:
    if isinstance(item, Cue):
        return item.what in {"all", "different", "by"}
    return cue.what == "which" and isinstance(item, Counted | Ranked | Kept)


def _target(scene: Scene, target: Item | None, cue: Cue) -> Grouped | None:
    if isinstance(target, Every) and not target.grouping:
        said = _said(scene, target)
        return Grouped(target.start, target.end, target.named, target.unit, said, cue.what)
    if not isinstance(target, Naming):
        return None
    if cue.what == "which":
        if not _groupable(target):
            return None
        return Grouped(target.start, target.end, roles.group_of(target, numbers=False), None,
                       target.said, "which")  # fmt: skip
    if cue.what == "per" and roles.is_figure(target):
        return None
    if cue.what == "versus" and not roles.is_text(target):
        return None
    options = roles.group_of(target)
    if not options:
        return None
    if options[0].column.kind == "date":
        return Grouped(target.start, target.end, options, "day", target.said, cue.what)
    return Grouped(target.start, target.end, options, None, target.said, cue.what)


def _more(scene: Scene, items: Sequence[Item], at: int) -> tuple[int, list[Item]]:
    """Go on with a list of groups: ", product and month"."""
    found: list[Item] = []
    taken = 0
    while True:
        ahead = at + taken
        while ahead < len(items) and _joins(items[ahead]):
            ahead += 1
        target = items[ahead] if ahead < len(items) else None
        if ahead == at + taken or not _listable(target, items, ahead):
            return taken, found
        one = _target(scene, target, Cue(0, 0, "by"))
        if one is None:
            return taken, found
        found.append(one)
        taken = ahead + 1 - at


def _joins(item: Item) -> bool:
    mark = isinstance(item, Break) and item.mark in {",", "and"}
    return mark or (isinstance(item, Cue) and item.what in {"by", "versus", "all"})


def _listable(target: Item | None, items: Sequence[Item], at: int) -> bool:
    """Say whether a mention goes on with the list, and begins no part of its own."""
    if isinstance(target, Every):
        return not target.trend
    if not isinstance(target, Naming) or roles.is_figure(target) or roles.is_thing(target):
        return False
    following = items[at + 1] if at + 1 < len(items) else None
    own = isinstance(following, Cue) and following.what in {"by", "per", "ratio", "rate"}
    own = own or (isinstance(following, Every) and following.grouping)
    figure = isinstance(following, Naming) and roles.is_figure(following)
    ranked = isinstance(following, Ranked)
    return not (own or figure or ranked)


def _fallbacks(scene: Scene, items: list[Item]) -> list[Item]:
    """Let "by month" mean a column called Month where there are no dates."""
    if scene.table.of_kind("date"):
        return items
    made: list[Item] = []
    for item in items:
        if isinstance(item, Grouped) and item.unit is not None and not item.named:
            column = next(
                (one for one in scene.table.columns if item.unit in facts.core(one.name).split()),
                None,
            )
            if column is not None:
                named = (Named(column, EXACT),)
                made.append(Grouped(item.start, item.end, named, None, item.said, item.cue))
                continue
        made.append(item)
    return made


def _who(scene: Scene, items: list[Item]) -> list[Item]:
    """Let "who" name the persons of the table unless a group is named beside it."""
    made: list[Item] = []
    for at, item in enumerate(items):
        if not (isinstance(item, Cue) and item.what == "who"):
            made.append(item)
            continue
        rest = _clause(items, at + 1)
        named = any(
            isinstance(one, Grouped | Rows) or (isinstance(one, Naming) and roles.is_text(one))
            for one in rest
        )
        before = any(isinstance(one, Rows | Naming | Grouped) for one in _clause_before(made))
        people = facts.people(scene.table)
        ranked = any(isinstance(one, Ranked) for one in rest)
        if not named and not before and ranked and people:
            options = tuple(Named(one, EXACT) for one in people)
            made.append(Grouped(item.start, item.end, options, None, "who", "which"))
    return made


def _clause(items: Sequence[Item], at: int) -> list[Item]:
    found: list[Item] = []
    for item in items[at:]:
        if isinstance(item, Break) and item.strong:
            break
        found.append(item)
    return found


def _clause_before(made: list[Item]) -> list[Item]:
    found: list[Item] = []
    for item in reversed(made):
        if isinstance(item, Break):
            break
        found.append(item)
    return found
