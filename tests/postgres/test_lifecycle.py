"""What the embedded server survives: kills, stale files, interruptions, odd paths."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deputy.postgres import EmbeddedPostgres, PostgresError, Role, processes
from deputy.postgres.places import SOCKET_PATH_BYTES_MAX, places_for
from tests.postgres.conftest import only_as_root, run_as_owner, run_sql

SUPERVISOR = Path(__file__).with_name("supervisor.py")
ANSWER_TIMEOUT_S = 60
KEEP = ("CREATE TABLE IF NOT EXISTS cell.kept (name text)", "INSERT INTO cell.kept VALUES ('a')")


@contextmanager
def supervised(state: Path, mode: str, **account: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Run a small Deputy in a group of its own and give it with its first report."""
    child = subprocess.Popen(
        [sys.executable, "-W", "error", SUPERVISOR, state, mode],
        cwd="/",
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
        **account,
    )
    assert child.stdout is not None
    with child.stdout as answers:
        yield child, json.loads(answers.readline() or "{}")
    if child.poll() is None and mode == "stay":
        child.kill()
    child.wait(ANSWER_TIMEOUT_S)


async def test_starting_twice_and_stopping_twice_does_nothing_more(
    server: EmbeddedPostgres,
) -> None:
    await server.start()
    first = server.pid
    await server.start()
    assert server.pid == first
    await server.stop()
    await server.stop()
    assert (server.pid, server.returncode) == (None, 0)


async def test_a_killed_server_is_noticed_and_starts_again_with_its_data(
    server: EmbeddedPostgres,
) -> None:
    await server.start()
    await run_as_owner(server, *KEEP)
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert await asyncio.wait_for(server.wait(), ANSWER_TIMEOUT_S) == -signal.SIGKILL
    await server.start()
    assert await run_as_owner(server, "SELECT name FROM cell.kept") == [("a",)]


async def test_children_that_outlive_a_killed_server_are_ended(server: EmbeddedPostgres) -> None:
    await server.start()
    url = server.url(Role.CELL).replace("+psycopg", "")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        busy = asyncio.create_task(connection.execute("SELECT pg_sleep(600)"))
        await asyncio.sleep(0)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        await server.wait()
        await server.start()
        with pytest.raises(psycopg.OperationalError):
            await busy
    assert await run_as_owner(server, "SELECT 1") == [(1,)]


async def test_a_killed_group_leaves_data_that_the_next_start_takes_over(
    server: EmbeddedPostgres,
) -> None:
    with supervised(server.places.state, "stay") as (child, report):
        await run_as_owner(server, *KEEP)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        await server.start()
    assert server.pid != report["pid"]
    assert await run_as_owner(server, "SELECT name FROM cell.kept") == [("a",)]


async def test_an_orphan_that_ignores_the_shutdown_is_killed_at_last(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [(0.1, signal.SIGINT), (0.1, signal.SIGQUIT), (0.1, signal.SIGKILL)]
    monkeypatch.setattr(processes, "ORPHAN_SIGNALS", steps)
    with supervised(server.places.state, "stay") as (child, report):
        # A stopped process obeys nothing but a kill.
        os.kill(report["pid"], signal.SIGSTOP)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        await server.start()
    assert await run_as_owner(server, "SELECT 1") == [(1,)]


async def test_a_second_owner_is_refused_and_the_first_not_disturbed(
    server: EmbeddedPostgres,
) -> None:
    await server.start()
    first = server.pid
    with supervised(server.places.state, "once") as (_, report):
        assert report["code"] == "postgres.in_use"
    with pytest.raises(PostgresError, match="Another Deputy"):
        await EmbeddedPostgres(server.places.state).start()
    assert server.pid == first
    assert await run_as_owner(server, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("kind", ["another program", "a zombie", "nobody"])
async def test_a_stale_pid_file_does_not_stop_the_start(
    server: EmbeddedPostgres, kind: str
) -> None:
    await server.start()
    await server.stop()
    other = subprocess.Popen(["sleep", "600"] if kind == "another program" else ["true"])
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT) if kind != "another program" else None
    if kind == "nobody":
        other.wait()
    lines = f"{other.pid}\n{server.places.data}\n0\n5432\n{server.places.sockets}\n\n1 1\nready\n"
    (server.places.data / "postmaster.pid").write_text(lines)
    await server.start()
    assert await run_as_owner(server, "SELECT 1") == [(1,)]
    other.kill()
    other.wait()


async def test_an_interrupted_creation_is_thrown_away_and_done_again(
    server: EmbeddedPostgres,
) -> None:
    for step_s in (0.05, 0.2, 0.4, 0.6):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(server.start(), step_s)
        if server.places.data.exists():
            break
    shutil.rmtree(server.places.data, ignore_errors=True)
    server.places.draft.mkdir(exist_ok=True)
    (server.places.draft / "PG_VERSION").write_text("18\n")
    await server.start()
    assert not server.places.draft.exists()
    assert await run_sql(server.url(Role.CELL), "SELECT 1") == [(1,)]


async def test_an_interrupted_making_of_roles_is_finished_by_the_next_start(
    server: EmbeddedPostgres,
) -> None:
    await server.start()
    await run_as_owner(
        server,
        "REVOKE ALL ON SCHEMA integration FROM deputy_broker",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA integration REVOKE ALL ON TABLES FROM deputy_broker",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA integration REVOKE ALL ON SEQUENCES FROM deputy_broker",
        "REVOKE ALL ON DATABASE cell FROM deputy_broker",
        "DROP ROLE deputy_broker",
        "ALTER ROLE deputy_cell PASSWORD NULL",
        "GRANT CONNECT ON DATABASE cell TO PUBLIC",
    )
    await server.stop()
    (server.places.secrets / Role.CONTROL).unlink()
    (server.places.secrets / f".{Role.CONTROL}.new").write_text("half")
    await server.start()
    for role in (Role.CONTROL, Role.CELL, Role.BROKER):
        assert await run_sql(server.url(role), "SELECT current_user") == [(role,)]
    assert await run_as_owner(
        server, "SELECT has_database_privilege('deputy_control', 'cell', 'CONNECT')"
    ) == [(False,)]


async def test_data_of_another_version_are_refused_untouched(server: EmbeddedPostgres) -> None:
    await server.start()
    await server.stop()
    (server.places.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(PostgresError, match="written by PostgreSQL 17"):
        await server.start()
    assert server.pid is None


async def test_no_directory_that_was_there_before_is_changed(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    server.places.state.mkdir(mode=0o755)
    server.places.state.chmod(0o751)
    before = [(path, path.stat()) for path in (server.places.state, *tmp_path.parents, tmp_path)]
    await server.start()
    for path, found in before:
        now = path.stat()
        assert (now.st_mode, now.st_uid, now.st_gid) == (
            found.st_mode,
            found.st_uid,
            found.st_gid,
        ), path


async def test_a_place_taken_by_a_link_is_refused(server: EmbeddedPostgres, tmp_path: Path) -> None:
    server.places.state.mkdir()
    server.places.secrets.symlink_to(tmp_path)
    with pytest.raises(PostgresError, match="not a directory of Deputy's own"):
        await server.start()


def ordinary(folder: Path) -> dict[str, Any]:
    """Give the arguments that run a child as an ordinary user owning `folder`."""
    if os.geteuid() != 0:
        return {}
    for needed in (sys.prefix, sys.base_prefix):
        if not all(path.stat().st_mode & 0o001 for path in Path(needed).parents):
            pytest.skip(f"an ordinary user cannot enter {needed}")
    shutil.chown(folder, "nobody", "nogroup")
    return {"user": "nobody", "group": "nogroup", "extra_groups": []}


@pytest.mark.parametrize("name", ["state", "a state, with 'signs'", "long" * 40])
async def test_an_ordinary_user_runs_a_server_in_any_folder(open_folder: Path, name: str) -> None:
    account = ordinary(open_folder)
    state = open_folder / name
    with supervised(state, "stay", **account) as (child, first):
        assert first["uid"] != 0
        assert first["user"] == Role.CELL
        assert len(first["sockets"]) < SOCKET_PATH_BYTES_MAX
        os.kill(child.pid, signal.SIGKILL)
    with supervised(state, "once", **account) as (_, second):
        assert second["user"] == Role.CELL
    assert (state / "postgres").stat().st_mode & 0o777 == 0o700
    assert second["sockets_mode"] == 0o700
    # Only a folder inside the state directory may stay when the server has stopped.
    assert Path(second["sockets"]).exists() == Path(second["sockets"]).is_relative_to(state)


@only_as_root()
async def test_an_account_without_a_name_is_told_the_cure(open_folder: Path) -> None:
    ordinary(open_folder)
    os.chown(open_folder, 54321, 54321)
    with supervised(open_folder / "state", "once", user=54321, group=54321, extra_groups=[]) as (
        _,
        report,
    ):
        assert report["code"] == "postgres.no_account"
        assert "/etc/passwd" in report["hint"]


def test_the_servers_of_two_state_directories_never_share_a_place(tmp_path: Path) -> None:
    system = tmp_path / "system"
    one, two = (places_for(tmp_path / n, system_dir=system, as_root=True) for n in ("a", "b"))
    assert not {one.instance, one.sockets} & {two.instance, two.sockets}
