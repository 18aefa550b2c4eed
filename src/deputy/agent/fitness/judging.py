"""The judgement: which kind of unfit a request is, if any.

Owns where each kind is looked for and what weighs more. Must never look at anything but the
requester's typed words and whether there are files.
"""

from __future__ import annotations

import re
from functools import cache

from deputy.agent.fitness import kinds
from deputy.agent.fitness.advice import ADVICE, Advice, Kind
from deputy.agent.fitness.clauses import Clause, clauses
from deputy.agent.fitness.vagueness import is_vague

QUESTIONS_MAX = 2
"""A request of more clauses than this is no simple question."""

_ACTS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("realtime", kinds.REALTIME),
    ("ledger", kinds.LEDGER),
    ("screens", kinds.SCREENS),
    ("certain", kinds.UNSEEN),
    ("lookup", kinds.LOOKUP),
    ("background", kinds.BACKGROUND),
)
"""In the order of what weighs more, where a request is several kinds at once."""


def advise(words: str, *, has_files: bool) -> Advice | None:
    """Say what serves a request better than Deputy; None if it is a job for Deputy.

    `words` are the requester's typed words of one turn and nothing else.
    """
    cut = clauses(words)
    acts = [clause.text for clause in cut if not clause.reporting]
    if any(_pattern(kinds.KEYS).match(_timeless(text)) for text in acts):
        return ADVICE["screens"]
    for kind, patterns in _ACTS:
        if any(_pattern(patterns).match(text) for text in acts):
            return ADVICE[kind]
    if any(_pattern(kinds.EVERMORE).search(clause.text) for clause in cut):
        return ADVICE["background"]
    if any(_pattern(kinds.CERTAIN).search(clause.text) for clause in cut):
        return ADVICE["certain"]
    if not has_files and _is_simple(cut):
        return ADVICE["lookup"]
    return ADVICE["vague"] if is_vague(words, has_files=has_files) else None


def _timeless(text: str) -> str:
    """Give the act alone of "every morning, press …"."""
    return kinds.FIRST_TIMED.sub("", text, count=1)


def _is_simple(cut: tuple[Clause, ...]) -> bool:
    if len(cut) > QUESTIONS_MAX:
        return False
    return any(
        re.match(kinds.SIMPLE, one.text) and not re.search(kinds.FIGURES, one.text) for one in cut
    )


@cache
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return kinds.compiled(patterns)
