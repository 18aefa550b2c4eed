"""Briefs: look at one with its history, change one while its turn is under way.

Owns these addresses. Must never change the brief of a turn that ended: that is a new request.
"""

from __future__ import annotations

from fastapi import APIRouter

from deputy.interaction.api.access import Caller, Parts, SessionId, TurnId, repeated, turn_of
from deputy.interaction.api.models import BriefView, EditBrief
from deputy.interaction.api.views import brief_view

router = APIRouter(prefix="/sessions/{session}/turns/{turn}", tags=["briefs"])


@router.get("/brief")
async def show_brief(parts: Parts, by: Caller, session: SessionId, turn: TurnId) -> BriefView:
    """Show a turn's brief, its versions with what changed in each, and what is weak in it."""
    return brief_view(turn_of(await parts.sessions.state(session, by), turn), by)


@router.put("/brief")
async def edit_brief(
    parts: Parts, by: Caller, session: SessionId, turn: TurnId, body: EditBrief
) -> BriefView:
    """Change the brief of a turn under way. The agent is told; it is checked against it."""
    seen = await repeated(parts, session, by, body.command_id, "brief.edited", turn=turn)
    if seen is None:
        await parts.sessions.edit_brief(
            session, turn, by, body.brief, version=body.version, command=body.command_id
        )
    return brief_view(turn_of(await parts.sessions.state(session, by), turn), by)
