"""The server's processes as the kernel shows them: whose data, alive, orphaned, ended.

It owns the rules by which a process is taken for one of ours. It must never signal a process
that it has not verified through a file descriptor of that very process.
"""

import asyncio
import ctypes
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from deputy.postgres.errors import PostgresError

PID_FILE_BYTES_MAX = 4096
ORPHAN_STEP_S = 0.05
# What a server without a parent gets, in order: time to end by itself, a fast shutdown, an
# immediate one, and at last a kill. Each of them leaves data that recover at the next start.
ORPHAN_SIGNALS: tuple[tuple[float, signal.Signals], ...] = (
    (0.5, signal.SIGINT),
    (20.0, signal.SIGQUIT),
    (5.0, signal.SIGKILL),
)
ORPHAN_AFTER_KILL_S = 5.0
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class PidFile:
    """What `postmaster.pid` says: the server's process id and whether it takes connections."""

    pid: int
    ready: bool


def read_pid_file(data: Path) -> PidFile | None:
    """Give the pid file of a data directory, or None when it is absent or not yet whole."""
    try:
        handle = os.open(data / "postmaster.pid", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        lines = os.read(handle, PID_FILE_BYTES_MAX).decode(errors="replace").splitlines()
    finally:
        os.close(handle)
    if not lines or not lines[0].strip().isdigit():
        return None
    return PidFile(int(lines[0]), len(lines) >= 8 and lines[7].strip() == "ready")


def servers_on(data: Path) -> list[int]:
    """Give the live processes that are a `postgres` working in this data directory.

    A server and all its children keep the data directory as their working directory. Zombies
    show neither program nor directory and are left out.
    """
    return [pid for pid in _all_pids() if _serves(pid, data)]


def drop_stale_files(data: Path, sockets: Path) -> None:
    """Remove what a killed server left and PostgreSQL would take for a running one.

    Call it only when `servers_on` gave nothing. The pid file goes if its number belongs to a
    zombie or to some other program; if the number is free the file stays, because PostgreSQL
    then checks for shared memory still in use, which is the stronger test.
    """
    for path in sockets.glob(".s.PGSQL.*"):
        path.unlink(missing_ok=True)
    found = read_pid_file(data)
    if found and Path(f"/proc/{found.pid}").exists() and not _serves(found.pid, data):
        (data / "postmaster.pid").unlink(missing_ok=True)


async def end_orphans(data: Path, say: Callable[[str], None]) -> None:
    """End every server process left on `data` by a Deputy that died; return when none is left.

    The caller holds the lock of this server, so nobody alive owns these processes.
    Raises PostgresError when one survives even a kill.
    """
    if not servers_on(data):
        return
    say("waiting for the PostgreSQL server of an earlier run to end")
    for patience_s, number in ORPHAN_SIGNALS:
        if await _gone_within(data, patience_s):
            return
        _signal_all(data, number)
    if not await _gone_within(data, ORPHAN_AFTER_KILL_S):
        raise PostgresError(
            f"An earlier PostgreSQL server still works in {data}: {servers_on(data)}.",
            hint="Wait for its disk to answer or restart the machine, then start again.",
            code="postgres.orphan",
        )


def end_with_parent(number: signal.Signals) -> Callable[[], None]:
    """Give a function for the child between fork and exec: its parent's death signals it."""
    parent = os.getpid()

    def arrange() -> None:
        failed = _LIBC.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        # The parent may have died before the arrangement stood.
        if failed or os.getppid() != parent:
            os._exit(1)

    return arrange


def _all_pids() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _serves(pid: int, data: Path) -> bool:
    try:
        program = Path(f"/proc/{pid}/exe").readlink().name.removesuffix(" (deleted)")
        return program == "postgres" and Path(f"/proc/{pid}/cwd").readlink() == data
    except OSError:
        return False


def _signal_all(data: Path, number: signal.Signals) -> None:
    """Signal the processes on `data`; a fast shutdown goes to the server, which ends its own."""
    pids = servers_on(data)
    if number is signal.SIGINT:
        found = read_pid_file(data)
        if found and found.pid in pids:
            pids = [found.pid]
        else:
            # Children without a server: to them an interrupt would end a statement only.
            number = signal.SIGTERM
    for pid in pids:
        _send(pid, data, number)


def _send(pid: int, data: Path, number: signal.Signals) -> None:
    with suppress(ProcessLookupError), closing(_Handle(pid)) as handle:
        # Verified after opening: the handle can no longer mean a later owner of this id.
        if _serves(pid, data):
            signal.pidfd_send_signal(handle.number, number)


class _Handle:
    """A descriptor that means one process and never its successor."""

    def __init__(self, pid: int) -> None:
        self.number = os.pidfd_open(pid)

    def close(self) -> None:
        os.close(self.number)


async def _gone_within(data: Path, seconds: float) -> bool:
    for _ in range(max(1, round(seconds / ORPHAN_STEP_S))):
        if not servers_on(data):
            return True
        await asyncio.sleep(ORPHAN_STEP_S)
    return not servers_on(data)
