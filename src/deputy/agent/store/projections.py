"""The rows derived from session journals, written in the transaction of their event.

Owns one projection per event type. `rebuild` drops every derived row and folds again: it must
give the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from deputy.agent.store.tables import artifacts, files, sessions, turns
from deputy.core.events import Event
from deputy.core.events import session_bodies as b
from deputy.journals import Journal, Projector


async def rebuild(journal: Journal, connection: AsyncConnection) -> None:
    """Drop every derived row of this plane and write all of them again from the journals."""
    await journal.refold(connection)


def _session_opened(event: Event, body: b.SessionOpened) -> Iterable[Any]:
    time = event.header.time
    yield insert(sessions).values(
        id=event.header.journal,
        owner=body.owner,
        agent=body.agent,
        opened_us=time,
        moved_us=time,
    )


def _file_uploaded(event: Event, body: b.FileUploaded) -> Iterable[Any]:
    yield insert(files).values(
        id=body.file, session=event.header.journal, digest=body.digest, size=body.size
    )


def _turn_requested(event: Event, body: b.TurnRequested) -> Iterable[Any]:
    header = event.header
    yield insert(turns).values(
        id=header.turn,
        session=header.journal,
        requester=header.sub,
        status="requested",
        requested_us=header.time,
        claims=0,
    )
    yield (
        update(sessions)
        .where(sessions.c.id == header.journal)
        .values(moved_us=func.greatest(sessions.c.moved_us, header.time))
    )


def _turn_claimed(event: Event, body: b.TurnClaimed) -> Iterable[Any]:
    yield _turn(event).values(status="running", claims=turns.c.claims + 1)


def _turn_parked(event: Event, body: b.TurnParked) -> Iterable[Any]:
    yield _turn(event).values(status="parked")


def _moved_by_a_person(event: Event, body: object) -> Iterable[Any]:
    """A parked turn that was answered or stopped waits for a worker, whatever became of its job."""
    yield _turn(event).where(turns.c.status == "parked").values(status="requested")


def _turn_finished(event: Event, body: b.TurnFinished) -> Iterable[Any]:
    yield _turn(event).values(
        status="finished", outcome=body.outcome, finished_us=event.header.time
    )


def _turn(event: Event) -> Any:
    return update(turns).where(turns.c.id == event.header.turn)


def _artifact_delivered(event: Event, body: b.ArtifactDelivered) -> Iterable[Any]:
    yield insert(artifacts).values(
        id=body.artifact,
        session=event.header.journal,
        turn=event.header.turn,
        digest=body.digest,
        size=body.size,
        verified=body.verified,
    )


project = Projector(
    {
        b.SessionOpened: _session_opened,
        b.FileUploaded: _file_uploaded,
        b.TurnRequested: _turn_requested,
        b.TurnClaimed: _turn_claimed,
        b.TurnParked: _turn_parked,
        b.ApprovalAnswered: _moved_by_a_person,
        b.TurnStopRequested: _moved_by_a_person,
        b.TurnFinished: _turn_finished,
        b.ArtifactDelivered: _artifact_delivered,
    }
)
"""Writes the cell's derived rows."""
