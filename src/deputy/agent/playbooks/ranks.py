"""The ranking of a plan: by what, how many places, in which order.

Owns the defaults of a ranking. Must never rank without groups to rank.
"""

from __future__ import annotations

from dataclasses import replace

from deputy.agent.playbooks import phrasing
from deputy.agent.playbooks.phrases import TOP_DEFAULT
from deputy.agent.playbooks.plan import TOP_MAX, Group, Plan, Rank
from deputy.agent.playbooks.requests import Request
from deputy.agent.playbooks.schema import Table
from deputy.agent.playbooks.times import Times


def rank_of(
    table: Table, request: Request, base: Plan | None, group: Group | None, times: Times
) -> tuple[Rank | None, tuple[str, ...], str | None]:
    """Give the ranking, what must be said about it, or a question."""
    asked = request.ranking
    if asked is None:
        return _inherited(base, group, times), (), None
    if group is None:
        return None, (), phrasing.rank_what(table)
    column = table.column(group.column)
    groups = column.distinct if column is not None and group.by is None else TOP_MAX
    if asked.top is not None and asked.by == "value" and _only_number(request, base, times):
        # "Top five instead" changes how many are named, not by what.
        asked = replace(asked, by=base.rank.by if base and base.rank else asked.by)
    if asked.everything:
        return Rank(by=asked.by, top=_places(groups, groups), order=asked.order), (), None
    if asked.top is not None:
        if asked.top > TOP_MAX:
            return None, (), f"I name at most {TOP_MAX} places. How many do you want?"
        return Rank(by=asked.by, top=asked.top, order=asked.order), (), None
    if request.single:
        return Rank(by=asked.by, top=1, order=asked.order), (), None
    note = f"No number was named, so {TOP_DEFAULT} are named."
    return Rank(by=asked.by, top=TOP_DEFAULT, order=asked.order), (note,), None


def _only_number(request: Request, base: Plan | None, times: Times) -> bool:
    before = base.rank if base is not None else None
    named = bool(request.figure or request.roles.groups or request.trends)
    return before is not None and not named and times.compare is not None


def _inherited(base: Plan | None, group: Group | None, times: Times) -> Rank | None:
    rank = base.rank if base is not None else None
    if rank is None or group is None or group.by is not None:
        return None
    return None if rank.by in {"growth", "change"} and times.compare is None else rank


def _places(groups: int, at_least: int) -> int:
    return max(1, min(TOP_MAX, max(groups, at_least)))
