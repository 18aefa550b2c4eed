"""Turns: ask, steer, stop, answer what waits, undo.

Owns these addresses. Must never wait for the work: its events tell how it goes.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from deputy.core import holds
from deputy.core.errors import NotFoundError
from deputy.core.events.session_bodies import WorkspaceMoved
from deputy.core.identity import Actor
from deputy.core.policy import Hold
from deputy.core.session import Session
from deputy.interaction.api.access import (
    Caller,
    CallId,
    Parts,
    SessionId,
    TurnId,
    may_read,
    repeated,
    turn_of,
)
from deputy.interaction.api.models import (
    Accepted,
    AnswerCall,
    AskTurn,
    Done,
    HeldCall,
    StopTurn,
    Undone,
    UndoPreview,
    UndoTurn,
    Words,
)

router = APIRouter(prefix="/sessions/{session}/turns", tags=["turns"])


@router.post("", status_code=202)
async def ask(
    request: Request, parts: Parts, by: Caller, session: SessionId, body: AskTurn
) -> Accepted:
    """Ask for a result. The answer comes at once; the work is followed by its events."""
    command = body.command_id
    seen = await repeated(parts, session, by, command, "turn.requested")
    if seen is None:
        await parts.sessions.open_turn(
            session,
            by,
            body.parts,
            command=command,
            limits=body.limits,
            by_hand_minutes=body.by_hand_minutes,
            unattended=body.unattended,
            receipt_inside=body.receipt_inside,
            brief=body.brief,
        )
        seen = await repeated(parts, session, by, command, "turn.requested")
    assert seen is not None, "what was recorded stays"
    assert seen.header.turn is not None, "a request names its turn"
    root = request.url.path.removesuffix("/turns")
    stream = f"{root}/events?cursor={session}:{seen.header.seq - 1}"
    return Accepted(session=session, turn=seen.header.turn, stream=stream)


@router.post("/{turn}/steer")
async def steer(parts: Parts, by: Caller, session: SessionId, turn: TurnId, body: Words) -> Done:
    """Add words to a turn under way."""
    if await repeated(parts, session, by, body.command_id, "turn.steered", turn=turn) is None:
        await parts.sessions.steer(session, turn, by, body.parts, body.command_id)
    return Done()


@router.post("/{turn}/stop")
async def stop(parts: Parts, by: Caller, session: SessionId, turn: TurnId, body: StopTurn) -> Done:
    """End a turn: running code is killed, nothing further is started."""
    seen = await repeated(parts, session, by, body.command_id, "turn.stop_requested", turn=turn)
    if seen is None:
        await parts.sessions.stop(session, turn, by, reason=body.reason, command=body.command_id)
    return Done()


@router.get("/{turn}/undo")
async def preview_undo(
    parts: Parts,
    by: Caller,
    session: SessionId,
    turn: TurnId,
    back: Annotated[bool, Query(description="Look at taking the undo back.")] = False,
) -> UndoPreview:
    """Show which working files undoing a turn would change, remove or leave."""
    move = await parts.sessions.undoing(session, turn, by, back=back)
    if move is None:
        return UndoPreview(done=True, restored=(), removed=(), kept=())
    restored = tuple(entry.path for entry in move.back)
    return UndoPreview(done=False, restored=restored, removed=move.deleted, kept=move.kept)


@router.post("/{turn}/undo")
async def undo(
    parts: Parts, by: Caller, session: SessionId, turn: TurnId, body: UndoTurn
) -> Undone:
    """Set the working files back to before a finished turn, keeping what changed since."""
    seen = await repeated(parts, session, by, body.command_id, "workspace.moved", turn=turn)
    moved = seen.body if seen is not None else None
    if moved is None:
        turn_of(await parts.sessions.state(session, by), turn)
        moved = await parts.sessions.undo(session, turn, by, body.command_id, back=body.back)
    if not isinstance(moved, WorkspaceMoved):
        raise NotFoundError("What this undo did was erased.")
    restored = tuple(entry.path for entry in moved.changed)
    return Undone(tree=moved.to, restored=restored, removed=moved.deleted)


@router.get("/{turn}/calls/{call}")
async def show_call(
    parts: Parts, by: Caller, session: SessionId, turn: TurnId, call: CallId
) -> HeldCall:
    """Show exactly what the approver of a call is shown, and the digest an answer must name."""
    return _held(await parts.sessions.state(session, by), turn, call, by)


@router.post("/{turn}/calls/{call}/answer")
async def answer(
    parts: Parts, by: Caller, session: SessionId, turn: TurnId, call: CallId, body: AnswerCall
) -> Done:
    """Approve or reject a call that waits."""
    seen = await repeated(parts, session, by, body.command_id, "approval.answered", turn=turn)
    if seen is not None:
        return Done()
    _held(await parts.sessions.state(session, by), turn, call, by)
    await parts.sessions.answer(
        session,
        turn,
        call,
        by,
        approve=body.approve,
        shown=body.shown,
        reason=body.reason,
        command=body.command_id,
    )
    return Done()


def _held(session: Session, turn: str, call: str, by: Actor) -> HeldCall:
    found = turn_of(session, turn)
    calls = (*(step.model for step in found.steps), *found.calls.values())
    asked = next((c for c in calls if c.id == call), None)
    if asked is None or not may_read(asked.label, by):
        raise NotFoundError("There is no such call in this turn.")
    hold = asked.decision if isinstance(asked.decision, Hold) else None
    return HeldCall(
        shown=holds.shown(found, asked),
        digest=holds.shown_digest(found, asked),
        waits=found.status != "finished" and asked in holds.held(found),
        answer=asked.answer.answer if asked.answer else None,
        code=hold.code if hold else None,
        waits_for=hold.approvers if hold else (),
        since_us=asked.decided_us,
    )
