"""What a mention of columns can be: a figure, something to group by, a thing that is counted.

Owns these judgements. Must never look at the words around the mention.
"""

from __future__ import annotations

from deputy.agent.playbooks.language import facts
from deputy.agent.playbooks.language.columns import EXACT, HEAD, Named
from deputy.agent.playbooks.language.facts import GROUPS_OF_NUMBERS_MAX, is_identifier
from deputy.agent.playbooks.language.items import Naming

Options = tuple[Named, ...]


def _best(options: Options) -> Options:
    level = min((one.level for one in options), default=EXACT)
    return tuple(one for one in options if one.level == level)


def figures(naming: Naming) -> Options:
    """Give the columns of numbers it may mean."""
    return _best(
        tuple(
            one
            for one in naming.named
            if one.column.kind == "number" and not is_identifier(one.column)
        )
    )


def texts(naming: Naming) -> Options:
    """Give the columns of names and categories it may mean."""
    return _best(
        tuple(
            one
            for one in naming.named
            if one.column.kind == "text" or (one.column.kind == "number"
                                             and is_identifier(one.column))
        )
    )  # fmt: skip


def dates(naming: Naming) -> Options:
    """Give the columns of dates it may mean."""
    return _best(tuple(one for one in naming.named if one.column.kind == "date"))


def level(options: Options) -> int:
    """Give how direct the best of them is; none is far away."""
    return min((one.level for one in options), default=99)


def is_figure(naming: Naming) -> bool:
    """Say whether a mention by itself speaks of a figure."""
    found = figures(naming)
    return bool(found) and level(found) <= min(level(texts(naming)), level(dates(naming)))


def is_text(naming: Naming) -> bool:
    """Say whether a mention by itself speaks of names or categories."""
    found = texts(naming)
    nearer = level(found) < level(figures(naming))
    return bool(found) and nearer and level(found) <= level(dates(naming))


def is_date(naming: Naming) -> bool:
    """Say whether a mention by itself speaks of a date."""
    return bool(dates(naming)) and not is_figure(naming) and not is_text(naming)


def is_thing(naming: Naming) -> bool:
    """Say whether a mention speaks of what has an identifier: orders, tickets."""
    found = texts(naming)
    return is_text(naming) and any(is_identifier(one.column) for one in found)


def group_of(naming: Naming, *, numbers: bool = True) -> Options:
    """Give the columns to group by when words such as "by" stand before."""
    found, figured, dated = texts(naming), figures(naming), dates(naming)
    if found and level(found) <= min(level(figured), level(dated)):
        return plain_first(found)
    if dated and level(dated) <= level(figured):
        return dated
    small = tuple(one for one in figured if is_small(one))
    return small if numbers else ()


def is_small(one: Named) -> bool:
    """Say whether a column of numbers has so few different ones that they can be groups."""
    column = one.column
    few = 0 < column.distinct <= GROUPS_OF_NUMBERS_MAX
    return few and not column.unit and one.level <= HEAD and not facts.is_rate_of_money(column)


def plain_first(options: Options) -> Options:
    """Prefer a name over an identifier of the same thing."""
    plain = tuple(one for one in options if not is_identifier(one.column))
    return plain if len(plain) == 1 else options


def identifiers_first(options: Options) -> Options:
    """Prefer an identifier over a name of the same thing."""
    sure = tuple(one for one in options if is_identifier(one.column))
    return sure if len(sure) == 1 else options
