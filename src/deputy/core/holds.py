"""Held calls: which of a turn's calls wait for people, what a person is shown, what is a question.

Owns the digest an answer is bound to. Must never show more than the call's own frozen arguments.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import Field, ValidationError

from deputy.core.allotments import told
from deputy.core.canonical import canonical, digest
from deputy.core.messages import Value
from deputy.core.policy import Hold
from deputy.core.session import ASK_TOOL, MODEL_TOOL, Call, Turn

QUESTION: Final = "question.asked"
"""The code of a hold that waits for words, not for leave."""


class AskArgs(Value):
    """A question, answers one could give, and what the answer changes."""

    question: str = Field(min_length=1, max_length=1_000)
    options: tuple[str, ...] = Field(default=(), max_length=10)
    changes: Literal["figure", "effect", "nothing"]


def question_of(turn: Turn, call: Call) -> Hold | None:
    """Give the hold of a question that nobody watches for and that changes what matters."""
    if call.tool != ASK_TOOL or call.approved or not turn.unattended:
        return None
    try:
        args = AskArgs.model_validate(dict(call.args))
    except ValidationError:
        return None
    if args.changes == "nothing":
        return None
    return Hold(reason=args.question, approvers=("owner",), code=QUESTION)


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
    hold = call.decision if isinstance(call.decision, Hold) else None
    approving, rejecting = _consequences(call, hold)
    return {
        "turn": turn.id,
        "call": call.id,
        "tool": call.tool,
        "args": dict(call.args),
        "reason": hold.reason if hold is not None else "",
        "approving": approving,
        "rejecting": rejecting,
        "label": call.label.model_dump(mode="json"),
        "for": turn.actor.sub,
        "agent": turn.actor.act,
    }


def _consequences(call: Call, hold: Hold | None) -> tuple[str, str]:
    """Say what either answer does."""
    again = "The gate decides once more, under the rules of that moment."
    ends = "The turn ends here."
    if hold is not None and hold.raises is not None:
        more = told(hold.raises.limit, hold.raises.to)
        return f"The turn goes on and may use {more} in all. Beyond that it asks again.", ends
    if hold is not None and hold.code == QUESTION:
        return (
            "Your words are given to the agent as your answer, and the turn goes on.",
            "The agent is told that you do not answer, with your reason; it may have to stop.",
        )
    if call.tool == MODEL_TOOL:
        return f"{again} If they permit it, the model is asked.", ends
    runs = "If they permit it, this call runs once, with exactly these arguments."
    return f"{again} {runs}", "This call never runs; the model is told your reason."


def shown_digest(turn: Turn, call: Call) -> str:
    """Give the digest of what is shown: an answer names it and binds nothing else."""
    return digest(canonical(shown(turn, call)))
