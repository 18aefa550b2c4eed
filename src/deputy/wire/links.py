"""Links: the outbound connection by which one plane works with another.

Owns framing, limits, sign-in by token and noticing that the other side is gone. A link is a
WebSocket under TLS that the plane without a listening address opens. Must never know what a
message means.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.http11 import Request, Response

from deputy.core.canonical import digest
from deputy.core.errors import DeputyError, LimitExceededError
from deputy.wire.invitations import Invitation
from deputy.wire.tls import Identity, dialling_context, listening_context

FRAME_BYTES_MAX = 256 << 10
HEAD_BYTES_MAX = 8 << 20
MESSAGE_BYTES_MAX = 1 << 30
SMALL_BYTES_MAX = 64 << 10
"""What a message may hold unless its receiver said that it expects more."""
BLOBS_MAX = 20_000
LINKS_MAX = 1_000
"""Links through one door: who floods one door shuts nobody out of another."""
DIAL_S_MAX = 5.0
WORD_EVERY_S = 2.0
SILENCE_S_MAX = 8.0
"""After this a side that says nothing, not even that it is there, counts as gone."""
STUCK_S_MAX = 60.0
"""How long we may leave untaken what the other side has sent."""
CLOSE_S_MAX = 2.0
BYTES_PER_S_MIN = 100_000
"""A message that arrives more slowly than this on average counts as not arriving."""
_log = structlog.get_logger(__name__)


class LinkLostError(DeputyError):
    """The other plane cannot be reached, or went away."""

    code = "link.lost"
    status = 503


@dataclass(frozen=True, slots=True)
class Message:
    """What one side says: a kind, a few fields, and bytes beside them."""

    kind: str
    head: Mapping[str, Any]
    blobs: tuple[bytes, ...] = ()


class Link:
    """One open connection. Either side may speak; a broken rule ends it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def send(
        self, kind: str, head: Mapping[str, Any] | None = None, blobs: Sequence[bytes] = ()
    ) -> None:
        """Say something; raises `LinkLostError`, or `LimitExceededError` if it is too large."""
        parts = [json.dumps(head or {}).encode(), *blobs]
        sizes = [len(part) for part in parts]
        if not _fits(sizes, MESSAGE_BYTES_MAX):
            raise LimitExceededError(
                f"{len(blobs):,} files with their names are more than can be sent at once:"
                f" {BLOBS_MAX:,} files, {MESSAGE_BYTES_MAX >> 20:,} MiB,"
                f" {HEAD_BYTES_MAX >> 20} MiB of names and parameters.",
                hint="Name only the files that are needed, and put long lists into a file.",
            )
        with _lost():
            announced = json.dumps({"kind": kind, "sizes": sizes}, separators=(",", ":"))
            await self._connection.send(announced)
            for part in parts:
                view = memoryview(part)
                for begin in range(0, len(view), FRAME_BYTES_MAX):
                    await self._connection.send(view[begin : begin + FRAME_BYTES_MAX])

    async def receive(
        self, *, bytes_max: int = SMALL_BYTES_MAX, within_s: float | None = None
    ) -> Message:
        """Give what the other side says next; raises `LinkLostError`.

        Nothing is kept of a message that announces more than `bytes_max`. Raises `TimeoutError` if
        it does not begin `within_s`. Then it may take its time, as long as it moves.
        """
        with _lost():
            async with asyncio.timeout(within_s):
                announced = await self._connection.recv()
            kind, sizes = _announced(announced, bytes_max)
            try:
                async with asyncio.timeout(STUCK_S_MAX + sum(sizes) / BYTES_PER_S_MIN):
                    raw, *blobs = [await self._part(size) for size in sizes]
            except TimeoutError as error:
                raise LinkLostError("The other plane is too slow to be waited for.") from error
            return Message(kind, _head(raw), tuple(blobs))

    async def expect(
        self, *kinds: str, bytes_max: int = SMALL_BYTES_MAX, within_s: float | None = None
    ) -> Message:
        """Give the next message, which must be of one of these kinds."""
        message = await self.receive(bytes_max=bytes_max, within_s=within_s)
        if message.kind not in kinds:
            raise LinkLostError(f"The other plane said {message.kind[:40]!r} out of turn.")
        return message

    async def gone(self) -> None:
        """Return when the connection has ended."""
        await self._connection.wait_closed()

    async def heard(self) -> None:
        """Return when anything was said, which is thrown away, or the connection has ended."""
        with suppress(ConnectionClosed):
            await self._connection.recv()

    async def pass_on(self, to: Link) -> None:
        """Hand every frame to another link, unread, until one of them ends."""
        with suppress(ConnectionClosed):
            while True:
                await to._connection.send(await self._connection.recv())

    async def close(self) -> None:
        """End the connection, whether or not the other side takes leave."""
        await _end(self._connection)

    async def _part(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            part = await self._connection.recv()
            if isinstance(part, str) or not part:
                raise LinkLostError("The other plane broke off a message.")
            parts += part
        if len(parts) != size:
            raise LinkLostError("The other plane sent more than it announced.")
        return bytes(parts)


@dataclass(frozen=True, slots=True)
class Door:
    """One path of a listening plane: who has its token may use it."""

    path: str
    token: str
    enter: Callable[[Link], Awaitable[None]]


@asynccontextmanager
async def listening(
    on: socket.socket, identity: Identity, doors: Sequence[Door]
) -> AsyncIterator[None]:
    """Serve some doors on a listening socket until left."""
    by_path, count = {door.path: door for door in doors}, Counter[str]()

    async def admit(connection: ServerConnection, request: Request) -> Response | None:
        door = by_path.get(request.path)
        if door is None:
            return connection.respond(HTTPStatus.NOT_FOUND, "There is no such door.\n")
        if not _opens(door, request.headers.get_all("Authorization")):
            return connection.respond(HTTPStatus.UNAUTHORIZED, "Use a newer invitation.\n")
        if count[door.path] >= LINKS_MAX:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "Too many links.\n")
        return None

    async def enter(connection: ServerConnection) -> None:
        assert connection.request is not None, "only admitted connections enter"
        door, link = by_path[connection.request.path], Link(connection)
        count[door.path] += 1
        try:
            await door.enter(link)
        except LinkLostError as error:
            _log.info("a link ended", door=door.path, error=error.code)
        except Exception:
            _log.exception("a door failed", door=door.path)
            raise
        finally:
            count[door.path] -= 1
            await link.close()

    async with serve(
        enter,
        sock=on,
        ssl=listening_context(identity),
        process_request=admit,
        server_header=None,
        create_connection=_Served,
        open_timeout=DIAL_S_MAX,
        ssl_handshake_timeout=DIAL_S_MAX,
        **_LIMITS,
    ):
        yield


@asynccontextmanager
async def dialled(invitation: Invitation, path: str) -> AsyncIterator[Link]:
    """Open a link to a door; raises `LinkLostError` with the cure."""
    try:
        connection = await connect(
            invitation.url + path,
            ssl=dialling_context(invitation.certificate),
            additional_headers={"Authorization": f"Bearer {invitation.token}"},
            proxy=None,
            create_connection=_Dialled,
            open_timeout=DIAL_S_MAX,
            **_LIMITS,
        )
    except (OSError, InvalidHandshake, EOFError) as error:
        raise _unreachable(invitation, error) from error
    try:
        yield Link(connection)
    finally:
        await _end(connection)


class _Watched(Connection):
    """A connection that is cut when the other side is not heard any more.

    Both sides say every now and then that they are there. What else arrives counts as well, so a
    link that is only slow stays: behind a large message a ping and its answer would come too late.
    """

    _heard_s = 0.0

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        self._heard_s = self.loop.time()
        super().data_received(data)

    async def keepalive(self) -> None:
        """Say that we are there, and cut the connection when the other side does not."""
        self._heard_s, listened = self.loop.time(), True
        with suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(WORD_EVERY_S)
                # Whoever does not listen, because others are slow to take what came, hears nothing.
                before, listened = listened, self.transport.is_reading()
                silent_s = self.loop.time() - self._heard_s
                if silent_s > (SILENCE_S_MAX if before and listened else STUCK_S_MAX):
                    return self.transport.abort()
                # What waits to be sent says as much.
                if not self.transport.get_write_buffer_size():
                    await self.pong()


class _Dialled(_Watched, ClientConnection):
    """The side that dialled."""


class _Served(_Watched, ServerConnection):
    """The side that listened."""


async def _end(connection: Connection) -> None:
    try:
        async with asyncio.timeout(CLOSE_S_MAX):
            await connection.close()
    except TimeoutError:
        connection.transport.abort()


_LIMITS: dict[str, Any] = {
    "compression": None,
    "max_size": FRAME_BYTES_MAX,
    "max_queue": 4,
    "ping_interval": WORD_EVERY_S,
    "close_timeout": CLOSE_S_MAX,
}


def _opens(door: Door, sent: Sequence[str]) -> bool:
    scheme, _, token = sent[0].partition(" ") if len(sent) == 1 else ("", "", "")
    known, offered = digest(door.token.encode()), digest(token.encode("utf-8", "replace"))
    return scheme.lower() == "bearer" and hmac.compare_digest(known, offered)


def _announced(frame: str | bytes, bytes_max: int) -> tuple[str, list[int]]:
    try:
        told = json.loads(frame) if isinstance(frame, str) else None
        kind, sizes = told["kind"], told["sizes"]  # type: ignore[index]
        sound = isinstance(kind, str) and isinstance(sizes, list) and _fits(sizes, bytes_max)
    except (ValueError, TypeError, KeyError, RecursionError):
        sound = False
    if not sound:
        raise LinkLostError("The other plane said something that is no message, or too large.")
    return kind, sizes


def _fits(sizes: Sequence[int], bytes_max: int) -> bool:
    """Say whether a message, its head first, keeps every limit."""
    return (
        1 <= len(sizes) <= BLOBS_MAX + 1
        and all(type(size) is int and size >= 0 for size in sizes)
        and sizes[0] <= HEAD_BYTES_MAX
        and sum(sizes) <= min(bytes_max, MESSAGE_BYTES_MAX)
    )


def _head(raw: bytes) -> dict[str, Any]:
    try:
        head = json.loads(raw)
    except (ValueError, RecursionError):
        head = None
    if not isinstance(head, dict):
        raise LinkLostError("The other plane said something that is no message.")
    return head


@contextmanager
def _lost() -> Iterator[None]:
    """Turn the end of a connection into `LinkLostError`."""
    try:
        yield
    except ConnectionClosed as error:
        raise LinkLostError(
            "The connection to the other plane ended.",
            hint="It is opened again by itself; look at that plane's log.",
        ) from error


def _unreachable(invitation: Invitation, error: Exception) -> LinkLostError:
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    if status == HTTPStatus.UNAUTHORIZED:
        return LinkLostError(
            f"{invitation.url} does not know this invitation.",
            hint=f"Copy the invitation again from the state folder of that {invitation.to} plane.",
            code="link.refused",
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return LinkLostError(
            f"{invitation.url} has another certificate than the invitation says.",
            hint=f"If the address of that {invitation.to} plane changed or it was set up anew, copy"
            " the invitation again from its state folder. If not, find out who answers there.",
            code="link.refused",
        )
    why = f"it answered {status}" if status else _why(error)
    return LinkLostError(
        f"The {invitation.to} plane at {invitation.url} cannot be reached: {why}.",
        hint=f"Start it, or copy the invitation again if the address of that {invitation.to} plane"
        " changed. It is tried again by itself.",
    )


def _why(error: Exception) -> str:
    """Say in the system's own words why a connection was not made."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror) or not isinstance(error, OSError) or not error.errno:
        return getattr(error, "strerror", None) or str(error) or type(error).__name__
    return os.strerror(error.errno) if error.errno > 0 else str(error)
