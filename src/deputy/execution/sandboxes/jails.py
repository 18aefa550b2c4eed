"""The jail: Deputy's own sandbox of Linux namespaces, seccomp and limits, made on demand.

Owns the life of zygotes and the course of one call. Must never run code outside the walls it
reports, and has no setting that takes one down.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import dataclasses
import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path

from deputy.execution.errors import SandboxLostError, SandboxRefusedError
from deputy.execution.sandboxes import results, zygotes
from deputy.execution.sandboxes.jobs import Parcel, parcel
from deputy.execution.sandboxes.port import (
    IsolationReport,
    Outcome,
    SandboxJob,
    SandboxResult,
    Wall,
)

BACKEND = "jail"
DEFAULT_PRELOAD = (
    "numpy",
    "pandas",
    "matplotlib.pyplot",
    "openpyxl",
    "xlsxwriter",
    "duckdb",
    "python_calamine",
    "typst",
)
# Without these nothing runs, whatever a policy says; a policy may add names.
ALWAYS_REQUIRED = (
    "user_namespace",
    "pid_namespace",
    "mount_namespace",
    "network_namespace",
    "ipc_namespace",
    "uts_namespace",
    "cgroup_namespace",
    "private_root",
    "read_only_runtime",
    "capabilities",
    "no_new_privileges",
    "resource_limits",
    "seccomp",
)
CALLS_AT_ONCE_MAX = 64
CALLS_PER_PROCESSOR = 2
# Forks share address layout and hash seed with their zygote, so it is replaced now and then.
ZYGOTE_CALLS_MAX = 1_000
ZYGOTE_AGE_S_MAX = 3_600.0
# Beyond its own limits a call gets this long to lay out and to hand over its files.
TRANSFER_S_MAX = 120.0
PROBE_S_MAX = 30.0


class Jail:
    """One runtime's jails. The zygote starts with the first call and again when it died."""

    def __init__(
        self,
        runtime: Path,
        *,
        preload: Sequence[str] = DEFAULT_PRELOAD,
        required_walls: Sequence[str] = (),
        calls_at_once: int | None = None,
        cgroup_parent: str | None = None,
    ) -> None:
        """Prepare jails over a runtime (a virtual environment).

        `required_walls` adds to those always required; `calls_at_once` defaults to two for each
        processor, further calls wait; `cgroup_parent` names a delegated cgroup.
        """
        places = calls_at_once or CALLS_PER_PROCESSOR * (os.cpu_count() or 1)
        self._runtime = runtime
        self._preload = tuple(preload)
        self._required = frozenset((*ALWAYS_REQUIRED, *required_walls))
        self._places = asyncio.Semaphore(min(places, CALLS_AT_ONCE_MAX))
        self._cgroup_parent = cgroup_parent
        self._starting = asyncio.Lock()
        self._zygote: zygotes.Zygote | None = None
        self._retired: set[zygotes.Zygote] = set()
        self._closed = False

    def probe(self) -> IsolationReport:
        """Build one empty jail in a zygote of its own and report its walls."""
        with concurrent.futures.ThreadPoolExecutor(1) as aside:
            return aside.submit(asyncio.run, self._probe()).result()

    async def run(self, job: SandboxJob) -> SandboxResult:
        """Run one job in a jail of its own; see `Sandbox.run`."""
        parcel(job, ())
        async with self._places:
            zygote = await self._ready()
            # What the zygote cannot say, pid 1 of the call must say before anything runs.
            shared = self._required & {wall.name for wall in zygote.walls}
            lacking = IsolationReport(BACKEND, zygote.walls).missing(shared)
            if lacking:
                raise SandboxRefusedError(lacking[0].name, lacking[0].how, lacking[0].cure)
            return await self._run(zygote, job, parcel(job, self._required - shared))

    async def close(self) -> None:
        """End every jail and the zygotes."""
        self._closed = True
        async with self._starting:
            await self._close_all()

    async def _close_all(self) -> None:
        for zygote in (*self._retired, *((self._zygote,) if self._zygote else ())):
            await zygote.close()
        self._retired.clear()
        self._zygote = None

    async def _run(self, zygote: zygotes.Zygote, job: SandboxJob, sealed: Parcel) -> SandboxResult:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with ours:
            with theirs:
                call, ended = await zygote.order(theirs, job.limits)
            sending = asyncio.create_task(_send(ours, sealed))
            found: SandboxResult | SandboxLostError
            try:
                found = await _answer(zygote, ours, job)
            finally:
                # Nothing of a call may live on, however it ended.
                zygote.kill(call)
                await _until_over(zygote, sending, ended)
        return _judged(found, ended.result(), zygote.walls)

    async def _ready(self) -> zygotes.Zygote:
        async with self._starting:
            if self._closed:
                raise SandboxRefusedError("zygote", "this sandbox was closed")
            await self._bury()
            if self._zygote is None:
                self._zygote = await zygotes.started(
                    self._runtime, self._preload, self._cgroup_parent
                )
            return self._zygote

    async def _bury(self) -> None:
        """Put away a zygote that died or grew old, and the old ones whose calls are over."""
        current = self._zygote
        if current is not None:
            age_s = time.monotonic() - current.born_s
            if not current.alive:
                self._zygote = None
                await current.close()
            elif current.started >= ZYGOTE_CALLS_MAX or age_s > ZYGOTE_AGE_S_MAX:
                self._zygote = None
                self._retired.add(current)
        for old in [zygote for zygote in self._retired if not zygote.busy]:
            self._retired.discard(old)
            await old.close()

    async def _probe(self) -> IsolationReport:
        trial = Jail(self._runtime, preload=(), cgroup_parent=self._cgroup_parent)
        try:
            async with asyncio.timeout(PROBE_S_MAX):
                return (await trial.run(SandboxJob("probe", 1, ""))).report
        except SandboxRefusedError as error:
            return IsolationReport(BACKEND, (Wall(error.wall, False, error.message, error.hint),))
        except TimeoutError:
            late = f"no answer within {PROBE_S_MAX:.0f} s"
            return IsolationReport(BACKEND, (Wall("zygote", False, late, "Look at the load."),))
        finally:
            await trial.close()


async def _send(sock: socket.socket, sealed: Parcel) -> None:
    loop = asyncio.get_running_loop()
    # A jail that refuses or ends early closes its end; its own words say why.
    with contextlib.suppress(OSError):
        for raw in (sealed.header, *sealed.blobs):
            await loop.sock_sendall(sock, raw)


async def _answer(
    zygote: zygotes.Zygote, ours: socket.socket, job: SandboxJob
) -> SandboxResult | SandboxLostError:
    try:
        async with asyncio.timeout(job.limits.wall_s + TRANSFER_S_MAX):
            return await results.receive(ours, job, BACKEND, zygote.walls)
    except TimeoutError:
        return _without_answer("time_limit", "wall_s", zygote.walls)
    except SandboxLostError as error:
        return error


def _judged(
    found: SandboxResult | SandboxLostError, ended: zygotes.Ended, walls: tuple[Wall, ...]
) -> SandboxResult:
    """Join what the jail said with what the kernel counted for its group."""
    starved = ended.memory_kills > 0
    if isinstance(found, SandboxLostError):
        if starved:
            return _without_answer("memory_limit", "memory_bytes", walls)
        raise found
    if starved and found.outcome in ("killed", "error"):
        found = dataclasses.replace(found, outcome="memory_limit", limit="memory_bytes")
    if ended.memory_peak_bytes is not None:
        found = dataclasses.replace(found, memory_peak_bytes=ended.memory_peak_bytes)
    return found


def _without_answer(outcome: Outcome, limit: str, walls: tuple[Wall, ...]) -> SandboxResult:
    """Give the result of a jail so starved that it could not report its own end."""
    return SandboxResult(
        outcome=outcome,
        exception=None,
        line=None,
        stdout=b"",
        stderr=b"",
        changed={},
        deleted=(),
        duration_s=0.0,
        cpu_s=0.0,
        memory_peak_bytes=None,
        report=IsolationReport(BACKEND, walls),
        limit=limit,
    )


async def _until_over(
    zygote: zygotes.Zygote, sending: asyncio.Task[None], ended: asyncio.Future[zygotes.Ended]
) -> None:
    """Wait until the zygote has seen the call's last process end, cancelled or not."""
    over = asyncio.ensure_future(_over(zygote, sending, ended))
    try:
        await asyncio.shield(over)
    except asyncio.CancelledError:
        await over
        raise


async def _over(
    zygote: zygotes.Zygote, sending: asyncio.Task[None], ended: asyncio.Future[zygotes.Ended]
) -> None:
    # The loop must forget the socket before its number is given to something else.
    sending.cancel()
    await asyncio.wait([sending])
    await asyncio.wait([ended], timeout=zygotes.END_S_MAX)
    if not ended.done():
        # A process that cannot be killed takes its zygote down with it.
        await zygote.close()
