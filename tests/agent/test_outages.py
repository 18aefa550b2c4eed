"""Control is away: nothing starts, nothing is lost, and work goes on when it is heard again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog
from sqlalchemy import select

from deputy.agent.store import timers
from deputy.testing.scripts import says
from tests.agent.cells import open_cell
from tests.databases import Database
from tests.requirement import requirement


@requirement("R067")
async def test_nothing_runs_and_nothing_is_decided_while_control_is_silent(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [says("Hello.")]) as cell:
        session, turn = await cell.ask()
        cell.authority.silent = True
        cell.clock.advance(10)
        waiting = await cell.work(session, turn)
        assert waiting.status == "running"
        assert "call.decided" not in await cell.types(session)
        async with cell.journal.engine.connect() as connection:
            due = (await connection.execute(select(timers.c.due_us))).scalar_one()
        assert due > cell.clock.now_us()
        cell.authority.silent = False
        assert (await cell.work(session, turn)).status == "finished"


@requirement("R067")
async def test_a_turn_goes_on_as_soon_as_control_is_heard_again_however_long_it_was_away(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [says("Hello.")]) as cell:
        session, turn = await cell.ask()
        cell.authority.silent = True
        cell.clock.advance(10)
        for _ in range(25):
            assert (await cell.work(session, turn)).finished is None
        working = asyncio.create_task(cell.worker.run())
        async with asyncio.timeout(30):
            await _until(lambda: not cell.worker._heard)
            assert (await cell.state(session)).turns[turn].finished is None
            cell.authority.silent = False
            while (await cell.state(session)).turns[turn].finished is None:
                await asyncio.sleep(0.02)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        done = (await cell.state(session)).turns[turn].finished
        assert done is not None
        assert done.outcome == "answered"


async def test_a_silent_control_is_logged_once_and_once_more_when_it_is_heard(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, []) as cell:
        with structlog.testing.capture_logs() as logs:
            cell.authority.silent = True
            for _ in range(5):
                await cell.means.gate._beat_once()
            cell.authority.silent = False
            for _ in range(5):
                await cell.means.gate._beat_once()
    assert [line["event"] for line in logs] == ["control is not heard", "control is heard again"]


async def _until(seen: Callable[[], bool]) -> None:
    while not seen():
        await asyncio.sleep(0.01)
