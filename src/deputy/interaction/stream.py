"""The live stream: one ear per process on the database, and any number of viewers behind it.

Owns waking viewers when a journal grows. Must never read for them, decide what a viewer may see,
or lose a viewer's place: cursors do that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
import structlog

from deputy.journals.connections import BoundedConnection
from deputy.journals.journal import NOTIFY_CHANNEL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

POLL_S = 0.5
"""How often viewers look by themselves while the ear is deaf."""
SAFETY_POLL_S = 10.0
"""How often they look although the ear hears."""
RECONNECT_S = 0.25
RECONNECT_S_MAX = 5.0
CONNECT_S_MAX = 5
ASK_EVERY_S = 5.0
"""How often a database that announces nothing is asked whether it is still there."""

_log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class Viewer:
    """One reader of some journals: woken when one of them grows."""

    journals: frozenset[str]
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Let the viewer look again."""
        self._woken.set()

    async def wait(self, timeout_s: float) -> None:
        """Return when something grew, or after `timeout_s`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._woken.wait()
        self._woken.clear()


class Tail:
    """The ear: one LISTEN connection, reconnecting, that wakes the viewers concerned."""

    def __init__(self, conninfo: str) -> None:
        """`conninfo` is a libpq connection string of a role that may read the journals."""
        self._conninfo = conninfo
        self._viewers: list[Viewer] = []
        self._task: asyncio.Task[None] | None = None
        self.hearing = False
        self.closing = False

    async def start(self) -> None:
        """Begin to listen; a database that is not there yet is waited for."""
        if self._task is None:
            self._task = asyncio.create_task(self._listen(), name="deputy-tail")

    def stop(self) -> None:
        """End every stream at once; call it before the server waits for its connections."""
        self.closing = True
        self._wake_all()

    async def close(self) -> None:
        """Stop, and end the connection."""
        self.stop()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    @contextmanager
    def watch(self, journals: Iterable[str]) -> Iterator[Viewer]:
        """Be woken when one of `journals` grows."""
        viewer = Viewer(frozenset(journals))
        self._viewers.append(viewer)
        try:
            yield viewer
        finally:
            self._viewers.remove(viewer)

    @property
    def watching(self) -> int:
        """Count the viewers."""
        return len(self._viewers)

    @property
    def patience_s(self) -> float:
        """Say how long a viewer may wait before it looks by itself."""
        return SAFETY_POLL_S if self.hearing else POLL_S

    def told(self, payload: str) -> None:
        """Take one notification, `journal seq`."""
        journal = payload.partition(" ")[0]
        for viewer in self._viewers:
            if journal in viewer.journals:
                viewer.wake()

    async def _listen(self) -> None:
        pause_s = RECONNECT_S
        while not self.closing:
            try:
                async with self._connected() as connection:
                    pause_s = RECONNECT_S
                    while True:
                        async for notice in connection.notifies(timeout=ASK_EVERY_S):
                            self.told(notice.payload)
                        await connection.require_answer()
            except (psycopg.Error, OSError) as error:
                _log.warning("stream.deaf", error=type(error).__name__, again_in_s=pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, RECONNECT_S_MAX)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[BoundedConnection[tuple[object, ...]]]:
        connection = await BoundedConnection.connect(
            self._conninfo, autocommit=True, connect_timeout=CONNECT_S_MAX
        )
        async with connection:
            await connection.execute(f"LISTEN {NOTIFY_CHANNEL}")
            self.hearing = True
            # What grew while nobody listened was not announced.
            self._wake_all()
            try:
                yield connection
            finally:
                self.hearing = False
                self._wake_all()

    def _wake_all(self) -> None:
        for viewer in self._viewers:
            viewer.wake()
