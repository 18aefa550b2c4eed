"""Cuts a request into pieces that each say one thing, and joins pieces that belong together.

Owns where a part of a request begins and what it takes over from its neighbours. Must never look
at a table.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from deputy.agent.playbooks.language import roles
from deputy.agent.playbooks.language.items import (
    Aggregated,
    Break,
    Charted,
    Compared,
    Counted,
    Cue,
    CueKind,
    Dated,
    Doing,
    Figure,
    Grouped,
    Item,
    Kept,
    Limit,
    Naming,
    Ranked,
    Rows,
    Said,
    Wanted,
)
from deputy.agent.playbooks.language.outcomes import ask
from deputy.agent.playbooks.language.vocabulary import FIGURE_VERBS
from deputy.agent.playbooks.language.words import Words

_OPENS = re.compile(
    r"[^\w]*(?:(?:and|then|also|please|plus|finally|secondly|firstly|next|lastly|can you|could you"
    r"|i(?:'d| would) like(?: to know)?|i want(?: to know)?)\W+)*(?:what|which|who|how|show|list"
    r"|give|identify|tell|find|name|plot|draw|when|where|is|are|do|does|did|calculate|compute"
    r"|work out|break|rank|summari[sz]e|count|display|report|provide|include|add|highlight)\b"
)
_SPENT: frozenset[CueKind] = frozenset(
    {"which", "who", "all", "refers", "only", "either", "versus", "compares", "by", "much"}
)


@dataclass(frozen=True, slots=True)
class Piece:
    """What one stretch of the words says. `opens`: it begins a clause of its own.

    `spare` are mentions of columns without a role; `unused` words that nothing came of.
    """

    start: int
    end: int
    sentence: int = 0
    opens: bool = False
    after: str = ""
    before: str = ""
    figures: tuple[Wanted, ...] = ()
    groups: tuple[Grouped, ...] = ()
    ranked: Ranked | None = None
    number: int | None = None
    kept: tuple[Kept, ...] = ()
    limits: tuple[Limit, ...] = ()
    dated: tuple[Dated, ...] = ()
    compared: tuple[Compared, ...] = ()
    charts: tuple[Charted, ...] = ()
    chart_top: int | None = None
    together: bool = False
    growth: bool = False
    change: bool = False
    refers: bool = False
    only: bool = False
    versus: bool = False
    spare: tuple[Naming, ...] = ()
    rows: tuple[Rows, ...] = ()
    doing: tuple[Doing, ...] = ()
    aggregates: tuple[Aggregated, ...] = ()
    unused: tuple[tuple[int, int], ...] = ()
    notes: tuple[str, ...] = ()
    shares: tuple[tuple[int, int], ...] = ()

    @property
    def scope(self) -> bool:
        """Say whether it only narrows or dresses what others ask."""
        own = bool(self.figures or self.groups or self.ranked or self.number or self.aggregates)
        own = own or self.together or self.growth or self.change
        things = self.rows or self.spare
        return not own and not (things and not (self.narrows or self.heads))

    @property
    def narrows(self) -> bool:
        """Say whether it is like "only rows where …"."""
        things = all(roles.is_thing(one) for one in self.spare)
        return bool(self.kept or self.limits or self.dated) and self.only and things

    @property
    def heads(self) -> bool:
        """Say whether it is like "invoices above 5,000:", which holds for what follows."""
        things = all(roles.is_thing(one) for one in self.spare)
        return self.before == ":" and bool(self.kept or self.limits or self.dated) and things

    @property
    def empty(self) -> bool:
        """Say whether it says nothing at all."""
        more = self.kept or self.limits or self.dated or self.compared or self.charts or self.unused
        return self.scope and not more and not self.doing

    @property
    def bare(self) -> bool:
        """Say whether it names figures and nothing else."""
        named = self.figures or self.rows or self.aggregates
        more = self.groups or self.ranked or self.number or self.spare or self.together
        return bool(named) and not more


def cut(words: Words, items: Sequence[Item]) -> list[Piece]:
    """Give the pieces in their order."""
    pieces: list[Piece] = []
    chunk: list[Item] = []
    sentence, after = 0, ""
    notes = tuple(one.note for one in items if isinstance(one, Said))
    for item in (one for one in items if not isinstance(one, Said)):
        if isinstance(item, Break) and item.mark in {",", "and", "or", ".", "?", ";", ":", "\n"}:
            pieces += _piece(words, chunk, sentence, after, item.mark)
            chunk = []
            after = item.mark if item.strong or item.mark != "," or after != "and" else after
            sentence += 1 if item.strong else 0
        elif not isinstance(item, Break):
            chunk.append(item)
    pieces += _piece(words, chunk, sentence, after, "")
    return [replace(piece, notes=notes) for piece in pieces[:1]] + pieces[1:]


def _piece(words: Words, chunk: list[Item], sentence: int, after: str, before: str) -> list[Piece]:
    if not chunk:
        return []
    start, end = chunk[0].start, chunk[-1].end
    boundary = _boundary(words, start)
    opens = bool(_OPENS.match(words.original[boundary:].lower())) or after == ""
    piece = Piece(start, end, sentence, opens, after, before)
    for item in chunk:
        piece = _with(piece, item)
    if piece.ranked is not None and piece.number is not None and piece.ranked.top is None:
        piece = replace(piece, ranked=replace(piece.ranked, top=piece.number), number=None)
    piece = _shared(piece)
    unused = tuple(_with_next(span, chunk) for span in piece.unused)
    return [_without_verbs(_developed(replace(piece, unused=unused)))]


def _developed(piece: Piece) -> Piece:
    """Read "how did it develop from Q1 2024 to Q1 2025" as a change between the two."""
    trend = [one for one in piece.groups if one.trend]
    spans = [one.asked for one in piece.dated if one.asked.first and one.asked.last]
    for asked in spans:
        first, last = asked.first, asked.last
        whole = first is not None and last is not None and first.unit == last.unit != "day"
        if whole and trend and first is not None and last is not None and first.year != last.year:
            rest = tuple(one for one in piece.groups if not one.trend)
            return replace(piece, groups=rest, change=True)
    return piece


def _shared(piece: Piece) -> Piece:
    """Read "what share do they make up" as the named groups taken together."""
    if not piece.shares:
        return piece
    if piece.ranked or piece.number or piece.refers or piece.together:
        return replace(piece, together=True, shares=())
    return replace(piece, unused=(*piece.unused, *piece.shares), shares=())


def _with_next(span: tuple[int, int], chunk: list[Item]) -> tuple[int, int]:
    """Tell what a cue was about: "excluding returns" rather than "excluding"."""
    for item, following in itertools.pairwise(chunk):
        if (item.start, item.end) == span and isinstance(item, Cue):
            return (item.start, following.end)
    return span


def _without_verbs(piece: Piece) -> Piece:
    """Let "how many units were sold" ask for units alone: the verb adds no figure."""
    strong = tuple(one for one in piece.figures if not _is_verb(one))
    return replace(piece, figures=strong) if strong else piece


def _is_verb(wanted: Wanted) -> bool:
    return wanted.over is None and wanted.said.lower() in FIGURE_VERBS


def _boundary(words: Words, start: int) -> int:
    """Give where the chunk's text begins, filler words included."""
    edges = [match.end() for match in re.finditer(r"[,.?!;:\n]|\band\b", words.original[:start])]
    return edges[-1] if edges else 0


def _with(piece: Piece, item: Item) -> Piece:
    """Put one span into its place."""
    if isinstance(item, Figure):
        return replace(piece, figures=(*piece.figures, item.wanted))
    if isinstance(item, Grouped):
        return replace(piece, groups=(*piece.groups, item))
    match item:
        case Kept():
            return replace(piece, kept=(*piece.kept, item))
        case Dated():
            return replace(piece, dated=(*piece.dated, item))
        case Compared():
            return replace(piece, compared=(*piece.compared, item))
        case Charted():
            return replace(piece, charts=(*piece.charts, item))
        case Naming():
            return replace(piece, spare=(*piece.spare, item))
        case Rows():
            return replace(piece, rows=(*piece.rows, item))
        case _:
            return _with_cue(piece, item)


def _with_more(piece: Piece, item: Item) -> Piece:
    match item:
        case Doing():
            return replace(piece, doing=(*piece.doing, item))
        case Limit():
            return replace(piece, limits=(*piece.limits, item))
        case Ranked():
            return _ranked(piece, item)
        case Counted(number=number) if piece.number is None:
            return replace(piece, number=number)
        case Aggregated():
            return replace(piece, aggregates=(*piece.aggregates, item))
        case _:
            return replace(piece, unused=(*piece.unused, (item.start, item.end)))


def _with_cue(piece: Piece, item: Item) -> Piece:
    match item:
        case Cue(what="together"):
            return replace(piece, together=True)
        case Cue(what="share"):
            return replace(piece, shares=(*piece.shares, (item.start, item.end)))
        case Cue(what="growth"):
            return replace(piece, growth=True)
        case Cue(what="change"):
            return replace(piece, change=True)
        case Cue(what=what) if what in _SPENT:
            refers = piece.refers or what == "refers"
            versus = piece.versus or what in {"versus", "compares"}
            only = piece.only or what == "only"
            return replace(piece, refers=refers, versus=versus, only=only)
        case _:
            return _with_more(piece, item)


def _ranked(piece: Piece, item: Ranked) -> Piece:
    old = piece.ranked
    if old is None:
        return replace(piece, ranked=item)
    if old.order != item.order and not (old.everything or item.everything):
        raise ask("I can name one ranking in a table. Which of the rankings do you want?")
    tops = {one.top for one in (old, item) if one.top}
    if len(tops) > 1:
        raise ask("You named two different numbers of top places. Which one do you want?")
    sharper = item if old.everything or (old.by == "value" and not old.about) else old
    everything = old.everything and item.everything
    return replace(
        piece, ranked=replace(sharper, top=next(iter(tops), None), everything=everything)
    )
