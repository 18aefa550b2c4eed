"""Clients that take their time, or vanish: each is closed, and nobody else is kept waiting."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deputy.interaction.connections import Bounds
from tests.databases import Database
from tests.interaction.sites import ALICES, API, Site, open_site
from tests.interaction.test_streams import steering
from tests.requirement import requirement

BOUNDS = Bounds(head_s=0.4, body_bytes_per_s=100, body_step_s=0.4, unread_s=0.4)
PATIENCE_S = 20.0
SLOW = 40
FORM = "multipart/form-data;boundary=x"
END = b"\r\n--x--\r\n"


@pytest.fixture
async def strict(cell_database: Database, tmp_path: Path) -> AsyncIterator[Site]:
    """A server that is quickly done with slow clients."""
    async with open_site(cell_database, tmp_path, bounds=BOUNDS) as site:
        yield site


@requirement("R067")
@pytest.mark.parametrize(
    "sent", [b"", b"POST /api/v1/sess", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"]
)
async def test_a_client_that_never_ends_its_head_is_closed(strict: Site, sent: bytes) -> None:
    reader, writer = await connected(strict)
    writer.write(sent)
    assert (await ended(reader)).startswith(b"HTTP/1.1 408 ")
    writer.close()


async def test_a_head_that_comes_byte_by_byte_gets_no_more_time_for_it(strict: Site) -> None:
    reader, writer = await connected(strict)
    dripping = asyncio.create_task(drip(writer, b"GET /api/v1/" + b"a" * 10_000))
    assert (await ended(reader)).startswith(b"HTTP/1.1 408 ")
    dripping.cancel()
    writer.close()


@pytest.mark.parametrize("bytewise", [False, True], ids=["stops half way", "comes byte by byte"])
async def test_a_body_that_does_not_get_on_is_closed_and_leaves_nothing(
    strict: Site, bytewise: bool, caplog: pytest.LogCaptureFixture
) -> None:
    session = await strict.open()
    before = await strict.cell.types(session)
    reader, writer = await connected(strict)
    beginning = upload_of(b"a,b\n", strict.command()).removesuffix(END)
    writer.write(head(f"{API}/sessions/{session}/files", 1_000_000, FORM) + beginning)
    dripping = asyncio.create_task(drip(writer, bytes(10_000) if bytewise else b""))
    assert await ended(reader) == b""
    dripping.cancel()
    writer.close()
    assert await strict.cell.types(session) == before
    assert "Exception" not in caplog.text


async def test_a_body_that_comes_slowly_but_gets_on_is_taken(strict: Site) -> None:
    session = await strict.open()
    body, part = upload_of(b"a,b\n" * 60, strict.command()), 12
    reader, writer = await connected(strict)
    writer.write(head(f"{API}/sessions/{session}/files", len(body), FORM))
    for start in range(0, len(body), part):
        writer.write(body[start : start + part])
        await asyncio.sleep(BOUNDS.body_step_s / 10)
    async with asyncio.timeout(PATIENCE_S):
        assert (await reader.readline()).startswith(b"HTTP/1.1 201 ")
    writer.close()


async def test_a_viewer_that_never_reads_is_let_go(strict: Site) -> None:
    session = await strict.open()
    with socket.socket() as viewer:
        viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        viewer.setblocking(False)
        await asyncio.get_running_loop().sock_connect(viewer, address(strict))
        viewer.send(head(f"{API}/sessions/{session}/events", None))
        await until(lambda: strict.tail.watching == 1)
        # More than the buffers of both ends hold.
        words = "word " * 19_000
        for _ in range(80):
            await strict.record(session, steering(words))
        await until(lambda: strict.tail.watching == 0)


async def test_a_quiet_viewer_stays_for_as_long_as_it_likes(strict: Site) -> None:
    session = await strict.open()
    reader, writer = await connected(strict)
    writer.write(head(f"{API}/sessions/{session}/events", None))
    await until(lambda: strict.tail.watching == 1)
    await asyncio.sleep(3 * BOUNDS.head_s)
    assert strict.tail.watching == 1
    await strict.record(session, steering("still there"))
    async with asyncio.timeout(PATIENCE_S):
        await reader.readuntil(b"still there")
    writer.close()


async def test_a_viewer_that_vanishes_is_noticed_and_the_kernel_probes_silent_ones(
    strict: Site,
) -> None:
    session = await strict.open()
    _, writer = await connected(strict)
    writer.write(head(f"{API}/sessions/{session}/events", None))
    await until(lambda: strict.tail.watching == 1)
    for connection in strict.server.server_state.connections:
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        patience_ms = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        assert patience_ms == int(BOUNDS.unread_s * 1_000)
    writer.transport.abort()
    await until(lambda: strict.tail.watching == 0)


async def test_many_slow_clients_at_once_keep_nobody_waiting(strict: Site) -> None:
    slow = [await connected(strict) for _ in range(SLOW)]
    for _, writer in slow:
        writer.write(b"GET / HTTP/1.1\r\n")
    async with asyncio.timeout(5):
        session = await strict.open()
        await strict.upload(session)
    for reader, writer in slow:
        assert (await ended(reader)).startswith(b"HTTP/1.1 408 ")
        writer.close()


def upload_of(raw: bytes, command: str) -> bytes:
    """Write an upload as a form."""
    part = b"--x\r\nContent-Disposition: form-data; name="
    fields = part + b'"command_id"\r\n\r\n' + command.encode() + b"\r\n"
    return fields + part + b'"file"; filename="a.csv"\r\n\r\n' + raw + END


def address(site: Site) -> tuple[str, int]:
    host, _, port = site.url.removeprefix("http://").partition(":")
    return host, int(port)


async def connected(site: Site) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*address(site))


def head(path: str, length: int | None, kind: str = "application/json") -> bytes:
    verb = "GET" if length is None else "POST"
    size = (
        b"" if length is None else f"Content-Length: {length}\r\nContent-Type: {kind}\r\n".encode()
    )
    return (
        f"{verb} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {ALICES}\r\n".encode()
        + size
        + b"\r\n"
    )


async def drip(writer: asyncio.StreamWriter, raw: bytes) -> None:
    """Send one byte at a time, for as long as anybody takes them."""
    for byte in raw:
        writer.write(bytes([byte]))
        await asyncio.sleep(BOUNDS.head_s / 10)


async def ended(reader: asyncio.StreamReader) -> bytes:
    """Give what the server says before it closes the connection."""
    async with asyncio.timeout(PATIENCE_S):
        try:
            return await reader.read(-1)
        except ConnectionResetError:
            return b""


async def until(holds: object) -> None:
    assert callable(holds)
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.02)
