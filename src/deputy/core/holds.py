"""Held calls: which of a turn's calls wait for people, and what a person is shown.

Owns the digest an answer is bound to. Must never show more than the call's own frozen arguments.
"""

from __future__ import annotations

from typing import Any

from deputy.core.canonical import canonical, digest
from deputy.core.policy import Hold
from deputy.core.session import Call, Turn


def held(turn: Turn) -> tuple[Call, ...]:
    """Give the calls of a turn that wait for an answer, in step order."""
    models = tuple(step.model for step in turn.steps)
    return tuple(
        call
        for call in (*models, *turn.calls.values())
        if isinstance(call.decision, Hold) and call.answer is None and not call.done
    )


def shown(turn: Turn, call: Call) -> dict[str, Any]:
    """Give exactly what the approver of a held call is shown."""
    reason = call.decision.reason if isinstance(call.decision, Hold) else ""
    return {
        "turn": turn.id,
        "call": call.id,
        "tool": call.tool,
        "args": dict(call.args),
        "reason": reason,
        "label": call.label.model_dump(mode="json"),
        "for": turn.actor.sub,
        "agent": turn.actor.act,
    }


def shown_digest(turn: Turn, call: Call) -> str:
    """Give the digest of what is shown: an answer names it and binds nothing else."""
    return digest(canonical(shown(turn, call)))
