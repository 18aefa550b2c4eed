"""Sessions: open one, list yours, look at one, bring files.

Owns these addresses. Must never keep an upload anywhere but in the cell's blobs.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile

from deputy.agent.sessions import SESSIONS_PAGE_MAX
from deputy.core.errors import ConflictError, InvalidRequestError, NotFoundError
from deputy.interaction.api import downloads
from deputy.interaction.api.access import (
    Caller,
    CommandId,
    FileId,
    Parts,
    SessionId,
    may_read,
    repeated,
)
from deputy.interaction.api.models import FileView, Opened, OpenSession, SessionList, SessionRow
from deputy.interaction.api.models import SessionView as View
from deputy.interaction.api.views import session_view, upload_view

router = APIRouter(prefix="/sessions", tags=["sessions"])


@router.post("", status_code=201)
async def open_session(parts: Parts, by: Caller, body: OpenSession) -> Opened:
    """Open a session that belongs to the caller."""
    session = await parts.sessions.open(by, title=body.title, command=body.command_id)
    try:
        await repeated(parts, session, by, body.command_id, "session.opened")
    except NotFoundError as error:
        raise ConflictError(
            "This command id was used already.", hint="Make a new one.", code="command.reused"
        ) from error
    return Opened(session=session)


@router.get("")
async def list_sessions(
    parts: Parts, by: Caller, limit: Annotated[int, Query(ge=1, le=SESSIONS_PAGE_MAX)] = 50
) -> SessionList:
    """List the caller's sessions, the last moved first."""
    rows = await parts.sessions.list(by, limit=limit)
    return SessionList(
        sessions=tuple(
            SessionRow(
                id=row.id,
                opened_us=row.opened_us,
                moved_us=row.moved_us,
                turn=row.turn,
                status=row.status,
                outcome=row.outcome,
            )
            for row in rows
        )
    )


@router.get("/{session}")
async def show_session(request: Request, parts: Parts, by: Caller, session: SessionId) -> View:
    """Show a whole session: its turns, their steps, calls and checks, its files and results."""
    state = await parts.sessions.state(session, by)
    return session_view(state, by, prefix=_prefix(request))


@router.post("/{session}/files", status_code=201)
async def upload(
    request: Request,
    parts: Parts,
    by: Caller,
    session: SessionId,
    file: Annotated[
        UploadFile, File(description="One file that has bytes.", json_schema_extra={"minLength": 1})
    ],
    command_id: Annotated[CommandId, Form()],
) -> FileView:
    """Bring a file into a session, as untrusted data that its uploader alone may read."""
    await repeated(parts, session, by, command_id, "file.uploaded")
    form = await request.form()
    if any(len(form.getlist(field)) > 1 for field in ("file", "command_id")):
        raise InvalidRequestError(
            "An upload has one file and one command id; this form has several.",
            hint="Send every file in a request of its own.",
        )
    kept = await parts.sessions.upload(
        session, by, name=file.filename or "file", raw=file.file, command=command_id
    )
    return upload_view(kept)


@router.get("/{session}/files/{file}/content", response_class=Response)
async def fetch_upload(parts: Parts, by: Caller, session: SessionId, file: FileId) -> Response:
    """Give the bytes of an uploaded file back."""
    state = await parts.sessions.state(session, by)
    found = state.files.get(file)
    if found is None or not may_read(found.label, by):
        raise NotFoundError("There is no such file in this session.")
    raw = await parts.blobs.get(found.digest)
    return downloads.attachment(raw, name=found.name, media_type=found.media_type)


def _prefix(request: Request) -> str:
    return request.url.path.partition("/sessions")[0]
