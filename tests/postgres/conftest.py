"""Servers for the tests of the embedded PostgreSQL; each leaves nothing behind."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from deputy.postgres import EmbeddedPostgres, Role

type_of_rows = tuple[object, ...]


async def run_sql(url: str, *statements: str) -> list[type_of_rows]:
    """Run statements in one connection and give the rows of the last one."""
    rows: list[type_of_rows] = []
    async with await psycopg.AsyncConnection.connect(url.replace("+psycopg", "")) as connection:
        for statement in statements:
            done = await connection.execute(statement)  # type: ignore[call-overload]
            rows = await done.fetchall() if done.description else []
    return rows


async def run_as_owner(server: EmbeddedPostgres, *statements: str) -> list[type_of_rows]:
    return await run_sql(server.url(Role.OWNER, "cell"), *statements)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder any account may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="deputy-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A server that was never started."""
    made = EmbeddedPostgres(tmp_path / "state")
    yield made
    await made.stop()
    shutil.rmtree(made.places.instance, ignore_errors=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedPostgres]:
    """One running server for a module that only looks at it."""
    made = EmbeddedPostgres(tmp_path_factory.mktemp("running") / "state")
    await made.start()
    yield made
    await made.stop()
    shutil.rmtree(made.places.instance, ignore_errors=True)


def only_as_root() -> pytest.MarkDecorator:
    return pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another account")
