"""A real PostgreSQL for the tests: one server a run, one fresh database a test.

Owns starting and ending it. The databases `cell` and `control` are migrated once and serve as
templates; a test gets a clone of its own. Must never leave a process or a data directory.
"""

import asyncio
import itertools
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from deputy.agent.store import migrate_cell
from deputy.control.store import migrate_control
from deputy.journals.engines import libpq_url
from deputy.postgres import EmbeddedPostgres, Role

RULES_S_MAX = 5.0


@dataclass(frozen=True)
class Database:
    """One clone, as its owner and as the plane's own role see it (SQLAlchemy URLs)."""

    name: str
    owner: str
    role: str


@dataclass
class Databases:
    """The server of this test run."""

    server: EmbeddedPostgres
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def clone(self, template: Role) -> Iterator[Database]:
        """Give a fresh migrated database of a plane; it is dropped afterwards."""
        source = "control" if template is Role.CONTROL else "cell"
        name = f"{source}_{next(self._numbers)}"
        with self._maintenance() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {source}")
        try:
            yield Database(name, self._url(Role.OWNER, name), self._url(template, name))
        finally:
            self._drop(name)

    @contextmanager
    def empty(self) -> Iterator[Database]:
        """Give a database in which nothing was migrated yet; `role` is the owner's."""
        name = f"empty_{next(self._numbers)}"
        with self._maintenance() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        try:
            yield Database(name, self._url(Role.OWNER, name), self._url(Role.OWNER, name))
        finally:
            self._drop(name)

    def _drop(self, name: str) -> None:
        with self._maintenance() as connection:
            try:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            except psycopg.errors.InsufficientPrivilege:
                # The server's own vacuum was at work in it: without force it is asked to leave.
                connection.execute(f"DROP DATABASE {name}")

    def _url(self, role: Role, name: str) -> str:
        own = self.server.url(role, name if role is Role.OWNER else None)
        return make_url(own).set(database=name).render_as_string(hide_password=False)

    def _maintenance(self) -> psycopg.Connection[tuple[object, ...]]:
        url = libpq_url(self.server.url(Role.OWNER, "postgres"))
        return psycopg.connect(url, autocommit=True)


@contextmanager
def databases() -> Iterator[Databases]:
    """Run the server: started before the first test that asks, ended after the last one."""
    state = Path(tempfile.mkdtemp(prefix="deputy-tests-"))
    server = EmbeddedPostgres(state)
    # The loop lives as long as the server, because the server is its child.
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(server.start())
        loop.run_until_complete(migrate_cell(server.url(Role.OWNER, "cell")))
        loop.run_until_complete(migrate_control(server.url(Role.OWNER, "control")))
        _admit_roles_to_clones(server)
        yield Databases(server)
    finally:
        loop.run_until_complete(server.stop())
        loop.close()
        shutil.rmtree(server.places.instance, ignore_errors=True)
        shutil.rmtree(state, ignore_errors=True)


def _admit_roles_to_clones(server: EmbeddedPostgres) -> None:
    """A role of the product enters its one database; here it also enters the clones of it."""
    rules = server.places.instance / "pg_hba.conf"
    clones = [f'local "/^{r.removeprefix("deputy_")}_[0-9]+$" {r} scram-sha-256' for r in _PLANES]
    rules.write_text("\n".join([*clones, rules.read_text()]))
    assert server.pid is not None
    os.kill(server.pid, signal.SIGHUP)
    deadline = time.monotonic() + RULES_S_MAX
    with psycopg.connect(libpq_url(server.url(Role.OWNER, "postgres")), autocommit=True) as c:
        # So that the owner may end what a test left connected when it drops the test's clone.
        c.execute(f"GRANT {', '.join(_PLANES)} TO {Role.OWNER} WITH INHERIT TRUE")
        c.execute("CREATE DATABASE cell_0")
        probe = make_url(server.url(Role.CELL)).set(database="cell_0")
        while True:
            try:
                psycopg.connect(libpq_url(probe.render_as_string(hide_password=False))).close()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, "the server never read its new rules"
            else:
                break
        c.execute("DROP DATABASE cell_0 WITH (FORCE)")


_PLANES = (Role.CELL.value, Role.CONTROL.value)
