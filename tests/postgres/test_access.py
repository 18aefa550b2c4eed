"""Who may do what in the embedded server, tried with real connections."""

import subprocess
from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from deputy.postgres import EmbeddedPostgres, PostgresError, Role
from deputy.postgres.accounts import SYSTEM_USER
from deputy.postgres.binaries import copied_binaries
from deputy.postgres.server import SYSTEM_DIR
from tests.postgres.conftest import only_as_root, run_as_owner, run_sql

pytestmark = pytest.mark.asyncio(loop_scope="module")
APPLICATION_ROLES = (Role.CONTROL, Role.CELL, Role.BROKER)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def furnished(running: EmbeddedPostgres) -> AsyncIterator[EmbeddedPostgres]:
    for schema in ("cell", "queue", "integration"):
        await run_as_owner(running, f"CREATE TABLE {schema}.things (name text)")
    yield running


@pytest.mark.parametrize("role", APPLICATION_ROLES)
async def test_a_role_enters_its_own_database(running: EmbeddedPostgres, role: Role) -> None:
    ((user, database),) = await run_sql(
        running.url(role), "SELECT current_user, current_database()"
    )
    assert user == role
    assert database == ("control" if role is Role.CONTROL else "cell")


@pytest.mark.parametrize(
    ("role", "database"),
    [
        (Role.CELL, "control"),
        (Role.BROKER, "control"),
        (Role.CONTROL, "cell"),
        (Role.CELL, "postgres"),
        (Role.CONTROL, "template1"),
    ],
)
async def test_a_role_enters_no_other_database(
    running: EmbeddedPostgres, role: Role, database: str
) -> None:
    own = "control" if role is Role.CONTROL else "cell"
    with pytest.raises(psycopg.OperationalError, match="rejects connection"):
        await run_sql(running.url(role).replace(f"/{own}?", f"/{database}?"), "SELECT 1")
    with pytest.raises(PostgresError, match="may not enter"):
        running.url(role, database)


async def test_databases_refuse_a_role_even_without_the_access_rules(
    running: EmbeddedPostgres,
) -> None:
    ((cell, control, broker),) = await run_as_owner(
        running,
        "SELECT has_database_privilege('deputy_cell', 'control', 'CONNECT'),"
        " has_database_privilege('deputy_control', 'cell', 'CONNECT'),"
        " has_database_privilege('deputy_broker', 'postgres', 'CONNECT')",
    )
    assert (cell, control, broker) == (False, False, False)


@pytest.mark.parametrize("role", APPLICATION_ROLES)
@pytest.mark.parametrize("password", ["", ":wrong"])
async def test_nobody_enters_without_the_right_password(
    running: EmbeddedPostgres, role: Role, password: str
) -> None:
    _, _, place = running.url(role).partition("@")
    with pytest.raises(psycopg.OperationalError, match="password"):
        await run_sql(f"postgresql://{role}{password}@{place}", "SELECT 1")


@pytest.mark.parametrize("name", ["deputy_bootstrap", "postgres", "root"])
async def test_no_other_name_enters(running: EmbeddedPostgres, name: str) -> None:
    _, _, place = running.url(Role.OWNER, "cell").partition("@")
    with pytest.raises(psycopg.OperationalError, match="rejects connection"):
        await run_sql(f"postgresql://{name}@{place}", "SELECT 1")


@only_as_root()
async def test_the_servers_own_account_may_not_act_as_the_owner(
    running: EmbeddedPostgres,
) -> None:
    programs = copied_binaries(SYSTEM_DIR / "pg", print).folder
    command = [programs / "psql", "-h", str(running.places.sockets), "-U", "deputy_owner"]
    done = subprocess.run(
        [*command, "-c", "SELECT 1", "cell"],
        user=SYSTEM_USER,
        group=SYSTEM_USER,
        extra_groups=[],
        cwd="/",
        env={"LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 2
    assert "Peer authentication failed" in done.stderr


async def test_nobody_who_can_log_in_is_above_the_rules(running: EmbeddedPostgres) -> None:
    rows = await run_as_owner(
        running,
        "SELECT rolname FROM pg_roles"
        " WHERE rolbypassrls OR rolreplication OR (rolsuper AND rolcanlogin)",
    )
    assert rows == []


async def test_application_roles_may_not_make_roles_or_databases(
    running: EmbeddedPostgres,
) -> None:
    rows = await run_as_owner(
        running,
        "SELECT rolname FROM pg_roles"
        " WHERE rolcanlogin AND (rolcreaterole OR rolcreatedb) ORDER BY rolname",
    )
    assert rows == [("deputy_owner",)]


async def test_the_server_listens_on_no_network(running: EmbeddedPostgres) -> None:
    assert await run_as_owner(running, "SHOW listen_addresses") == [("",)]


@pytest.mark.parametrize(
    ("role", "schema"), [(Role.CELL, "cell"), (Role.CELL, "queue"), (Role.BROKER, "integration")]
)
async def test_a_role_works_with_rows_of_its_own_schemas(
    furnished: EmbeddedPostgres, role: Role, schema: str
) -> None:
    rows = await run_sql(
        furnished.url(role),
        f"INSERT INTO {schema}.things VALUES ('a')",
        f"UPDATE {schema}.things SET name = 'b'",
        f"DELETE FROM {schema}.things RETURNING name",
    )
    assert rows == [("b",)]


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (Role.BROKER, "SELECT * FROM cell.things"),
        (Role.BROKER, "SELECT * FROM queue.things"),
        (Role.CELL, "SELECT * FROM integration.things"),
        (Role.CELL, "TRUNCATE cell.things"),
        (Role.CELL, "CREATE TABLE cell.more (name text)"),
        (Role.CELL, "CREATE TABLE public.more (name text)"),
        (Role.CELL, "CREATE TEMPORARY TABLE more (name text)"),
        (Role.CELL, "CREATE SCHEMA more"),
        (Role.CELL, "SET ROLE deputy_owner"),
        (Role.CELL, "SELECT rolpassword FROM pg_authid"),
        (Role.CELL, "COPY (SELECT 1) TO PROGRAM 'true'"),
    ],
)
async def test_a_role_reaches_nothing_else(
    furnished: EmbeddedPostgres, role: Role, statement: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await run_sql(furnished.url(role), statement)


async def test_a_cell_searches_its_own_schema_and_the_queue(running: EmbeddedPostgres) -> None:
    assert await run_sql(running.url(Role.CELL), "SHOW search_path") == [("cell, queue",)]
    assert await run_sql(running.url(Role.BROKER), "SHOW search_path") == [("integration",)]


async def test_the_url_is_understood_by_sqlalchemy(running: EmbeddedPostgres) -> None:
    engine = create_async_engine(running.url(Role.CELL))
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT current_user"))).scalar() == Role.CELL
    await engine.dispose()


async def test_secrets_and_places_are_private(running: EmbeddedPostgres) -> None:
    places = running.places
    for path in (places.state, places.secrets, places.data, places.sockets):
        assert path.stat().st_mode & 0o777 == 0o700, path
    assert places.instance.stat().st_mode & 0o007 == 0
    assert {path.name for path in places.secrets.iterdir()} == set(APPLICATION_ROLES)
    assert {path.stat().st_mode & 0o777 for path in places.secrets.iterdir()} == {0o600}
    assert len({path.read_text() for path in places.secrets.iterdir()}) == len(APPLICATION_ROLES)


async def test_no_rule_trusts_and_no_log_quotes(running: EmbeddedPostgres) -> None:
    rules = (running.places.instance / "pg_hba.conf").read_text()
    assert "trust" not in rules
    with pytest.raises(psycopg.errors.UndefinedTable):
        await run_sql(running.url(Role.CELL), "SELECT 'tulips' FROM nowhere")
    log = running.places.log.read_text()
    assert "nowhere" in log
    assert "tulips" not in log
    for path in running.places.secrets.iterdir():
        assert path.read_text() not in log


async def test_the_owner_names_the_database_it_wants(running: EmbeddedPostgres) -> None:
    with pytest.raises(PostgresError, match="Name the database"):
        running.url(Role.OWNER)
