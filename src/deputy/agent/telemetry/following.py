"""The follower: tells a collector of every finished turn, at least once.

Owns the order, the pauses and what is given up. It reads the journal behind those who write it and
holds no lock of theirs: a slow, dead or lying collector costs nobody but the follower time. Must
never raise out of `run`.
"""

from __future__ import annotations

import asyncio

import structlog

from deputy.agent.store import exports
from deputy.agent.telemetry import otlp
from deputy.agent.telemetry.collectors import Collector
from deputy.agent.telemetry.measures import Measure, added, measured
from deputy.agent.telemetry.spans import Trace, traced
from deputy.agent.telemetry.vocabulary import vocabulary
from deputy.core.errors import JournalError
from deputy.core.ports import Clock
from deputy.journals import Journal

LOOK_EVERY_S = 1.0
PAUSE_S_MAX = 300.0
TURNS_PER_LOOK = 50
WAITING_MAX = 10_000
AGE_S_MAX = 86_400
"""A turn that no collector took for so long is given up, and counted."""

_log = structlog.get_logger(__name__)


class Follower:
    """Follows the finished turns of one cell. One follower a cell."""

    def __init__(
        self, journal: Journal, clock: Clock, collector: Collector, *, cell: str, version: str
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._collector = collector
        self._cell = cell
        self._version = version
        self._since_us = clock.now_us()
        self._sums: tuple[Measure, ...] = ()
        self.sent = 0
        """Turns told since the start."""
        self.dropped = 0
        """Turns given up since the start."""

    async def run(self) -> None:
        """Follow until cancelled."""
        log, pause_s = _log, LOOK_EVERY_S
        while True:
            try:
                well = await self.look()
            except Exception:  # The database may be away; a follower that ends tells nobody.
                log.exception("finished turns could not be read for the collector")
                well = False
            pause_s = LOOK_EVERY_S if well else min(pause_s * 2, PAUSE_S_MAX)
            await asyncio.sleep(pause_s)

    async def look(self) -> bool:
        """Tell what waits; False if the collector took nothing and wants to be left alone."""
        now_us = self._clock.now_us()
        oldest_us = now_us - AGE_S_MAX * 1_000_000
        async with self._journal.transaction() as connection:
            await exports.take_in(connection, since_us=oldest_us, waiting_max=WAITING_MAX)
            # Twice the age: a turn that was given up must not be taken in again.
            forget_us = oldest_us - AGE_S_MAX * 1_000_000
            late = await exports.drop_older(connection, than_us=oldest_us, forget_us=forget_us)
            found = await exports.waiting(connection, TURNS_PER_LOOK)
        if late:
            self.dropped += late
            _log.warning("no collector took these turns for a day", dropped=self.dropped)
        told = 0
        for session, turn in found:
            if not await self._tell(session, turn):
                return False
            told += 1
        return not told or await self._tell_sums()

    async def _tell(self, session: str, turn: str) -> bool:
        trace = await self._trace(session, turn)
        if trace is None:
            self.dropped += 1
            await self._settle(turn, "dropped")
            return True
        raw = otlp.spans_message(trace, cell=self._cell, version=self._version)
        taken = await self._collector.post("traces", raw)
        if not taken.ok:
            _log.warning("the collector takes nothing for now", reason=taken.why, turn=turn)
            await self._settle(turn, "waiting")
            return False
        if lost := otlp.refused(taken.raw):
            _log.warning("the collector refused spans of a turn", spans=lost, turn=turn)
        await self._settle(turn, "sent")
        self.sent += 1
        self._sums = added([*self._sums, *measured(trace)])
        return True

    async def _trace(self, session: str, turn: str) -> Trace | None:
        try:
            return traced(await self._journal.read(session), turn, vocabulary())
        except JournalError as error:
            _log.warning("a turn cannot be traced", code=error.code, turn=turn)
            return None

    async def _tell_sums(self) -> bool:
        """Tell the sums since this follower began; what is missed is in the next ones."""
        raw = otlp.measures_message(
            self._sums,
            since_us=self._since_us,
            now_us=self._clock.now_us(),
            cell=self._cell,
            version=self._version,
        )
        taken = await self._collector.post("metrics", raw)
        if not taken.ok:
            _log.info("the collector takes no metrics", reason=taken.why)
        return True

    async def _settle(self, turn: str, state: exports.State) -> None:
        async with self._journal.transaction() as connection:
            await exports.settle(connection, turn, state)
