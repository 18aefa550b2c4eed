"""Derived rows follow from events alone: dropping them all and folding again gives the same.

Owns the proof for every derived table of the cell. Must never write a derived row itself.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from deputy.agent.store import JOURNALS, METADATA, project, rebuild, timers
from deputy.core.events import Draft
from deputy.core.events import session_bodies as b
from deputy.core.identity import Actor
from deputy.core.labels import typed_by
from deputy.core.messages import TypedPart
from deputy.journals import Journal, KeyRing
from deputy.journals.engines import open_engine
from deputy.journals.journal import verify_heads
from deputy.testing.fakes import FixedClock, SequentialIds
from tests.databases import Database
from tests.requirement import requirement

ALICE, BOB = "prs_0000000000000000000000000A", "prs_0000000000000000000000000B"
AGENT = "agt_00000000000000000000000000"
DERIVED = [t for t in METADATA.sorted_tables if t.info["kind"] == "derived"]


@pytest.fixture
async def journal(
    cell_database: Database, clock: FixedClock, ids: SequentialIds
) -> AsyncIterator[Journal]:
    """The cell's journals."""
    engine = open_engine(cell_database.role)
    keys = KeyRing(bytes(32), ids)
    yield Journal(engine, JOURNALS, keys=keys, clock=clock, ids=ids, projector=project)
    await engine.dispose()


async def rows(connection: AsyncConnection) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table.name: sorted(map(tuple, (await connection.execute(select(table))).all()), key=repr)
        for table in DERIVED
    }


async def work(journal: Journal, clock: FixedClock, ids: SequentialIds, owner: str) -> None:
    """Let one session run through everything that leaves a row."""
    session, first, second = ids.new("ses"), ids.new("trn"), ids.new("trn")
    label = typed_by(owner)

    async def say(*bodies: Any, turn: str | None = None, **how: Any) -> int | None:
        clock.advance(1)
        drafts = [Draft(body, label, turn=turn) for body in bodies]
        async with journal.transaction() as connection:
            done = await journal.append(connection, session, drafts, by=Actor(sub=owner), **how)
        return done.events[0].header.epoch

    await say(b.SessionOpened(owner=owner, agent=AGENT, title="Quarter"))
    await say(
        b.FileUploaded(
            file=ids.new("blb"), name="s", path="s", digest="a" * 64, size=1, media_type="x"
        )
    )
    asked = b.TurnRequested(parts=(TypedPart(text="Sum it up."),))
    await say(asked, turn=first)
    epoch = await say(b.TurnClaimed(worker="wrk_1"), turn=first, claim=True)
    parked = b.TurnParked(calls=(), waiting=owner, waits_for=(owner,), reason="you decide")
    await say(parked, turn=first, epoch=epoch)
    epoch = await say(b.TurnClaimed(worker="wrk_2"), turn=first, claim=True)
    delivered = b.ArtifactDelivered(
        artifact=ids.new("art"),
        name="r",
        path="r",
        digest="b" * 64,
        size=2,
        media_type="x",
        title="Report",
        verified=True,
    )
    ended = b.TurnFinished(outcome="verified", text="Done.", receipt="c" * 64)
    await say(delivered, ended, turn=first, epoch=epoch)
    await say(asked, turn=second)


@requirement("R132")
async def test_dropping_every_derived_row_and_folding_again_gives_the_same_rows(
    journal: Journal, clock: FixedClock, ids: SequentialIds
) -> None:
    for owner in (ALICE, BOB):
        await work(journal, clock, ids, owner)
    async with journal.transaction() as connection:
        await connection.execute(
            insert(timers).values(turn="trn_1", session="ses_1", due_us=1, tries=0, waiting=True)
        )
    async with journal.engine.connect() as connection:
        before = await rows(connection)
    assert all(before.values()), "every derived table must be exercised here"
    async with journal.transaction() as connection:
        await rebuild(journal, connection)
    async with journal.engine.connect() as connection:
        assert await rows(connection) == before
        # What may be emptied is no fold's business.
        assert len((await connection.execute(select(timers))).all()) == 1
    for name in await journal.journals():
        await verify_heads(journal, name)


async def test_a_ruined_row_is_mended_by_folding_again(
    journal: Journal, clock: FixedClock, ids: SequentialIds
) -> None:
    await work(journal, clock, ids, ALICE)
    async with journal.engine.connect() as connection:
        before = await rows(connection)
    async with journal.transaction() as connection:
        await connection.execute(text("UPDATE cell.turns SET status = 'lost', claims = 99"))
        await connection.execute(text("DELETE FROM cell.artifacts"))
        await rebuild(journal, connection)
    async with journal.engine.connect() as connection:
        assert await rows(connection) == before


async def test_work_goes_on_after_the_rows_were_folded_again(
    journal: Journal, clock: FixedClock, ids: SequentialIds
) -> None:
    await work(journal, clock, ids, ALICE)
    async with journal.transaction() as connection:
        await rebuild(journal, connection)
    (name,) = await journal.journals()
    draft = Draft(b.TurnStopRequested(), typed_by(ALICE))
    async with journal.transaction() as connection:
        done = await journal.append(connection, name, [draft], by=Actor(sub=ALICE), claim=True)
    assert done.events[0].header.epoch == 3
    await verify_heads(journal, name)


async def test_folding_again_while_work_goes_on_loses_nothing(
    journal: Journal, clock: FixedClock, ids: SequentialIds
) -> None:
    async def fold_again() -> None:
        for _ in range(3):
            async with journal.transaction() as connection:
                await rebuild(journal, connection)

    await asyncio.gather(
        fold_again(), *(work(journal, clock, ids, owner) for owner in (ALICE, BOB) * 2)
    )
    async with journal.engine.connect() as connection:
        before = await rows(connection)
    async with journal.transaction() as connection:
        await rebuild(journal, connection)
    async with journal.engine.connect() as connection:
        assert await rows(connection) == before
    assert [len(before[name]) for name in ("sessions", "turns", "heads")] == [4, 8, 4]
