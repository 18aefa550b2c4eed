"""Attacks in time: acting on a yes that was taken back, or after somebody said stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from deputy.core import holds
from deputy.core.budget import TurnLimits
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.errors import ConflictError, NotFoundError
from deputy.core.policy import Deny
from deputy.core.ports import Accepted
from deputy.testing.scripts import calls, says
from tests.agent.cells import Cell, open_cell
from tests.databases import Database

TWICE = calls(("code.run", {"code": "first()"}), ("code.run", {"code": "second()"}))
ONCE = calls(("code.run", {"code": "print(1)"}))


def revoke(cell: Cell) -> None:
    """Take every mandate back, and let the time pass after which that binds."""
    cell.authority.revoke_all()
    cell.clock.advance(4)


async def test_a_call_allowed_long_ago_never_starts_after_its_mandate_was_revoked(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: the gate is asked again right before every start."""
    cells: list[Cell] = []

    def run(call: CodeCall) -> CodeResult:
        revoke(cells[0])
        return CodeResult(outcome="ok")

    async with open_cell(cell_database, tmp_path, [TWICE, says("Done.")], result=run) as cell:
        cells.append(cell)
        session, turn = await cell.ask()
        done = await cell.work(session, turn)
        assert len(cell.host.started) == 1
        first, second = done.calls.values()
        assert first.returned is not None
        assert isinstance(second.decision, Deny)
        assert (second.attempts, second.returned) == (0, None)
        assert (await cell.types(session)).count("call.started") == 2, "the model and one call"
        assert done.finished is not None
        assert done.finished.outcome == "failed"


async def test_running_code_is_killed_when_its_mandate_is_revoked(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: the watch over running work asks the gate, not only for a stop."""
    cells: list[Cell] = []
    ended: list[bool] = []

    async def run(call: CodeCall) -> CodeResult:
        revoke(cells[0])
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)
        raise AssertionError("nobody sets this event")

    async with open_cell(cell_database, tmp_path, [ONCE], result=run) as cell:
        cells.append(cell)
        done = await cell.work(*await cell.ask())
        (call,) = done.calls.values()
        assert ended == [True]
        assert isinstance(call.decision, Deny)
        assert done.status == "finished"


async def test_a_model_is_not_asked_again_on_a_yes_from_before_the_revocation(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: a worker that takes a turn over decides its open model call anew."""
    async with open_cell(cell_database, tmp_path, [says("Done.")]) as cell:
        session, turn = await cell.ask()
        with patch.object(type(cell.model), "reply", side_effect=RuntimeError):
            await cell.work(session, turn)
        revoke(cell)
        done = await cell.work(session, turn)
        assert cell.model.asked == []
        assert done.steps[-1].reply is None
        assert isinstance(done.steps[-1].model.decision, Deny)
        assert done.status == "finished"


async def test_a_stop_that_is_recorded_first_keeps_code_from_starting(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: after its start is recorded, work looks once more before it uses the permit."""
    async with open_cell(cell_database, tmp_path, [ONCE]) as cell:
        session, turn = await cell.ask()
        accept = cell.host.accept

        @asynccontextmanager
        async def accept_late(call: CodeCall) -> AsyncIterator[Accepted]:
            await cell.sessions.stop(session, turn, cell.alice)
            async with accept(call) as accepted:
                yield accepted

        with patch.object(type(cell.host), "accept", lambda _, call: accept_late(call)):
            done = await cell.work(session, turn)
        assert cell.host.started == []
        assert done.finished is not None
        assert done.finished.outcome == "stopped"


async def test_a_yes_to_an_earlier_question_raises_no_later_limit(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: an answer is bound to the digest of what was shown, and only its owner's counts."""
    async with open_cell(cell_database, tmp_path, [ONCE, ONCE, ONCE, says("Done.")]) as cell:
        session, turn = await cell.ask(limits=TurnLimits(steps=1))
        first = await cell.work(session, turn)
        old = holds.shown_digest(first, holds.held(first)[0])
        await cell.answer(session, turn, approve=True)
        second = await cell.work(session, turn)
        (asked,) = holds.held(second)
        for by, error in ((cell.alice, ConflictError), (cell.charlie, NotFoundError)):
            with pytest.raises(error):
                await cell.sessions.answer(session, turn, asked.id, by, approve=True, shown=old)
        (earlier,) = (step.model.id for step in second.steps if step.model.answer is not None)
        for shown in (old, holds.shown_digest(second, asked)):
            with pytest.raises(ConflictError):
                await cell.sessions.answer(
                    session, turn, earlier, cell.alice, approve=True, shown=shown
                )
        again = await cell.work(session, turn)
        assert (again.status, again.limits.steps) == ("parked", 2)
        assert len(cell.model.asked) == 2
