"""An execution host killed with -9 at any moment of a call: the turn ends all the same."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from deputy.agent.worker import Worker
from deputy.core.session import Session
from deputy.postgres import Role
from deputy.testing.comparing import comparable
from deputy.wire.hosts import CALLS_DOOR, HOSTS_DOOR, RemoteExecutor, Switchboard
from deputy.wire.invitations import Invitation
from deputy.wire.links import Door
from tests.agent.cells import Cell, open_cell
from tests.agent.scripts import REPLIES, worked
from tests.databases import Database, Databases
from tests.requirement import requirement
from tests.wire.killed_host import MOMENTS, Moment
from tests.wire.planes import TOKEN, planes

CALLS = 3
"""Code calls of the undisturbed turn: two of its own, and the checks."""
CLAIMS_MAX = 10


@dataclass
class Site:
    """A cell whose code runs on hosts that dial its switchboard."""

    cell: Cell
    board: Switchboard
    invitation: Invitation
    folder: Path

    @contextmanager
    def host(self, call: int, moment: Moment) -> Iterator[subprocess.Popen[str]]:
        """Start a host that dies at a moment of its n-th call; it is gone afterwards."""
        order = {
            "invitation": self.invitation.model_dump(mode="json"),
            "gate": self.cell.means.gate.permits.public.to_jwk(),
            "folder": str(self.folder),
            "call": call,
            "moment": moment,
        }
        command = [sys.executable, "-m", "tests.wire.killed_host"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True)
        assert process.stdin is not None
        process.stdin.write(json.dumps(order))
        process.stdin.close()
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    async def work(self, session: str, turn: str) -> None:
        """Work on a turn as a queue would: again after each rest, when its timer is due."""
        for _ in range(CLAIMS_MAX):
            done = await self.cell.work(session, turn)
            if done.finished is not None:
                return
            self.cell.clock.advance(301)
        raise AssertionError("the turn waits for ever")


@asynccontextmanager
async def site(database: Database, folder: Path) -> AsyncIterator[Site]:
    folder.mkdir(exist_ok=True)
    board = Switchboard(wait_s=5)
    doors = [Door(HOSTS_DOOR, TOKEN, board.host), Door(CALLS_DOOR, TOKEN, board.worker)]
    async with planes(doors) as invitation, open_cell(database, folder, REPLIES) as cell:
        means = replace(cell.means, executor=RemoteExecutor(invitation))
        yield Site(
            replace(cell, means=means, worker=Worker(means, cell.queue)), board, invitation, folder
        )


@pytest.fixture(scope="module")
def expected(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The same turn on one scripted host that nobody disturbed."""
    with databases.clone(Role.CELL) as database:
        return asyncio.run(_undisturbed(database, tmp_path_factory.mktemp("calm")))


async def _undisturbed(database: Database, folder: Path) -> Session:
    async with open_cell(database, folder, REPLIES, result=worked) as cell:
        session, turn = await cell.ask()
        assert (await cell.work(session, turn)).finished is not None
        assert len(cell.host.started) == CALLS
        return await cell.state(session)


EVERY = [(call, moment) for call in range(1, CALLS + 1) for moment in MOMENTS]


@requirement("R060", "R067")
@pytest.mark.parametrize(
    ("call", "moment"),
    [
        pytest.param(
            call,
            moment,
            marks=() if (call, moment) in {(1, "recorded"), (3, "run")} else pytest.mark.slow,
        )
        for call, moment in EVERY
    ],
)
async def test_a_host_killed_at_any_moment_changes_nothing_but_retries(
    cell_database: Database, tmp_path: Path, expected: Session, call: int, moment: Moment
) -> None:
    async with site(cell_database, tmp_path / "site") as at:
        session, turn = await at.cell.ask()
        with at.host(call, moment) as first:
            working = asyncio.create_task(at.work(session, turn))
            code = await asyncio.to_thread(first.wait)
            assert code == -signal.SIGKILL
            with at.host(0, "never"):
                await working
        state = await at.cell.state(session)
    assert comparable(state) == comparable(expected)
    started = Counter((at.folder / "started.log").read_text().splitlines())
    ran = Counter((at.folder / "ran").read_text().splitlines())
    assert set(started.values()) == {1}, "no attempt starts twice"
    assert set(ran.values()) == {1}, "no attempt runs twice"
