"""Deliverables: look, download, and say what came of them.

Owns these addresses. Must never hand out bytes without noting it.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from deputy.core.errors import InvalidRequestError
from deputy.interaction.api import downloads
from deputy.interaction.api.access import ArtifactId, Caller, Parts, deliverable, repeated
from deputy.interaction.api.models import DeliverableView, Done, NoteDeliverable
from deputy.interaction.api.views import deliverable_view

router = APIRouter(prefix="/deliverables/{artifact}", tags=["deliverables"])


@router.get("")
async def show(request: Request, parts: Parts, by: Caller, artifact: ArtifactId) -> DeliverableView:
    """Describe a deliverable and what was noted about it."""
    session, found = await deliverable(parts, artifact, by)
    prefix = request.url.path.partition("/deliverables")[0]
    return deliverable_view(session, found, prefix=prefix)


@router.get(
    "/content",
    response_class=Response,
    responses={
        200: {
            "description": "The file as an attachment.",
            "content": {"application/octet-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def content(parts: Parts, by: Caller, artifact: ArtifactId) -> Response:
    """Download a deliverable; that it was downloaded is recorded."""
    session, found = await deliverable(parts, artifact, by)
    raw = await parts.blobs.get(found.digest)
    await parts.sessions.note(session.id, artifact, by, "downloaded")
    return downloads.attachment(raw, name=found.name, media_type=found.media_type)


@router.post("/events")
async def note(parts: Parts, by: Caller, artifact: ArtifactId, body: NoteDeliverable) -> Done:
    """Record what its receiver did with a deliverable, or how long it takes by hand."""
    session, found = await deliverable(parts, artifact, by)
    if (body.what is None) == (body.by_hand_minutes is None):
        raise InvalidRequestError(
            "Say either what was done or how long it takes by hand.",
            hint="Send one of `what` and `by_hand_minutes`.",
        )
    kind = "baseline.stated" if body.what is None else "deliverable.noted"
    command = body.command_id
    if await repeated(parts, session.id, by, command, kind, turn=found.turn) is not None:
        return Done()
    if body.by_hand_minutes is not None:
        minutes = body.by_hand_minutes
        await parts.sessions.state_baseline(session.id, artifact, by, minutes, command)
    else:
        await parts.sessions.note(
            session.id, artifact, by, body.what, reason=body.reason, command=command
        )
    return Done()
