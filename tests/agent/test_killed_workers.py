"""A worker killed with -9 at any boundary of a turn: another one ends it as if nothing happened."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from deputy.core.session import Session
from deputy.postgres import Role
from deputy.testing.comparing import comparable
from tests.agent.cells import open_cell
from tests.agent.scripts import REPLIES, worked
from tests.databases import Database, Databases
from tests.requirement import requirement

COMMITS = 18
"""Commits of the undisturbed turn from its claim to its end; a test below counts them."""
PATIENCE_S = 60


@pytest.fixture(scope="module")
def expected(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The same turn, worked on by one worker that nobody disturbed."""
    with databases.clone(Role.CELL) as database:
        return asyncio.run(_undisturbed(database, tmp_path_factory.mktemp("calm")))


@requirement("R060", "R067", "R155")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("commit", range(1, COMMITS + 1))
async def test_a_worker_killed_at_any_commit_changes_nothing_but_retries(
    cell_database: Database, tmp_path: Path, expected: Session, commit: int, when: str
) -> None:
    folder = tmp_path / "killed"
    async with open_cell(cell_database, folder, REPLIES, result=worked, start=10**6) as cell:
        session, turn = await cell.ask()
        code = _work_in_a_process(cell_database, folder, session, turn, commit, when)
        assert code == -signal.SIGKILL
        assert _work_in_a_process(cell_database, folder, session, turn, 0, "never") == 0
        state = await cell.state(session)
    assert comparable(state) == comparable(expected)
    _assert_nothing_done_twice(state, folder)


async def test_the_undisturbed_turn_has_as_many_commits_as_are_tried(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, REPLIES, result=worked) as cell:
        session, turn = await cell.ask()
        assert (
            _work_in_a_process(cell_database, tmp_path, session, turn, COMMITS + 1, "before") == 0
        )
        assert (await cell.state(session)).turns[turn].claims == 1


async def _undisturbed(database: Database, folder: Path) -> Session:
    async with open_cell(database, folder, REPLIES, result=worked, start=10**9) as cell:
        session, turn = await cell.ask()
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert done.finished.outcome == "verified"
        return await cell.state(session)


def _work_in_a_process(
    database: Database, folder: Path, session: str, turn: str, commit: int, when: str
) -> int:
    folder.mkdir(exist_ok=True)
    order: dict[str, Any] = {
        "url": database.role,
        "folder": str(folder),
        "session": session,
        "turn": turn,
        "commit": commit,
        "when": when,
        "start": 2 * 10**6 + commit * 1_000 + 1_000_000 * len(when),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.agent.killed_worker"],
        input=json.dumps(order),
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode


def _assert_nothing_done_twice(state: Session, folder: Path) -> None:
    (turn,) = state.turns.values()
    assert len(turn.delivered) == 1
    returned = [c.id for c in turn.calls.values() if c.returned is not None]
    assert sorted(returned) == sorted(turn.calls)
    starts = Counter((folder / "started").read_text().splitlines())
    assert set(starts.values()) == {1}, "no attempt of a call starts twice"
