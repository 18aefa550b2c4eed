"""Questions to the cell's rows: whose sessions, which artifact where, which turns wait or are lost.

Owns their SQL. Must never write a derived row: projections do.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, or_, select, text, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from deputy.agent.store.tables import JOURNALS, SCHEMA, artifacts, sessions, timers, turns

QUEUE_SCHEMA = "queue"
LOST_PER_SWEEP_MAX = 1_000
REST_S_MAX = 300
PRESENCE = 0x0DE9
"""The class of advisory locks that stand for workers; the object is the worker's number."""
ENROL = (
    f"SELECT worker_id, pg_advisory_lock({PRESENCE}, worker_id::int)"  # noqa: S608
    f" FROM {QUEUE_SCHEMA}.procrastinate_register_worker_v1()"
)
"""Registers a worker and takes its lock before anybody can see its row."""


@dataclass(frozen=True, slots=True)
class Row:
    """One session in a list: its last turn's status and outcome, if it has one."""

    id: str
    opened_us: int
    moved_us: int
    turn: str | None
    status: str | None
    outcome: str | None


async def sessions_of(connection: AsyncConnection, owner: str, limit: int) -> tuple[Row, ...]:
    """Give a person's sessions, the last moved first, with their last turn."""
    s, t = sessions.c, turns.c
    last = (
        select(t.id, t.status, t.outcome)
        .where(t.session == s.id)
        .order_by(t.id.desc())
        .limit(1)
        .lateral("last")
    )
    query = (
        select(s.id, s.opened_us, s.moved_us, last.c.id, last.c.status, last.c.outcome)
        .select_from(sessions.outerjoin(last, onclause=true()))
        .where(s.owner == owner)
        .order_by(s.moved_us.desc(), s.id.desc())
        .limit(limit)
    )
    return tuple(Row(*row) for row in (await connection.execute(query)).all())


async def parked_of(
    connection: AsyncConnection, owner: str, limit: int
) -> tuple[tuple[str, str], ...]:
    """Give (session, turn) of a person's turns that wait for people, the oldest first."""
    query = (
        select(turns.c.session, turns.c.id)
        .join(sessions, sessions.c.id == turns.c.session)
        .where(sessions.c.owner == owner, turns.c.status == "parked")
        .order_by(turns.c.id)
        .limit(limit)
    )
    return tuple((row.session, row.id) for row in (await connection.execute(query)).all())


async def session_of_artifact(connection: AsyncConnection, artifact: str) -> str | None:
    """Give the session of an artifact, or None."""
    query = select(artifacts.c.session).where(artifacts.c.id == artifact)
    return (await connection.execute(query)).scalar_one_or_none()


async def use_queue(connection: AsyncConnection) -> None:
    """Let this transaction see the queue's functions beside the cell's tables."""
    await connection.execute(text(f"SET LOCAL search_path = {SCHEMA}, {QUEUE_SCHEMA}"))


async def heartbeats(connection: AsyncConnection) -> dict[int, str]:
    """Give each worker's last heartbeat as the queue's text: it says whether it moved, not when."""
    query = f"SELECT id, last_heartbeat::text FROM {QUEUE_SCHEMA}.procrastinate_workers"  # noqa: S608
    return {int(row[0]): str(row[1]) for row in (await connection.execute(text(query))).all()}


async def dismiss_workers(connection: AsyncConnection, *, silent: Collection[int]) -> None:
    """Strike out the workers whose lock nobody holds, and those known to be silent."""
    await connection.execute(
        text(
            f"""
            DELETE FROM {QUEUE_SCHEMA}.procrastinate_workers w
            WHERE w.id = ANY(:silent)
               OR NOT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                              WHERE d.datname = current_database() AND l.locktype = 'advisory'
                                AND l.classid = {PRESENCE} AND l.objid::bigint = w.id)
            """  # noqa: S608
        ),
        {"silent": list(silent)},
    )


async def requeue_ownerless(connection: AsyncConnection, queue: str) -> int:
    """Queue the jobs again whose worker was struck out; give how many."""
    await use_queue(connection)
    found = await connection.execute(
        text(
            f"""
            SELECT {QUEUE_SCHEMA}.procrastinate_retry_job_v2(j.id, now(), NULL, NULL, NULL)
            FROM (SELECT id FROM {QUEUE_SCHEMA}.procrastinate_jobs
                  WHERE status = 'doing' AND worker_id IS NULL AND queue_name = :queue
                  FOR UPDATE SKIP LOCKED) j
            """  # noqa: S608
        ),
        {"queue": queue},
    )
    return len(found.all())


async def lost_turns(connection: AsyncConnection) -> list[tuple[str, str]]:
    """Give (session, turn) of every open turn that has neither a job nor a timer."""
    found = await connection.execute(
        text(
            f"""
            SELECT t.session, t.id FROM {turns.fullname} t
            WHERE t.status IN ('requested', 'running')
              AND NOT EXISTS (SELECT 1 FROM {timers.fullname} w
                              WHERE w.turn = t.id AND w.waiting)
              AND NOT EXISTS (SELECT 1 FROM {QUEUE_SCHEMA}.procrastinate_jobs j
                              WHERE j.args ->> 'turn' = t.id AND j.status IN ('todo', 'doing'))
            LIMIT {LOST_PER_SWEEP_MAX}
            """  # noqa: S608
        )
    )
    return [(row[0], row[1]) for row in found.all()]


async def tries(connection: AsyncConnection, turn: str) -> int:
    """Give how often a turn was put to rest since it last got anywhere."""
    query = select(timers.c.tries).where(timers.c.turn == turn)
    return (await connection.execute(query)).scalar_one_or_none() or 0


async def rest(
    connection: AsyncConnection, session: str, turn: str, *, due_us: int, tries: int
) -> None:
    """Write the time (UTC µs) at which a turn is tried again, at most `REST_S_MAX` from now."""
    row = {"due_us": due_us, "tries": tries, "waiting": True}
    await connection.execute(
        insert(timers)
        .values(turn=turn, session=session, **row)
        .on_conflict_do_update(index_elements=["turn"], set_=row)
    )


async def due(connection: AsyncConnection, now_us: int) -> list[tuple[str, str]]:
    """Take (session, turn) of every timer that is due; its row stays and keeps the tries.

    A timer further away than any is ever set was written before the clock was set back: due too.
    """
    far_us = now_us + REST_S_MAX * 1_000_000
    query = (
        select(timers.c.session, timers.c.turn)
        .where(timers.c.waiting, or_(timers.c.due_us <= now_us, timers.c.due_us > far_us))
        .with_for_update(skip_locked=True)
    )
    found = [(row.session, row.turn) for row in (await connection.execute(query)).all()]
    taken = [turn for _, turn in found]
    await connection.execute(update(timers).where(timers.c.turn.in_(taken)).values(waiting=False))
    return found


async def hasten(connection: AsyncConnection) -> None:
    """Let every turn that rests be tried now."""
    await connection.execute(update(timers).where(timers.c.waiting).values(due_us=0))


async def forget(connection: AsyncConnection, turn: str) -> None:
    """Drop a turn's timer: it got somewhere."""
    await connection.execute(delete(timers).where(timers.c.turn == turn))


async def events_by_type(connection: AsyncConnection, *, within_s: int) -> dict[str, int]:
    """Count the cell's events by type, from their headers alone; a database error if it takes
    longer."""
    await connection.execute(text(f"SET LOCAL statement_timeout = {within_s * 1_000}"))
    found = await connection.execute(
        text(
            f"""
            SELECT convert_from(header, 'UTF8')::jsonb ->> 'type' AS type, count(*)
            FROM {JOURNALS.events.fullname} GROUP BY 1 ORDER BY 1
            """  # noqa: S608
        )
    )
    return {str(row[0]): int(row[1]) for row in found.all()}
