"""An API process killed with -9 at any boundary of a command: repeated, it has one effect."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from deputy.core.events import Draft
from deputy.core.events import session_bodies as b
from deputy.core.policy import Hold
from deputy.journals.engines import libpq_url
from tests.agent.evidence import sample
from tests.databases import Database
from tests.interaction.sites import ALICES, API, Site
from tests.requirement import requirement

END_S_MAX = 30
OTHER_IDS = 10**9


@dataclass(frozen=True)
class Command:
    """One command as a client sends it, and the jobs it queues."""

    path: str
    body: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Any] | None = None
    jobs: int = 0
    session: str | None = None

    async def send(self, client: httpx2.AsyncClient, command: str) -> httpx2.Response:
        """Send it under a command id."""
        body = {**self.body, "command_id": command}
        if self.files is not None:
            return await client.post(API + self.path, data=body, files=self.files)
        return await client.post(API + self.path, json=body)


WORDS = {"parts": [{"kind": "typed", "text": "Count the rows"}]}


async def opening(site: Site) -> Command:
    return Command("/sessions", {"title": "Rows"})


async def uploading(site: Site) -> Command:
    session = await site.open()
    files = {"file": ("sales.csv", b"a,b\n1,2\n")}
    return Command(f"/sessions/{session}/files", files=files, session=session)


async def asking(site: Site) -> Command:
    session = await site.open()
    return Command(f"/sessions/{session}/turns", WORDS, jobs=1, session=session)


async def steering(site: Site) -> Command:
    session = await site.open()
    turn = (await site.ask(session))["turn"]
    return Command(f"/sessions/{session}/turns/{turn}/steer", WORDS, session=session)


async def stopping(site: Site) -> Command:
    session = await site.open()
    turn = (await site.ask(session))["turn"]
    return Command(f"/sessions/{session}/turns/{turn}/stop", jobs=1, session=session)


async def answering(site: Site) -> Command:
    session = await site.open()
    turn = (await site.ask(session))["turn"]
    held = Hold(reason="Somebody looks first.", approvers=("owner",))
    work = [
        replace(d, body=d.body.model_copy(update={"decision": held}))
        if isinstance(d.body, b.CallDecided) and d.call == sample.CODE_CALL
        else d
        for d in sample.work()[:6]
    ]
    parked = b.TurnParked(
        calls=(sample.CODE_CALL,), waiting=turn, waits_for=("owner",), reason="Somebody looks."
    )
    park = Draft(parked, sample.typed_by(sample.ALICE), turn=turn)
    await site.record(session, *sample.aimed(work, turn), park)
    path = f"/sessions/{session}/turns/{turn}/calls/{sample.CODE_CALL}"
    shown = (await site.alice.get(API + path)).json()["digest"]
    body = {"approve": True, "shown": shown}
    return Command(f"{path}/answer", body, jobs=1, session=session)


async def undoing(site: Site) -> Command:
    session = await site.finished_session()
    return Command(f"/sessions/{session}/turns/{sample.TURN}/undo", session=session)


COMMANDS: dict[str, Callable[[Site], Awaitable[Command]]] = {
    f.__name__: f for f in (opening, uploading, asking, steering, stopping, answering, undoing)
}
FEW = [("asking", "before"), ("asking", "after"), ("undoing", "after")]
REST = [(n, w) for n in COMMANDS for w in ("before", "after") if (n, w) not in FEW]


@requirement("R067")
@pytest.mark.parametrize(("name", "when"), FEW)
async def test_a_command_whose_server_was_killed_is_repeated_with_one_effect(
    site: Site, cell_database: Database, tmp_path: Path, name: str, when: str
) -> None:
    await killed(site, cell_database, tmp_path, name, when)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "when"), REST)
async def test_any_command_whose_server_was_killed_is_repeated_with_one_effect(
    site: Site, cell_database: Database, tmp_path: Path, name: str, when: str
) -> None:
    await killed(site, cell_database, tmp_path, name, when)


async def killed(site: Site, database: Database, folder: Path, name: str, when: str) -> None:
    """Kill a server at a boundary of a command, give the command to the next one, and look."""
    given = await COMMANDS[name](site)
    before = await events(site, given.session)
    jobs, command = count_jobs(database), site.command()
    with dying_server(database, folder, when) as (process, client):
        with pytest.raises(httpx2.TransportError):
            await given.send(client, command)
        assert process.wait(END_S_MAX) == -signal.SIGKILL
    answers = [await given.send(site.alice, command) for _ in range(2)]
    assert [a.is_success for a in answers] == [True, True], answers[0].text
    assert answers[0].json() == answers[1].json()
    session = given.session or answers[0].json()["session"]
    after = await events(site, session)
    assert after[: len(before)] == before
    assert [c for _, c in after[len(before) :]] == [command], "one fact more, of this command"
    assert count_jobs(database) == jobs + given.jobs


async def events(site: Site, session: str | None) -> list[tuple[str, str | None]]:
    """Give (type, command) of every event of a session."""
    if session is None:
        return []
    return [(e.header.type, e.header.command) for e in await site.cell.journal.read(session)]


def count_jobs(database: Database) -> int:
    with psycopg.connect(libpq_url(database.owner)) as connection:
        row = connection.execute("SELECT count(*) FROM queue.procrastinate_jobs").fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def dying_server(
    database: Database, folder: Path, when: str
) -> Iterator[tuple[subprocess.Popen[str], httpx2.AsyncClient]]:
    """Start a server that ends itself at a boundary of its first command."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.interaction.killed_server", str(listening.fileno())],
            stdin=subprocess.PIPE,
            pass_fds=[listening.fileno()],
            text=True,
        )
    assert process.stdin is not None
    order = {"url": database.role, "folder": str(folder), "when": when, "start": OTHER_IDS}
    headers = {"Authorization": f"Bearer {ALICES}"}
    with process:
        process.stdin.write(json.dumps(order))
        process.stdin.close()
        try:
            yield (
                process,
                httpx2.AsyncClient(
                    base_url=url, headers=headers, timeout=END_S_MAX, trust_env=False
                ),
            )
        finally:
            process.kill()
