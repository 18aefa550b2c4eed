"""A database that ends at any boundary of a turn: worker and viewers come back by themselves.

Owns a server of its own, which it kills and stops, and starts again as a supervisor does. Must
never touch the server of the other tests.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from deputy.agent.store import migrate_cell
from deputy.agent.worker import Worker
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.errors import DatabaseUnavailableError
from deputy.core.session import Session
from deputy.interaction.api.routes.events import frames_of
from deputy.interaction.stream import Tail
from deputy.journals.engines import libpq_url
from deputy.postgres import EmbeddedPostgres, Role
from deputy.testing.comparing import comparable
from tests.agent.boundaries import StruckJournal
from tests.agent.cells import Cell, open_cell
from tests.agent.scripts import REPLIES, worked
from tests.databases import Database
from tests.requirement import requirement

COMMITS = 17
"""Commits of facts in the undisturbed turn, from its claim on; a test below counts them."""
PATIENCE_S = 60.0
IDS_PER_CELL = 1_000_000
KILLED, STOPPED = signal.SIGKILL, signal.SIGINT
FEW = [(1, "after", KILLED), (7, "before", STOPPED)]
ALL = [*itertools.product(range(1, COMMITS + 1), ("before", "after"), (KILLED, STOPPED))]


@dataclass
class Ground:
    """A server, who starts it again, and where the cells on it keep their blobs."""

    server: EmbeddedPostgres
    folder: Path
    back: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server was started again."""
    _cells: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def database(self) -> Database:
        """Give the cell's database."""
        owner, role = self.server.url(Role.OWNER, "cell"), self.server.url(Role.CELL)
        return Database("cell", owner, role)

    def cell(self, result: Any = worked) -> Any:
        """Open a cell whose ids nobody used before."""
        start = IDS_PER_CELL * next(self._cells)
        return open_cell(self.database, self.folder, REPLIES, result=result, start=start)

    async def keep(self) -> None:
        """Start the server again whenever it ends."""
        while True:
            await self.server.wait()
            await self.server.start()
            self.back.set()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    """A server for this module."""
    folder = tmp_path_factory.mktemp("struck")
    server = EmbeddedPostgres(folder / "state")
    await server.start()
    await migrate_cell(server.url(Role.OWNER, "cell"))
    yield Ground(server, folder)
    await server.stop()
    shutil.rmtree(server.places.instance, ignore_errors=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def expected(ground: Ground) -> Session:
    """The same turn on a database that nobody disturbed."""
    async with ground.cell() as cell:
        session, turn = await cell.ask()
        await cell.work(session, turn)
        return await cell_state(cell, session)


@requirement("R060", "R067")
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("commit", "when", "how"), FEW)
async def test_a_database_that_ends_in_the_middle_of_a_turn_changes_nothing_but_retries(
    ground: Ground, expected: Session, commit: int, when: str, how: int
) -> None:
    await struck(ground, expected, commit, when, how)


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("commit", "when", "how"), [case for case in ALL if case not in FEW])
async def test_a_database_that_ends_at_any_commit_changes_nothing_but_retries(
    ground: Ground, expected: Session, commit: int, when: str, how: int
) -> None:
    await struck(ground, expected, commit, when, how)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_undisturbed_turn_has_as_many_commits_of_facts_as_are_struck(
    ground: Ground,
) -> None:
    async with ground.cell() as cell:
        session, turn = await cell.ask()
        journal: Any = StruckJournal(cell.journal, 0, "never", nothing)
        await Worker(replace(cell.means, journal=journal), cell.queue).work(session, turn)
        assert journal.commits == COMMITS


async def struck(ground: Ground, expected: Session, commit: int, when: str, how: int) -> None:
    """Strike the database at one boundary of a turn, and look at what came of it."""
    starts: list[tuple[str, int]] = []

    def counted(call: CodeCall) -> CodeResult:
        starts.append((call.call, call.attempt))
        return worked(call)

    async def strike() -> None:
        assert ground.server.pid is not None
        os.kill(ground.server.pid, how)
        await ground.server.wait()

    ground.back.clear()
    async with ground.cell(counted) as cell:
        session, turn = await cell.ask()
        journal: Any = StruckJournal(cell.journal, commit, when, strike)
        worker = Worker(replace(cell.means, journal=journal), cell.queue)
        seen: list[str] = []
        tasks = [
            asyncio.create_task(work)
            for work in (
                ground.keep(),
                worker.run(),
                watch(ground.database.role, cell, session, seen),
            )
        ]
        async with asyncio.timeout(PATIENCE_S):
            await tasks[-1]
            await ground.back.wait()
        state = await cell_state(cell, session)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert comparable(state) == comparable(expected)
        assert seen == [f"{session}:{n}" for n in range(1, state.seq + 1)], "each event once"
    found = state.turns[turn]
    assert len(found.delivered) == 1
    assert all(c.returned is not None for c in found.calls.values())
    assert set(Counter(starts).values()) == {1}, "no attempt of a call starts twice"


async def watch(role: str, cell: Cell, session: str, seen: list[str]) -> None:
    """Follow a session as the API does until its turn has ended; keep the frames' ids."""
    tail = Tail(libpq_url(role))
    await tail.start()
    try:
        async for frame in frames_of(tail, cell.sessions, cell.alice, {session: 0}):
            fields = dict(line.partition(": ")[::2] for line in frame.decode().splitlines())
            if "id" in fields:
                seen.append(fields["id"])
            if '"type":"turn.finished"' in fields.get("data", ""):
                return
    finally:
        await tail.close()


async def cell_state(cell: Cell, session: str) -> Session:
    """Fold a session as soon as the database answers."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with suppress(DatabaseUnavailableError):
                return await cell.state(session)
            await asyncio.sleep(0.05)


async def nothing() -> None:
    """Strike at nothing."""
