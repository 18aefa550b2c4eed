"""The host's end of a zygote: starts it, orders calls, learns of their ends.

Owns one zygote process and its socket. Must never pass it a descriptor, a variable or a path
of the host that it does not need.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deputy.execution import guest
from deputy.execution.errors import SandboxLostError, SandboxRefusedError
from deputy.execution.guest.zygotes import ORDER_BYTES_MAX
from deputy.execution.sandboxes import results
from deputy.execution.sandboxes.port import Limits, Wall
from deputy.execution.sandboxes.uid_ranges import UidRange

START_S_MAX = 60.0
END_S_MAX = 10.0
COMPLAINT_BYTES_MAX = 2_000
GUEST_FOLDER = str(Path(guest.__file__).resolve().parent)
# The runtime does not know the deputy package: the guest's folder is all of it that it sees.
LOADER = """
import json, socket, sys, types
host = socket.socket(fileno=int(sys.argv[1]))
spec = json.loads(host.recv(65536))
places = {"deputy": [], "deputy.execution": [], "deputy.execution.guest": [spec["guest"]]}
for name, path in places.items():
    package = types.ModuleType(name)
    package.__path__ = path
    sys.modules[name] = package
from deputy.execution.guest import launchers
launchers.main(host, spec)
"""


@dataclass
class Ended:
    """What a zygote reports of a finished call: the kernel's own figures, if it kept any."""

    memory_peak_bytes: int | None = None
    memory_kills: int = 0


@dataclass(eq=False)
class Zygote:
    """One running zygote of one runtime."""

    process: subprocess.Popen[bytes]
    host: socket.socket
    complaints: int
    uids: UidRange
    walls: tuple[Wall, ...] = ()
    absent: tuple[str, ...] = ()
    born_s: float = field(default_factory=time.monotonic)
    started: int = 0
    alive: bool = True
    _open: dict[int, asyncio.Future[Ended]] = field(default_factory=dict)
    _slots: set[int] = field(default_factory=set)
    _reader: asyncio.Task[None] | None = None

    @property
    def busy(self) -> int:
        """How many calls it runs."""
        return len(self._open)

    async def order(self, sock: socket.socket, limits: Limits) -> tuple[int, asyncio.Future[Ended]]:
        """Fork a jail that will read its job from the socket; the socket is the jail's then."""
        self.started += 1
        call = self.started
        slot = next(n for n in range(1, self.uids.count) if n not in self._slots)
        order = {
            "order": "start",
            "call": call,
            "slot": slot,
            # Files lie in memory, and the kernel counts them to the call.
            "memory_bytes": limits.memory_bytes + limits.tree_bytes,
        }
        ended: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        try:
            socket.send_fds(self.host, [json.dumps(order).encode()], [sock.fileno()])
        except OSError as error:
            self.alive = False
            raise SandboxLostError(f"The sandbox's zygote is gone ({error}).") from error
        self._open[call] = ended
        self._slots.add(slot)
        ended.add_done_callback(lambda _: self._slots.discard(slot))
        return call, ended

    def kill(self, call: int) -> None:
        """End a call now, with every process of it."""
        with contextlib.suppress(OSError):
            self.host.send(json.dumps({"order": "kill", "call": call}).encode())

    async def close(self) -> None:
        """End the zygote, and with it every call; returns when none of them lives."""
        self.alive = False
        if self._reader is not None:
            # The loop must forget the socket before its number is given to something else.
            self._reader.cancel()
            await asyncio.wait([self._reader])
        self.host.close()
        self._abandon()
        self.process.kill()
        await _until_ended(self.process)
        self.uids.close()
        if self.complaints >= 0:
            os.close(self.complaints)
            self.complaints = -1

    async def read_events(self) -> None:
        """Deliver the ends of calls until the zygote ends."""
        loop = asyncio.get_running_loop()
        try:
            while raw := await loop.sock_recv(self.host, ORDER_BYTES_MAX):
                event = json.loads(raw)
                future = self._open.pop(event["call"], None)
                if future is not None and not future.done():
                    future.set_result(Ended(event["memory_peak_bytes"], event["memory_kills"] or 0))
        except (OSError, ValueError, KeyError):
            pass
        self.alive = False
        self._abandon()

    def listen(self) -> None:
        """Begin reading events."""
        self._reader = asyncio.create_task(self.read_events())

    def _abandon(self) -> None:
        for future in self._open.values():
            if not future.done():
                future.set_result(Ended())
        self._open.clear()


async def started(runtime: Path, preload: Sequence[str], cgroup_parent: str | None) -> Zygote:
    """Start a zygote and wait until it is ready; raises `SandboxRefusedError`."""
    python = runtime / "bin" / "python"
    if not python.exists():
        raise SandboxRefusedError("zygote", f"there is no runtime in {runtime}")
    uids = UidRange()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    complaints = os.memfd_create("deputy-zygote")
    with theirs:
        process = await asyncio.to_thread(
            subprocess.Popen,
            [str(python), "-s", "-P", "-B", "-c", LOADER, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=complaints,
            stderr=complaints,
            pass_fds=[theirs.fileno()],
            cwd="/",
            env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "0"},
            start_new_session=True,
        )
    ours.setblocking(False)
    zygote = Zygote(process, ours, complaints, uids)
    try:
        await _await_ready(zygote, preload, cgroup_parent)
    except BaseException:
        await zygote.close()
        raise
    zygote.listen()
    return zygote


async def _await_ready(zygote: Zygote, preload: Sequence[str], cgroup_parent: str | None) -> None:
    spec = {
        "guest": GUEST_FOLDER,
        "preload": list(preload),
        "uid_base": zygote.uids.first,
        "uid_count": zygote.uids.count,
        "cgroup_parent": cgroup_parent,
    }
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(START_S_MAX):
            await loop.sock_sendall(zygote.host, json.dumps(spec).encode())
            raw = await loop.sock_recv(zygote.host, ORDER_BYTES_MAX)
    except TimeoutError as error:
        raise SandboxRefusedError("zygote", f"not ready after {START_S_MAX:.0f} s") from error
    except OSError as error:
        raise SandboxRefusedError("zygote", _complaint(zygote)) from error
    event: dict[str, Any] = json.loads(raw) if raw else {"event": "ended"}
    if event["event"] == "refused":
        raise SandboxRefusedError(event["wall"], event["reason"])
    if event["event"] != "ready":
        raise SandboxRefusedError("zygote", _complaint(zygote))
    zygote.walls = results.walls(event["walls"])
    zygote.absent = tuple(event["absent"])


async def _until_ended(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    handle = os.pidfd_open(process.pid)
    try:
        loop.add_reader(handle, ended.set)
        await ended.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)
    process.wait()


def _complaint(zygote: Zygote) -> str:
    size = os.fstat(zygote.complaints).st_size
    raw = os.pread(zygote.complaints, COMPLAINT_BYTES_MAX, max(0, size - COMPLAINT_BYTES_MAX))
    return raw.decode("utf-8", "replace").strip() or "it ended without a word"
