"""A worker process that is killed with -9 at one boundary of a turn.

Run as `python -m tests.agent.killed_worker` with a JSON object on standard input. It does what a
worker does with one job; at the named boundary the process kills itself, as a power cut would.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from deputy.agent.worker import Worker
from deputy.core.calls import CodeCall, CodeResult
from deputy.journals import Journal
from tests.agent.cells import open_cell
from tests.agent.scripts import REPLIES, worked
from tests.databases import Database


@dataclass
class Boundary:
    """Counts commits and kills the process before or after the n-th."""

    commit: int
    when: str
    seen: int = 0

    def reached(self, when: str) -> bool:
        """Say whether this is the moment."""
        return self.seen == self.commit and self.when == when


class KilledJournal:
    """A journal whose process dies at a boundary."""

    def __init__(self, journal: Journal, boundary: Boundary) -> None:
        self._journal = journal
        self._boundary = boundary

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        """Commit as the journal does, unless the process dies just before or after."""
        self._boundary.seen += 1
        async with self._journal.transaction() as connection:
            yield connection
            self._die_at("before")
        self._die_at("after")

    async def append_next(self, *args: Any, **more: Any) -> Any:
        """Append as the journal does, unless the process dies just before or after."""
        self._boundary.seen += 1
        self._die_at("before")
        recorded = await self._journal.append_next(*args, **more)
        if recorded is None:
            self._boundary.seen -= 1  # the transaction that follows is the commit
        else:
            self._die_at("after")
        return recorded

    def _die_at(self, when: str) -> None:
        if self._boundary.reached(when):
            os.kill(os.getpid(), signal.SIGKILL)


async def main(order: dict[str, Any]) -> None:
    """Work on one turn as ordered."""
    folder = Path(order["folder"])

    def counted(call: CodeCall) -> CodeResult:
        with (folder / "started").open("a") as file:
            file.write(f"{call.call} {call.attempt}\n")
        return worked(call)

    database = Database("", "", order["url"])
    async with open_cell(database, folder, REPLIES, result=counted, start=order["start"]) as cell:
        boundary = Boundary(order["commit"], order["when"])
        journal: Any = KilledJournal(cell.journal, boundary)
        worker = Worker(replace(cell.means, journal=journal), cell.queue)
        await worker.work(order["session"], order["turn"])


if __name__ == "__main__":
    asyncio.run(main(json.load(sys.stdin)))
