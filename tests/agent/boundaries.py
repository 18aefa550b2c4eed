"""A journal that is struck at one boundary: right before or right after one of its commits.

Owns counting the commits that record facts. What the stroke is, its user says.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from deputy.journals import Journal, Recorded

Strike = Callable[[], Awaitable[None]]


class StruckJournal:
    """A journal that calls `strike` once, `when` ("before" or "after") its n-th commit."""

    def __init__(self, journal: Journal, commit: int, when: str, strike: Strike) -> None:
        self._journal = journal
        self._at = (commit, when)
        self._strike = strike
        self._wrote: set[int] = set()
        self.commits = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        """Commit as the journal does; one that recorded facts is counted."""
        wrote = False
        async with self._journal.transaction() as connection:
            yield connection
            if wrote := id(connection) in self._wrote:
                self._wrote.discard(id(connection))
                await self._reach("before")
        if wrote:
            await self._reach("after")

    async def append(self, connection: Any, *args: Any, **more: Any) -> Recorded:
        """Append as the journal does."""
        recorded = await self._journal.append(connection, *args, **more)
        if recorded.events:
            self._wrote.add(id(connection))
        return recorded

    async def append_next(self, *args: Any, **more: Any) -> Recorded | None:
        """Append as the journal does; what it did is a commit of its own."""
        await self._reach("before")
        recorded = await self._journal.append_next(*args, **more)
        if recorded is None:
            self.commits -= 1  # the transaction that follows is the commit
        else:
            await self._reach("after")
        return recorded

    async def _reach(self, when: str) -> None:
        if when == "before":
            self.commits += 1
        if (self.commits, when) == self._at:
            await self._strike()
