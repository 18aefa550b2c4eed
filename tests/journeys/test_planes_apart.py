"""Three planes: what none of them can reach, what control never learns, and what a kill costs."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from deputy.assemble.cells import open_control
from deputy.assemble.places import StateDir
from deputy.cli.client import Client
from deputy.journals.engines import libpq_url
from deputy.postgres import EmbeddedPostgres, PostgresError, Role
from tests.journeys.installations import finished
from tests.journeys.placements import Plane, Split, split
from tests.journeys.test_placements import EXAMPLE, QUESTION, ask
from tests.requirement import requirement

pytestmark = pytest.mark.slow
SECRET_TABLE = b"Region,Zanzibarian turnover\nKiribati-7781,4711\nQuuxland-9923,815\n"
SECRET_WORDS = "Zanzibarian turnover by region as CSV"
QUICK_TURNS_MAX = 5
SENTENCES = (b"Zanzibarian", b"Kiribati-7781", b"Quuxland-9923", b"secret-figures")


@pytest.fixture(scope="module")
def planes() -> Iterator[Split]:
    """Three planes that run."""
    with split() as found:
        yield found


@pytest.fixture
def client(planes: Split) -> Iterator[Client]:
    with contextlib.closing(planes.client) as found:
        yield found


def processes_of(planes: Split, plane: Plane) -> list[int]:
    """Give every process of a plane's group but its database's."""
    leader = planes.processes[plane].pid
    found = [int(e.name) for e in Path("/proc").iterdir() if e.name.isdigit()]
    return [pid for pid in found if _group(pid) == leader]


def _group(pid: int) -> int | None:
    with contextlib.suppress(OSError):
        return os.getpgid(pid)
    return None


@requirement("R145", "R147")
def test_no_plane_holds_the_way_into_anothers_database(planes: Split) -> None:
    """Wall: each plane has a server, roles and passwords of its own; a host has none of them."""
    secrets = {p: _secrets(planes.state(p)) for p in ("control", "cell", "execution")}
    assert Role.CONTROL.value in secrets["control"]
    assert Role.CELL.value in secrets["cell"]
    assert not secrets["control"].keys() & {Role.CELL.value, Role.BROKER.value, "gate.jwk"}
    assert not secrets["cell"].keys() & {Role.CONTROL.value, "control.jwk", "control.master"}
    assert secrets["execution"] == {}
    for plane, foreign in (("control", "cell"), ("cell", "control")):
        with pytest.raises(PostgresError):
            EmbeddedPostgres(planes.state(plane)).url(Role(f"deputy_{foreign}"))


@requirement("R145", "R147")
def test_a_planes_own_role_is_refused_by_the_other_planes_server(planes: Split) -> None:
    """Wall: the other server knows neither the role nor the password."""
    for plane, foreign in (("control", "cell"), ("cell", "control")):
        role = Role(f"deputy_{plane}")
        own = make_url(EmbeddedPostgres(planes.state(plane)).url(role))
        there = make_url(
            EmbeddedPostgres(planes.state(foreign)).url(Role(f"deputy_{foreign}"))  # type: ignore[arg-type]
        )
        for database in ("control", "cell", "postgres"):
            strayed = own.set(query=there.query, database=database)
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(libpq_url(strayed.render_as_string(hide_password=False)))


@requirement("R145", "R147")
def test_an_execution_host_holds_no_address_of_a_database_and_no_open_file_of_one(
    planes: Split, client: Client
) -> None:
    session, turn = ask(client, QUESTION, EXAMPLE)
    assert finished(client, session, turn)["outcome"] == "verified"
    sockets = {str(EmbeddedPostgres(planes.state(p)).places.sockets) for p in ("control", "cell")}  # type: ignore[arg-type]
    connected = _peers_of_unix_sockets(sockets)
    hosts = processes_of(planes, "execution")
    assert hosts
    for pid in hosts:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"postgresql" not in environment
        assert not connected & _socket_inodes(pid)
    others = [_socket_inodes(pid) for pid in processes_of(planes, "cell")]
    assert any(connected & found for found in others), "the look can see a connection"
    assert list(planes.state("execution").rglob("*.csv")) == []


@requirement("R145", "R147")
def test_control_learns_no_word_of_a_prompt_a_file_or_an_argument(
    planes: Split, client: Client, tmp_path: Path
) -> None:
    """Dumped, decrypted and read byte by byte: its journal, its tables, its files, its log."""
    table = tmp_path / "secret-figures.csv"
    table.write_bytes(SECRET_TABLE)
    session, turn = ask(client, SECRET_WORDS, table)
    shown = finished(client, session, turn)
    assert shown["outcome"] == "verified", shown
    state = planes.state("control")
    known = _rows(EmbeddedPostgres(state).url(Role.OWNER, "control"))
    assert b"org_" in known, "the dump holds what control knows"
    organisation = _bodies(state)
    assert b"Private work in the owner" in organisation, "the bodies are readable to the dump"
    planes.stop("control")
    try:
        files = b"".join(p.read_bytes() for p in _files(state, EmbeddedPostgres(state)))
    finally:
        planes.start("control")
    for sentence in (*SENTENCES, session.encode(), turn.encode()):
        assert sentence not in known
        assert sentence not in organisation
        assert sentence not in files
    assert SENTENCES[0] in _unpacked(client, session), "the cell does know them"


@requirement("R067")
@pytest.mark.parametrize("plane", ["control", "cell", "execution"])
def test_a_plane_killed_in_the_middle_of_a_turn_goes_on_at_its_next_start(
    planes: Split, plane: Plane
) -> None:
    with contextlib.closing(planes.client) as client:
        session, turn = ask(client, QUESTION, EXAMPLE)
        until_code_runs(client, session)
        planes.kill(plane)
    planes.start(plane)
    with contextlib.closing(planes.client) as again:
        assert finished(again, session, turn)["outcome"] == "verified"
        shown = again.get(f"/sessions/{session}")
        assert len(shown["deliverables"]) == 1
        attempts = [e["body"]["attempt"] for e in _events(again, session) if runs_code(e)]
    if plane != "control":
        assert max(attempts) > 1, "the kill met a call that ran"


def test_a_killed_switchboard_is_replaced_and_its_calls_are_started_again(planes: Split) -> None:
    with contextlib.closing(planes.client) as client:
        session, turn = ask(client, QUESTION, EXAMPLE)
        until_code_runs(client, session)
        (switchboard,) = [
            pid
            for pid in processes_of(planes, "cell")
            if b"switchboard" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        os.kill(switchboard, signal.SIGKILL)
        assert finished(client, session, turn)["outcome"] == "verified"


def test_without_control_nothing_new_starts_and_the_turn_says_what_it_waits_for(
    planes: Split,
) -> None:
    planes.stop("control")
    try:
        with contextlib.closing(planes.client) as client:
            # What control said last holds for three seconds; a quick turn may end within them.
            asked = (ask(client, QUESTION, EXAMPLE) for _ in range(QUICK_TURNS_MAX))
            session, turn = next(one for one in asked if rested(client, *one))
            late, waiting = ask(client, QUESTION, EXAMPLE)
            assert rested(client, late, waiting)
            assert "call.started" not in [e["type"] for e in _events(client, late)]
    finally:
        planes.start("control")
    with contextlib.closing(planes.client) as client:
        assert finished(client, session, turn)["outcome"] == "verified"
        assert finished(client, late, waiting)["outcome"] == "verified"


def runs_code(event: Mapping[str, Any]) -> bool:
    """Say whether an event is the start of a code call, not of the model."""
    return event.get("type") == "call.started" and event["body"]["tool"] == "code.run"


def until_code_runs(client: Client, session: str) -> None:
    """Return once a code call of a session was started."""
    next(event for event in client.follow(f"{session}:0") if runs_code(event))


def rested(client: Client, session: str, turn: str) -> bool:
    """Say whether a turn rests, as soon as it does; False if it ended."""
    for event in client.follow(f"{session}:0"):
        if event.get("turn") == turn and event.get("type") in ("turn.rested", "turn.finished"):
            return event["type"] == "turn.rested"
    raise AssertionError("a stream of events never ends")


def _events(client: Client, session: str) -> list[dict[str, Any]]:
    seq = client.get(f"/sessions/{session}")["seq"]
    found = []
    for event in client.follow(f"{session}:0"):
        found.append(dict(event))
        if event.get("seq") == seq:
            return found
    raise AssertionError


def _secrets(state: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (state / "secrets").iterdir()}


def _rows(url: str) -> bytes:
    found: list[bytes] = []
    with psycopg.connect(libpq_url(url)) as connection:
        tables = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for (table,) in tables:
            with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:
                found += [bytes(block) for block in copy]
    # A dump writes bytes in hexadecimal: they are read as what they are.
    raw = b"".join(found)
    words = [bytes.fromhex(w[3:].decode()) for w in raw.split() if w.startswith(b"\\\\x")]
    return raw + b"".join(words)


def _bodies(state: Path) -> bytes:
    async def read() -> bytes:
        url = EmbeddedPostgres(state).url(Role.CONTROL)
        async with open_control(StateDir(state), url) as control:
            journal = control._journal
            events = [e for name in await journal.journals() for e in await journal.read(name)]
            return b"".join(repr(event).encode() for event in events)

    return asyncio.run(read())


def _files(state: Path, postgres: EmbeddedPostgres) -> Iterator[Path]:
    for root in (state, postgres.places.instance):
        yield from (p for p in root.rglob("*") if p.is_file() and not p.is_symlink())


def _unpacked(client: Client, session: str) -> bytes:
    found = b""
    for deliverable in client.get(f"/sessions/{session}")["deliverables"]:
        raw = client.bytes(f"/deliverables/{deliverable['id']}/content")
        found += raw
        with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(raw)) as opened:
            found += b"".join(opened.read(name) for name in opened.namelist())
    return found


def _socket_inodes(pid: int) -> set[str]:
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            target = str(link.readlink())
            if target.startswith("socket:["):
                found.add(target[8:-1])
    return found


def _peers_of_unix_sockets(folders: set[str]) -> set[str]:
    """Give the inodes of sockets whose other end lies in one of these folders."""
    told = subprocess.run(["ss", "-xH"], capture_output=True, text=True, check=True).stdout
    found: set[str] = set()
    for line in told.splitlines():
        words = line.split()
        if any(word.startswith(tuple(folders)) for word in words):
            found |= {word for word in words if word.isdigit()}
    return found
