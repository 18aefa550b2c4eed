"""What every route asks first: who calls, with which parts, and what they may read.

Owns these dependencies. Must never accept a token from anywhere but the Authorization header.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Path, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import StringConstraints

from deputy.core.errors import ConflictError, NotFoundError, NotSignedInError
from deputy.core.events import Event
from deputy.core.identity import Actor
from deputy.core.labels import Label
from deputy.core.session import Artifact, Session, Turn
from deputy.interaction.api.services import Services
from deputy.interaction.signin import CURE

_ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"


def services(request: Request) -> Services:
    """Give the parts this application was built from."""
    found = request.app.state.services
    assert isinstance(found, Services)
    return found


_bearer = HTTPBearer(auto_error=False, description="A person's token.")


def caller(
    request: Request,
    parts: Annotated[Services, Depends(services)],
    sent: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Actor:
    """Give the person who calls; raises `NotSignedInError` with the cure."""
    if len(request.headers.getlist("Authorization")) > 1:
        # Whoever stands in between may have judged by the other one.
        raise NotSignedInError("The Authorization header came twice.", hint="Send one.")
    if sent is None or not sent.credentials:
        raise NotSignedInError("You are not signed in.", hint=CURE)
    return parts.signin.who(sent.credentials)


Parts = Annotated[Services, Depends(services)]
Caller = Annotated[Actor, Depends(caller)]
SessionId = Annotated[str, Path(pattern=f"^ses_{_ULID}$", description="The session.")]
TurnId = Annotated[str, Path(pattern=f"^trn_{_ULID}$", description="The turn.")]
CallId = Annotated[str, Path(pattern=f"^call_{_ULID}$", description="The call.")]
ArtifactId = Annotated[str, Path(pattern=f"^art_{_ULID}$", description="The deliverable.")]
FileId = Annotated[str, Path(pattern=f"^blb_{_ULID}$", description="The uploaded file.")]
CommandId = Annotated[str, StringConstraints(pattern=f"^cmd_{_ULID}$")]


def may_read(label: Label, by: Actor) -> bool:
    """Say whether a person is admitted by every reader reference of a label.

    A reference that cannot be resolved here, such as an access list, admits nobody.
    """
    return all(reference == by.sub for reference in label.readers)


def turn_of(session: Session, turn: str) -> Turn:
    """Give a turn of a session; raises `NotFoundError`."""
    found = session.turns.get(turn)
    if found is None:
        raise NotFoundError("There is no such turn in this session.")
    return found


async def deliverable(parts: Services, artifact: str, by: Actor) -> tuple[Session, Artifact]:
    """Give a deliverable its caller may read; anything else does not exist for them."""
    async with _unseen("There is no such deliverable."):
        session = await parts.sessions.session_of_artifact(artifact)
        state = await parts.sessions.state(session, by)
    found = state.artifacts.get(artifact)
    if found is None or not may_read(found.label, by):
        raise NotFoundError("There is no such deliverable.")
    return state, found


@asynccontextmanager
async def _unseen(message: str) -> AsyncIterator[None]:
    """Give one answer for what is absent and for what is another's."""
    try:
        yield
    except NotFoundError as error:
        raise NotFoundError(message) from error


async def repeated(
    parts: Services, session: str, by: Actor, command: str, type: str, *, turn: str | None = None
) -> Event | None:
    """Give the event a command was recorded as, if it was given before.

    Raises `NotFoundError` for another's session and `ConflictError` if the command id was used
    for something else.
    """
    seen = await parts.sessions.given(session, by, command)
    if seen is None:
        return None
    if seen.header.type != type or (turn is not None and seen.header.turn != turn):
        raise ConflictError(
            "This command id was used for something else.",
            hint="Make a new command id for every new command.",
            code="command.reused",
        )
    return seen
