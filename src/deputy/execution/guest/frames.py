"""Frames: how host and guest talk over one socket.

Owns the format: a length (4 bytes, big-endian), a JSON object of that length, then as many raw
bytes as the object announces. Must never pickle, and never read more than a limit.
"""

from __future__ import annotations

import json
import socket
from typing import Any

LENGTH_BYTES = 4
HEADER_BYTES_MAX = 8 << 20
CHUNK_BYTES = 256 << 10

Header = dict[str, Any]


class FrameError(Exception):
    """The other side sent something that is not a frame, or too much."""


def packed(header: Header) -> bytes:
    """Give the bytes of a header."""
    raw = json.dumps(header, separators=(",", ":"), ensure_ascii=True).encode()
    if len(raw) > HEADER_BYTES_MAX:
        raise FrameError(f"a header of {len(raw)} bytes is larger than {HEADER_BYTES_MAX}")
    return len(raw).to_bytes(LENGTH_BYTES, "big") + raw


def length(prefix: bytes) -> int:
    """Give a header's length from its prefix."""
    size = int.from_bytes(prefix, "big")
    if not 2 <= size <= HEADER_BYTES_MAX:
        raise FrameError(f"a header of {size} bytes is not one")
    return size


def parsed(raw: bytes) -> Header:
    """Give a header from its bytes."""
    try:
        header = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise FrameError("a header is not JSON") from error
    if not isinstance(header, dict):
        raise FrameError("a header is not an object")
    return header


def receive(sock: socket.socket) -> Header:
    """Read one header from a blocking socket; raises `FrameError` when the other side ends."""
    return parsed(receive_exactly(sock, length(receive_exactly(sock, LENGTH_BYTES))))


def receive_exactly(sock: socket.socket, count: int) -> bytes:
    """Read exactly so many bytes."""
    buffer = bytearray(count)
    view = memoryview(buffer)
    while view:
        got = sock.recv_into(view)
        if not got:
            raise FrameError("the other side ended")
        view = view[got:]
    return bytes(buffer)
