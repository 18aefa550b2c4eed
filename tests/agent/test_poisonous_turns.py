"""A turn that ends whoever takes it: it stops after a few workers, and takes nobody along."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from deputy.agent.turns import SUSPECT_CLAIMS, TurnWork
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.moves import CLAIMS_MAX
from deputy.testing.scripts import calls, says
from tests.agent.cells import Cell, open_cell
from tests.databases import Database

RUN = calls(("code.run", {"code": "1"}))


async def test_a_turn_that_ends_every_worker_fails_in_words_after_a_few(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [says("Hello.")]) as cell:
        session, turn = await cell.ask()
        await _taken_and_left(cell, session, turn, CLAIMS_MAX - 1)
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert (done.finished.outcome, done.finished.code) == ("failed", "turn.unworkable")
        assert f"{CLAIMS_MAX} workers in a row" in done.finished.text
        assert done.finished.hint
        assert cell.model.asked == []


async def test_a_turn_that_got_further_is_given_as_many_workers_again(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [RUN, says("Hello.")]) as cell:
        session, turn = await cell.ask()
        await _taken_and_left(cell, session, turn, CLAIMS_MAX - 2)
        async with TurnWork.claimed(cell.means, session, turn) as claimed:
            assert claimed is not None
            await claimed.think(None)
        await _taken_and_left(cell, session, turn, CLAIMS_MAX - 2)
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert done.finished.outcome == "answered"


async def test_a_worker_that_takes_a_turn_again_and_again_is_no_sign_of_poison(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [says("Hello.")]) as cell:
        session, turn = await cell.ask()
        for _ in range(2 * CLAIMS_MAX):
            async with TurnWork.claimed(cell.means, session, turn):
                pass
        assert (await cell.work(session, turn)).status == "finished"


async def test_suspected_turns_are_worked_on_one_after_the_other(
    cell_database: Database, tmp_path: Path
) -> None:
    running, go_on = asyncio.Event(), asyncio.Event()

    async def slow(call: CodeCall) -> CodeResult:
        running.set()
        await go_on.wait()
        return CodeResult(outcome="ok")

    replies = [RUN, says("First."), says("Second.")]
    async with open_cell(cell_database, tmp_path, replies, result=slow) as cell:  # type: ignore[arg-type]
        first, second = await cell.ask(), await cell.ask()
        for session, turn in (first, second):
            await _taken_and_left(cell, session, turn, SUSPECT_CLAIMS)
        working = asyncio.create_task(cell.worker.work(*first))
        await running.wait()
        waiting = asyncio.create_task(cell.worker.work(*second))
        # The second would be claimed long before the first has run its code to the end.
        await asyncio.wait({waiting}, timeout=0.3)
        assert (await cell.state(second[0])).turns[second[1]].claims == SUSPECT_CLAIMS
        go_on.set()
        await asyncio.gather(working, waiting)
        for session, turn in (first, second):
            assert (await cell.state(session)).turns[turn].status == "finished"


async def _taken_and_left(cell: Cell, session: str, turn: str, times: int) -> None:
    """Leave what so many workers leave that end right after they took a turn."""
    for _ in range(times):
        other = replace(cell.means, worker=cell.means.ids.new("wrk"))
        async with TurnWork.claimed(other, session, turn):
            pass
