"""Bringing a plane's schema to the version this code speaks.

Owns the order of that work: look, lock, migrate, all in one transaction, as role `deputy_owner`.
Must never create a role or a database, and never go back a version.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, MetaData, NullPool, create_engine, text

from deputy.core.errors import DeputyError
from deputy.journals.connections import BoundedConnection
from deputy.journals.engines import driver_url, libpq_url

VERSION_TABLE = "schema_version"
CONNECT_S_MAX = 10
_LOCK = 0x64657075  # One migration at a time per database: an advisory lock of this number.


class MigrationError(DeputyError):
    """The database cannot be brought to this version; nothing was changed."""

    code = "database.migration"


async def migrate(owner_url: str, *, schema: str, folder: Path, roles: tuple[str, ...]) -> None:
    """Bring `schema` to the newest revision of `folder`; return at once if it is there.

    Several processes may call this at the same time. Raises `MigrationError`.
    """
    try:
        found, missing = await _look(owner_url, schema, roles)
    except psycopg.OperationalError as error:
        raise MigrationError(
            f"The database does not answer: {error}",
            hint="Start PostgreSQL, or correct the address of the database.",
            code="database.unreachable",
        ) from error
    newest = newest_revision(folder)
    if found == newest:
        return
    if found is not None and found > newest:
        raise MigrationError(
            f"Schema '{schema}' is at version {found}; this Deputy knows up to {newest}.",
            hint="A newer Deputy has used this database: upgrade this one.",
        )
    if missing:
        raise MigrationError(
            f"The database has no role {' and no role '.join(missing)}.",
            hint="Let an administrator run "
            + " ".join(f"CREATE ROLE {role} LOGIN PASSWORD '…';" for role in missing),
        )
    await asyncio.to_thread(_upgrade, owner_url, schema, folder)


def newest_revision(folder: Path) -> str:
    """Give the newest revision of a script folder: files are named `0001_what.py`."""
    return max(path.name for path in (folder / "versions").glob("[0-9]*.py")).partition("_")[0]


async def _look(
    owner_url: str, schema: str, roles: tuple[str, ...]
) -> tuple[str | None, tuple[str, ...]]:
    connection = await BoundedConnection.connect(
        libpq_url(owner_url), autocommit=True, connect_timeout=CONNECT_S_MAX
    )
    async with connection:
        cursor = await connection.execute(
            "SELECT to_regclass(%s), ARRAY(SELECT rolname::text FROM pg_roles"
            " WHERE rolname = ANY(%s))",
            (f"{schema}.{VERSION_TABLE}", list(roles)),
        )
        table, known = await cursor.fetchone() or (None, [])
        missing = tuple(role for role in roles if role not in known)
        if table is None:
            return None, missing
        cursor = await connection.execute(
            sql.SQL("SELECT version_num FROM {}").format(sql.Identifier(schema, VERSION_TABLE))
        )
        row = await cursor.fetchone()
        return (None if row is None else str(row[0])), missing


def _upgrade(owner_url: str, schema: str, folder: Path) -> None:
    # Alembic takes longer to import than a look at the version takes.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    engine = create_engine(driver_url(owner_url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def run_revisions(context: Any, metadata: MetaData) -> None:
    """Run what Alembic asked for; each script folder's `env.py` calls this and nothing else."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, **comparison(metadata))
    with context.begin_transaction():
        context.run_migrations()


def comparison(metadata: MetaData) -> dict[str, Any]:
    """Give the options under which a plane's tables are compared with its schema."""
    schema = metadata.schema

    def ours(name: str | None, kind: str, parents: Any) -> bool:
        return kind != "schema" or name == schema

    return {
        "target_metadata": metadata,
        "version_table": VERSION_TABLE,
        "version_table_schema": schema,
        "include_schemas": True,
        "include_name": ours,
        "compare_type": True,
    }
