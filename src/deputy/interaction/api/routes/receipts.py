"""Receipts: as the bytes that were stored, and as a page.

Owns these addresses. Must never compute a receipt anew: what was handed over is what is shown.
"""

from __future__ import annotations

import json

from fastapi import APIRouter, Response

from deputy.agent.evidence import render
from deputy.core.errors import ConflictError
from deputy.core.identity import Actor
from deputy.interaction.api import downloads
from deputy.interaction.api.access import Caller, Parts, SessionId, TurnId, turn_of
from deputy.interaction.api.services import Services

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


async def _stored(parts: Services, session: str, turn: str, by: Actor) -> bytes:
    found = turn_of(await parts.sessions.state(session, by), turn)
    if found.finished is None:
        raise ConflictError(
            "This turn has not ended yet, so it has no receipt.",
            hint="Follow it with `deputy logs -f` and ask again.",
            code="receipt.not_yet",
        )
    return await parts.blobs.get(found.finished.receipt)
