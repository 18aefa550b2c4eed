"""Receipts: as the bytes that were stored, and as a page.

Owns these addresses. Must never compute a receipt anew: what was handed over is what is shown.
"""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Query, Response

from deputy.agent.evidence import explain, render
from deputy.core.errors import ConflictError
from deputy.core.identity import Actor
from deputy.interaction.api import downloads
from deputy.interaction.api.access import Caller, Parts, SessionId, TurnId, turn_of
from deputy.interaction.api.models import Explained
from deputy.interaction.api.services import Services

WHAT_CHARS_MAX = 200

router = APIRouter(prefix="/sessions/{session}/turns/{turn}", tags=["receipts"])


@router.get(
    "/receipt",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def receipt(parts: Parts, by: Caller, session: SessionId, turn: TurnId) -> Response:
    """Give a finished turn's receipt: the exact bytes whose digest the journal holds."""
    raw = await _stored(parts, session, turn, by)
    return Response(raw, media_type="application/json", headers=downloads.SAFE_HEADERS)


@router.get(
    "/receipt.html",
    response_class=Response,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
)
async def receipt_page(parts: Parts, by: Caller, session: SessionId, turn: TurnId) -> Response:
    """Give the receipt as one self-contained page."""
    raw = await _stored(parts, session, turn, by)
    return downloads.page(render(json.loads(raw)))


@router.get("/explanation")
async def explanation(
    parts: Parts,
    by: Caller,
    session: SessionId,
    turn: TurnId,
    what: Annotated[
        str | None,
        Query(max_length=WHAT_CHARS_MAX, description="A line's number, a check, or a figure."),
    ] = None,
) -> Explained:
    """Say what the lines of a receipt rest on: check, source, code, decision."""
    receipt = json.loads(await _stored(parts, session, turn, by))
    return Explained(lines=tuple(explain(receipt, what)))


async def _stored(parts: Services, session: str, turn: str, by: Actor) -> bytes:
    found = turn_of(await parts.sessions.state(session, by), turn)
    if found.finished is None:
        raise ConflictError(
            "This turn has not ended yet, so it has no receipt.",
            hint="Follow it with `deputy logs -f` and ask again.",
            code="receipt.not_yet",
        )
    return await parts.blobs.get(found.finished.receipt)
