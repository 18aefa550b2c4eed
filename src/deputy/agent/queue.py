"""The queue of turns: Procrastinate on the cell's own PostgreSQL.

Owns the queue's app, the one task in it and how a job is deferred inside a transaction. A job
carries ids only. It never carries a schedule or a retry, which would block the session's later
jobs: waiting work ends its job and writes a timer row.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException, ProcrastinateException

from deputy.agent.presences import Presence
from deputy.agent.store import rows
from deputy.agent.store.rows import QUEUE_SCHEMA
from deputy.journals import Connection
from deputy.journals.connections import BoundedConnection

QUEUE = "turns"
POLL_S = 0.2
POOL_MAX = 4
HEARTBEAT_S = 2.0
STALLED_AFTER_S = 10.0
TURNS_AT_ONCE = 8
"""A turn mostly waits for its model or its sandbox: what it costs meanwhile is a connection."""
_OPTIONS = {"options": f"-c search_path={QUEUE_SCHEMA}"}

Work = Callable[[str, str], Awaitable[None]]


class Queue:
    """Defers turn jobs and, in a worker, runs them."""

    def __init__(
        self,
        conninfo: str,
        *,
        turns: int = TURNS_AT_ONCE,
        heartbeat_s: float = HEARTBEAT_S,
        stalled_after_s: float = STALLED_AFTER_S,
    ) -> None:
        """`conninfo` is a libpq connection string; `turns` are worked on at the same time."""
        self.work: Work | None = None
        """What runs one job: `work(session, turn)`. Only a worker sets it."""
        self._turns = turns
        self._heartbeat_s = heartbeat_s
        self._stalled_after_s = stalled_after_s
        self._conninfo = conninfo
        self._beats: dict[int, tuple[str, float]] = {}
        """Each worker's last heartbeat, and when we first saw that one (monotonic)."""
        connector = PsycopgConnector(
            conninfo=conninfo,
            connection_class=BoundedConnection,
            kwargs=_OPTIONS,
            min_size=1,
            max_size=POOL_MAX,
        )
        self.app = App(connector=connector)
        self._presence = Presence(connector)
        self.app.job_manager = self._presence

        @self.app.task(queue=QUEUE, name="deputy.turn")
        async def run_turn(session: str, turn: str) -> None:
            assert self.work is not None, "this process defers turns but does not work on them"
            await self.work(session, turn)

        self._task = run_turn

    async def defer(self, connection: Connection, session: str, turn: str) -> None:
        """Queue a turn in the caller's transaction; a rollback takes the job along."""
        raw: Any = (await connection.get_raw_connection()).driver_connection
        await rows.use_queue(connection)
        try:
            await self._task.configure(connection=raw, lock=session).defer_async(
                session=session, turn=turn
            )
        except ConnectorException as error:
            # The transaction's owner knows the driver's own errors.
            raise (error.__cause__ or error) from None

    async def run(self, worker: str) -> None:
        """Take jobs until cancelled; returns when the database is lost."""
        with suppress(ProcrastinateException, psycopg.Error, OSError):
            try:
                async with self._presence.held(self._conninfo, **_OPTIONS), self.app.open_async():
                    await self._work_while_present(worker)
            finally:
                # A pool that never opened stays closed for good unless it is put away.
                await self.app.close_async()

    async def _work_while_present(self, worker: str) -> None:
        lost = asyncio.create_task(self._presence.lost())
        working = asyncio.create_task(
            self.app.run_worker_async(
                queues=[QUEUE],
                name=worker,
                concurrency=self._turns,
                fetch_job_polling_interval=POLL_S,
                update_heartbeat_interval=self._heartbeat_s,
                stalled_worker_timeout=self._stalled_after_s,
                install_signal_handlers=False,
                delete_jobs="always",
            )
        )
        try:
            # Without its lock a worker counts as gone: what it does is given to others.
            await asyncio.wait({lost, working}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (lost, working):
                task.cancel()
            await asyncio.gather(lost, working, return_exceptions=True)

    async def requeue_abandoned(self, connection: Connection, now_s: float) -> int:
        """Queue the jobs again whose worker is gone or silent; give how many.

        `now_s` is our monotonic time.
        """
        silent = self._silent(await rows.heartbeats(connection), now_s)
        await rows.dismiss_workers(connection, silent=silent)
        return await rows.requeue_ownerless(connection, QUEUE)

    def _silent(self, beats: Mapping[int, str], now_s: float) -> list[int]:
        """Give the workers whose heartbeat has not moved for too long, as this process saw it.

        The database's clock may be stepped; how long we have been looking cannot.
        """
        seen = {w: self._beats.get(w, (beat, now_s)) for w, beat in beats.items()}
        self._beats = {w: seen[w] if seen[w][0] == b else (b, now_s) for w, b in beats.items()}
        return [w for w, (_, at) in self._beats.items() if now_s - at > self._stalled_after_s]

    async def requeue_lost(self, connection: Connection) -> int:
        """Queue every turn that should be worked on and has neither job nor timer.

        The queue may be emptied at any time: the journal knows what is open.
        """
        lost = await rows.lost_turns(connection)
        for session, turn in lost:
            await self.defer(connection, session, turn)
        return len(lost)
