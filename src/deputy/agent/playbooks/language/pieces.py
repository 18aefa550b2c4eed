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

    @property
    def scope(self) -> bool:
        """Say whether it only narrows or dresses what others ask."""
        own = bool(self.figures or self.groups or self.ranked or self.number or self.aggregates)
        own = own or self.together or self.growth or self.change
        things = self.rows or self.spare
        return not own and not (things and not self.narrows)

    @property
    def narrows(self) -> bool:
        """Say whether it is like "only rows where …"."""
        things = all(roles.is_thing(one) for one in self.spare)
        return bool(self.kept or self.limits or self.dated) and self.only and things

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
        return bool(named) and not (more or self.opens)


def cut(words: Words, items: Sequence[Item]) -> list[Piece]:
    """Give the pieces in their order."""
    pieces: list[Piece] = []
    chunk: list[Item] = []
    sentence, after = 0, ""
    for item in items:
        if isinstance(item, Break) and item.mark in {",", "and", "or", ".", "?", ";", ":", "\n"}:
            pieces += _piece(words, chunk, sentence, after)
            chunk = []
            after = item.mark if item.strong or item.mark != "," or after != "and" else after
            sentence += 1 if item.strong else 0
        elif not isinstance(item, Break):
            chunk.append(item)
    pieces += _piece(words, chunk, sentence, after)
    return pieces


def _piece(words: Words, chunk: list[Item], sentence: int, after: str) -> list[Piece]:
    if not chunk:
        return []
    start, end = chunk[0].start, chunk[-1].end
    boundary = _boundary(words, start)
    opens = bool(_OPENS.match(words.original[boundary:].lower())) or after == ""
    piece = Piece(start, end, sentence, opens, after)
    for item in chunk:
        piece = _with(piece, item)
    if piece.ranked is not None and piece.number is not None and piece.ranked.top is None:
        piece = replace(piece, ranked=replace(piece.ranked, top=piece.number), number=None)
    unused = tuple(_with_next(span, chunk) for span in piece.unused)
    return [_without_verbs(replace(piece, unused=unused))]


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
        case Cue(what="share") if piece.ranked or piece.number or piece.refers or piece.together:
            return replace(piece, together=True)
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


def joined(pieces: Sequence[Piece]) -> tuple[list[Piece], list[Piece]]:
    """Give the parts that ask something, and the pieces that hold for all of them."""
    parts: list[Piece] = []
    scopes: list[Piece] = []
    for piece in pieces:
        if piece.empty:
            continue
        if piece.scope:
            parts, scopes = _scoped(parts, scopes, piece)
        else:
            parts = _placed(parts, piece)
    return parts, scopes


def _scoped(
    parts: list[Piece], scopes: list[Piece], piece: Piece
) -> tuple[list[Piece], list[Piece]]:
    """Let a piece that only narrows hold for its sentence, or for all when it stands alone."""
    if piece.charts and parts:
        scopes = [*scopes, replace(piece, kept=(), dated=(), compared=(), limits=())]
        piece = replace(piece, charts=(), unused=())
    same = [part for part in parts if part.sentence == piece.sentence]
    if not parts or not same or len(same) == len(parts):
        return parts, [*scopes, piece]
    made = [both(part, piece) if part in same else part for part in parts]
    return made, scopes


def both(one: Piece, other: Piece) -> Piece:
    """Give the first piece with all that the second says beside figures, groups and ranking."""
    return replace(
        one,
        end=max(one.end, other.end),
        kept=(*one.kept, *other.kept),
        limits=(*one.limits, *other.limits),
        dated=(*one.dated, *other.dated),
        compared=(*one.compared, *other.compared),
        charts=(*one.charts, *other.charts),
        doing=(*one.doing, *other.doing),
        aggregates=(*one.aggregates, *other.aggregates),
        together=one.together or other.together,
        growth=one.growth or other.growth,
        change=one.change or other.change,
        versus=one.versus or other.versus,
        unused=(*one.unused, *other.unused),
    )


def _placed(parts: list[Piece], piece: Piece) -> list[Piece]:
    """Put a piece among the parts: joined to the last one, or as a part of its own."""
    last = parts[-1] if parts else None
    if last is None:
        return [piece]
    for rule in (_charted, _more_together, _ranks_before, _ranks_ahead, _ranks_again, _more_figures,
                 _figures_before, _more_groups):  # fmt: skip
        made = rule(parts, piece)
        if made is not None:
            return made
    return [*parts, piece]


def same_groups(one: Piece, other: Piece) -> bool:
    """Say whether two pieces break down by the same."""
    return [_what(group) for group in one.groups] == [_what(group) for group in other.groups]


def _what(group: Grouped) -> tuple[object, ...]:
    return (group.unit, frozenset(one.column.name for one in group.named))


def _charted(parts: list[Piece], piece: Piece) -> list[Piece] | None:
    """Read "with a chart of the top 10 suppliers" as a chart of the table of suppliers."""
    if not piece.charts or not piece.groups or piece.kept or piece.dated:
        return None
    for at, part in enumerate(parts):
        own = piece.figures and piece.figures != part.figures
        if same_groups(part, piece) and not own:
            top = piece.ranked.top if piece.ranked else piece.number
            made = replace(both(part, piece), chart_top=top)
            return [*parts[:at], made, *parts[at + 1 :]]
    return None


def _more_together(parts: list[Piece], piece: Piece) -> list[Piece] | None:
    """Read "and how concentrated are we on them" as the ranked groups taken together."""
    if not piece.together or piece.groups or piece.kept or piece.dated:
        return None
    for at in range(len(parts) - 1, -1, -1):
        part = parts[at]
        if part.groups:
            ranked = part.ranked
            top = piece.ranked.top if piece.ranked else piece.number
            if ranked is None:
                ranked = piece.ranked or Ranked(piece.start, piece.end, "value", "desc", top)
            elif top and ranked.top and top != ranked.top:
                return None
            ranked = replace(ranked, top=ranked.top or top)
            made = replace(both(part, piece), ranked=ranked, together=True)
            return [*parts[:at], made, *parts[at + 1 :]]
    return None


def _ranks_before(parts: list[Piece], piece: Piece) -> list[Piece] | None:
    """Read "by region, and identify the three fastest growing" as one table with its ranking."""
    last = parts[-1]
    if piece.ranked is None or last.ranked is not None or not last.groups or piece.kept:
        return None
    same = not piece.groups or same_groups(last, piece)
    spare = [one for one in piece.spare if not _repeats(one, last)]
    about = piece.ranked.about or piece.ranked.by == "count" or piece.rows
    own = piece.figures and not all(one in last.figures for one in piece.figures)
    if not same or spare or piece.dated or about or own:
        return None
    return [*parts[:-1], replace(both(last, piece), ranked=piece.ranked)]


def _ranks_ahead(parts: list[Piece], piece: Piece) -> list[Piece] | None:
    """Read "the top 3 and bottom 3 regions" as two rankings of regions."""
    last = parts[-1]
    named = last.groups or last.spare or last.figures or last.rows
    if last.ranked is None or named or piece.ranked is None or not piece.groups:
        return None
    if not _near(parts, piece):
        return None
    first = replace(last, groups=piece.groups, figures=piece.figures, rows=piece.rows)
    return [*parts[:-1], first, piece]


def _ranks_again(parts: list[Piece], piece: Piece) -> list[Piece] | None:
    """Read "and which has the fewest" as a second ranking of the same table."""
    last = parts[-1]
    bare = not (piece.groups or piece.spare or piece.rows or piece.kept or piece.together)
    if piece.ranked is None or last.ranked is None or not last.groups or not bare:
        return None
    again = replace(
        piece, groups=last.groups, figures=piece.figures or last.figures, rows=last.rows,
        kept=last.kept, dated=piece.dated or last.dated, spare=last.spare,
    )  # fmt: skip
    return [*parts, again]


def _repeats(naming: Naming, part: Piece) -> bool:
    named = {one.column.name for group in part.groups for one in group.named}
    return any(one.column.name in named for one in naming.named)


def _near(parts: list[Piece], piece: Piece) -> bool:
    return parts[-1].sentence == piece.sentence and piece.after in {",", "and", "or"}


def _more_figures(parts: list[Piece], piece: Piece) -> list[Piece] | None:
    """Read "revenue by region and units" as two figures of one table."""
    last = parts[-1]
    piece = _counting(piece) if last.figures and last.groups else piece
    if not (_near(parts, piece) and piece.bare and not piece.kept and not piece.charts):
        return None
    if piece.dated and last.dated:
        return None
    if piece.growth or piece.change or piece.compared:
        return None
    if (last.growth or last.change) and last.figures:
        return None
    figures = (*last.figures, *_as_figures(last, piece))
    return [*parts[:-1], replace(both(last, piece), figures=figures)]


def _counting(piece: Piece) -> Piece:
    """Read "and customers" at the end of a list of figures as their number."""
    things = [one for one in piece.spare if roles.is_thing(one)]
    if not things or len(things) != len(piece.spare) or piece.figures:
        return piece
    wanted = tuple(
        Wanted(things=roles.identifiers_first(roles.texts(one)), said=one.said) for one in things
    )
    return replace(piece, spare=(), figures=wanted)


def _as_figures(last: Piece, piece: Piece) -> tuple[Wanted, ...]:
    """Count the rows when a list of figures names them: "revenue and orders per week"."""
    own = tuple(Wanted(rows=one.noun, said=one.said) for one in piece.rows)
    return (*piece.figures, *own) if not piece.figures else piece.figures


def _figures_before(parts: list[Piece], piece: Piece) -> list[Piece] | None:
    """Read "trips and revenue per week" as two figures of one table."""
    last = parts[-1]
    if not _near(parts, piece) or piece.opens or not (piece.figures or piece.rows):
        return None
    if last.groups or last.ranked or last.kept or last.spare or last.together or last.number:
        return None
    if not (last.figures or last.rows) or not piece.groups or piece.ranked:
        return None
    before = (*last.figures, *(Wanted(rows=one.noun, said=one.said) for one in last.rows))
    figures = _as_figures(last, piece)
    made = both(last, piece)
    made = replace(
        made, figures=(*before, *figures), rows=(), groups=piece.groups, spare=piece.spare
    )
    return [*parts[:-1], made]


def _more_groups(parts: list[Piece], piece: Piece) -> list[Piece] | None:
    """Read "by region and by quarter" as a further table, or a pivot of both."""
    last = parts[-1]
    if not _near(parts, piece) or piece.opens or piece.figures or piece.ranked or not piece.groups:
        return None
    if piece.spare or piece.rows or piece.together or not (last.figures or last.rows):
        return None
    if not last.groups:
        return [*parts[:-1], replace(both(last, piece), groups=piece.groups)]
    if piece.kept or piece.dated or piece.limits or piece.doing:
        return None
    if len(last.groups) == 1 and len(piece.groups) == 1 and piece.after == "and":
        return [*parts[:-1], replace(both(last, piece), groups=(*last.groups, *piece.groups))]
    bare = replace(last, ranked=None, together=False, charts=(), unused=())
    return [*parts, replace(both(bare, piece), groups=piece.groups)]
