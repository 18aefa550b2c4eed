"""What a turn does next: one pure function from its state to its next move.

Owns the order of work inside a turn and its endings. Because the move follows from
the journal alone, a worker that takes over a turn goes on exactly where the last one stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from deputy.core.events.session_bodies import Outcome
from deputy.core.messages import ModelReply
from deputy.core.policy import Allow, Deny, Hold
from deputy.core.session import CODE_TOOL, DECLINE_TOOL, Call, Step, Turn

HANDOVERS_MAX = 3
SAME_FAULTS_MAX = 5
"""Runs of code in a row that fail in the same way before the turn gives up."""
CLAIMS_MAX = 5
"""Workers that took a turn, one after the other, and recorded nothing before they were gone."""
ATTEMPTS_MAX = 5
"""Starts of one repeatable call that never came back before the turn gives up on it."""


@dataclass(frozen=True, slots=True)
class Think:
    """Ask the model. `step` is the step whose model call has no reply yet, else None."""

    step: Step | None


@dataclass(frozen=True, slots=True)
class Decide:
    """Put calls to the gate: new ones, or held ones whose answer has come."""

    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """Run one allowed call."""

    call: Call


@dataclass(frozen=True, slots=True)
class Park:
    """Nothing can proceed until people answer these calls."""

    held: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Finish:
    """End the turn with these words."""

    outcome: Outcome
    text: str
    code: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """The turn has ended; there is nothing to do."""


Move = Think | Decide | Act | Park | Finish | Leave


def next_move(turn: Turn) -> Move:
    """Give the next move of a turn. Whether its limits allow it is decided with each model call."""
    if turn.status == "finished":
        return Leave()
    if turn.stop is not None:
        return Finish("stopped", f"Stopped: {turn.stop}.", code="turn.stopped")
    if len(turn.fruitless) >= CLAIMS_MAX:
        return _unworkable(turn)
    if not turn.steps:
        return Think(None)
    step = turn.steps[-1]
    if step.reply is None:
        return _think_again(step)
    if len(turn.handovers) >= HANDOVERS_MAX:
        # Also when the same reply asked for more: what failed so often is not tried once more.
        return _ending(turn, step.reply.text)
    if (stuck := _stuck(turn)) is not None:
        return stuck
    waiting = tuple(c for c in turn.calls_of(step) if not c.done)
    return _go_on(waiting) if waiting else _after(turn, step, step.reply)


def _stuck(turn: Turn) -> Finish | None:
    """End a turn whose code fails again and again in the same way."""
    ran = [c.returned for c in turn.calls.values() if c.tool == CODE_TOOL and c.returned]
    kinds = [_fault(one.content) for one in ran[-SAME_FAULTS_MAX:]]
    if len(kinds) < SAME_FAULTS_MAX or None in kinds or len(set(kinds)) > 1:
        return None
    said = f"The code failed {SAME_FAULTS_MAX} times in a row in the same way ({kinds[0]})."
    if turn.handovers or turn.delivered:
        return _ending(turn, said)
    return Finish(
        "failed",
        said,
        code="code.unrepaired",
        hint="Ask for something smaller or say it in another way.",
    )


def _fault(content: Mapping[str, Any]) -> str | None:
    fault = content.get("fault")
    return str(fault.get("kind")) if isinstance(fault, Mapping) else None


def _unworkable(turn: Turn) -> Finish:
    return Finish(
        "failed",
        f"{len(turn.fruitless)} workers in a row ended while they worked on this turn.",
        code="turn.unworkable",
        hint="Look at the workers' log, then ask for something smaller or in another way.",
    )


def _go_on(waiting: tuple[Call, ...]) -> Move:
    if undecided := tuple(c for c in waiting if _needs_decision(c)):
        return Decide(undecided)
    allowed = next((c for c in waiting if isinstance(c.decision, Allow)), None)
    return Park(waiting) if allowed is None else _act(allowed)


def _after(turn: Turn, step: Step, reply: ModelReply) -> Move:
    if _steered_since(turn, step):
        return Think(None)
    for call in turn.calls_of(step):
        if call.tool == DECLINE_TOOL and call.returned is not None and call.returned.status == "ok":
            return _declined(call.returned.content)
    return Think(None) if reply.calls else _ending(turn, reply.text)


def _declined(content: Mapping[str, Any]) -> Finish:
    """End a turn that is no job for Deputy, with what serves it better."""
    return Finish(
        "declined",
        str(content.get("reason", "")),
        code="request.unfit",
        hint=str(content.get("instead", "")),
    )


def _needs_decision(call: Call) -> bool:
    if call.decision is None:
        return True
    return isinstance(call.decision, Hold) and call.answer is not None


def _think_again(step: Step) -> Move:
    decision, answer = step.model.decision, step.model.answer
    if isinstance(decision, Deny):
        reason = f"No model may be asked: {decision.reason}"
        return Finish("failed", reason, decision.code, " ".join(decision.remedies))
    if isinstance(decision, Hold) and answer is None:
        return Park((step.model,))
    if answer is not None and answer.answer == "reject":
        return _rejected(decision)
    return _bounded(step.model) or Think(step)


def _rejected(decision: Allow | Deny | Hold | None) -> Finish:
    if isinstance(decision, Hold) and decision.raises is not None:
        return Finish(
            "failed",
            f"No more was granted. {decision.reason}",
            code=decision.code,
            hint="Ask for something smaller, or ask again with a higher limit.",
        )
    return Finish(
        "failed",
        "A person did not allow a model to be asked.",
        code="gate.denied",
        hint="Ask again when they agree.",
    )


def _act(call: Call) -> Move:
    return _bounded(call) or Act(call)


def _bounded(call: Call) -> Finish | None:
    if call.attempts - call.failures < ATTEMPTS_MAX:
        return None
    return Finish(
        "failed",
        f"'{call.tool}' was started {call.attempts} times and never came back.",
        code="call.unfinished",
        hint="Look at the worker's log, then ask again.",
    )


def _steered_since(turn: Turn, step: Step) -> bool:
    edited = [version.seq for version in turn.briefs if version.edited]
    return max(turn.said[-1].seq, *edited, 0) > step.replied_seq


def _ending(turn: Turn, text: str) -> Finish:
    outcome: Literal["verified", "not_verified", "answered"] = "answered"
    if turn.handovers:
        outcome = "not_verified"
    elif turn.delivered:
        outcome = "verified"
    return Finish(outcome, text)
