"""The judgement: which kind of unfit a request is, if any.

Owns where each kind is looked for and what weighs more. Must never look at anything but the
requester's typed words and whether there are files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from deputy.agent.fitness.advice import ADVICE, Advice, Kind
from deputy.agent.fitness.clauses import Clause, clauses
from deputy.agent.fitness.kinds.background import BACKGROUND, DELIVERED, EVERMORE, FIRST_TIMED
from deputy.agent.fitness.kinds.certain import CERTAIN, UNSEEN
from deputy.agent.fitness.kinds.ledger import LEDGER, LEDGER_APART
from deputy.agent.fitness.kinds.lookup import FIGURES, LOOKUP, LOOKUP_APART, SIMPLE
from deputy.agent.fitness.kinds.realtime import REALTIME
from deputy.agent.fitness.kinds.screens import KEYS, SCREENS, SCREENS_APART
from deputy.agent.fitness.phrases import compiled
from deputy.agent.fitness.vagueness import is_vague

QUESTIONS_MAX = 2
"""A request of more clauses than this is no simple question."""

_ACTS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("ledger", LEDGER),
    ("screens", SCREENS),
    ("certain", UNSEEN),
    ("lookup", LOOKUP),
    ("background", BACKGROUND),
)
"""In the order of what weighs more, where a request is several kinds at once."""

_APART: tuple[tuple[Kind, tuple[str, str]], ...] = (
    *(("screens", pair) for pair in SCREENS_APART),
    ("lookup", LOOKUP_APART),
    ("ledger", LEDGER_APART),
)
"""What is told in one sentence and asked for in another, where no report is ordered."""

_ANYWHERE: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("background", EVERMORE),
    ("certain", CERTAIN),
)


def advise(words: str, *, has_files: bool) -> Advice | None:
    """Say what serves a request better than Deputy; None if it is a job for Deputy.

    `words` are the requester's typed words of one turn and nothing else.
    """
    cut = clauses(words)
    kind = _of_acts(cut) or _of_any(cut)
    if kind is None and not has_files and _is_simple(cut):
        kind = "lookup"
    if kind is None and is_vague(words, has_files=has_files):
        kind = "vague"
    return None if kind is None else ADVICE[kind]


def _of_acts(cut: tuple[Clause, ...]) -> Kind | None:
    """Judge by what is asked to be done; a bare statement counts where no report is ordered."""
    moods = {clause.mood for clause in cut}
    acts = [c.text for c in cut if c.mood in ("order", "work")]
    wishes = [c.text for c in cut if c.mood == "wish" and "report" not in moods]
    if _begins(REALTIME, acts + wishes):
        return "realtime"
    wishes = [] if "work" in moods else wishes
    if _begins(KEYS, [FIRST_TIMED.sub("", text, count=1) for text in acts + wishes]):
        return "screens"
    for kind, patterns in _ACTS:
        if _begins(patterns, acts + wishes):
            return kind
    for kind, (told, asked) in () if moods & {"report", "work"} else _APART:
        if _begins((told,), acts + wishes) and _begins((asked,), acts):
            return kind
    return "background" if _begins(DELIVERED, [clause.text for clause in cut]) else None


def _begins(patterns: tuple[str, ...], texts: Iterable[str]) -> bool:
    pattern = _pattern(patterns)
    return any(pattern.match(text) for text in texts)


def _of_any(cut: Iterable[Clause]) -> Kind | None:
    """Judge by what is said about the result, wherever it is said."""
    for kind, patterns in _ANYWHERE:
        if any(_pattern(patterns).search(clause.text) for clause in cut):
            return kind
    return None


def _is_simple(cut: tuple[Clause, ...]) -> bool:
    if len(cut) > QUESTIONS_MAX:
        return False
    simple = _pattern(SIMPLE)
    return any(simple.match(one.text) and not re.search(FIGURES, one.text) for one in cut)


@cache
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return compiled(patterns)
