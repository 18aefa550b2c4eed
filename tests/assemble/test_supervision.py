"""The supervisor's care for what it runs: what cannot start now is tried again, and it says so."""

from __future__ import annotations

import asyncio
import errno
from typing import Any

import pytest

from deputy.assemble import supervisor
from deputy.assemble.handover import Handover
from deputy.postgres import PostgresError


class Fallen:
    """A server that ended and that a full disk keeps from starting, for a while."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.started = asyncio.Event()

    async def wait(self) -> int:
        """End at once until it was started, then never."""
        if self.started.is_set():
            await asyncio.Event().wait()
        return 1

    async def start(self) -> None:
        """Refuse as often as there is no space."""
        if self.refusals:
            self.refusals -= 1
            raise PostgresError("No space left on device.", hint="Free some.", code="postgres.full")
        self.started.set()


async def test_a_database_that_cannot_start_now_is_started_as_soon_as_it_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor, "RESTART_PAUSE_S", (0.0, 0.01))
    said: list[str] = []
    made: Any = object.__new__(supervisor.Supervisor)
    made._postgres, made._say = Fallen(refusals=4), said.append
    keeping = asyncio.create_task(made._keep_database())
    async with asyncio.timeout(5):
        await made._postgres.started.wait()
    assert not keeping.done(), "the group stays up meanwhile"
    assert sum("No space left" in line for line in said) == 4
    keeping.cancel()


async def test_a_child_that_cannot_be_started_now_is_started_later_and_ends_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A machine that has no process to give for a moment does not stop the whole group."""
    monkeypatch.setattr(supervisor, "RESTART_PAUSE_S", (0.0,))
    started, refusals = asyncio.Event(), [BlockingIOError(errno.EAGAIN, "none left")] * 3

    async def start(_: supervisor.Child) -> Any:
        if refusals:
            raise refusals.pop()
        started.set()
        return await asyncio.create_subprocess_exec("sleep", "60")

    made: Any = object.__new__(supervisor.Supervisor)
    made._start = start
    child = supervisor.Child("worker", Handover(org="o", cell="c", owner="p", agent="a"))
    keeping = asyncio.create_task(made._keep(child))
    async with asyncio.timeout(5):
        await started.wait()
    assert not keeping.done()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
