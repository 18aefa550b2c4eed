"""The schemas in the database are the ones the code declares, and no role may rewrite history.

Owns what both planes' migrations promise. Must never migrate by another path than the product's.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine

from deputy.agent.store import METADATA as CELL
from deputy.agent.store import migrate_cell
from deputy.agent.store.migrate import FOLDER as CELL_FOLDER
from deputy.agent.store.queue import newest_change
from deputy.control.store import METADATA as CONTROL
from deputy.control.store import migrate_control
from deputy.control.store.migrate import FOLDER as CONTROL_FOLDER
from deputy.journals.engines import driver_url, libpq_url
from deputy.journals.migrations import MigrationError, comparison, migrate, newest_revision
from deputy.journals.tables import KINDS
from tests.databases import Database, Databases
from tests.requirement import requirement

NOTHING_TO_DO_MS_MAX = 150


@dataclass(frozen=True)
class Plane:
    schema: str
    metadata: MetaData
    folder: Path
    database: Database

    @property
    def role(self) -> str:
        return f"deputy_{self.schema}"


@pytest.fixture(params=["cell", "control"])
def plane(
    request: pytest.FixtureRequest, cell_database: Database, control_database: Database
) -> Plane:
    if request.param == "cell":
        return Plane("cell", CELL, CELL_FOLDER, cell_database)
    return Plane("control", CONTROL, CONTROL_FOLDER, control_database)


def test_the_migrated_schema_is_the_declared_one(plane: Plane) -> None:
    engine = create_engine(driver_url(plane.database.owner))
    options = comparison(plane.metadata)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, plane.metadata) == []
    engine.dispose()


def test_every_table_declares_its_kind(plane: Plane) -> None:
    for table in plane.metadata.sorted_tables:
        assert table.info.get("kind") in KINDS, table.fullname


def test_the_newest_file_is_the_newest_revision(plane: Plane) -> None:
    config = Config()
    config.set_main_option("script_location", str(plane.folder))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == newest_revision(plane.folder)


def may(connection: psycopg.Connection[tuple[object, ...]], plane: Plane, table: str) -> set[str]:
    asked = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES")
    query = "SELECT p FROM unnest(%s::text[]) p WHERE has_table_privilege(%s, %s, p)"
    rows = connection.execute(query, (list(asked), plane.role, f"{plane.schema}.{table}"))
    return {str(row[0]) for row in rows}


@requirement("R128", "R132")
def test_a_plane_may_add_facts_but_never_change_or_remove_one(plane: Plane) -> None:
    rights = {
        "journal": {"SELECT", "INSERT"},
        "secret": {"SELECT", "INSERT", "DELETE"},
        "derived": {"SELECT", "INSERT", "UPDATE", "DELETE"},
        "operational": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    }
    with psycopg.connect(libpq_url(plane.database.owner)) as connection:
        for table in plane.metadata.sorted_tables:
            # A body can be erased; its header, which commits to it, stays for ever.
            erasable = {"DELETE"} if table.name == "bodies" else set()
            assert may(connection, plane, table.name) == rights[table.info["kind"]] | erasable
        assert may(connection, plane, "schema_version") == set()


def test_a_plane_cannot_make_or_change_tables(plane: Plane) -> None:
    with psycopg.connect(libpq_url(plane.database.role), autocommit=True) as connection:
        for statement in ("CREATE TABLE x ()", "ALTER TABLE heads ADD y int", "DROP TABLE events"):
            connection.execute(f"SET search_path = {plane.schema}")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


async def test_migrating_twice_and_at_once_gives_one_schema(databases: Databases) -> None:
    with databases.empty() as both:
        await asyncio.gather(*(migrate_cell(both.owner) for _ in range(3)))
        await asyncio.gather(*(migrate_control(both.owner) for _ in range(3)))
        await migrate_cell(both.owner)
        with psycopg.connect(libpq_url(both.owner)) as connection:
            found = connection.execute("SELECT version_num FROM cell.schema_version").fetchall()
    assert found == [(newest_revision(CELL_FOLDER),)]


async def test_a_migrated_database_is_recognised_quickly(cell_database: Database) -> None:
    tries = []
    for _ in range(5):
        began = time.perf_counter()
        await migrate_cell(cell_database.owner)
        tries.append((time.perf_counter() - began) * 1_000)
    assert min(tries) < NOTHING_TO_DO_MS_MAX


async def test_a_database_of_a_newer_version_is_left_alone(cell_database: Database) -> None:
    with psycopg.connect(libpq_url(cell_database.owner)) as connection:
        connection.execute("UPDATE cell.schema_version SET version_num = '9999'")
    with pytest.raises(MigrationError, match="upgrade this one"):
        await migrate_cell(cell_database.owner)


async def test_a_missing_role_is_named_with_its_cure(empty_database: Database) -> None:
    with pytest.raises(MigrationError, match="CREATE ROLE deputy_nobody"):
        await migrate(
            empty_database.owner, schema="cell", folder=CELL_FOLDER, roles=("deputy_nobody",)
        )


async def test_an_unreachable_database_is_named_with_its_cure(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="Start PostgreSQL") as raised:
        await migrate_cell(f"postgresql://deputy_owner@/cell?host={tmp_path}")
    assert raised.value.code == "database.unreachable"


def test_the_queue_is_as_new_as_the_installed_library(cell_database: Database) -> None:
    with psycopg.connect(libpq_url(cell_database.owner)) as connection:
        query = "SELECT obj_description('queue'::regnamespace, 'pg_namespace')"
        # When this fails, add a revision that calls queue.bring_up_to_date again.
        assert connection.execute(query).fetchone() == (newest_change(),)
