"""Requests that change an earlier plan: "only the north", "same for Q2", "by month instead".

Owns telling them from new requests, and what of the earlier plan stays. Must never keep a part
of the plan that the words replace.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from deputy.agent.plans import Filter, Plan, Question
from deputy.agent.playbooks.language import phrasing
from deputy.agent.playbooks.language.items import Kept
from deputy.agent.playbooks.language.measures import Desk
from deputy.agent.playbooks.language.outcomes import ask
from deputy.agent.playbooks.language.pieces import Piece
from deputy.agent.playbooks.language.questions import question_of
from deputy.agent.playbooks.language.tasks import Task
from deputy.agent.playbooks.language.words import pattern

_CUES = pattern(
    r"instead|now|again|this time|as before|redo|repeat|switch(?: it)?(?: to)?"
    r"|change (?:it|that|this|them) to|turn it into|make it|make that|what about|how about"
    r"|(?:do |give me |show me )?(?:the )?same(?: (?:report|thing|but|again|table|figures?|one))?"
    r"(?: for)?(?! (?:period|quarter|month|week|time|days))|go back to"
)
_BUT = re.compile(r"^\W*but\b|\bbut(?=\s+(?:only|just|for|with|without|as|in|by|not)\b)")
_ADDS = pattern(r"also|too|as well|add")
_LEADING = re.compile(
    r"^\W*(?:only|just|by|per|for|as|in|without|and|excluding|except|not|now|no|also|add|drop)\b"
)
_INSTEAD_OF = re.compile(
    r"\b(?:instead of|rather than|and not)\s+(?:by\s+|the\s+|per\s+)*[\w-]+(?:\s+(?=$|[.,;]))?",
    re.IGNORECASE,
)
_FREED = re.compile(r"\ball\s+(?:the\s+|our\s+)?(?!\w+\s+but\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cues:
    """Words that point to an earlier plan. `adds`: "also France"; `frees`: "all countries"."""

    cued: bool = False
    adds: bool = False
    frees: bool = False

    def follows(self, parts: Sequence[Piece]) -> bool:
        """Say whether the words change the plan before, and are no request of their own."""
        return self.cued or not any(part.figures or part.rows for part in parts)


NONE = Cues()


def cues(text: str) -> tuple[str, Cues]:
    """Give the text without the words that point to an earlier plan."""
    lowered = text.lower()
    lead = bool(_LEADING.search(lowered))
    adds = bool(_ADDS.search(lowered))
    frees = bool(_FREED.search(lowered)) and not re.search(r"\b(?:but|except|excluding)\b", lowered)
    instead = bool(_INSTEAD_OF.search(text))
    text = _INSTEAD_OF.sub(lambda match: " " * len(match[0]), text)
    found = [*_CUES.finditer(text.lower()), *_BUT.finditer(text.lower())]
    for match in found:
        text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
    return text, Cues(bool(found) or lead or instead, adds, frees)


def changed(
    base: Plan, parts: list[Piece], scopes: list[Piece], given: Cues, desk: Desk, today: date
) -> tuple[Question, ...]:
    """Give the questions of the plan before as the words change them."""
    if len(parts) > 1:
        raise ask(
            "That changes several things at once. Would you write the whole request again, in one "
            "message?"
        )
    piece = parts[0] if parts else Piece(0, 0)
    for scope in scopes:
        piece = _merged(piece, scope)
    desk.note(*(note for note in base.assumptions if " is read as " in note))
    narrow = not parts
    if given.frees:
        base, piece = _freed(base, piece)
        narrow = not (piece.figures or piece.groups or piece.ranked)
    if narrow or len(base.questions) == 1:
        return tuple(_one(one, piece, given, desk, today) for one in base.questions)
    fits = [one for one in base.questions if _meant(one, piece)]
    if len(fits) != 1:
        listed = " or ".join(f"“{one.title}”" for one in base.questions)
        raise ask(f"Which of the tables shall I change: {listed}?")
    return tuple(
        _one(one, piece, given, desk, today) if one is fits[0] else one for one in base.questions
    )


def _merged(piece: Piece, scope: Piece) -> Piece:
    return replace(
        piece,
        kept=(*piece.kept, *scope.kept),
        limits=(*piece.limits, *scope.limits),
        dated=(*piece.dated, *scope.dated),
        compared=(*piece.compared, *scope.compared),
        doing=(*piece.doing, *scope.doing),
        charts=(*piece.charts, *scope.charts),
        versus=piece.versus or scope.versus,
    )


def _one(one: Question, piece: Piece, given: Cues, desk: Desk, today: date) -> Question:
    if given.adds:
        piece = replace(piece, kept=tuple(_added(kept, one.filters) for kept in piece.kept))
    return question_of(Task(desk, piece, today, None, one))


def _added(kept: Kept, before: tuple[Filter, ...]) -> Kept:
    """Read "also France" after "only Germany" as both."""
    return replace(kept, filters=tuple(_with(one, before) for one in kept.filters))


def _with(fresh: Filter, before: tuple[Filter, ...]) -> Filter:
    for one in before:
        if one.column == fresh.column and {one.op, fresh.op} <= {"eq", "in"}:
            both = dict.fromkeys((*phrasing.values(one), *phrasing.values(fresh)))
            return Filter(column=one.column, op="in", value=tuple(both))
    return fresh


def _freed(base: Plan, piece: Piece) -> tuple[Plan, Piece]:
    """Lift the filter on a column whose values are all wanted again."""
    named = {one.column.name for group in piece.groups for one in group.named}
    named |= {one.column.name for naming in piece.spare for one in naming.named}
    questions = []
    lifted: set[str] = set()
    for one in base.questions:
        gone = {kept.column for kept in one.filters} & named
        lifted |= gone
        kept = tuple(kept for kept in one.filters if kept.column not in gone)
        questions.append(one.model_copy(update={"filters": kept}))
    if not lifted:
        return base, piece
    groups = tuple(
        group for group in piece.groups if not {n.column.name for n in group.named} & lifted
    )
    spare = tuple(
        naming for naming in piece.spare if not {n.column.name for n in naming.named} & lifted
    )
    return (
        base.model_copy(update={"questions": tuple(questions)}),
        replace(piece, groups=groups, spare=spare),
    )


def _meant(one: Question, piece: Piece) -> bool:
    """Say whether a change of one table fits this one: its group, its ranking or its figure."""
    named = {found.column.name for group in piece.groups for found in group.named}
    if named & {group.column for group in one.groups}:
        return True
    if piece.ranked is not None and not piece.groups and not piece.figures:
        return one.rank is not None
    wanted = {found.column.name for figure in piece.figures for found in figure.columns}
    return bool(wanted & {measure.column for measure in one.measures})
