"""Finds the figures asked for: counts, aggregates of columns, ratios, shares and rates.

Owns the rules that make one figure out of several spans. Must never choose between columns that
fit equally well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from deputy.agent.plans import Aggregate
from deputy.agent.playbooks.language import facts, roles, shares
from deputy.agent.playbooks.language.columns import EXACT, HEAD
from deputy.agent.playbooks.language.items import (
    Aggregated,
    Break,
    Cue,
    Doing,
    Figure,
    Grouped,
    Item,
    Kept,
    Naming,
    Ranked,
    Rows,
    Wanted,
)
from deputy.agent.playbooks.language.outcomes import ask
from deputy.agent.playbooks.language.scenes import Scene
from deputy.agent.playbooks.language.vocabulary import FIGURE_VERBS
from deputy.agent.playbooks.language.words import key

Rule = Callable[[Scene, list[Item]], list[Item]]


def figured(scene: Scene, items: Sequence[Item]) -> list[Item]:
    """Apply every rule of figures in its order."""
    found = list(items)
    for rule in RULES:
        found = rule(scene, found)
    return found


def _named_like_words(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "average total by borough" as the column Total where there is one."""
    made: list[Item] = []
    for item in items:
        last = made[-1] if made else None
        if isinstance(item, Aggregated) and isinstance(last, Aggregated):
            said = scene.words.said(item.start, item.end)
            named = scene.index.named(key(said.removeprefix("the ")))
            exact = tuple(one for one in named if one.level == EXACT)
            if exact and exact[0].column.kind == "number":
                made.append(Naming(item.start, item.end, exact, said, sure=True))
                continue
        made.append(item)
    return made


def _counts(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "how many different suppliers" and "number of cancelled orders"."""
    made: list[Item] = []
    at = 0
    while at < len(items):
        item = items[at]
        if not (isinstance(item, Cue) and item.what in {"count", "different"}):
            made.append(item)
            at += 1
            continue
        ahead, different, kept = at, False, []
        while ahead < len(items) and _before_thing(items[ahead], ahead == at):
            one = items[ahead]
            different = different or (isinstance(one, Cue) and one.what == "different")
            kept += [one] if isinstance(one, Kept | Doing) else []
            ahead += 1
        wanted, end = _thing(scene, items, ahead, item, different=different)
        if wanted is None:
            made += items[at:ahead]
        else:
            made += [*kept, Figure(item.start, items[end - 1].end, wanted)]
        at = max(end, ahead)
    return made


def _before_thing(item: Item, first: bool) -> bool:
    if first:
        return True
    if isinstance(item, Cue):
        return item.what in {"different", "count", "all", "refers", "of"}
    return isinstance(item, Kept) or (isinstance(item, Aggregated) and item.aggregate == "sum")


def _thing(
    scene: Scene, items: list[Item], at: int, cue: Item, *, different: bool
) -> tuple[Wanted | None, int]:
    """Give what is counted from a place on, and where it ends."""
    item = items[at] if at < len(items) else None
    if isinstance(item, Rows):
        return Wanted(rows=item.noun, said=item.said, different=different), at + 1
    if isinstance(item, Naming):
        if roles.is_figure(item) and not different:
            return _counted_figure(scene, item), at + 1
        things = roles.texts(item) or roles.dates(item) or roles.figures(item)
        if different or roles.is_text(item):
            return Wanted(things=roles.identifiers_first(things), said=item.said,
                          different=different), at + 1  # fmt: skip
    if isinstance(item, Grouped) and item.unit is None and item.named and not _by(items, at):
        return Wanted(things=item.named, said=item.said, different=different), at + 1
    if different:
        return None, at
    return Wanted(rows="row", said="rows"), at


def _by(items: list[Item], at: int) -> bool:
    item = items[at]
    return isinstance(item, Grouped) and item.cue in {"by", "per"}


def _counted_figure(scene: Scene, item: Naming) -> Wanted:
    """Read "how many units" as their sum, "how many payments" as rows of amounts."""
    options = roles.figures(item)
    money = facts.money(scene.table)
    if all(one.column in money for one in options) and options[0].level > HEAD:
        return Wanted(rows=key(item.said), said=item.said)
    return Wanted(columns=options, said=item.said, aggregate="sum")


def _side_by_side(scene: Scene, items: list[Item]) -> list[Item]:
    """Ask about "stock value" where stock and value are two columns, and no third one is both."""
    made: list[Item] = []
    for item in items:
        last = made[-1] if made else None
        if isinstance(item, Naming) and isinstance(last, Naming) and not item.sure:
            both = roles.is_figure(item) and roles.is_figure(last)
            gap = scene.words.original[last.end : item.start]
            if both and not gap.strip() and item.said.lower() not in FIGURE_VERBS:
                mine = {one.column.name for one in roles.figures(last)}
                shared = tuple(one for one in roles.figures(item) if one.column.name in mine)
                if not shared:
                    said = scene.words.said(last.start, item.end)
                    listed = " or ".join(
                        one.column.name for one in (*roles.figures(last), *roles.figures(item))
                    )
                    raise ask(f"“{said}” is no column of the table. Do you mean {listed}?")
                made[-1] = replace(last, end=item.end, named=shared)
                continue
        made.append(item)
    return made


def _aggregates(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "average and median price": every aggregate of the figure behind them."""
    made: list[Item] = []
    pending: list[Aggregated] = []
    spoken: Aggregate | None = None
    for at, item in enumerate(items):
        if isinstance(item, Aggregated):
            pending.append(item)
            spoken = None
        elif isinstance(item, Break) and item.strong:
            made += [*pending, item]
            pending, spoken = [], None
        elif isinstance(item, Naming) and _speaks_of_figure(item, pending):
            names: list[Aggregate | None] = [one.aggregate for one in pending] or [spoken]
            start = pending[0].start if pending else item.start
            made += [_figure(start, item, name) for name in names]
            spoken = names[-1] if len(names) == 1 and names[0] != "sum" else None
            pending = []
        elif isinstance(item, Figure) and pending and at:
            made += _counted(pending, item)
            pending = []
        elif isinstance(item, Break) and pending and _goes_on(items, at):
            continue
        elif isinstance(item, Break) and pending:
            made += [*pending, item]
            pending = []
        else:
            spoken = spoken if isinstance(item, Break) else None
            made.append(item)
    return [*made, *pending]


def _goes_on(items: list[Item], at: int) -> bool:
    """Say whether a list of aggregates goes on behind a comma: "minimum, maximum and average"."""
    following = next((one for one in items[at:] if not isinstance(one, Break)), None)
    return isinstance(following, Aggregated)


def _speaks_of_figure(item: Naming, pending: list[Aggregated]) -> bool:
    if roles.is_figure(item):
        return True
    numeric = bool(roles.figures(item)) and bool(pending)
    return numeric and roles.level(roles.figures(item)) <= roles.level(roles.texts(item)) + 1


def _figure(start: int, item: Naming, aggregate: Aggregate | None) -> Figure:
    return Figure(start, item.end, Wanted(roles.figures(item), item.said, aggregate))


def _counted(pending: list[Aggregated], item: Figure) -> list[Item]:
    """Read "total number of orders" as a count, "average number of passengers" as an average."""
    name = pending[-1].aggregate
    wanted = item.wanted
    if name == "sum" and wanted.aggregate in {None, "sum"}:
        return [replace(item, start=pending[0].start)]
    if wanted.columns:
        return [
            Figure(one.start, item.end, replace(wanted, aggregate=one.aggregate)) for one in pending
        ]
    return [Figure(pending[0].start, item.end, replace(wanted, aggregate=name))]


def _behind(scene: Scene, items: list[Item]) -> list[Item]:
    """Let an aggregate behind its figure hold for it: "what did we spend in total"."""
    made: list[Item] = []
    for item in items:
        if isinstance(item, Aggregated):
            figure = _last_figure(made)
            if figure is not None:
                old = made[figure]
                if isinstance(old, Figure) and old.wanted.aggregate in {None, item.aggregate}:
                    wanted = replace(old.wanted, aggregate=item.aggregate)
                    made[figure] = replace(old, wanted=wanted)
                    continue
        made.append(item)
    return made


def _last_figure(made: list[Item]) -> int | None:
    for at in range(len(made) - 1, -1, -1):
        if isinstance(made[at], Figure):
            return at
        if isinstance(made[at], Break):
            return None
    return None


def _totals(scene: Scene, items: list[Item]) -> list[Item]:
    """Let "who spent how much" and the like speak of the figure beside it."""
    made: list[Item] = []
    for at, item in enumerate(items):
        if isinstance(item, Cue) and item.what == "much":
            clause = _clause_of(items, at)
            if not any(isinstance(one, Figure) for one in clause):
                made.append(Figure(item.start, item.end, Wanted(said="how much")))
            continue
        made.append(item)
    return made


def _clause_of(items: list[Item], at: int) -> list[Item]:
    found: list[Item] = []
    for item in items[at:]:
        if isinstance(item, Break) and item.strong:
            break
        found.append(item)
    return found


def _superlatives(scene: Scene, items: list[Item]) -> list[Item]:
    """Read "what is the highest price" as a maximum where nothing is ranked by it."""
    made: list[Item] = []
    for at, item in enumerate(items):
        following = items[at + 1] if at + 1 < len(items) else None
        if (
            isinstance(item, Ranked)
            and item.by == "value"
            and item.top is None
            and not item.everything
            and not item.about
            and isinstance(following, Figure)
            and following.wanted.aggregate is None
            and following.wanted.columns
            and not _ranks(items, at)
        ):
            name: Aggregate = "max" if item.order == "desc" else "min"
            wanted = replace(following.wanted, aggregate=name)
            items[at + 1] = replace(following, start=item.start, wanted=wanted)
        else:
            made.append(item)
    return made


def _ranks(items: list[Item], at: int) -> bool:
    """Say whether the clause names what would be ranked."""
    clause = [*_back(items, at), *_clause_to_break(items, at)]
    return any(
        (isinstance(one, Grouped) and one.cue != "by" and one.cue != "per")
        or (isinstance(one, Naming) and roles.is_text(one))
        or (isinstance(one, Cue) and one.what == "who")
        for one in clause
    )


def _back(items: list[Item], at: int) -> list[Item]:
    found: list[Item] = []
    for item in reversed(items[:at]):
        if isinstance(item, Break) and item.mark not in {"(", ")"}:
            break
        found.append(item)
    return found


def _clause_to_break(items: list[Item], at: int) -> list[Item]:
    found: list[Item] = []
    for item in items[at:]:
        if isinstance(item, Break) and item.mark not in {"(", ")"}:
            break
        found.append(item)
    return found


RULES: tuple[Rule, ...] = (
    _named_like_words, _side_by_side, _counts, _aggregates, _behind, shares.per_things,
    shares.ratios, shares.rates, shares.shares, _totals, _superlatives,
)  # fmt: skip
