"""Reading a result from a guest: strictly, within limits, as if the guest were hostile.

Owns the translation from frames to `SandboxResult`. Must never open a path, follow a name or
evaluate anything it reads.
"""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import Mapping
from typing import Any, get_args

from deputy.execution.errors import SandboxLostError, SandboxRefusedError
from deputy.execution.guest import frames
from deputy.execution.guest.exceptions import admitted
from deputy.execution.guest.harvests import NAME_SHOWN_MAX, REFUSALS_MAX
from deputy.execution.guest.jobs import checked
from deputy.execution.sandboxes.port import (
    IsolationReport,
    Limits,
    Outcome,
    Refusal,
    SandboxJob,
    SandboxResult,
    Wall,
)

WALLS_MAX = 64
TEXT_MAX = 500
LIMIT_NAMES = frozenset(Limits.__dataclass_fields__)


async def receive(
    sock: socket.socket, job: SandboxJob, backend: str, standing: tuple[Wall, ...]
) -> SandboxResult:
    """Read one result; raises `SandboxRefusedError` or `SandboxLostError`."""
    try:
        prefix = await _exactly(sock, frames.LENGTH_BYTES)
        header = frames.parsed(await _exactly(sock, frames.length(prefix)))
        if header.get("kind") == "failed":
            raise SandboxRefusedError(_text(header["wall"]), _text(header["reason"]))
        return await _result(sock, header, job, backend, standing)
    except (frames.FrameError, KeyError, TypeError, ValueError, OSError) as error:
        raise SandboxLostError(f"The sandbox ended without a result ({error}).") from error


async def _result(
    sock: socket.socket,
    header: Mapping[str, Any],
    job: SandboxJob,
    backend: str,
    standing: tuple[Wall, ...],
) -> SandboxResult:
    limits = job.limits
    sizes = [(checked(path), _count(size, limits.tree_bytes)) for path, size in header["changed"]]
    if len(sizes) > limits.files_max or sum(size for _, size in sizes) > limits.tree_bytes:
        raise ValueError("more files than the limits allow")
    out_bytes = _count(header["stdout_bytes"], limits.output_bytes)
    err_bytes = _count(header["stderr_bytes"], limits.output_bytes - out_bytes)
    stdout = await _exactly(sock, out_bytes)
    stderr = await _exactly(sock, err_bytes)
    changed = {path: await _exactly(sock, size) for path, size in sizes}
    if len(changed) < len(sizes) or changed.keys() & job.read_only.keys():
        raise ValueError("a file is named twice or was read-only")
    line = header["line"]
    return SandboxResult(
        outcome=_outcome(header["outcome"]),
        exception=admitted(header["exception"]),
        line=None if line is None else _count(line, job.code.count("\n") + 1),
        stdout=stdout,
        stderr=stderr,
        changed=changed,
        deleted=tuple(path for path in header["deleted"] if path in job.files),
        duration_s=_seconds(header["duration_s"]),
        cpu_s=_seconds(header["cpu_s"]),
        memory_peak_bytes=_count(header["memory_peak_bytes"], 1 << 62),
        report=IsolationReport(backend, (*walls(header["walls"]), *standing)),
        limit=header["limit"] if header["limit"] in LIMIT_NAMES else None,
        refused=tuple(
            Refusal(_text(name)[:NAME_SHOWN_MAX], _text(reason))
            for name, reason in header["refused"][:REFUSALS_MAX]
        ),
    )


def walls(raw: Any) -> tuple[Wall, ...]:
    """Give walls from their plain form."""
    return tuple(
        Wall(
            _text(one["name"]),
            one["stands"] is True,
            _text(one["how"]),
            None if one["cure"] is None else _text(one["cure"]),
        )
        for one in raw[:WALLS_MAX]
    )


async def _exactly(sock: socket.socket, count: int) -> bytes:
    loop = asyncio.get_running_loop()
    buffer = bytearray(count)
    with memoryview(buffer) as whole:
        done = 0
        while done < count:
            got = await loop.sock_recv_into(sock, whole[done:])
            if not got:
                raise frames.FrameError("the other side ended")
            done += got
    return bytes(buffer)


def _outcome(value: Any) -> Outcome:
    if value not in get_args(Outcome):
        raise ValueError("an unknown outcome")
    known: Outcome = value
    return known


def _count(value: Any, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"a count above {most}")
    return value


def _seconds(value: Any) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError("a duration is not one")
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is not one")
    return value[:TEXT_MAX]
