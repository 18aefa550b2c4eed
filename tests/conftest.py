"""Fixtures every test may ask for.

Owns the shared database server, clock and ids. Must never hold a fixture that only one folder
needs.
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from deputy.postgres import Role
from deputy.testing.fakes import FixedClock, SequentialIds
from tests.databases import Database, Databases
from tests.databases import databases as run_databases

# How long an example takes says more about the machine's other work than about the code.
settings.register_profile("deputy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("deputy")


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """One real server for the whole run, started by the first test that needs it."""
    with run_databases() as found:
        yield found


@pytest.fixture
def cell_database(databases: Databases) -> Iterator[Database]:
    """A cell's database, migrated and empty."""
    with databases.clone(Role.CELL) as database:
        yield database


@pytest.fixture
def control_database(databases: Databases) -> Iterator[Database]:
    """The control plane's database, migrated and empty."""
    with databases.clone(Role.CONTROL) as database:
        yield database


@pytest.fixture
def empty_database(databases: Databases) -> Iterator[Database]:
    """A database in which nothing was migrated yet."""
    with databases.empty() as database:
        yield database


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still."""
    return FixedClock()


@pytest.fixture
def ids() -> SequentialIds:
    """Ids that follow one another."""
    return SequentialIds()
