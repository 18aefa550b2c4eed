"""Commands to a server that cannot take them now: sent again for a while, with one effect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from deputy.cli import client as clients
from deputy.cli.client import ApiError, Client
from tests.databases import Database
from tests.interaction.sites import ALICES, Site, open_site

BUSY = b'{"error": {"code": "database.unavailable", "message": "Away.", "hint": "Wait."}}'


@dataclass
class Moody:
    """A server in front of the server: some commands are answered 503, done or not."""

    times: int = 0
    done_first: bool = False

    def within(self, app: ASGIApp) -> ASGIApp:
        """Stand in front of an application."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["method"] != "POST" or self.times == 0:
                await app(scope, receive, send)
                return
            self.times -= 1
            if self.done_first:
                await app(scope, receive, _nowhere)
            head = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 503, "headers": head})
            await send({"type": "http.response.body", "body": BUSY})

        return answer


async def _nowhere(message: object) -> None:
    """Lose an answer."""


@pytest.fixture
def moody(monkeypatch: pytest.MonkeyPatch) -> Moody:
    monkeypatch.setattr(clients, "BUSY_PAUSES_S", (0.01, 0.02, 0.02))
    return Moody()


@pytest.fixture
async def site(moody: Moody, cell_database: Database, tmp_path: Path) -> AsyncIterator[Site]:
    """A real server behind the moody one."""
    async with open_site(cell_database, tmp_path / "cell", within=moody.within) as found:
        yield found


@asynccontextmanager
async def asking(site: Site) -> AsyncIterator[tuple[Client, list[str]]]:
    """Give a client, and what it tells the person."""
    told: list[str] = []
    client = Client(site.url, ALICES, say=told.append)
    try:
        yield client, told
    finally:
        client.close()


@pytest.mark.parametrize("done_first", [False, True], ids=["not done", "done and not told"])
async def test_a_command_that_cannot_be_taken_now_is_sent_again_with_one_effect(
    moody: Moody, site: Site, done_first: bool, tmp_path: Path
) -> None:
    async with asking(site) as (client, told):
        session = str((await aside(lambda: client.command("/sessions")))["session"])
        moody.times, moody.done_first = 2, done_first
        part = {"kind": "typed", "text": "Count."}
        address = f"/sessions/{session}/turns"
        await aside(lambda: client.command(address, parts=[part]))
        file = tmp_path / "a.csv"
        file.write_bytes(b"a,b\n" * 1_000)
        moody.times = 2
        await aside(lambda: client.upload(session, file))
    types = await site.cell.types(session)
    assert (types.count("turn.requested"), types.count("file.uploaded")) == (1, 1)
    assert len(told) == 2
    assert all("sent again" in words for words in told)


async def test_what_cannot_be_taken_for_long_is_told_as_the_server_tells_it(
    moody: Moody, site: Site
) -> None:
    async with asking(site) as (client, told):
        moody.times = 100
        with pytest.raises(ApiError) as refused:
            await aside(lambda: client.command("/sessions"))
    assert (refused.value.code, refused.value.hint) == ("database.unavailable", "Wait.")
    assert moody.times == 100 - 1 - len(clients.BUSY_PAUSES_S)
    assert len(told) == 1


async def aside(work: Callable[[], dict[str, object]]) -> dict[str, object]:
    """Do what a command does, while the server of this process goes on."""
    return await asyncio.to_thread(work)
