"""The live stream: one ear per process on the database, and any number of viewers behind it.

Owns waking viewers when a journal grows, and sharing one read among those who look at the same
session. Must never decide what a viewer may see, or lose a viewer's place: cursors do that.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
import structlog

from deputy.core.events import Event
from deputy.core.identity import Actor
from deputy.journals.journal import NOTIFY_CHANNEL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from deputy.agent.sessions import Sessions

POLL_S = 0.5
"""How often viewers look by themselves while the ear is deaf."""
SAFETY_POLL_S = 10.0
"""How often they look although the ear hears."""
RECONNECT_S = 0.25
RECONNECT_S_MAX = 5.0
CONNECT_S_MAX = 5
SHARED_READS_MAX = 64

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
                    async for notice in connection.notifies():
                        self.told(notice.payload)
            except (psycopg.Error, OSError) as error:
                _log.warning("stream.deaf", error=type(error).__name__, again_in_s=pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, RECONNECT_S_MAX)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[psycopg.AsyncConnection[tuple[object, ...]]]:
        connection = await psycopg.AsyncConnection.connect(
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


@dataclass(eq=False, slots=True)
class _Shared:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    begun: int = 0
    events: tuple[Event, ...] = ()


class Feed:
    """Reads for viewers: those of one person who look at one session share a read."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._shared: OrderedDict[tuple[str, str], _Shared] = OrderedDict()
        self._reading: set[asyncio.Task[tuple[Event, ...]]] = set()

    async def after(self, session: str, by: Actor, seq: int) -> tuple[Event, ...]:
        """Give the events after `seq`; raises `NotFoundError` for everyone but the owner.

        The read began after this was called, so it holds everything committed before.
        """
        shared = self._of(session, by)
        seen = shared.begun
        async with shared.lock:
            # A read that was under way when this one was asked for may have begun too early.
            if shared.begun <= seen:
                shared.begun += 1
                try:
                    shared.events = await self._read(session, by)
                except BaseException:
                    shared.begun -= 1
                    raise
            return shared.events[seq:]

    async def close(self) -> None:
        """Wait for the reads under way."""
        await asyncio.gather(*self._reading, return_exceptions=True)

    async def _read(self, session: str, by: Actor) -> tuple[Event, ...]:
        # A viewer who leaves must not cut a query off in the middle: the connection would be
        # lost, and dozens leave at once. So the read is a task of its own and is let finish.
        reading = asyncio.ensure_future(self._sessions.events(session, by))
        self._reading.add(reading)
        reading.add_done_callback(self._read_ended)
        return await asyncio.shield(reading)

    def _read_ended(self, reading: asyncio.Task[tuple[Event, ...]]) -> None:
        self._reading.discard(reading)
        if not reading.cancelled():
            reading.exception()

    def _of(self, session: str, by: Actor) -> _Shared:
        key = (session, by.sub)
        shared = self._shared.setdefault(key, _Shared())
        self._shared.move_to_end(key)
        while len(self._shared) > SHARED_READS_MAX:
            self._shared.popitem(last=False)
        return shared
