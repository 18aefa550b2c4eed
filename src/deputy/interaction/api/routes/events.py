"""The live stream of events (server-sent events), resumable from any point.

Owns cursors and frames. The `id:` of a frame is the whole cursor, so that a client that names it
again goes on exactly where it was, in every session it follows. Must never show an event to a
viewer whom its label does not admit.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic.json_schema import SkipJsonSchema

from deputy.agent.sessions import Sessions
from deputy.core.errors import ConflictError, DatabaseUnavailableError, InvalidRequestError
from deputy.core.events import Erased, Event
from deputy.core.identity import Actor
from deputy.interaction.api.access import Caller, Parts, SessionId, may_read
from deputy.interaction.api.services import Services
from deputy.interaction.stream import POLL_S, Tail

CURSOR_CHARS_MAX = 1_200
SESSIONS_PER_STREAM_MAX = 20
RETRY_MS = 1_000
KEEP_ALIVE_S = 15.0
MEDIA_TYPE = "text/event-stream"
UNBUFFERED = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
_FRAME = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "The cursor after this event."},
        "data": {"type": "string", "contentMediaType": "application/json"},
        "event": {"const": "message"},
    },
    "required": ["id", "data"],
}
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Frames: `id` is the whole cursor, `data` one event as JSON.",
        "content": {MEDIA_TYPE: {"schema": _FRAME}},
    }
}

router = APIRouter(tags=["events"])

Cursor = dict[str, int]
_PLACE_PATTERN = r"(ses_[0-7][0-9A-HJKMNP-TV-Z]{25}):(0|[1-9][0-9]{0,14})"
_PLACE = re.compile(_PLACE_PATTERN)
_SHAPE = {"pattern": f"^{_PLACE_PATTERN}(,{_PLACE_PATTERN}){{0,{SESSIONS_PER_STREAM_MAX - 1}}}$"}
"""Told to clients only: a cursor that cannot be read is refused in words, not by a pattern."""

_CursorQuery = Annotated[
    str | SkipJsonSchema[None],
    Query(
        description="`ses_…:seq`, several joined by commas.",
        json_schema_extra=_SHAPE,
    ),
]
_Follow = Annotated[bool, Query(description="`false` ends the stream after what is there already.")]
_LastEventId = Annotated[
    str | None,
    # Every event stream has it (WHATWG HTML, server-sent events); clients send it by themselves.
    Header(include_in_schema=False),
]


def read_cursor(text: str) -> Cursor:
    """Give a cursor from its text; raises `InvalidRequestError` or `ConflictError`."""
    parts = text.split(",") if len(text) <= CURSOR_CHARS_MAX else [""]
    places = [_PLACE.fullmatch(part) for part in parts]
    read = {p.group(1): int(p.group(2)) for p in places if p is not None}
    if None in places or len(places) > SESSIONS_PER_STREAM_MAX:
        raise InvalidRequestError(
            "This cursor cannot be read.",
            hint="A cursor is ses_…:number; several are joined by commas,"
            f" {SESSIONS_PER_STREAM_MAX} at most, each session once.",
            code="cursor.malformed",
        )
    if len(read) != len(places):
        raise ConflictError(
            "This cursor names a session twice.",
            hint="Name each session once.",
            code="cursor.ambiguous",
        )
    return read


def write_cursor(cursor: Mapping[str, int]) -> str:
    """Give a cursor's text."""
    return ",".join(f"{session}:{seq}" for session, seq in cursor.items())


async def one_session(
    parts: Parts,
    by: Caller,
    session: SessionId,
    cursor: _CursorQuery = None,
    last_event_id: _LastEventId = None,
) -> Cursor:
    """Give the cursor of a stream over one session; what came last from the server wins."""
    text = last_event_id or cursor
    read = read_cursor(text) if text is not None else {session: 0}
    if set(read) != {session}:
        raise ConflictError(
            "This cursor belongs to another session.",
            hint="Follow several sessions at /api/v1/events?cursor=…",
            code="cursor.elsewhere",
        )
    return await _owned(parts.sessions, by, read)


async def many_sessions(
    parts: Parts,
    by: Caller,
    cursor: _CursorQuery,
    last_event_id: _LastEventId = None,
) -> Cursor:
    """Give the cursor of a stream over several sessions."""
    return await _owned(parts.sessions, by, read_cursor(last_event_id or cursor or ""))


@router.get("/sessions/{session}/events", response_class=StreamingResponse, responses=STREAM)
async def session_events(
    parts: Parts,
    by: Caller,
    cursor: Annotated[Cursor, Depends(one_session)],
    follow: _Follow = True,
) -> Response:
    """Follow a session: all its events after the cursor, then each new one as it happens.

    A `Last-Event-ID` header, as browsers send it, goes before the cursor.
    """
    return _stream(parts, by, cursor, follow=follow)


@router.get("/events", response_class=StreamingResponse, responses=STREAM)
async def events(
    parts: Parts,
    by: Caller,
    cursor: Annotated[Cursor, Depends(many_sessions)],
    follow: _Follow = True,
) -> Response:
    """Follow several sessions in one stream.

    A `Last-Event-ID` header, as browsers send it, goes before the cursor.
    """
    return _stream(parts, by, cursor, follow=follow)


def _stream(parts: Services, by: Actor, cursor: Cursor, *, follow: bool) -> Response:
    frames = frames_of(parts.tail, parts.sessions, by, cursor, follow=follow)
    return StreamingResponse(frames, headers=UNBUFFERED, media_type=MEDIA_TYPE)


async def frames_of(
    tail: Tail, sessions: Sessions, by: Actor, cursor: Cursor, *, follow: bool = True
) -> AsyncIterator[bytes]:
    """Give frames until the server shuts down or the client leaves, or all there is now."""
    at = dict(cursor)
    with tail.watch(at) as viewer:
        yield format_sse_event(comment="following", retry=RETRY_MS)
        silent_since = time.monotonic()
        while not tail.closing:
            for session in at:
                for event in await _news(tail, sessions, by, session, at[session]):
                    at[session] = event.header.seq
                    yield format_sse_event(data_str=_data(event, by), id=write_cursor(at))
                    silent_since = time.monotonic()
            if not follow:
                return
            await viewer.wait(min(tail.patience_s, KEEP_ALIVE_S))
            if time.monotonic() - silent_since >= KEEP_ALIVE_S:
                yield KEEPALIVE_COMMENT
                silent_since = time.monotonic()


async def _news(
    tail: Tail, sessions: Sessions, by: Actor, session: str, seq: int
) -> tuple[Event, ...]:
    """Give what came after `seq`; a database that is away is waited for."""
    while not tail.closing:
        with suppress(DatabaseUnavailableError):
            return await sessions.events(session, by, after=seq)
        await asyncio.sleep(POLL_S)
    return ()


async def _owned(sessions: Sessions, by: Actor, cursor: Cursor) -> Cursor:
    for session, seq in cursor.items():
        head = (await sessions.state(session, by)).seq
        if seq > head:
            raise ConflictError(
                f"This cursor is ahead of the session, which has {head} events.",
                hint="Follow the session from its beginning.",
                code="cursor.ahead",
            )
    return cursor


def _data(event: Event, by: Actor) -> str:
    return json.dumps(frame_data(event, by), ensure_ascii=False, separators=(",", ":"))


def frame_data(event: Event, by: Actor) -> dict[str, Any]:
    """Give what a viewer is shown of an event: of a hidden one only that it is there."""
    header = event.header
    if not may_read(header.label, by):
        return {"session": header.journal, "seq": header.seq, "type": "hidden"}
    erased = isinstance(event.body, Erased)
    return {
        "session": header.journal,
        "seq": header.seq,
        "type": header.type,
        "version": header.version,
        "time_us": header.time,
        "sub": header.sub,
        "act": header.act,
        "turn": header.turn,
        "step": header.step,
        "call": header.call,
        "label": header.label.model_dump(mode="json"),
        "erased": erased,
        "body": None if erased else event.body.model_dump(mode="json"),
    }
