"""Which finished turns a collector was told of: a queue of our own, with a place for each turn.

Owns its SQL. The rows may be emptied: then the turns of the last day are told once more, under
the same ids. Must never hold anything but ids, times and states.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from deputy.agent.store.tables import exports, turns

State = Literal["waiting", "sent", "dropped"]


async def take_in(connection: AsyncConnection, *, since_us: int, waiting_max: int) -> None:
    """Queue the turns that finished after `since_us` and are not queued yet, the oldest first."""
    e, t = exports.c, turns.c
    held = select(func.count()).where(e.state == "waiting").scalar_subquery()
    fresh = (
        select(t.id, t.session, t.finished_us, literal(0), literal("waiting"))
        .where(t.finished_us > since_us)
        .where(~select(e.turn).where(e.turn == t.id).exists())
        .order_by(t.finished_us)
        .limit(func.greatest(waiting_max - held, 0))
    )
    names = ["turn", "session", "finished_us", "tries", "state"]
    await connection.execute(insert(exports).from_select(names, fresh).on_conflict_do_nothing())


async def drop_older(connection: AsyncConnection, *, than_us: int, forget_us: int) -> int:
    """Give up what waits since before `than_us`, and forget what is older than `forget_us`.

    Gives how many turns were given up.
    """
    e = exports.c
    late = update(exports).where(e.state == "waiting", e.finished_us <= than_us)
    dropped = await connection.execute(late.values(state="dropped").returning(e.turn))
    await connection.execute(delete(exports).where(e.finished_us <= forget_us))
    return len(dropped.all())


async def waiting(connection: AsyncConnection, limit: int) -> list[tuple[str, str]]:
    """Give (session, turn) of what waits: the least often tried first, then the oldest."""
    e = exports.c
    query = (
        select(e.session, e.turn)
        .where(e.state == "waiting")
        .order_by(e.tries, e.finished_us)
        .limit(limit)
    )
    return [(row.session, row.turn) for row in (await connection.execute(query)).all()]


async def settle(connection: AsyncConnection, turn: str, state: State) -> None:
    """Note what came of telling a turn; `waiting` counts one more try."""
    tried = exports.c.tries + 1
    row = update(exports).where(exports.c.turn == turn).values(state=state, tries=tried)
    await connection.execute(row)


async def counted(connection: AsyncConnection) -> dict[str, int]:
    """Count the rows by state."""
    query = select(exports.c.state, func.count()).group_by(exports.c.state)
    return {str(state): int(count) for state, count in (await connection.execute(query)).all()}
