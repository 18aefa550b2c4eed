"""The wall clock is set forwards or back by hours: nothing ages, waits or happens twice by it."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from deputy.agent.store import rows, timers
from deputy.agent.turns import MODEL_CONTRACT
from deputy.core import holds
from deputy.core.budget import TurnLimits
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.errors import GateUnavailableError, PermitError
from deputy.core.identity import Actor
from deputy.core.labels import typed_by
from deputy.core.policy import Allow, Question
from deputy.core.ports import Clock
from deputy.journals.engines import libpq_url
from deputy.testing.comparing import comparable
from deputy.testing.fakes import FixedClock, SequentialIds
from deputy.testing.scripts import says
from deputy.wire.permits import PERMIT_AGE_S_MAX, Permit, PermitGuard, issue
from deputy.wire.signing import SigningKey
from tests.agent.cells import Cell, open_cell
from tests.agent.scripts import REPLIES, worked
from tests.agent.test_abandoned_turns import busy_worker
from tests.agent.test_turns import HOLD_CODE, RUN
from tests.databases import Database
from tests.requirement import requirement

HOURS_US = 3_600_000_000
STEPS = pytest.mark.parametrize("hours", [-7, 7], ids=["back", "forwards"])


@STEPS
@requirement("R055")
async def test_a_step_in_the_middle_of_a_turn_changes_nothing_in_it(
    cell_database: Database, tmp_path: Path, hours: int
) -> None:
    stepped_us = 0

    def slow(call: CodeCall) -> CodeResult:
        cell.clock.step(cell.clock.us + stepped_us)
        return replace(worked(call), duration_s=2.0)

    limits = TurnLimits(seconds=60)
    async with open_cell(cell_database, tmp_path, REPLIES, result=slow) as cell:
        session, turn = await cell.ask(limits=limits)
        await cell.work(session, turn)
        undisturbed = comparable(await cell.state(session))
        stepped_us = hours * HOURS_US
        session, turn = await cell.ask(limits=limits)
        done = await cell.work(session, turn)
        assert comparable(await cell.state(session)) == undisturbed
        assert len(cell.host.started) == 6, "three code calls a turn, each once"
        assert 6_000_000 <= done.working_us < 7_000_000


@STEPS
@requirement("R067")
async def test_a_turn_that_rests_is_tried_again_in_minutes_whatever_the_clock_says(
    cell_database: Database, tmp_path: Path, hours: int
) -> None:
    async with open_cell(cell_database, tmp_path, [says("Hello.")]) as cell:
        session, turn = await cell.ask()
        cell.authority.silent = True
        cell.clock.advance(10)
        await cell.work(session, turn)
        assert await due(cell) == [], "it was put to rest just now"
        cell.clock.step(cell.clock.us + hours * HOURS_US)
        assert await due(cell) == [(session, turn)]
        assert await due(cell) == [], "it is woken once"
        cell.authority.silent = False
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert done.working_us < 1_000_000
        async with cell.journal.reading() as connection:
            assert (await connection.execute(select(timers))).all() == []


async def test_a_step_back_that_a_timer_can_span_is_waited_out(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [says("Hello.")]) as cell:
        session, turn = await cell.ask()
        async with cell.journal.transaction() as connection:
            soon = cell.clock.us + 1_000_000
            await rows.rest(connection, session, turn, due_us=soon, tries=1)
        cell.clock.step(cell.clock.us - 120_000_000)
        assert await due(cell) == []
        cell.clock.advance(121)
        assert await due(cell) == [(session, turn)]


@STEPS
async def test_a_parked_turn_is_answered_and_goes_on_after_a_step(
    cell_database: Database, tmp_path: Path, hours: int
) -> None:
    async with open_cell(cell_database, tmp_path, [RUN, says("Done.")], rules=HOLD_CODE) as cell:
        session, turn = await cell.ask()
        parked = await cell.work(session, turn)
        cell.clock.step(cell.clock.us + hours * HOURS_US)
        (call,) = holds.held(parked)
        await cell.answer(session, turn, approve=True)
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert done.finished.outcome == "answered"
        assert cell.host.started == [(call.id, 1)]
        assert done.working_us < 1_000_000


@STEPS
async def test_a_turn_taken_over_after_a_step_goes_on_where_it_stood(
    cell_database: Database, tmp_path: Path, hours: int
) -> None:
    def lost(call: CodeCall) -> CodeResult:
        raise PermitError("The worker and its host went away.")

    async with open_cell(cell_database, tmp_path, [RUN, says("Done.")], result=lost) as cell:
        session, turn = await cell.ask()
        assert (await cell.work(session, turn)).status == "running"
        cell.clock.step(cell.clock.us + hours * HOURS_US)
        cell.host.result = lambda call: CodeResult(outcome="ok")
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert (done.claims, len(cell.model.asked)) == (2, 2)
        assert done.working_us < 1_000_000


async def test_a_turn_asked_after_a_step_back_knows_what_was_said_before(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [says("Hello.")]) as cell:
        ids = cell.means.ids
        assert isinstance(ids, SequentialIds)
        session, first = await cell.ask("Count the rows")
        await cell.work(session, first)
        # Ids hold the time: the later turn now has the smaller one.
        ids.time_ms -= 7 * 3_600_000
        _, second = await cell.ask("And by month?", session=session)
        assert second < first
        await cell.work(session, second)
        said = [m.typed for m in cell.model.asked[-1].messages if m.role == "user"]
        assert said == [("Count the rows",), ("And by month?",)]


@STEPS
async def test_the_age_of_a_heartbeat_is_not_the_wall_clocks(
    cell_database: Database, tmp_path: Path, hours: int
) -> None:
    async with open_cell(cell_database, tmp_path, []) as cell:
        cell.authority.silent = True
        cell.clock.step(cell.clock.us + hours * HOURS_US)
        decided = await cell.means.gate.decide(question(cell))
        assert isinstance(decided.decision, Allow), "what was heard just now is fresh"
        cell.clock.advance(4)
        cell.clock.step(cell.clock.us - 4_000_000)
        with pytest.raises(GateUnavailableError, match=r"4\.0 s old"):
            await cell.means.gate.decide(question(cell))


@STEPS
def test_the_age_of_a_permit_is_not_the_wall_clocks(hours: int) -> None:
    key, clock = SigningKey.generate(), FixedClock()
    guard = PermitGuard("hst_1", key.public, clock)
    for late in (False, True):
        permit = Permit("hst_1", guard.offer().nonce, "call_1", 1, "0" * 64)
        clock.step(clock.us + hours * HOURS_US)
        clock.advance(PERMIT_AGE_S_MAX + 0.1 if late else PERMIT_AGE_S_MAX - 0.1)
        verify = {"call": "call_1", "attempt": 1, "args_digest": "0" * 64}
        if late:
            with pytest.raises(PermitError):
                guard.verify(issue(key, permit), **verify)  # type: ignore[arg-type]
        else:
            guard.verify(issue(key, permit), **verify)  # type: ignore[arg-type]


@STEPS
async def test_a_worker_is_silent_when_its_heart_stops_and_not_when_the_databases_clock_jumps(
    cell_database: Database, tmp_path: Path, hours: int
) -> None:
    async with open_cell(cell_database, tmp_path, REPLIES, result=worked) as cell:
        await cell.ask()
        with busy_worker(cell_database, tmp_path) as process:
            os.kill(process.pid, signal.SIGSTOP)
            # What a step of the server's clock leaves: heartbeats hours away from now.
            with psycopg.connect(libpq_url(cell_database.owner), autocommit=True) as connection:
                connection.execute(
                    "UPDATE queue.procrastinate_workers"
                    " SET last_heartbeat = last_heartbeat + make_interval(hours => %s)",
                    [-hours],
                )
            assert await requeued(cell) == 0
            cell.clock.advance(9)
            assert await requeued(cell) == 0
            cell.clock.advance(2)
            assert await requeued(cell) == 1, "it said nothing for longer than it may"


async def requeued(cell: Cell) -> int:
    """Look for abandoned jobs as a worker's poller does."""
    clock: Clock = cell.clock
    async with cell.journal.transaction() as connection:
        return await cell.queue.requeue_abandoned(connection, clock.monotonic_s())


async def due(cell: Cell) -> list[tuple[str, str]]:
    """Take the timers that are due, as a worker's poller does."""
    async with cell.journal.transaction() as connection:
        return await rows.due(connection, cell.clock.now_us())


def question(cell: Cell) -> Question:
    """Ask whether the agent may ask its model for Alice."""
    extract = cell.authority.current
    agent = next(p.id for p in extract.principals if p.kind == "agent")
    label = typed_by(cell.alice.sub)
    return Question(
        actor=Actor(sub=cell.alice.sub, act=agent),
        tool=MODEL_CONTRACT.name,
        contract=MODEL_CONTRACT,
        session="ses_1",
        owner=cell.alice.sub,
        turn="trn_1",
        call="call_1",
        args_digest="0" * 64,
        label=label,
        pc=label,
        now_us=cell.clock.now_us(),
    )
