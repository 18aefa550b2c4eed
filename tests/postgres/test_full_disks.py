"""A database whose disk is full: it refuses in words, may end, and goes on once there is space."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import psycopg
import pytest

from deputy.agent.store import migrate_cell
from deputy.core.errors import DatabaseUnavailableError
from deputy.core.messages import TypedPart
from deputy.journals.engines import libpq_url
from deputy.postgres import EmbeddedPostgres, PostgresError, Role
from deputy.testing.scripts import says
from tests.agent.cells import Cell, open_cell
from tests.databases import Database
from tests.disks import fill, free, small_disk
from tests.requirement import requirement

DISK_MIB = 192
ASKED_MAX = 500
WORDS = TypedPart(text="many words " * 4_000)


@requirement("R067")
async def test_a_full_data_disk_refuses_facts_in_words_and_takes_them_later() -> None:
    async with on_a_small_disk() as (cell, server, disk):
        session = await cell.sessions.open(cell.alice)
        fill(disk)
        asked: list[str] = []
        with pytest.raises(DatabaseUnavailableError, match="Free space") as raised:
            await ask_until_refused(cell, session, asked)
        assert raised.value.code == "database.disk_full"
        assert server.pid is not None, "a full disk does not end the server"
        free(disk)
        turn = await cell.sessions.open_turn(session, cell.alice, [WORDS])
        state = await cell.state(session)
        assert set(state.turns) == {*asked, turn}, "what was refused left nothing behind"
        assert (await cell.work(session, turn)).status == "finished"


@requirement("R067")
async def test_a_server_that_a_full_disk_ended_starts_when_there_is_space() -> None:
    async with on_a_small_disk() as (cell, server, disk):
        session, turn = await cell.ask()
        fill(disk)
        with pytest.raises(psycopg.OperationalError):
            write_ahead_until_it_ends(server)
        await server.wait()
        with pytest.raises(PostgresError, match="No space left"):
            await server.start()
        with pytest.raises(DatabaseUnavailableError, match="reconnects by itself"):
            await cell.sessions.state(session, cell.alice)
        free(disk)
        await server.start()
        assert (await cell.work(session, turn)).status == "finished"


@asynccontextmanager
async def on_a_small_disk() -> AsyncIterator[tuple[Cell, EmbeddedPostgres, Path]]:
    """Give a cell on a server of its own whose disk can be filled."""
    with tempfile.TemporaryDirectory(prefix="deputy-test-") as name:
        folder = Path(name)
        # The server's account enters the folders above its data.
        folder.chmod(0o755)
        with small_disk(folder / "system", mib=DISK_MIB) as disk:
            server = EmbeddedPostgres(folder / "state", system_dir=disk)
            await server.start()
            try:
                await migrate_cell(server.url(Role.OWNER, "cell"))
                database = Database("cell", server.url(Role.OWNER, "cell"), server.url(Role.CELL))
                async with open_cell(database, folder, [says("Hello.")]) as cell:
                    yield cell, server, disk
            finally:
                await server.stop()


async def ask_until_refused(cell: Cell, session: str, asked: list[str]) -> None:
    while len(asked) < ASKED_MAX:
        asked += [await cell.sessions.open_turn(session, cell.alice, [WORDS])]


def write_ahead_until_it_ends(server: EmbeddedPostgres) -> None:
    """Fill the log that no server can do without."""
    url = libpq_url(server.url(Role.OWNER, "cell"))
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        for _ in range(100):
            connection.execute("SELECT pg_logical_emit_message(false, 'x', repeat('y', 1000000))")
