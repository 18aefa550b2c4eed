"""A loopback proxy that does to a connection what networks do: stop it, slow it, cut it.

Owns every connection it accepted until it is left. What it holds back is bounded. Must never change
a byte that it passes on.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

PIECE_BYTES = 16 << 10
HELD_BYTES_MAX = 64 << 20
"""What a frozen connection takes and acknowledges before it takes no more."""
CONNECTIONS_MAX = 500
RESET_AT_CLOSE = struct.pack("ii", 1, 0)
TICK_S = 0.02
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Dial = Callable[[], Awaitable[Ends]]


@dataclass(eq=False)
class Way:
    """One direction: what of it is let through, of all connections alike."""

    flows: asyncio.Event = field(default_factory=asyncio.Event)
    bytes_per_s: int | None = None
    moved_bytes: int = 0


@dataclass(eq=False)
class Proxy:
    """A place to connect to, in front of a server."""

    dial: Dial
    port: int
    up: Way = field(default_factory=Way)
    """From those who connected to the server."""
    down: Way = field(default_factory=Way)
    """From the server to those who connected."""
    accepted: int = 0
    _near: dict[asyncio.StreamWriter, asyncio.StreamWriter] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def freeze(self, *ways: Way) -> None:
        """Take and acknowledge what comes, and pass nothing on: both ways, or those given."""
        for way in ways or (self.up, self.down):
            way.flows.clear()

    def thaw(self) -> None:
        """Pass on what was held back, and whatever comes."""
        for way in (self.up, self.down):
            way.flows.set()

    def slow(self, bytes_per_s: int | None, *ways: Way) -> None:
        """Let so much through each second, and each connection; None lets everything through."""
        for way in ways or (self.up, self.down):
            way.bytes_per_s = bytes_per_s

    def forget(self) -> None:
        """Freeze what stands for ever, without a word to either side; new connections pass."""
        for way in (self.up, self.down):
            way.flows.clear()
            way.flows = asyncio.Event()
            way.flows.set()

    def drop(self) -> None:
        """Reset every connection."""
        for near, far in list(self._near.items()):
            _reset(far)
            _reset(near)

    def half_close(self) -> None:
        """Tell everyone who connected that nothing more will come, and go on taking theirs."""
        for near in self._near:
            if near.can_write_eof():
                near.write_eof()

    @property
    def open(self) -> int:
        """Count the connections that stand."""
        return sum(not near.is_closing() for near in self._near)

    async def _serve(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        far: asyncio.StreamWriter | None = None
        try:
            assert len(self._near) < CONNECTIONS_MAX, "nobody dials without end"
            answers, far = await self.dial()
            self._near[near] = far
            await asyncio.gather(
                self._pass(reader, far, self.up), self._pass(answers, near, self.down)
            )
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._near.pop(near, None)
            for end in (near, far):
                if end is not None:
                    end.transport.abort()
            self._tasks.discard(task)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Way
    ) -> None:
        held: asyncio.Queue[bytes] = asyncio.Queue(HELD_BYTES_MAX // PIECE_BYTES)
        giving = asyncio.create_task(_give(held, writer, way))
        try:
            # An end is held back like everything else: a network that stands still tells nothing.
            with suppress(OSError):
                while piece := await reader.read(PIECE_BYTES):
                    await held.put(piece)
            await held.put(b"")
            await giving
        finally:
            giving.cancel()


async def _give(held: asyncio.Queue[bytes], writer: asyncio.StreamWriter, way: Way) -> None:
    loop, flows, debt_s = asyncio.get_running_loop(), way.flows, 0.0
    while piece := await held.get():
        await flows.wait()
        # Whoever is not there any more misses the rest.
        with suppress(OSError, RuntimeError):
            writer.write(piece)
            await writer.drain()
        way.moved_bytes += len(piece)
        if way.bytes_per_s:
            debt_s += len(piece) / way.bytes_per_s
            if debt_s > TICK_S:
                began = loop.time()
                await asyncio.sleep(debt_s)
                debt_s -= loop.time() - began
    await flows.wait()
    with suppress(OSError, RuntimeError):
        writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
    writer.transport.abort()


@asynccontextmanager
async def proxied(dial: Dial) -> AsyncIterator[Proxy]:
    """Listen on a port of this machine in front of what `dial` connects to."""
    proxy = Proxy(dial, 0)
    proxy.thaw()
    server = await asyncio.start_server(proxy._serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        for task in list(proxy._tasks):
            task.cancel()
        await asyncio.gather(*proxy._tasks, return_exceptions=True)
