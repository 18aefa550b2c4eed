"""Sessions folded so far, kept in memory and brought up to date by what came after.

Owns what a process remembers of sessions, how much of it and for how long. Must never give a
state older than the question, keep what was erased, or be the only place where a fact stands.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from deputy.core.errors import JournalError
from deputy.core.events import GENESIS, Erased, Event
from deputy.core.folds import fold
from deputy.core.session import Session
from deputy.journals import Journal, News

KEPT_SESSIONS_MAX = 2_000
KEPT_BYTES_MAX = 64 << 20
"""Bytes of the events as stored; folded, they take about twice as much in memory."""
KEPT_UNASKED_S = 300.0
"""How long a session is kept that nobody asks for: nobody notices there that it was erased."""
RECENT_EVENTS_MAX = 32
RECENT_BYTES_MAX = 64 << 10
FOLDED_AT_ONCE = 200
ERASURE = "body.erased"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Known:
    """A session as folded, and what tells whether it may still be gone on from."""

    session: Session = field(default_factory=lambda: Session(id=""))
    keys: frozenset[str] = frozenset()
    """The data keys that sealed what was folded."""
    recent: tuple[Event, ...] = ()
    """The last events: viewers ask for these again and again."""
    folded_bytes: int = 0
    asked_s: float = 0.0

    @property
    def bytes(self) -> int:
        """Give the bytes of the events kept, as stored."""
        return self.folded_bytes + sum(map(_weight, self.recent))

    def tail(self, seq: int, events: Sequence[Event]) -> tuple[Event, ...] | None:
        """Give the events after `seq` if `events`, which end with ours, hold all of them."""
        missing = self.session.seq - seq
        if missing <= 0:
            return ()
        return tuple(events[-missing:]) if missing <= len(events) else None


class States:
    """The sessions of one cell, as this process last saw them."""

    def __init__(
        self,
        journal: Journal,
        *,
        sessions_max: int = KEPT_SESSIONS_MAX,
        bytes_max: int = KEPT_BYTES_MAX,
    ) -> None:
        self._journal = journal
        self._sessions_max = sessions_max
        self._bytes_max = bytes_max
        self._kept: OrderedDict[str, _Known] = OrderedDict()
        """The longest unasked first."""
        self._bytes = 0
        self._catching_up: _Shared[tuple[_Known, tuple[Event, ...]]] = _Shared()
        self._reading: _Shared[News] = _Shared()
        self._sweep: asyncio.TimerHandle | None = None

    async def of(self, session: str) -> Session:
        """Give a session with everything committed before this was asked.

        The state of a journal without entries has seq 0. Raises `JournalError` if it is broken.
        """
        return (await self._caught_up(session))[0].session

    async def since(self, session: str, seq: int) -> tuple[Session, tuple[Event, ...]]:
        """Give a session, as `of` does, and its events after `seq`.

        The events are verified from entry `seq` on, up to the head that the state was folded to.
        """
        known, news = await self._caught_up(session)
        for events in (news, known.recent):
            if (tail := known.tail(seq, events)) is not None:
                return known.session, tail
        older = await self._reading.ask((session, seq), lambda: self._journal.since(session, seq))
        read = older.events[: known.session.seq - seq]
        if older.anchor is None or not read or read[-1].hash != known.session.head:
            self.forget(session)
            raise JournalError(
                f"Entries of {session} changed while they were read.", hint="Read them again."
            )
        return known.session, read

    def forget(self, session: str) -> None:
        """Keep nothing of a session any more."""
        if (known := self._kept.pop(session, None)) is not None:
            self._bytes -= known.bytes

    def forget_unasked(self, now_s: float) -> None:
        """Forget what nobody asked for since `KEPT_UNASKED_S` before `now_s` (the loop's time)."""
        for session in tuple(self._kept):
            if self._kept[session].asked_s + KEPT_UNASKED_S > now_s:
                break
            self.forget(session)

    @property
    def kept(self) -> tuple[str, ...]:
        """Name the sessions in memory, the longest unasked first."""
        return tuple(self._kept)

    async def close(self) -> None:
        """Wait for the reads under way; keep nothing."""
        await self._catching_up.close()
        await self._reading.close()
        if self._sweep is not None:
            self._sweep.cancel()
        self._kept.clear()
        self._bytes = 0

    async def _caught_up(self, session: str) -> tuple[_Known, tuple[Event, ...]]:
        return await self._catching_up.ask(session, lambda: self._catch_up(session))

    async def _catch_up(self, session: str) -> tuple[_Known, tuple[Event, ...]]:
        known = self._kept.get(session, _Known())
        news = await self._journal.since(session, known.session.seq)
        if not _goes_on(known, news):
            self.forget(session)
            known = _Known()
            news = await self._journal.since(session, 0)
        known = await _followed(known, news)
        self._keep(session, known)
        return known, news.events

    def _keep(self, session: str, known: _Known) -> None:
        self.forget(session)
        # One session too large to be kept must not push out all the others.
        if known.session.seq == 0 or known.bytes > self._bytes_max:
            return
        self._kept[session] = known
        self._bytes += known.bytes
        while len(self._kept) > self._sessions_max or self._bytes > self._bytes_max:
            self.forget(next(iter(self._kept)))
        if self._sweep is None:
            self._sweep_later()

    def _sweep_later(self) -> None:
        self._sweep = asyncio.get_running_loop().call_later(KEPT_UNASKED_S / 2, self._swept)

    def _swept(self) -> None:
        self._sweep = None
        self.forget_unasked(asyncio.get_running_loop().time())
        if self._kept:
            self._sweep_later()


def _goes_on(known: _Known, news: News) -> bool:
    """Say whether nothing that was folded has been changed, cut off or erased since."""
    erasures = any(event.header.type == ERASURE for event in news.events)
    head = known.session.head or GENESIS
    return news.anchor == head and known.keys <= news.keys and not erasures


async def _followed(known: _Known, news: News) -> _Known:
    """Fold what came after, a few events at a time: others must not wait for a long journal."""
    state = known.session
    for first in range(0, len(news.events), FOLDED_AT_ONCE):
        state = fold(news.events[first : first + FOLDED_AT_ONCE], state)
        await asyncio.sleep(0)
    told = [e for e in news.events if not isinstance(e.body, Erased)]
    return _Known(
        session=state,
        keys=known.keys | {e.header.key_id for e in told},
        recent=_recent((*known.recent, *news.events[-RECENT_EVENTS_MAX:])),
        folded_bytes=known.folded_bytes + sum(map(_weight, news.events)),
        asked_s=asyncio.get_running_loop().time(),
    )


def _recent(events: tuple[Event, ...]) -> tuple[Event, ...]:
    left, count = RECENT_BYTES_MAX, 0
    for event in reversed(events[-RECENT_EVENTS_MAX:]):
        left -= _weight(event)
        if left < 0:
            break
        count += 1
    return events[len(events) - count :]


def _weight(event: Event) -> int:
    return len(event.raw) + event.size


class _Shared(Generic[T]):
    """Lets those who ask for the same at once share one answer, begun after each of them asked."""

    def __init__(self) -> None:
        self._next: dict[Hashable, asyncio.Task[T]] = {}
        self._running: dict[Hashable, asyncio.Task[T]] = {}

    async def ask(self, key: Hashable, work: Callable[[], Awaitable[T]]) -> T:
        """Give the answer of a work that begins after now.

        Who leaves early does not end it: a query cut off in the middle loses its connection, and
        viewers leave by dozens.
        """
        task = self._next.get(key)
        if task is None:
            task = asyncio.create_task(self._work(key, work, self._running.get(key)))
            task.add_done_callback(lambda ended: self._ended(key, ended))
            self._next[key] = task
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Wait for everything under way."""
        while under_way := {*self._next.values(), *self._running.values()}:
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _work(
        self, key: Hashable, work: Callable[[], Awaitable[T]], before: asyncio.Task[T] | None
    ) -> T:
        if before is not None:
            await asyncio.wait({before})
        # Who asks from here on may have seen something that this work does not.
        self._running[key] = self._next.pop(key)
        return await work()

    def _ended(self, key: Hashable, task: asyncio.Task[T]) -> None:
        for held in (self._next, self._running):
            if held.get(key) is task:
                del held[key]
        if not task.cancelled():
            task.exception()  # those who asked may all have left
