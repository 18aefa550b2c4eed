"""A worker: takes turns from the queue and works on them.

Owns claiming, resting and recovery: platform faults end the job and leave a timer; jobs of dead
workers are queued again. Must never decide what a turn does next. Narrow on purpose: another
queue would need a new `Queue` and nothing here.
"""

from __future__ import annotations

import asyncio
import itertools
from math import inf

import structlog

from deputy.agent import loop
from deputy.agent.blobs import BlobStoreError
from deputy.agent.queue import Queue
from deputy.agent.store import rows
from deputy.agent.turns import Means, TurnWork
from deputy.core.errors import (
    DatabaseUnavailableError,
    DeputyError,
    GateUnavailableError,
    HostLostError,
    LeaseLostError,
    ModelRefusedError,
    ModelUnavailableError,
    PermitError,
    SandboxUnavailableError,
)
from deputy.core.moves import Finish

WAKE_EVERY_S = 0.25
SWEEP_EVERY_TICKS = 4
BACKOFF_S = (1, 2, 5, 15, 60, rows.REST_S_MAX)
PLATFORM_TRIES_MAX = 20
FAULT_TRIES_MAX = 3
RESTART_AFTER_S = 0.5
PLATFORM_FAULTS = (
    GateUnavailableError,
    HostLostError,
    ModelUnavailableError,
    PermitError,
    SandboxUnavailableError,
    BlobStoreError,
)
OUTAGES = (GateUnavailableError, SandboxUnavailableError, BlobStoreError)
"""Faults of Deputy's own parts: people are told, and the turn waits as long as they last."""
_log = structlog.get_logger(__name__)


class Worker:
    """Runs turns, a few at a time and one of each session, until it is cancelled."""

    def __init__(self, means: Means, queue: Queue) -> None:
        self._m = means
        self._queue = queue
        queue.work = self.work
        self._alone = asyncio.Lock()
        self._heard = True

    async def run(self) -> None:
        """Take and work on turns; a lost database is waited for."""
        waker = asyncio.create_task(self._wake(), name="timers")
        try:
            while True:
                await self._queue.run(self._m.worker)
                _log.warning("the database went away; the worker waits for it")
                await asyncio.sleep(RESTART_AFTER_S)
        finally:
            waker.cancel()
            await asyncio.gather(waker, return_exceptions=True)

    async def work(self, session: str, turn: str) -> None:
        """Work on one turn until it finishes, parks, or cannot go on for now."""
        log = _log.bind(session=session, turn=turn)
        try:
            async with TurnWork.claimed(self._m, session, turn, alone=self._alone) as claimed:
                if claimed is not None:
                    await _run(claimed)
            await self._forget(turn)
        except LeaseLostError as lost:
            log.info("another worker goes on with this turn", error=str(lost))
        except PLATFORM_FAULTS as fault:
            most = inf if isinstance(fault, OUTAGES) else PLATFORM_TRIES_MAX
            await self._rest(session, turn, fault, tries_max=most)
        except ModelRefusedError as refused:
            # Waiting cannot help; its hint tells whoever runs Deputy what can.
            log.warning("the model's provider refuses", error=str(refused))
            await self._give_up(session, turn, refused)
        except DatabaseUnavailableError:
            # Nothing can be recorded now. The job ends; the turn is found without one and queued.
            log.warning("the database went away during a turn", exc_info=True)
            raise
        except Exception as fault:
            # A defect of ours must not leave a turn open for ever.
            log.exception("a turn failed unexpectedly")
            await self._rest(session, turn, fault, tries_max=FAULT_TRIES_MAX)

    async def _rest(self, session: str, turn: str, fault: Exception, *, tries_max: float) -> None:
        """Write the timer after which the turn is tried again, or end it for good."""
        async with self._m.journal.transaction() as connection:
            tried = await rows.tries(connection, turn)
            if tried < tries_max:
                wait_s = BACKOFF_S[min(tried, len(BACKOFF_S) - 1)]
                due_us = self._m.clock.now_us() + wait_s * 1_000_000
                await rows.rest(connection, session, turn, due_us=due_us, tries=tried + 1)
                _log.warning("the turn rests", turn=turn, seconds=wait_s, fault=str(fault))
                return
        await self._give_up(session, turn, fault)

    async def _give_up(self, session: str, turn: str, fault: Exception) -> None:
        async with TurnWork.claimed(self._m, session, turn) as claimed:
            if claimed is not None:
                while not await claimed.finish(_ending_of(fault)):
                    await claimed.look()
        await self._forget(turn)

    async def _forget(self, turn: str) -> None:
        async with self._m.journal.transaction() as connection:
            await rows.forget(connection, turn)

    async def _wake(self) -> None:
        for tick in itertools.count():
            try:
                await self._wake_due()
                # The first sweep finds what the process that was here before left behind.
                if tick % SWEEP_EVERY_TICKS == 0:
                    await self._sweep()
            except DatabaseUnavailableError as away:
                _log.warning("timers are read when the database answers", fault=away.code)
            except Exception:  # noqa: BLE001
                # A defect here must not leave every timer of this cell waiting for ever.
                _log.exception("timers could not be read; they are read again soon")
            await asyncio.sleep(WAKE_EVERY_S)

    async def _sweep(self) -> None:
        async with self._m.journal.transaction() as connection:
            abandoned = await self._queue.requeue_abandoned(connection, self._m.clock.monotonic_s())
        async with self._m.journal.transaction() as connection:
            lost = await self._queue.requeue_lost(connection)
        if abandoned or lost:
            _log.warning("turns are queued again", abandoned=abandoned, lost=lost)

    async def _wake_due(self) -> None:
        if not self._m.gate.hears:
            # Whatever was tried now would only rest again.
            self._heard = False
            return
        async with self._m.journal.transaction() as connection:
            if not self._heard:
                # What rested because control was away need not wait for its timer.
                await rows.hasten(connection)
            for session, turn in await rows.due(connection, self._m.clock.now_us()):
                await self._queue.defer(connection, session, turn)
        self._heard = True


async def _run(claimed: TurnWork) -> None:
    """Work on a turn; what it waits for stands in its journal before it rests."""
    try:
        await loop.run(claimed)
    except PLATFORM_FAULTS as fault:
        await claimed.rest(fault)
        raise


def _ending_of(fault: Exception) -> Finish:
    if isinstance(fault, DeputyError):
        return Finish("failed", fault.message, code=fault.code, hint=fault.hint)
    return Finish(
        "failed",
        "Deputy met a defect of its own.",
        code="platform.defect",
        hint="Ask again; if it stays, send the log to whoever runs Deputy.",
    )
