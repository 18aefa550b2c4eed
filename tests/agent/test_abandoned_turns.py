"""The turns of a worker that is gone: queued again as soon as anybody looks, never before."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from deputy.core.events import Event
from deputy.core.events import session_bodies as b
from deputy.journals.engines import libpq_url
from tests.agent.cells import Cell, open_cell
from tests.agent.scripts import REPLIES, worked
from tests.databases import Database
from tests.requirement import requirement

NEVER_SILENT = "UPDATE queue.procrastinate_workers SET last_heartbeat = 'infinity'"


@requirement("R067")
async def test_a_killed_workers_turn_is_queued_again_without_waiting_for_its_silence(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, REPLIES, result=worked) as cell:
        session, turn = await cell.ask()
        with busy_worker(cell_database, tmp_path) as process:
            assert await _requeued(cell) == 0, "a worker that lives keeps its jobs"
            os.kill(process.pid, signal.SIGSTOP)
            with psycopg.connect(libpq_url(cell_database.owner), autocommit=True) as connection:
                # From here on its silence tells nothing: only its absence can be seen.
                connection.execute(NEVER_SILENT)
            process.kill()
            process.wait()
        done = await _worked_on(cell, session)
        assert _claims(done) == 2
        assert (await cell.state(session)).turns[turn].delivered


async def test_the_jobs_of_a_worker_that_is_only_slow_stay_with_it(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, REPLIES, result=worked) as cell:
        await cell.ask()
        with busy_worker(cell_database, tmp_path) as process:
            os.kill(process.pid, signal.SIGSTOP)
            assert await _requeued(cell) == 0


async def test_a_worker_whose_place_is_cut_off_enrols_again_and_goes_on(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, REPLIES, result=worked) as cell:
        working = asyncio.create_task(cell.worker.run())
        await _enrolled(cell_database, 0)
        with psycopg.connect(libpq_url(cell_database.owner), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            )
        await _enrolled(cell_database, 1)
        session, _ = await cell.ask()
        await _ended(cell, session)
        await _cancelled(working)


@contextmanager
def busy_worker(database: Database, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a worker process and give it when its call runs; it is gone afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.agent.busy_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        try:
            process.stdin.write(json.dumps({"url": database.role, "folder": str(folder)}))
            process.stdin.close()
            assert process.stdout.readline() == "running\n"
            yield process
        finally:
            process.kill()


async def _requeued(cell: Cell) -> int:
    async with cell.journal.transaction() as connection:
        return await cell.queue.requeue_abandoned(connection, cell.clock.monotonic_s())


async def _worked_on(cell: Cell, session: str) -> tuple[Event, ...]:
    working = asyncio.create_task(cell.worker.run())
    await _ended(cell, session)
    await _cancelled(working)
    return await cell.journal.read(session)


async def _ended(cell: Cell, session: str) -> None:
    async with asyncio.timeout(30):
        while "turn.finished" not in await cell.types(session):
            await asyncio.sleep(0.02)


async def _enrolled(database: Database, before: int) -> None:
    """Wait until a worker of a number above `before` is in the roll."""
    async with asyncio.timeout(30):
        while True:
            with psycopg.connect(libpq_url(database.owner), autocommit=True) as connection:
                row = connection.execute(
                    "SELECT count(*) FROM queue.procrastinate_workers w JOIN pg_locks l"
                    " ON l.objid::bigint = w.id AND l.locktype = 'advisory' WHERE w.id > %s",
                    [before],
                ).fetchone()
            if row and row[0]:
                return
            await asyncio.sleep(0.02)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _claims(events: tuple[Event, ...]) -> int:
    return sum(isinstance(e.body, b.TurnClaimed) for e in events)
