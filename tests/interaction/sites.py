"""A whole API process for tests: a real server on a loopback port over a real cell.

Owns starting and ending it, the people's tokens, and a session with finished work in it. Must
never leave a socket or a task behind.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from starlette.types import ASGIApp

from deputy.agent.evidence import build
from deputy.core.canonical import canonical
from deputy.core.events import Draft
from deputy.core.events import session_bodies as b
from deputy.core.folds import fold
from deputy.core.identity import Actor
from deputy.core.moves import Finish
from deputy.interaction.api.app import Services, create_app
from deputy.interaction.connections import DEFAULT, Bounds
from deputy.interaction.server import Server
from deputy.interaction.signin import Tokens
from deputy.interaction.stream import Tail
from deputy.journals.engines import libpq_url
from tests.agent.cells import Cell, open_cell
from tests.agent.evidence import sample
from tests.databases import Database

ALICES, CHARLIES = "alices-token", "charlies-token"
API = "/api/v1"


def command(number: int) -> str:
    """A command id a client might have made."""
    return sample.some_id("cmd", number)


@dataclass
class Site:
    """The server under test and the two people who call it."""

    url: str
    cell: Cell
    tail: Tail
    server: Server
    ready: dict[str, str]
    alice: httpx2.AsyncClient
    charlie: httpx2.AsyncClient
    commands: int = field(default=0)

    def command(self) -> str:
        """A fresh command id."""
        self.commands += 1
        return command(self.commands)

    async def open(self) -> str:
        """Open a session of Alice's through the API."""
        answer = await self.alice.post(f"{API}/sessions", json={"command_id": self.command()})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["session"])

    async def upload(self, session: str, name: str = "sales.xlsx", raw: bytes = b"rows") -> str:
        """Bring a file through the API; give its public id."""
        answer = await self.alice.post(
            f"{API}/sessions/{session}/files",
            data={"command_id": self.command()},
            files={"file": (name, raw)},
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def ask(self, session: str, words: str = "Count the rows") -> Mapping[str, Any]:
        """Ask through the API; give the answer's JSON."""
        answer = await self.alice.post(
            f"{API}/sessions/{session}/turns",
            json={"command_id": self.command(), "parts": [{"kind": "typed", "text": words}]},
        )
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    async def record(self, session: str, *drafts: Draft) -> None:
        """Record facts as a worker of Alice's would."""
        async with self.cell.journal.transaction() as connection:
            by = Actor(sub=sample.ALICE, act=sample.AGENT)
            await self.cell.journal.append(connection, session, drafts, by=by)

    async def finished_session(self) -> str:
        """Give a session in which a turn was asked, worked on and handed over with a receipt."""
        session = await self.open()
        await self.record(session, *sample.opening()[1:])
        await self.finish(session, sample.TURN, *sample.work())
        return session

    async def finish(
        self,
        session: str,
        turn: str,
        *work: Draft,
        outcome: b.Outcome = "verified",
        code: str | None = None,
    ) -> None:
        """Record a turn's work and its end with a receipt, as a worker does."""
        if work:
            await self.record(session, *sample.aimed(work, turn))
        state = fold(await self.cell.journal.read(session))
        ending = Finish(outcome, sample.TEXT, code)
        receipt = build(
            state,
            state.turns[turn],
            head=(state.seq, state.head),
            ruleset="starter v1",
            now_us=sample.START_US,
            ending=ending,
        )
        for raw in (sample.UPLOAD, *sample.OUT.values()):
            await self.cell.means.blobs.put(raw)
        kept = await self.cell.means.blobs.put(canonical(receipt))
        end = sample.finished(outcome, receipt=kept, code=code)
        await self.record(session, *sample.aimed([end], turn))


@asynccontextmanager
async def open_site(
    database: Database,
    folder: Path,
    rules: str | None = None,
    *,
    bounds: Bounds = DEFAULT,
    within: Callable[[ASGIApp], ASGIApp] = lambda app: app,
) -> AsyncIterator[Site]:
    """Serve the API of a fresh cell on a loopback port; `within` puts something in front of it."""
    async with open_cell(database, folder, [], rules=rules) as cell:
        assert cell.alice.sub == sample.ALICE, "the sample speaks of this Alice"
        ready = {"database": "ok"}

        async def readiness() -> Mapping[str, str]:
            return ready

        tail = Tail(libpq_url(database.role))
        services = Services(
            sessions=cell.sessions,
            blobs=cell.means.blobs,
            signin=Tokens.of({ALICES: cell.alice.sub, CHARLIES: cell.charlie.sub}),
            tail=tail,
            ready=readiness,
            version="0.0.test",
        )
        app = create_app(services)
        app.add_middleware(within)
        server = Server(app, tail, bounds=bounds)
        # Named as TCP, or no small answer is sent before the last one was acknowledged.
        with socket.socket(proto=socket.IPPROTO_TCP) as listening:
            listening.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            while not server.started:
                await asyncio.sleep(0.01)
            async with _client(url, ALICES) as alice, _client(url, CHARLIES) as charlie:
                try:
                    yield Site(url, cell, tail, server, ready, alice, charlie)
                finally:
                    server.should_exit = True
                    await serving


def _client(url: str, token: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        base_url=url,
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
        trust_env=False,
        limits=httpx2.Limits(max_connections=200),
    )


async def frames(
    client: httpx2.AsyncClient,
    path: str,
    count: int,
    *,
    last: str | None = None,
) -> list[tuple[str, dict[str, Any]]]:
    """Read frames of a stream as (id, data) until there are `count`, then leave."""
    headers = {"Last-Event-ID": last} if last is not None else {}
    read: list[tuple[str, dict[str, Any]]] = []
    async with asyncio.timeout(20), client.sse(path, headers=headers) as source:
        assert source.response.status_code == 200, await source.response.aread()
        async for event in source:
            if event.data:
                read.append((event.id, json.loads(event.data)))
            if len(read) >= count:
                break
    return read
