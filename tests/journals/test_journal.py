"""Appending, reading and erasing on a real PostgreSQL.

Owns the promises of a journal: gapless, chained, fenced, idempotent, erasable. Must never reach
around the plane's own role, except where a test plays the thief.
"""

import asyncio

import psycopg
import pytest
from sqlalchemy import text

from deputy.core.errors import (
    ConflictError,
    DatabaseUnavailableError,
    JournalError,
    LeaseLostError,
    LimitExceededError,
)
from deputy.core.events import BODY_BYTES_MAX, GENESIS, Draft, Erased, Event
from deputy.core.events import session_bodies as b
from deputy.core.identity import Actor
from deputy.core.labels import PLATFORM, typed_by
from deputy.journals import Journal, Recorded
from deputy.journals.engines import libpq_url
from deputy.journals.journal import EVENTS_PER_APPEND_MAX, NOTIFY_CHANNEL, verify_heads
from deputy.testing.fakes import START_US
from tests.databases import Database
from tests.journals.conftest import OpenJournal
from tests.requirement import requirement

SES = "ses_00000000000000000000000001"
OTHER = "ses_00000000000000000000000002"
TURN = "trn_00000000000000000000000001"
ALICE, BOB = "prs_0000000000000000000000000A", "prs_0000000000000000000000000B"
COMMAND = "cmd_00000000000000000000000001"
EVENTS_TABLE = "cell.events"


def note(reason: str = "") -> Draft:
    return Draft(b.TurnStopRequested(reason=reason), typed_by(ALICE), turn=TURN)


async def append(
    journal: Journal,
    *drafts: Draft,
    to: str = SES,
    by: str = ALICE,
    epoch: int | None = None,
    claim: bool = False,
    command: str | None = None,
) -> Recorded:
    async with journal.transaction() as connection:
        return await journal.append(
            connection,
            to,
            drafts or (note(),),
            by=Actor(sub=by),
            epoch=epoch,
            claim=claim,
            command=command,
        )


async def append_and_roll_back(journal: Journal, draft: Draft, *, by: str) -> None:
    async with journal.engine.connect() as connection, connection.begin() as transaction:
        await journal.append(connection, SES, [draft], by=Actor(sub=by))
        await transaction.rollback()


def reasons(events: tuple[Event, ...]) -> list[str]:
    return [e.body.reason for e in events if isinstance(e.body, b.TurnStopRequested)]


@requirement("R128", "R129")
async def test_what_was_appended_is_read_back_in_order(journal: Journal) -> None:
    wrote = await append(journal, note("one"), note("two"))
    wrote_again = await append(journal, note("three"))
    read = await journal.read(SES)
    assert read == wrote.events + wrote_again.events
    assert reasons(read) == ["one", "two", "three"]
    first = read[0].header
    assert (first.seq, first.prev, first.time, first.sub) == (1, GENESIS, START_US, ALICE)
    assert (first.turn, first.label, first.epoch) == (TURN, typed_by(ALICE), None)
    assert await journal.head(SES) == (3, read[-1].hash)
    await verify_heads(journal, SES)


async def test_reading_goes_on_where_it_stopped(journal: Journal) -> None:
    await append(journal, note("one"), note("two"), note("three"))
    whole = await journal.read(SES)
    assert await journal.read(SES, after=2, prev=whole[1].hash) == whole[2:]
    assert await journal.read(SES, after=3, prev=whole[2].hash) == ()
    with pytest.raises(JournalError, match="does not follow"):
        await journal.read(SES, after=2, prev=whole[0].hash)


@requirement("R061")
async def test_journals_do_not_mix(journal: Journal) -> None:
    await append(journal, note("alice's"))
    await append(journal, note("bob's"), to=OTHER, by=BOB)
    assert reasons(await journal.read(SES)) == ["alice's"]
    assert reasons(await journal.read(OTHER)) == ["bob's"]
    assert await journal.journals() == (SES, OTHER)
    assert await journal.read("ses_00000000000000000000000003") == ()
    assert await journal.head("ses_00000000000000000000000003") == (0, GENESIS)


async def test_a_rolled_back_append_leaves_nothing(journal: Journal) -> None:
    await append(journal, note("kept"))
    await append_and_roll_back(journal, note("lost"), by=BOB)
    await append(journal, note("bob's first"), by=BOB)
    assert reasons(await journal.read(SES)) == ["kept", "bob's first"]


async def test_a_claim_fences_off_every_earlier_worker(journal: Journal) -> None:
    claimed = await append(journal, claim=True)
    assert claimed.events[0].header.epoch == 1
    assert (await append(journal, epoch=1)).events[0].header.epoch == 1
    assert (await append(journal, claim=True)).events[0].header.epoch == 2
    with pytest.raises(LeaseLostError, match="superseded by 2"):
        await append(journal, epoch=1)
    with pytest.raises(LeaseLostError):
        await append(journal, epoch=3)
    # People's commands carry no epoch and are never fenced.
    assert (await append(journal)).events[0].header.epoch is None
    assert (await append(journal, epoch=2)).events[0].header.seq == 5


async def test_a_repeated_command_records_nothing(journal: Journal) -> None:
    first = await append(journal, note("one"), note("two"), command=COMMAND)
    again = await append(journal, note("one"), note("two"), command=COMMAND)
    assert (first.repeats, again.repeats, again.events) == (None, 1, ())
    assert [e.header.command for e in first.events] == [COMMAND, None]
    elsewhere = await append(journal, note("one"), to=OTHER, command=COMMAND)
    assert elsewhere.repeats is None


async def test_the_same_command_at_once_is_recorded_once(open_journal: OpenJournal) -> None:
    journals = [open_journal(start=n << 40) for n in range(5)]
    recorded = await asyncio.gather(*(append(j, note("once"), command=COMMAND) for j in journals))
    assert sorted(r.repeats is None for r in recorded) == [False] * 4 + [True]
    assert reasons(await journals[0].read(SES)) == ["once"]


@requirement("R128")
async def test_appends_from_many_connections_give_one_gapless_chain(
    open_journal: OpenJournal,
) -> None:
    journals = [open_journal(start=n << 40) for n in range(4)]

    async def write(n: int) -> None:
        for k in range(10):
            await append(journals[n], note(f"{n}/{k}a"), note(f"{n}/{k}b"), by=(ALICE, BOB)[n % 2])

    await asyncio.gather(*map(write, range(4)))
    read = await journals[0].read(SES)
    assert [e.header.seq for e in read] == list(range(1, 81))
    assert len(set(reasons(read))) == 80
    await verify_heads(journals[0], SES)
    # Pairs of one append stand side by side: nobody came between.
    assert all(
        a[:-1] == b[:-1] for a, b in zip(reasons(read)[::2], reasons(read)[1::2], strict=True)
    )


async def test_limits_are_refused_before_anything_is_written(journal: Journal) -> None:
    async with journal.transaction() as connection:
        for drafts in ([], [note()] * (EVENTS_PER_APPEND_MAX + 1)):
            with pytest.raises(LimitExceededError):
                await journal.append(connection, SES, drafts, by=Actor(sub=ALICE))
    with pytest.raises(LimitExceededError, match="4 MiB"):
        await append(journal, note("x" * BODY_BYTES_MAX))
    assert await journal.read(SES) == ()


@requirement("R128", "R132")
async def test_an_erased_body_is_gone_and_the_chain_still_verifies(
    journal: Journal, cell_database: Database
) -> None:
    await append(journal, note("keep"), note("Mallory's salary"), note("keep too"))
    before = await journal.read(SES)
    async with journal.transaction() as connection:
        await journal.erase(connection, SES, 2)
        erasure = Draft(b.BodyErased(seq=2, reason="asked by its owner"), PLATFORM)
        await journal.append(connection, SES, [erasure], by=Actor(sub=ALICE))
    after = await journal.read(SES)
    assert after[1].body == Erased()
    assert [e.raw for e in after[:3]] == [e.raw for e in before]
    assert reasons(after) == ["keep", "keep too"]
    await verify_heads(journal, SES)
    with psycopg.connect(libpq_url(cell_database.owner)) as connection:
        left = connection.execute("SELECT count(*) FROM cell.bodies WHERE seq = 2").fetchone()
    assert left == (0,)


@requirement("R061", "R132")
async def test_a_destroyed_key_erases_one_owners_bodies_in_every_process(
    open_journal: OpenJournal, cell_database: Database
) -> None:
    here, elsewhere = open_journal(), open_journal(start=1 << 40)
    await append(here, note("alice's"))
    await append(here, note("bob's"), by=BOB)
    assert reasons(await elsewhere.read(SES)) == ["alice's", "bob's"]
    with psycopg.connect(libpq_url(cell_database.role)) as connection:
        connection.execute("DELETE FROM cell.data_keys WHERE owner = %s", (BOB,))
    for journal in (here, elsewhere):
        read = await journal.read(SES)
        assert reasons(read) == ["alice's"]
        assert read[1].body == Erased()
        await verify_heads(journal, SES)
    # Bob comes back: a new key, and the old words stay gone.
    await append(elsewhere, note("bob's new words"), by=BOB)
    assert reasons(await here.read(SES)) == ["alice's", "bob's new words"]


async def test_nothing_is_sealed_under_a_key_that_was_destroyed_meanwhile(
    journal: Journal, cell_database: Database
) -> None:
    await append(journal, note("one"))
    eraser = await psycopg.AsyncConnection.connect(libpq_url(cell_database.role))
    async with eraser:
        await eraser.execute("SELECT * FROM cell.heads WHERE journal = %s FOR UPDATE", (SES,))
        waiting = asyncio.create_task(append(journal, note("two")))
        await blocked(cell_database)
        await eraser.execute("DELETE FROM cell.data_keys")
        await eraser.commit()
        with pytest.raises(ConflictError, match="being erased"):
            await waiting
    assert await journal.head(SES) == (1, (await journal.read(SES))[0].hash)
    await append(journal, note("three"))
    assert reasons(await journal.read(SES)) == ["three"]


async def blocked(database: Database) -> None:
    """Return once some connection waits for a lock."""
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    watcher = await psycopg.AsyncConnection.connect(libpq_url(database.owner), autocommit=True)
    async with watcher:
        while (await (await watcher.execute(query)).fetchone()) == (0,):
            await asyncio.sleep(0)


async def test_a_lost_connection_writes_nothing_and_the_next_one_works(
    journal: Journal, cell_database: Database
) -> None:
    await append(journal, note("one"))
    with pytest.raises(DatabaseUnavailableError) as raised:
        await append_on_a_lost_connection(journal, cell_database, note("a secret"))
    assert "a secret" not in f"{raised.value} {raised.value.__cause__}"
    await append(journal, note("two"))
    assert reasons(await journal.read(SES)) == ["one", "two"]


async def append_on_a_lost_connection(journal: Journal, database: Database, draft: Draft) -> None:
    async with journal.transaction() as connection:
        pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        with psycopg.connect(libpq_url(database.owner), autocommit=True) as owner:
            owner.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        await journal.append(connection, SES, [draft], by=Actor(sub=ALICE))


async def test_a_wrong_master_key_opens_nothing(open_journal: OpenJournal) -> None:
    await append(open_journal(), note("secret"))
    stranger = open_journal(start=1 << 40, master=bytes(32))
    with pytest.raises(JournalError, match="Restore the master key"):
        await stranger.read(SES)
    with pytest.raises(JournalError, match="Restore the master key"):
        await append(stranger, note("more"))


async def test_bodies_lie_encrypted_and_in_no_other_place(
    journal: Journal, cell_database: Database
) -> None:
    await append(journal, note("a secret nobody may find"))
    with psycopg.connect(libpq_url(cell_database.owner)) as connection:
        for table in ("heads", "events", "bodies", "data_keys", "turns", "sessions"):
            rows = connection.execute(f"SELECT t::text FROM cell.{table} t").fetchall()
            needle = b"a secret".hex()
            assert all("a secret" not in row[0] and needle not in row[0] for row in rows)


@requirement("R128", "R132", "R303")
@pytest.mark.parametrize(
    ("theft", "found"),
    [
        ("UPDATE {t} SET header = %(forged)s WHERE seq = 2", "does not follow"),
        ("DELETE FROM {t} WHERE seq = 2", "stands where entry 2"),
        ("UPDATE {t} SET seq = seq + 1 WHERE seq = 3", None),
        ("UPDATE {t} SET header = (SELECT header FROM {t} WHERE seq = 1) WHERE seq = 3", "stands"),
        ("DELETE FROM {t} WHERE seq = 3", "head of"),
        ("INSERT INTO {t} SELECT journal, 4, type, NULL, header FROM {t} WHERE seq = 3", "stands"),
    ],
)
async def test_a_thief_with_the_owners_rights_is_found_out(
    journal: Journal, cell_database: Database, theft: str, found: str | None
) -> None:
    await append(journal, note("one"), note("two"), note("three"))
    second = (await journal.read(SES))[1]
    forged = second.raw.replace(ALICE.encode(), BOB.encode())
    with psycopg.connect(libpq_url(cell_database.owner)) as connection:
        connection.execute(theft.format(t=EVENTS_TABLE), {"forged": forged})
    if found is None:
        # The row's own number is an address; the chain reads what the header says.
        await verify_heads(journal, SES)
        return
    with pytest.raises(JournalError, match=found):
        await verify_heads(journal, SES)


async def test_a_body_put_in_anothers_place_is_found_out(
    journal: Journal, cell_database: Database
) -> None:
    await append(journal, note("one"), note("two"))
    swap = (
        "UPDATE cell.bodies x SET (salt, nonce, ciphertext) ="
        " (SELECT y.salt, y.nonce, y.ciphertext FROM cell.bodies y WHERE y.seq = 3 - x.seq)"
    )
    with psycopg.connect(libpq_url(cell_database.owner)) as connection:
        connection.execute(swap)
    with pytest.raises(JournalError, match="changed or moved"):
        await journal.read(SES)


@requirement("R128", "R132")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cell.events SET header = ''",
        "DELETE FROM cell.events",
        "TRUNCATE cell.events",
        "UPDATE cell.bodies SET salt = ''",
        "UPDATE cell.data_keys SET wrapped = ''",
        "ALTER TABLE cell.events DISABLE TRIGGER ALL",
    ],
)
async def test_the_cells_role_cannot_rewrite_history(
    journal: Journal, cell_database: Database, statement: str
) -> None:
    await append(journal, note("for ever"))
    with (
        psycopg.connect(libpq_url(cell_database.role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


async def test_an_append_is_announced_without_its_content(
    journal: Journal, cell_database: Database
) -> None:
    listener = await psycopg.AsyncConnection.connect(libpq_url(cell_database.role), autocommit=True)
    async with listener:
        await listener.execute(f"LISTEN {NOTIFY_CHANNEL}")
        await append(journal, note("secret"), note("more"))
        await append_and_roll_back(journal, note("lost"), by=ALICE)
        await append(journal, note("three"))
        heard = [n.payload async for n in listener.notifies(timeout=5, stop_after=2)]
    assert heard == [f"{SES} 2", f"{SES} 3"]
