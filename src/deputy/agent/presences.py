"""Who works on the queue: each worker by a lock that the database lets go when it is gone.

Owns the one connection by which a worker's life is known. A process that is killed closes it, so
that whoever looks next sees that its jobs have nobody. Must never say that a worker is gone while
its connection stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from procrastinate.manager import JobManager

from deputy.agent.store.rows import ENROL
from deputy.journals.connections import BoundedConnection

CONNECT_S_MAX = 10
ASK_EVERY_S = 5.0
"""How often a silent connection is asked whether it still stands."""


class Presence(JobManager):
    """Procrastinate's manager of jobs, whose worker is enrolled together with its lock."""

    _connection: BoundedConnection[Any] | None = None
    _enrolled: asyncio.Event

    @asynccontextmanager
    async def held(self, conninfo: str, **options: Any) -> AsyncIterator[None]:
        """Keep the connection that stands for this worker's life."""
        connected = await BoundedConnection.connect(
            conninfo, autocommit=True, connect_timeout=CONNECT_S_MAX, **options
        )
        async with connected as self._connection:
            self._enrolled = asyncio.Event()
            try:
                yield
            finally:
                self._connection = None

    async def register_worker(self) -> int:
        """Enrol the worker; its row is seen by nobody before its lock is held."""
        assert self._connection is not None, "only a worker that is present enrols"
        row = await (await self._connection.execute(ENROL)).fetchone()
        assert row is not None, "the queue gives every worker a number"
        self._enrolled.set()
        return int(row[0])

    async def lost(self) -> None:
        """Return when the connection is gone, and with it the lock."""
        await self._enrolled.wait()
        assert self._connection is not None, "only a worker that is present can be lost"
        try:
            while True:
                # Nothing is listened to: this only ends earlier when the connection does.
                async for _ in self._connection.notifies(timeout=ASK_EVERY_S):
                    pass
                await self._connection.require_answer()
        except psycopg.Error:
            return
