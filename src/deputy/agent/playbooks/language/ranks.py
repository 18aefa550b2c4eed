"""The ranking and the chart of a question: by what, how many places, in which order.

Owns their defaults. Must never rank without groups to rank.
"""

from __future__ import annotations

from deputy.agent.plans import (
    TOP_MAX,
    Chart,
    Group,
    Question,
    Rank,
)
from deputy.agent.playbooks.language import phrasing
from deputy.agent.playbooks.language.items import RANKS
from deputy.agent.playbooks.language.outcomes import ask
from deputy.agent.playbooks.language.pieces import Piece
from deputy.agent.playbooks.language.tasks import Task, size
from deputy.agent.playbooks.language.words import stem

TOP_DEFAULT = 3
GROWING = frozenset({"growth", "change"})


TOGETHER_DEFAULT = 5


def rank_of(task: Task, groups: tuple[Group, ...]) -> Rank | None:
    piece, base = task.piece, task.base
    asked = piece.ranked
    together = piece.together
    if asked is None and not together and piece.number is None:
        dropped = any(one.dropped for one in piece.compared)
        return _inherited(base, groups, dropped=dropped)
    if not groups:
        if piece.number is not None and asked is None:
            raise ask(f"What does the number {piece.number} stand for?")
        raise ask(phrasing.rank_what(task.table))
    by = RANKS[asked.by] if asked is not None else "value"
    order = asked.order if asked is not None else "desc"
    if asked is not None and asked.by == "value" and base is not None and base.rank is not None:
        by = base.rank.by if not (piece.figures or piece.groups) else by
    top = asked.top if asked is not None and asked.top else piece.number
    if top is not None and not 1 <= top <= TOP_MAX:
        raise ask(f"I name at most {TOP_MAX} places. How many do you want?")
    if top is None and asked is not None and asked.everything:
        top = min(TOP_MAX, max(1, size(task.table, groups[0])))
    if top is None and together:
        task.desk.note(f"No number was named, so the {TOGETHER_DEFAULT} largest are set against "
                       "the total.")  # fmt: skip
        top = TOGETHER_DEFAULT
    if top is None:
        top = 1 if _one(piece) else TOP_DEFAULT
        if top > 1:
            task.desk.note(f"No number was named, so {TOP_DEFAULT} are named.")
    about = asked.said if asked is not None and asked.about else ""
    task.desk.note(*[f"“{about}” ranks by the figure shown first."] if about else [])
    return Rank(by=by, top=top, order=order, together=together)


def _one(piece: Piece) -> bool:
    """Say whether the words ask for one place: "the best region", not "the best regions"."""
    for group in piece.groups:
        if group.cue in {"by", "per"} or not group.said:
            continue
        words = group.said.lower().split()
        head = words[0] if group.unit is not None and len(words) > 1 else words[-1]
        if stem(head) == head and head not in {"hours", "days"}:
            return True
    return False


def _inherited(base: Question | None, groups: tuple[Group, ...], *, dropped: bool) -> Rank | None:
    rank = base.rank if base is not None else None
    if base is None or rank is None or not groups:
        return None
    if groups != base.groups and groups[0].by is not None:
        return None
    if rank.by in GROWING and (dropped or base.compare is None):
        return None
    return rank


def chart_of(task: Task, groups: tuple[Group, ...]) -> Chart | None:
    piece = task.piece
    if not piece.charts:
        return task.base.chart if task.base is not None and groups == task.base.groups else None
    if not groups:
        task.desk.note("One figure alone has no chart: name a breakdown to get one.")
        return None
    kind = next((one.kind for one in piece.charts if one.kind is not None), None)
    top = piece.chart_top
    if top is None and piece.ranked is not None and piece.charts[0].start < piece.ranked.start:
        # "A chart of the top 10 suppliers" wants just those ten drawn.
        top = piece.ranked.top
    return Chart(kind=kind, top=top)
