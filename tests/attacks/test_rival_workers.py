"""Attacks on the one writer of a turn: rivals, late comers and people who talk meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from deputy.agent.store import METADATA, rebuild
from deputy.agent.turns import TurnWork
from deputy.core.errors import DeputyError, LeaseLostError
from deputy.core.events import Draft, Event
from deputy.core.events import session_bodies as b
from deputy.core.labels import typed_by
from deputy.core.messages import TypedPart
from deputy.journals.journal import verify_heads
from deputy.testing.scripts import calls
from tests.agent import scripts
from tests.agent.cells import Cell, open_cell
from tests.databases import Database

RUN = calls(("code.run", {"code": "print(1)"}))


async def rows(connection: AsyncConnection) -> dict[str, list[tuple[Any, ...]]]:
    """Give every derived row of the cell."""
    return {
        table.name: sorted(map(tuple, (await connection.execute(select(table))).all()), key=repr)
        for table in METADATA.sorted_tables
        if table.info["kind"] == "derived"
    }


async def nothing_is_amiss(cell: Cell, session: str) -> None:
    """Verify the chain, and that the rows are what the journal folds to."""
    await verify_heads(cell.journal, session)
    async with cell.journal.transaction() as connection:
        before = await rows(connection)
        await rebuild(cell.journal, connection)
        assert await rows(connection) == before


async def test_of_workers_that_take_one_turn_at_once_one_ends_it(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: each claim raises the epoch, and whoever has a lower one writes nothing more."""
    async with open_cell(cell_database, tmp_path, scripts.REPLIES, result=scripts.worked) as cell:
        session, turn = await cell.ask()
        await asyncio.gather(*(cell.worker.work(session, turn) for _ in range(4)))
        await cell.work(session, turn)
        types = await cell.types(session)
        assert types.count("turn.finished") == 1
        assert types.count("artifact.delivered") == 1
        assert len(set(cell.host.started)) == len(cell.host.started), "no attempt starts twice"
        epochs = [e.header.epoch for e in await cell.journal.read(session) if e.header.epoch]
        assert epochs == sorted(epochs), "an overtaken worker wrote after its successor"
        await nothing_is_amiss(cell, session)


async def test_people_who_talk_while_a_turn_works_lose_nothing_and_break_nothing(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: the append behind one's own fact writes only if nothing came in between."""
    async with open_cell(cell_database, tmp_path, scripts.REPLIES, result=scripts.worked) as cell:
        session, turn = await cell.ask()
        said: list[str] = []

        async def talk(number: int) -> None:
            for again in range(5):
                words = f"word {number}.{again}"
                try:
                    await cell.sessions.steer(session, turn, cell.alice, [TypedPart(text=words)])
                except DeputyError:
                    return  # the turn has ended
                said.append(words)

        await asyncio.gather(cell.worker.work(session, turn), *(talk(n) for n in range(3)))
        done = (await cell.state(session)).turns[turn]
        told = [p.text for s in done.said[1:] for p in s.parts if isinstance(p, TypedPart)]
        assert sorted(told) == sorted(said)
        await nothing_is_amiss(cell, session)


async def test_an_append_behind_a_fact_that_is_not_the_last_writes_nothing_at_all(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: one statement moves the head and writes, or does neither."""
    async with open_cell(cell_database, tmp_path, [RUN]) as cell:
        session, turn = await cell.ask()
        # Facts with derived rows never go this way.
        body = b.TurnRested(code="sandbox.busy", reason="All slots are in use.")
        draft = Draft(body, typed_by(cell.alice.sub), turn=turn)
        async with TurnWork.claimed(cell.means, session, turn) as work:
            assert work is not None
            assert work._last is not None
            mine: Event = work._last
            by = work.turn.actor
            async with cell.journal.holding() as one, cell.journal.holding() as two:
                both = await asyncio.gather(
                    cell.journal.append_next(one, mine, [draft], by=by),
                    cell.journal.append_next(two, mine, [draft, draft], by=by),
                )
                assert sum(r is not None for r in both) == 1
                assert await cell.journal.append_next(one, mine, [draft], by=by) is None
        await nothing_is_amiss(cell, session)


async def test_an_overtaken_worker_starts_nothing(cell_database: Database, tmp_path: Path) -> None:
    """Wall: the start is recorded under the lease before the permit is used."""
    async with open_cell(cell_database, tmp_path, [RUN]) as cell:
        session, turn = await cell.ask()
        async with TurnWork.claimed(cell.means, session, turn) as late:
            assert late is not None
            await late.think(None)
            async with TurnWork.claimed(cell.means, session, turn):
                pass
            (call,) = late.turn.calls.values()
            try:
                await late.act(call)
            except LeaseLostError:
                pass
            else:
                raise AssertionError("an overtaken worker may not act")
        assert cell.host.started == []
        assert (await cell.types(session)).count("call.started") == 1, "the model's only"
