"""More people look on than the usual soft limit of open files lets in, and others still ask."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from deputy.assemble import descriptors
from deputy.interaction.signin import read_owner_token
from tests.journeys.installations import Installation, finished, install

SOFT_LIMIT = 256
VIEWERS = 400
ANSWER_S_MAX = 10.0


@pytest.mark.slow
def test_viewers_beyond_the_soft_limit_are_let_in_and_people_are_still_answered(
    tmp_path: Path,
) -> None:
    with low_limit(), install(tmp_path / "state") as deputy:
        crowd(deputy, VIEWERS)


def test_the_limit_is_raised_as_far_as_it_may_be_and_clients_get_what_is_left() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = min(before[1], descriptors.OPEN_FILES_MAX)
    if before[1] == resource.RLIM_INFINITY:
        most = descriptors.OPEN_FILES_MAX
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (SOFT_LIMIT, before[1]))
        assert descriptors.use_all() == most - descriptors.OTHERS
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (most, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def crowd(deputy: Installation, viewers: int) -> dict[str, float]:
    """Let viewers look at a session, then ask in it; give what was measured."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    client = deputy.client
    session = str(client.command("/sessions")["session"])
    with ExitStack() as stack:
        began = time.monotonic()
        sockets = [stack.enter_context(viewer(deputy, session)) for _ in range(viewers)]
        for each in sockets:
            read_until(each, b"session.opened")
        connected_s = time.monotonic() - began
        began = time.monotonic()
        assert client.get(f"/sessions/{session}")["id"] == session
        get_s = time.monotonic() - began
        began = time.monotonic()
        part = {"kind": "typed", "text": "How many rows does it have?"}
        turn = str(client.command(f"/sessions/{session}/turns", parts=[part])["turn"])
        ask_s = time.monotonic() - began
        assert finished(client, session, turn)["status"] == "finished"
        done_s = time.monotonic() - began
        for each in sockets:
            read_until(each, b"turn.finished")
        told_s = time.monotonic() - began
        assert max(get_s, ask_s) < ANSWER_S_MAX
    return {
        "connected_s": connected_s,
        "get_s": get_s,
        "ask_s": ask_s,
        "done_s": done_s,
        "told_all_s": told_s,
    }


@contextmanager
def viewer(deputy: Installation, session: str) -> Iterator[socket.socket]:
    """Open a stream of a session and read nothing of it yet."""
    host, _, port = deputy.client.url.removeprefix("http://").partition(":")
    token = read_owner_token(deputy.state / "owner.token")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(
            f"GET /api/v1/sessions/{session}/events HTTP/1.1\r\nHost: {host}\r\n"
            f"Authorization: Bearer {token}\r\n\r\n".encode()
        )
        yield connection


def read_until(connection: socket.socket, word: bytes) -> None:
    """Read what the server says until a word of it."""
    read = b""
    while word not in read:
        piece = connection.recv(1 << 16)
        assert piece, f"the server ended the stream: {read[:200]!r}"
        read += piece


@contextmanager
def low_limit() -> Iterator[None]:
    """Start what is started in here with a low soft limit of open files."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (SOFT_LIMIT, before[1]))
    try:
        yield
    finally:
        with suppress(ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
