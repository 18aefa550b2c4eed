"""The words a trace may use.

Owns the closed sets. A word outside its set becomes `other`: a tool is named by whoever asked for
it, and a name somebody chose may tell something.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import get_args

from deputy.agent import models, tools
from deputy.core.calls import CodeOutcome
from deputy.core.events.session_bodies import Outcome
from deputy.core.flow import Effect
from deputy.core.session import MODEL_TOOL

OTHER = "other"
EFFECTS = frozenset(get_args(Effect))
CODE_OUTCOMES = frozenset(get_args(CodeOutcome))
TURN_OUTCOMES = frozenset(get_args(Outcome))
CODES = frozenset(
    {
        "blobs.disk_full",
        "blobs.unavailable",
        "budget.exceeded",
        "call.unfinished",
        "code.unrepaired",
        "gate.denied",
        "gate.unavailable",
        "journal.broken",
        "lease.lost",
        "limit.exceeded",
        "limit.seconds",
        "limit.steps",
        "limit.tokens",
        "model.refused",
        "model.unavailable",
        "permit.refused",
        "question.asked",
        "platform.defect",
        "request.invalid",
        "request.unfit",
        "sandbox.lost",
        "sandbox.unavailable",
        "state.conflict",
        "state.moved",
        "turn.stopped",
        "turn.unworkable",
    }
)
"""The codes with which a decision or a turn's end says why."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names of what is registered here: tools, and kinds of model."""

    tools: frozenset[str]
    providers: frozenset[str]

    def tool(self, name: str) -> str:
        """Give a registered tool's name, else `other`."""
        return word(name, self.tools)

    def provider(self, model: str) -> str:
        """Give the kind of a model from its name `kind:model`, else `other`."""
        return word(model.partition(":")[0], self.providers)


@cache
def vocabulary() -> Vocabulary:
    """Give the names this Deputy has."""
    return Vocabulary(frozenset({*tools.discover(), MODEL_TOOL}), models.kinds())


def word(value: object, known: Collection[str]) -> str:
    """Give a word of a closed set, else `other`."""
    return value if isinstance(value, str) and value in known else OTHER
