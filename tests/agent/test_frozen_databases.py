"""A database behind a network that stands still, cuts or comes back: turns go on, each fact once.

Owns a cell that reaches its database over TCP through a proxy. Must never leave a connection.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url, text

from deputy.agent import presences
from deputy.agent.queue import Queue
from deputy.agent.worker import Worker
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.errors import DatabaseUnavailableError
from deputy.core.session import Session
from deputy.interaction import stream
from deputy.interaction.stream import Tail
from deputy.journals import connections
from deputy.journals.connections import STATEMENT_S_MAX, BoundedConnection
from deputy.journals.engines import libpq_url
from deputy.journals.journal import NOTIFY_CHANNEL
from deputy.testing.comparing import comparable
from deputy.testing.scripts import says
from tests.agent.boundaries import StruckJournal
from tests.agent.cells import Cell, open_cell
from tests.agent.scripts import REPLIES, worked
from tests.agent.test_struck_databases import COMMITS, cell_state, watch
from tests.databases import Database
from tests.proxies import Ends, Proxy, proxied
from tests.requirement import requirement

SILENCE_S = 1.0
"""In place of the real bound, so that the tests need not wait for that."""
REAL_SILENCE_S = connections.SILENCE_S_MAX
CONNECT_S = 3
SERVER_SIDE = {"statement_timeout": "800ms", "idle_in_transaction_session_timeout": "700ms"}
IN_TRANSACTION, IN_FLIGHT = 1, 7
"""Commits that are struck while the journal's head is locked, and on their way to the server."""
PATIENCE_S = 60.0
IDS_PER_CELL = 1_000_000
THAWED, CUT, FORGOTTEN = "thawed", "cut", "forgotten"
FEW = [(7, "before", FORGOTTEN)]
ALL = [
    *itertools.product(range(1, COMMITS + 1, 3), ("before", "after"), (THAWED, CUT, FORGOTTEN)),
]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a silent server for lost sooner, and let the server be as quick."""
    monkeypatch.setattr(connections, "SILENCE_S_MAX", SILENCE_S)
    quick = {**connections.SERVER_OPTIONS, **SERVER_SIDE}
    monkeypatch.setattr(connections, "SERVER_OPTIONS", quick)


@dataclass
class Far:
    """A database that is reached through a proxy, and where its cells keep their blobs."""

    database: Database
    near: Database
    proxy: Proxy
    folder: Path

    def cell(self, number: int, result: Any = worked, *, near: bool = False) -> Any:
        """Open a cell that reaches the database through the proxy, or without."""
        place = self.near if near else self.database
        return open_cell(place, self.folder, REPLIES, result=result, start=IDS_PER_CELL * number)


@pytest.fixture
async def far(cell_database: Database, tmp_path: Path) -> AsyncIterator[Far]:
    """A migrated database over TCP."""
    async with reached_over_tcp(cell_database) as (database, proxy):
        yield Far(database, cell_database, proxy, tmp_path)


@asynccontextmanager
async def reached_over_tcp(near: Database) -> AsyncIterator[tuple[Database, Proxy]]:
    """Put a proxy in front of a database's socket; give the address that leads through it."""
    role = make_url(near.role)
    folder, port = str(role.query["host"]), role.query.get("port", role.port)

    async def dial() -> Ends:
        return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")

    async with proxied(dial) as proxy:

        def through(url: str) -> str:
            found = make_url(url)
            query = {k: v for k, v in found.query.items() if k not in ("host", "port")}
            query["connect_timeout"] = str(CONNECT_S)
            moved = found.set(host="127.0.0.1", port=proxy.port, query=query)
            return moved.render_as_string(hide_password=False)

        yield replace(near, role=through(near.role)), proxy


@pytest.fixture
async def expected(cell_database: Database, tmp_path: Path) -> Session:
    """The same turn on a network that nobody disturbed."""
    async with open_cell(cell_database, tmp_path, REPLIES, result=worked) as cell:
        session, turn = await cell.ask()
        await cell.work(session, turn)
        return await cell.state(session)


@requirement("R067")
@pytest.mark.parametrize(("commit", "when", "how"), FEW)
async def test_a_network_that_stands_still_in_a_turn_changes_nothing_but_retries(
    far: Far, expected: Session, commit: int, when: str, how: str
) -> None:
    await stopped(far, expected, commit, when, how)


@pytest.mark.slow
@pytest.mark.parametrize(("commit", "when", "how"), [case for case in ALL if case not in FEW])
async def test_a_network_that_stands_still_at_any_commit_changes_nothing_but_retries(
    far: Far, expected: Session, commit: int, when: str, how: str
) -> None:
    await stopped(far, expected, commit, when, how)


async def stopped(far: Far, expected: Session, commit: int, when: str, how: str) -> None:
    """Stop the network at one boundary of a turn, and look at what came of it."""
    starts: list[tuple[str, int]] = []

    def counted(call: CodeCall) -> CodeResult:
        starts.append((call.call, call.attempt))
        return worked(call)

    async with far.cell(1, counted) as cell, asyncio.TaskGroup() as group:
        session, turn = await cell.ask()

        async def strike() -> None:
            far.proxy.freeze()
            group.create_task(end(far.proxy, how))

        journal: Any = StruckJournal(cell.journal, commit, when, strike)
        worker = Worker(replace(cell.means, journal=journal), cell.queue)
        seen: list[str] = []
        working = [group.create_task(work) for work in (worker.run(), passing(cell))]
        async with asyncio.timeout(PATIENCE_S):
            await watch(far.database.role, cell, session, seen)
        state = await cell_state(cell, session)
        for task in working:
            task.cancel()
        assert journal.commits >= commit, "the network was stopped"
        assert comparable(state) == comparable(expected)
        assert seen == [f"{session}:{n}" for n in range(1, state.seq + 1)], "each event once"
    found = state.turns[turn]
    assert len(found.delivered) == 1
    assert all(c.returned is not None for c in found.calls.values())
    assert set(Counter(starts).values()) == {1}, "no attempt of a call starts twice"


async def passing(cell: Cell) -> None:
    """Let time pass for a cell: a worker whose lock a forgotten connection holds falls silent."""
    while True:
        await asyncio.sleep(0.1)
        cell.clock.advance(0.1)


async def end(proxy: Proxy, how: str) -> None:
    """Let a stopped network go on in one of three ways."""
    match how:
        case "thawed":
            # What was sent into it arrives when nobody waits for an answer any more.
            await asyncio.sleep(SILENCE_S + 1)
            proxy.thaw()
        case "cut":
            await asyncio.sleep(0.3)
            proxy.drop()
            proxy.thaw()
        case "forgotten":
            proxy.forget()


@requirement("R067")
@pytest.mark.slow
@pytest.mark.parametrize(("commit", "how"), [(IN_TRANSACTION, FORGOTTEN), (IN_FLIGHT, THAWED)])
async def test_another_worker_goes_on_and_what_arrives_late_from_the_first_is_refused(
    far: Far, commit: int, how: str
) -> None:
    async with far.cell(1) as first, far.cell(2, near=True) as second:
        session, turn = await first.ask()
        stopped = asyncio.Event()

        async def strike() -> None:
            if not stopped.is_set():
                far.proxy.freeze()
                stopped.set()

        journal: Any = StruckJournal(first.journal, commit, "before", strike)
        queue = Queue(libpq_url(far.near.role), stalled_after_s=1.0, heartbeat_s=0.3)
        workers = [
            Worker(replace(first.means, journal=journal), first.queue),
            Worker(second.means, queue),
        ]
        async with asyncio.timeout(PATIENCE_S):
            tasks = [asyncio.create_task(workers[0].run())]
            await stopped.wait()
            tasks.append(asyncio.create_task(workers[1].run()))
            while (await second.state(session)).turns[turn].finished is None:
                await asyncio.sleep(0.05)
                second.clock.advance(0.05)
            at_the_end = await second.types(session)
            await end(far.proxy, how)
            # The first is back at work: it takes the next turn.
            tasks[1].cancel()
            await asyncio.gather(tasks[1], return_exceptions=True)
            first.model.replies.append(says("Again."))
            _, again = await second.ask(session=session)
            while (state := await second.state(session)).turns[again].finished is None:
                await asyncio.sleep(0.05)
        tasks[0].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        types = await second.types(session)
    assert types[: len(at_the_end)] == at_the_end
    assert types[len(at_the_end)] == "turn.requested", "nothing came late"
    assert at_the_end.count("turn.claimed") == (1 if commit == IN_TRANSACTION else 2)
    assert len(state.turns[turn].delivered) == 1


@pytest.mark.slow
async def test_a_server_that_is_silent_is_an_outage_within_the_bound(far: Far) -> None:
    async with far.cell(1) as cell:
        session, _ = await cell.ask()
        far.proxy.freeze()
        began = monotonic()
        with pytest.raises(DatabaseUnavailableError):
            await cell.state(session)
        # The silent connection, and one attempt to open another.
        assert monotonic() - began < SILENCE_S + CONNECT_S + 1
        far.proxy.thaw()
        assert (await cell.state(session)).seq > 0


async def test_whoever_is_cancelled_does_not_wait_for_a_silent_server(far: Far) -> None:
    connection = await BoundedConnection.connect(libpq_url(far.database.role))
    asking = asyncio.create_task(connection.execute("SELECT pg_sleep(0)"))
    far.proxy.freeze()
    await asyncio.sleep(0.1)
    began = monotonic()
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    assert monotonic() - began < 1
    assert connection.closed


@pytest.mark.slow
async def test_an_answer_that_comes_slowly_is_no_silence(far: Far) -> None:
    size, per_s = 400_000, 100_000
    async with await BoundedConnection.connect(
        libpq_url(far.database.role), autocommit=True
    ) as connection:
        far.proxy.slow(per_s)
        began = monotonic()
        cursor = await connection.execute("SELECT repeat('x', %s)", (size,))
        assert await cursor.fetchone() == ("x" * size,)
    assert monotonic() - began > 2 * SILENCE_S


async def test_a_server_that_is_only_slow_says_so_itself_before_it_counts_as_silent(
    far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert REAL_SILENCE_S > STATEMENT_S_MAX
    quick = {**connections.SERVER_OPTIONS, "statement_timeout": "300ms"}
    monkeypatch.setattr(connections, "SERVER_OPTIONS", quick)
    async with far.cell(1) as cell:
        with pytest.raises(DatabaseUnavailableError):
            async with cell.journal.reading() as connection:
                await connection.execute(text("SELECT pg_sleep(5)"))


@pytest.mark.slow
async def test_an_ear_that_hears_nothing_asks_and_comes_back_by_itself(
    far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "ASK_EVERY_S", 0.2)
    tail = Tail(libpq_url(far.database.role))
    await tail.start()
    try:
        await until(lambda: tail.hearing)
        await asyncio.sleep(2 * SILENCE_S)
        assert (tail.hearing, far.proxy.accepted) == (True, 1), "silence alone ends nothing"
        far.proxy.freeze()
        await until(lambda: not tail.hearing)
        far.proxy.forget()
        await until(lambda: tail.hearing)
        with tail.watch(["ses_1"]) as viewer:
            async with await psycopg.AsyncConnection.connect(libpq_url(far.near.role)) as other:
                await other.execute("SELECT pg_notify(%s, 'ses_1 1')", (NOTIFY_CHANNEL,))
            began = monotonic()
            await viewer.wait(10)
            assert monotonic() - began < 5
    finally:
        await tail.close()


@pytest.mark.slow
async def test_a_worker_whose_own_connection_is_silent_enrols_again(
    far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presences, "ASK_EVERY_S", 0.2)
    async with (
        far.cell(1) as cell,
        await psycopg.AsyncConnection.connect(libpq_url(far.near.role), autocommit=True) as looking,
    ):

        async def workers() -> set[int]:
            found = await looking.execute("SELECT id FROM queue.procrastinate_workers")
            return {row[0] for row in await found.fetchall()}

        working = asyncio.create_task(cell.worker.run())
        async with asyncio.timeout(PATIENCE_S):
            while not (first := await workers()):
                await asyncio.sleep(0.02)
            far.proxy.freeze()
            far.proxy.forget()
            while not (await workers()) - first:
                await asyncio.sleep(0.05)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def test_the_server_keeps_its_part_of_the_bounds(far: Far) -> None:
    for given, path in (("", '"$user", public'), ("-c search_path=queue", "queue")):
        async with await BoundedConnection.connect(
            libpq_url(far.database.role), options=given
        ) as connection:
            for name, told in {**SERVER_SIDE, "search_path": path}.items():
                assert await (await connection.execute(f"SHOW {name}")).fetchone() == (told,)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.02)
