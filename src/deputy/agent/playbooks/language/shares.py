"""Finds one figure set against another: ratios, rates, shares of rows or of a figure.

Owns the rules that make one figure out of two. Must never choose between columns that fit equally
well.
"""

from __future__ import annotations

import re
from dataclasses import replace

from deputy.agent.playbooks.language import facts, roles
from deputy.agent.playbooks.language.items import (
    Cue,
    Dated,
    Doing,
    Figure,
    Grouped,
    Item,
    Kept,
    Naming,
    Rows,
    Wanted,
)
from deputy.agent.playbooks.language.scenes import Scene

_VERB = re.compile(
    r"\b(?:is|are|was|were|have|has|had|came?|comes|got|went|goes|made|been|fall|fell|turned)\b"
)


def ratios(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "tip as a percentage of fare" and "revenue per order" as one figure by another."""
    made: list[Item] = []
    skip = 0
    for at, item in enumerate(items):
        if skip:
            skip -= 1
            continue
        last = made[-1] if made else None
        over = _denominator(scene, items, at) if isinstance(last, Figure) else None
        if isinstance(last, Figure) and over is not None and isinstance(item, Cue):
            share = item.what == "ratio"
            made[-1] = replace(
                last, end=items[at + 1].end, wanted=replace(last.wanted, over=over, share=share)
            )
            skip = 1
        else:
            made.append(item)
    return made


def _denominator(scene: Scene, items: list[Item], at: int) -> Wanted | None:
    item = items[at]
    following = items[at + 1] if at + 1 < len(items) else None
    if not isinstance(item, Cue) or item.what not in {"ratio", "per"}:
        return None
    if isinstance(following, Figure):
        return following.wanted
    if isinstance(following, Rows):
        return Wanted(rows=following.noun, said=following.said)
    return None


def per_things(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "revenue per order" as a figure by the number of orders where a row is an order."""
    made: list[Item] = []
    for item in items:
        last = made[-1] if made else None
        if (
            isinstance(item, Grouped)
            and item.cue == "per"
            and isinstance(last, Figure)
            and item.unit is None
            and item.named
            and all(facts.is_identifier(one.column) for one in item.named)
            and not last.wanted.rows
            and not last.wanted.things
        ):
            over = Wanted(things=item.named, said=item.said)
            made[-1] = replace(last, end=item.end, wanted=replace(last.wanted, over=over))
        else:
            made.append(item)
    return made


def rates(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "refund rate" as the share of rows that were refunded."""
    made: list[Item] = []
    for item in items:
        last = made[-1] if made else None
        if isinstance(item, Cue) and item.what == "rate":
            if isinstance(last, Kept):
                wanted = Wanted(
                    rows="row", said=scene.words.said(last.start, item.end), where=(last,),
                    over=Wanted(rows="row", said="rows"), share=True,
                )  # fmt: skip
                made[-1] = Figure(last.start, item.end, wanted)
                continue
            if isinstance(last, Figure) and any(facts.is_rate(one.column)
                                                for one in last.wanted.columns):  # fmt: skip
                made[-1] = replace(last, end=item.end)
                continue
        made.append(item)
    return made


def shares(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "share of orders returned" and "share of revenue from Online"."""
    made: list[Item] = []
    at = 0
    while at < len(items):
        item = items[at]
        if isinstance(item, Cue) and item.what == "share":
            taken, found = _share(scene, items, at, made)
            made += found
            at += taken
        else:
            made.append(item)
            at += 1
    return made


def _share(scene: Scene, items: list[Item], at: int, made: list[Item]) -> tuple[int, list[Item]]:
    """Give how many items a share takes up and what they become."""
    last = made[-1] if made else None
    if isinstance(last, Figure) and not last.wanted.over:
        # "Revenue share by region": the share of each group, or of the rows kept.
        kept, taken = _keeps(items, at + 1)
        made.pop()
        return 1 + taken, [_shared(scene, last, items[at], kept)]
    body, aside, ahead = _said_of(scene, items, at + 1)
    thing = next((n for n, one in enumerate(body) if isinstance(one, Figure)), None)
    if thing is None:
        thing = next((n for n, one in enumerate(body) if _countable(one)), None)
    before = made.pop() if isinstance(last, Kept) and body and thing == 0 else None
    kept = [one for one in body if isinstance(one, Kept)]
    if not kept and before is None:
        figure = body[thing] if thing is not None else None
        if figure is not None and len(body) == 1 and not isinstance(figure, Kept | Doing):
            shared = _shared(scene, _as_figure(figure), items[at], [])
            return ahead - at, [shared, *aside]
        return 1, [item for item in (before, items[at]) if item is not None]
    return ahead - at, [*_predicated(scene, items[at], body, thing, before), *aside]


_BODY = (Kept, Figure, Rows, Naming, Doing)


def _said_of(scene: Scene, items: list[Item], at: int) -> tuple[list[Item], list[Item], int]:
    """Give what a share is said of, groups and periods within set aside, and where it ends."""
    body: list[Item] = []
    aside: list[Item] = []
    while at < len(items) and isinstance(items[at], (*_BODY, Grouped, Dated)):
        item = items[at]
        if isinstance(item, Kept) and aside and not _is_said(scene, aside[-1], item):
            break  # "Share of revenue by region for Online" narrows, it says no part.
        (aside if isinstance(item, Grouped | Dated) else body).append(item)
        at += 1
    return body, aside, at


_SAYS = re.compile(r"\b(?:[a-z]+s|[a-z]+ed|is|are|was|were|have|has|had|got|went|came|work)\b")


def _is_said(scene: Scene, before: Item, kept: Item) -> bool:
    """Say whether a verb leads from a group to what is said of its rows."""
    gap = scene.words.original[before.end : kept.start + 1].lower()
    return bool(_SAYS.search(gap)) and not re.search(r"\b(?:for|only|in|of|excluding)\b", gap)


def _as_figure(item: Item) -> Figure:
    """Give the count of what a noun names."""
    if isinstance(item, Figure):
        return item
    if isinstance(item, Rows):
        return Figure(item.start, item.end, Wanted(rows=item.noun, said=item.said))
    texts = roles.texts(item) if isinstance(item, Naming) else ()
    said = item.said if isinstance(item, Naming) else ""
    wanted = Wanted(things=roles.identifiers_first(texts), said=said)
    return Figure(item.start, item.end, wanted)


def _countable(item: Item) -> bool:
    return isinstance(item, Rows) or (isinstance(item, Naming) and roles.is_text(item))


def _keeps(items: list[Item], at: int) -> tuple[list[Kept], int]:
    found: list[Kept] = []
    while at + len(found) < len(items):
        one = items[at + len(found)]
        if not isinstance(one, Kept):
            break
        found.append(one)
    return found, len(found)


def _shared(scene: Scene, figure: Figure, cue: Item, kept: list[Kept]) -> Figure:
    start, end = min(figure.start, cue.start), max(figure.end, cue.end)
    if kept:
        wanted = replace(figure.wanted, where=tuple(kept), over=figure.wanted, share=True)
        return Figure(start, max(end, kept[-1].end), wanted)
    return Figure(start, end, replace(figure.wanted, share=True))


def _predicated(
    scene: Scene, cue: Item, body: list[Item], thing: int | None, before: Item | None
) -> list[Item]:
    """Part the filters: those before a verb say which rows, those after it which share."""
    kept = [one for one in body if isinstance(one, Kept)]
    if isinstance(before, Kept):
        kept, scope = [before], kept
    else:
        scope, kept = _scope(scene, body, thing, kept)
    target = body[thing] if thing is not None else None
    over = Wanted(rows="row", said="rows")
    if isinstance(target, Figure):
        over = target.wanted
    elif isinstance(target, Rows):
        over = Wanted(rows=target.noun, said=target.said)
    elif isinstance(target, Naming):
        over = Wanted(things=roles.identifiers_first(roles.texts(target)), said=target.said)
    wanted = replace(over, where=tuple(kept), over=over, share=True)
    left = [one for one in body if isinstance(one, Doing)]
    return [*scope, *left, Figure(cue.start, body[-1].end, wanted)]


def _scope(
    scene: Scene, body: list[Item], thing: int | None, kept: list[Kept]
) -> tuple[list[Kept], list[Kept]]:
    if thing is None or len(kept) < 2:
        return [], kept
    after = [one for one in body[thing + 1 :] if isinstance(one, Kept)]
    ahead = [one for one in body[:thing] if isinstance(one, Kept)]
    if ahead and after:
        return ahead, after
    for at, one in enumerate(after):
        gap = scene.words.original[(after[at - 1] if at else body[thing]).end : one.start].lower()
        if at and _VERB.search(gap):
            return after[:at], after[at:]
    return [], kept
