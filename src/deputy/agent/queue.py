"""The queue of turns: Procrastinate on the cell's own PostgreSQL.

Owns the queue's app, the one task in it and how a job is deferred inside a transaction. A job
carries ids only. It never carries a schedule or a retry, which would block the session's later
jobs: waiting work ends its job and writes a timer row.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from procrastinate import App, PsycopgConnector
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from deputy.agent.store.tables import SCHEMA

QUEUE = "turns"
QUEUE_SCHEMA = "queue"
POLL_S = 0.2
POOL_MAX = 4

Work = Callable[[str, str], Awaitable[None]]


class Queue:
    """Defers turn jobs and, in a worker, runs them."""

    def __init__(self, conninfo: str, work: Work | None = None) -> None:
        """`conninfo` is a libpq connection string; `work(session, turn)` runs one job."""
        connector = PsycopgConnector(
            conninfo=conninfo,
            kwargs={"options": f"-c search_path={QUEUE_SCHEMA}"},
            min_size=1,
            max_size=POOL_MAX,
        )
        self.app = App(connector=connector)

        @self.app.task(queue=QUEUE, name="deputy.turn")
        async def run_turn(session: str, turn: str) -> None:
            assert work is not None, "this process defers turns but does not work on them"
            await work(session, turn)

        self._task = run_turn

    async def defer(self, connection: AsyncConnection, session: str, turn: str) -> None:
        """Queue a turn in the caller's transaction; a rollback takes the job along."""
        raw: Any = (await connection.get_raw_connection()).driver_connection
        await connection.execute(text(f"SET LOCAL search_path = {SCHEMA}, {QUEUE_SCHEMA}"))
        await self._task.configure(connection=raw, lock=session).defer_async(
            session=session, turn=turn
        )
