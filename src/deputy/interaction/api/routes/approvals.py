"""Approvals: what waits for the caller, over all their sessions.

Owns this address. Must never answer anything: a call is answered where its card is.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from deputy.agent.approvals import Waiting
from deputy.agent.sessions import WAITING_TURNS_MAX
from deputy.core import holds
from deputy.core.policy import Hold
from deputy.interaction.api.access import Caller, Parts, may_read
from deputy.interaction.api.models import WaitingCall, WaitingList

router = APIRouter(prefix="/approvals", tags=["approvals"])


@router.get("")
async def list_waiting(
    parts: Parts,
    by: Caller,
    limit: Annotated[int, Query(ge=1, le=WAITING_TURNS_MAX)] = WAITING_TURNS_MAX,
) -> WaitingList:
    """List the calls that wait for the caller, of so many turns, the longest waiting first."""
    found, more = await parts.sessions.waiting(by, limit=limit)
    # Whoever may not see what a call would do cannot be asked about it.
    return WaitingList(
        waiting=tuple(_view(one) for one in found if may_read(one.call.label, by)), more=more
    )


def _view(one: Waiting) -> WaitingCall:
    turn, call = one.turn, one.call
    assert isinstance(call.decision, Hold), "only held calls wait"
    shown = holds.shown(turn, call)
    return WaitingCall(
        session=one.session,
        turn=turn.id,
        call=call.id,
        tool=call.tool,
        code=call.decision.code,
        reason=shown["reason"],
        approving=shown["approving"],
        rejecting=shown["rejecting"],
        since_us=call.decided_us,
        digest=holds.shown_digest(turn, call),
    )
