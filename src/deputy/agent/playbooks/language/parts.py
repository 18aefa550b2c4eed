"""Joins pieces that belong together into the parts of a request.

Owns what a part takes over from its neighbours. Must never look at a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from deputy.agent.playbooks.language import roles
from deputy.agent.playbooks.language.items import (
    Grouped,
    Naming,
    Ranked,
    Wanted,
)
from deputy.agent.playbooks.language.pieces import Piece


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
        notes=(*one.notes, *other.notes),
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
    if piece.ranked is None or not last.groups or piece.kept:
        return None
    if last.ranked is not None and not _sharpens(piece, last.ranked):
        return None
    same = not piece.groups or same_groups(last, piece)
    spare = [one for one in piece.spare if not _repeats(one, last)]
    counts = all(one.rows or one.things for one in last.figures)
    about = piece.ranked.by == "count" and not counts
    about = about or bool(piece.ranked.about and not (piece.ranked.everything and last.figures))
    about = about or bool(piece.rows and not counts)
    own = piece.figures and not all(one in last.figures for one in piece.figures)
    if not same or spare or piece.dated or about or own:
        return None
    return [*parts[:-1], replace(both(last, piece), ranked=piece.ranked)]


def _sharpens(piece: Piece, before: Ranked) -> bool:
    """Say whether a ranking only adds the number of places: "the three busiest hours"."""
    ranked = piece.ranked
    if ranked is None or not ranked.top or before.top or before.everything or not piece.groups:
        return False
    kinds = {ranked.by, before.by} <= {"value", "count"}
    return kinds and ranked.order == before.order and not (ranked.about or before.about)


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
    if not (piece.bare and not piece.kept and not piece.charts):
        return None
    # "How many … per country, and how many orders did they place?" goes on with the countries.
    on = last.groups and not piece.dated and not piece.limits
    near = _near(parts, piece) and (not piece.opens or on)
    if not (near or (on and piece.refers)):
        return None
    if (piece.dated and last.dated) or any(one.share for one in piece.figures):
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
    if piece.figures or piece.ranked or not piece.groups or piece.number:
        return None
    if piece.spare or piece.rows or piece.together or not (last.figures or last.rows):
        return None
    # "Split it by site" and "list all weekdays" go on with the figures of the sentence before.
    on = _near(parts, piece) and not piece.opens
    if same_groups(last, piece) or not (on or last.groups):
        return [*parts[:-1], replace(both(last, piece), groups=piece.groups)]
    if not on:
        return None
    if not last.groups:
        return [*parts[:-1], replace(both(last, piece), groups=piece.groups)]
    if piece.kept or piece.dated or piece.limits or piece.doing:
        return None
    if len(last.groups) == 1 and len(piece.groups) == 1 and piece.after == "and":
        return [*parts[:-1], replace(both(last, piece), groups=(*last.groups, *piece.groups))]
    bare = replace(last, ranked=None, together=False, charts=(), unused=())
    return [*parts, replace(both(bare, piece), groups=piece.groups)]
