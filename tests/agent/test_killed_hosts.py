"""An execution host killed with -9 at any boundary of a call: the next one changes nothing."""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from deputy.agent.worker import BACKOFF_S, Worker
from deputy.core.session import Session
from deputy.postgres import Role
from deputy.testing.comparing import comparable
from deputy.wire.hosts import CALLS_DOOR, HOSTS_DOOR, RemoteExecutor, Switchboard
from deputy.wire.invitations import Invitation
from deputy.wire.links import Door
from tests.agent.cells import Cell, open_cell
from tests.agent.killed_host import BOUNDARIES
from tests.agent.scripts import REPLIES, worked
from tests.databases import Database, Databases
from tests.requirement import requirement
from tests.wire.planes import TOKEN, planes

CALLS = 3
"""Calls of the undisturbed turn: two of its own, and one that checks what it hands over."""
NEVER = 10**6
PATIENCE_S = 30.0
SLOT_WAIT_S = 2.0
FEW = [(1, "recorded"), (2, "running")]
ALL = [*itertools.product(range(1, CALLS + 1), BOUNDARIES)]


@pytest.fixture(scope="module")
def expected(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The same turn, with a host of its own process that nobody killed."""

    async def undisturbed(database: Database, folder: Path) -> Session:
        async with open_cell(database, folder, REPLIES, result=worked, start=10**9) as cell:
            session, turn = await cell.ask()
            await cell.work(session, turn)
            return await cell.state(session)

    with databases.clone(Role.CELL) as database:
        return asyncio.run(undisturbed(database, tmp_path_factory.mktemp("calm")))


@requirement("R060", "R067")
@pytest.mark.parametrize(("call", "moment"), FEW)
async def test_a_host_killed_in_a_call_is_followed_by_one_that_changes_nothing(
    cell_database: Database, tmp_path: Path, expected: Session, call: int, moment: str
) -> None:
    await killed(cell_database, tmp_path, expected, call, moment)


@pytest.mark.slow
@pytest.mark.parametrize(("call", "moment"), [case for case in ALL if case not in FEW])
async def test_a_host_killed_at_any_boundary_is_followed_by_one_that_changes_nothing(
    cell_database: Database, tmp_path: Path, expected: Session, call: int, moment: str
) -> None:
    await killed(cell_database, tmp_path, expected, call, moment)


@pytest.mark.slow
async def test_the_undisturbed_turn_has_as_many_calls_as_are_struck(
    cell_database: Database, tmp_path: Path
) -> None:
    async with apart(cell_database, tmp_path) as made:
        session, turn = await made.cell.ask()
        with made.host(NEVER, "never"):
            await made.worker.work(session, turn)
    assert len(made.starts) == CALLS


async def killed(
    database: Database, folder: Path, expected: Session, call: int, moment: str
) -> None:
    """Kill a host at a boundary, let another one go on, and look at what came of it."""
    async with apart(database, folder) as made:
        session, turn = await made.cell.ask()
        with made.host(call, moment) as process:
            await made.worker.work(session, turn)
            assert await asyncio.to_thread(process.wait, PATIENCE_S) == -signal.SIGKILL
        with made.host(NEVER, "never"):
            await made.go_on(session, turn)
        state = await made.cell.state(session)
    assert comparable(state) == comparable(expected)
    (found,) = state.turns.values()
    assert len(found.delivered) == 1
    assert len(made.starts) == len(set(made.starts)), "no attempt of a call starts twice"


@dataclass
class Apart:
    """A cell whose calls travel to hosts in processes of their own."""

    cell: Cell
    worker: Worker
    board: Switchboard
    invitation: Invitation
    record: Path

    @property
    def starts(self) -> list[str]:
        """Give the started attempts, in order."""
        return self.record.read_text().splitlines()

    async def go_on(self, session: str, turn: str) -> None:
        """Work whenever the turn has rested, until it has ended."""
        async with asyncio.timeout(PATIENCE_S):
            while (await self.cell.state(session)).turns[turn].status != "finished":
                self.cell.clock.advance(BACKOFF_S[-1])
                await self.worker.work(session, turn)

    @contextmanager
    def host(self, call: int, moment: str) -> Iterator[subprocess.Popen[str]]:
        """Start a host that dies at a boundary; it is gone afterwards."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.agent.killed_host"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        order = {
            "call": call,
            "moment": moment,
            "name": self.cell.means.ids.new("hst"),
            "starts": str(self.record),
            "invitation": self.invitation.model_dump(),
        }
        assert process.stdin is not None
        assert process.stdout is not None
        with process:
            try:
                process.stdin.write(json.dumps(order))
                process.stdin.close()
                assert process.stdout.readline() == "ready\n"
                yield process
            finally:
                process.kill()


@asynccontextmanager
async def apart(database: Database, folder: Path) -> AsyncIterator[Apart]:
    """Open a cell with a switchboard."""
    board = Switchboard(wait_s=SLOT_WAIT_S)
    doors = [Door(HOSTS_DOOR, TOKEN, board.host), Door(CALLS_DOOR, TOKEN, board.worker)]
    async with open_cell(database, folder, REPLIES) as cell, planes(doors) as invitation:
        means = replace(cell.means, executor=RemoteExecutor(invitation))
        invited = invitation.model_copy(update={"keys": {"gate": cell.host.gate.to_jwk()}})
        record = folder / "host" / "started.log"
        yield Apart(cell, Worker(means, cell.queue), board, invited, record)
