"""One client's connection, with a bound on everything a client may take its time for.

Owns how slow a client may be before its connection is closed, so that no number of slow ones keeps
others out. Must never bound how long the server itself takes: streams live for days.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
PROBE_AFTER_S = 30
PROBE_EVERY_S = 10
PROBES_MAX = 3


@dataclass(frozen=True, slots=True)
class Bounds:
    """How slow a client may be."""

    head_s: float = 10.0
    """From connecting, or from a later request's first byte, until the whole head is there."""
    body_bytes_per_s: int = 1_000
    """What a body must bring on average over each `body_step_s`, while the server would take it."""
    body_step_s: float = 10.0
    unread_s: float = 30.0
    """How long what the server sends may wait for a client that takes nothing of it."""


DEFAULT = Bounds()


class BoundedConnection(H11Protocol):
    """Uvicorn's connection, closed when its client is slower than `bounds`."""

    bounds = DEFAULT

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._head: asyncio.TimerHandle | None = None
        self._body: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._brought_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request's head."""
        super().connection_made(transport)
        _notice_vanished(transport.get_extra_info("socket"), self.bounds)
        self._bound_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        for timer in (self._head, self._body, self._unread):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes, and see how long the next ones may take."""
        self._brought_bytes += len(data)
        super().data_received(data)
        if not self.transport.is_closing():
            self._bound_reading()

    def pause_writing(self) -> None:
        """Give the client some time to take what waits for it."""
        super().pause_writing()
        self._unread = self.loop.call_later(self.bounds.unread_s, self.transport.abort)

    def resume_writing(self) -> None:
        """The client took what waited."""
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _bound_reading(self) -> None:
        state = self.conn.their_state
        if state is not h11.IDLE and self._head is not None:
            self._head.cancel()
            self._head = None
        elif state is h11.IDLE and self._head is None:
            self._head = self.loop.call_later(self.bounds.head_s, self._end_slow)
        if state is not h11.SEND_BODY and self._body is not None:
            self._body.cancel()
            self._body = None
        elif state is h11.SEND_BODY and self._body is None:
            self._look_again()

    def _look_again(self) -> None:
        self._brought_bytes = 0
        self._body = self.loop.call_later(self.bounds.body_step_s, self._judge_body)

    def _judge_body(self) -> None:
        due = self.bounds.body_bytes_per_s * self.bounds.body_step_s
        # A client is not slow while the server takes its own time with what it has.
        if self._brought_bytes >= due or self.flow.read_paused:
            self._look_again()
        else:
            self._end_slow()

    def _end_slow(self) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete:
            self.transport.write(TOO_SLOW)
            self.transport.close()
        else:
            self.transport.abort()


def bounded(bounds: Bounds) -> type[BoundedConnection]:
    """Give the connections of a server whose clients have these bounds."""
    return type("BoundedConnection", (BoundedConnection,), {"bounds": bounds})


def _notice_vanished(sock: socket.socket, bounds: Bounds) -> None:
    """Let the kernel find out that a client is gone that never said so."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        (socket.TCP_KEEPIDLE, PROBE_AFTER_S),
        (socket.TCP_KEEPINTVL, PROBE_EVERY_S),
        (socket.TCP_KEEPCNT, PROBES_MAX),
        (socket.TCP_USER_TIMEOUT, int(bounds.unread_s * 1_000)),
    ):
        sock.setsockopt(socket.IPPROTO_TCP, option, value)
