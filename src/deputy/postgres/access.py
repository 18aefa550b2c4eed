"""Who may do what in the server: roles, databases, schemas, passwords, access rules.

It owns their names, which never change. It must never give a role more than its own plane,
trust a connection, or write a password anywhere but into its 0600 file.
"""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from deputy.postgres.errors import PostgresError
from deputy.postgres.places import Places

PORT = 5432
# Owns the cluster because PostgreSQL wants somebody to; it can never log in.
BOOTSTRAP_ROLE = "deputy_bootstrap"
PASSWORD_BYTES = 32
CONNECT_TIMEOUT_S = 30


class Role(StrEnum):
    """The roles of a Deputy installation; only the owner may change a schema."""

    OWNER = "deputy_owner"
    CONTROL = "deputy_control"
    CELL = "deputy_cell"
    BROKER = "deputy_broker"


@dataclass(frozen=True)
class Reach:
    """The one database a role may enter and its schemas there, in search order."""

    database: str
    schemas: tuple[str, ...]


REACH: dict[Role, Reach] = {
    Role.CONTROL: Reach("control", ("control",)),
    Role.CELL: Reach("cell", ("cell", "queue")),
    Role.BROKER: Reach("cell", ("integration",)),
}
DATABASES = ("control", "cell")

# Run once by a server without connections, as the role nobody can use afterwards.
BOOTSTRAP_SQL = "\n".join(
    (
        f"CREATE ROLE {Role.OWNER} LOGIN CREATEDB CREATEROLE NOBYPASSRLS",
        "REVOKE ALL ON DATABASE postgres FROM PUBLIC",
        "REVOKE ALL ON DATABASE template1 FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE postgres TO {Role.OWNER}",
        f"ALTER ROLE {BOOTSTRAP_ROLE} NOLOGIN NOBYPASSRLS NOREPLICATION",
        "",
    )
)


def connection_url(places: Places, role: Role, database: str | None = None) -> str:
    """Give a SQLAlchemy URL for the psycopg driver; for an application role with password.

    Raises PostgresError when the database is not the role's own or its password is missing.
    """
    if role is Role.OWNER:
        if database is None:
            raise PostgresError("Name the database to open as its owner.")
        user = role.value
    else:
        own = REACH[role].database
        if database not in (None, own):
            raise PostgresError(f"{role} may not enter the database {database}, only {own}.")
        database = own
        user = f"{role}:{quote(_read_password(places, role), safe='')}"
    folder = quote(str(places.sockets), safe="")
    return f"postgresql+psycopg://{user}@/{database}?host={folder}&port={PORT}"


def write_access_rules(places: Places, *, databases: Sequence[str], starter: str, gid: int) -> None:
    """Write who may connect and how; whoever starts the server may act as the owner by peer."""
    lines = [f"local all {Role.OWNER} peer map=deputy"]
    lines += [
        f"local {reach.database} {role} scram-sha-256"
        for role, reach in REACH.items()
        if reach.database in databases
    ]
    lines += ["local all all reject", "host all all all reject"]
    _write_rules(places.instance / "pg_hba.conf", lines, gid)
    _write_rules(places.instance / "pg_ident.conf", [f'deputy "{starter}" {Role.OWNER}'], gid)


async def settle_roles(places: Places, databases: Sequence[str]) -> None:
    """Bring some databases, with their roles and schemas, to what this module says."""
    async with await _connect(places, "postgres") as connection:
        for role, reach in REACH.items():
            if reach.database in databases:
                await _settle_role(connection, role, _make_password(places, role))
        for database in databases:
            await _settle_database(connection, database)
    for database in databases:
        async with await _connect(places, database) as connection, connection.transaction():
            await _settle_schemas(connection, database)


async def _settle_role(
    connection: psycopg.AsyncConnection[tuple[object, ...]], role: Role, password: str
) -> None:
    name = sql.Identifier(role)
    found = await connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
    if await found.fetchone() is None:
        await connection.execute(sql.SQL("CREATE ROLE {}").format(name))
    # The server sees a verifier only, so that no log and no statistics can hold the password.
    verifier = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    )
    await connection.execute(
        sql.SQL("ALTER ROLE {} LOGIN NOCREATEDB NOCREATEROLE PASSWORD {}").format(
            name, sql.Literal(verifier.decode())
        )
    )


async def _settle_database(
    connection: psycopg.AsyncConnection[tuple[object, ...]], database: str
) -> None:
    name = sql.Identifier(database)
    found = await connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
    if await found.fetchone() is None:
        await connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
    await connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))


async def _settle_schemas(
    connection: psycopg.AsyncConnection[tuple[object, ...]], database: str
) -> None:
    await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    for role, reach in REACH.items():
        if reach.database != database:
            continue
        names = {"role": sql.Identifier(role), "database": sql.Identifier(database)}
        await connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {database} TO {role}").format(**names)
        )
        path = sql.SQL(", ").join(map(sql.Identifier, reach.schemas))
        await connection.execute(
            sql.SQL("ALTER ROLE {role} IN DATABASE {database} SET search_path = {path}").format(
                **names, path=path
            )
        )
        for schema in reach.schemas:
            await _settle_schema(connection, sql.Identifier(schema), sql.Identifier(role))


async def _settle_schema(
    connection: psycopg.AsyncConnection[tuple[object, ...]],
    schema: sql.Identifier,
    role: sql.Identifier,
) -> None:
    """The owner makes the tables; the role gets rows, never the shape of a table."""
    for statement in (
        sql.SQL("CREATE SCHEMA IF NOT EXISTS {schema}"),
        sql.SQL("GRANT USAGE ON SCHEMA {schema} TO {role}"),
        sql.SQL(
            "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema}"
            " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}"
        ),
        sql.SQL(
            "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {role}"
        ),
    ):
        await connection.execute(statement.format(schema=schema, role=role))


async def _connect(places: Places, database: str) -> psycopg.AsyncConnection[tuple[object, ...]]:
    try:
        return await psycopg.AsyncConnection.connect(
            host=str(places.sockets),
            port=PORT,
            dbname=database,
            user=Role.OWNER.value,
            autocommit=True,
            connect_timeout=CONNECT_TIMEOUT_S,
            options="-c client_min_messages=warning",
        )
    except psycopg.OperationalError as refusal:
        raise PostgresError(
            f"The embedded PostgreSQL refused its owner: {refusal}",
            hint=f"Its log is {places.log}.",
        ) from refusal


def _make_password(places: Places, role: Role) -> str:
    """Give the role's password, made on first use and whole or absent on disk."""
    path = places.secrets / role
    if not path.exists():
        draft = places.secrets / f".{role}.new"
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(PASSWORD_BYTES))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    return _read_password(places, role)


def _read_password(places: Places, role: Role) -> str:
    try:
        return (places.secrets / role).read_text()
    except FileNotFoundError:
        raise PostgresError(
            f"There is no password for {role} in {places.secrets}.",
            hint="Start the server once with `deputy up`: it makes the passwords.",
        ) from None


def _write_rules(path: Path, lines: list[str], gid: int) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write("\n".join(lines) + "\n")
        # The server's group may read its rules; nobody but the starter may change them.
        os.fchown(file.fileno(), -1, gid)
        os.fchmod(file.fileno(), 0o640)
    draft.rename(path)
