"""Looking: every question the doctor puts to this machine.

Owns the questions. Whatever cannot be seen is None or empty, never an exception. Must never judge,
and never change anything: the one file it writes has no name and is gone when it is closed.
"""

from __future__ import annotations

import os
import platform
import re
import resource
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from deputy.assemble.doctor.facts import (
    Configured,
    Database,
    Facts,
    Folder,
    Machine,
    Running,
    Trouble,
)
from deputy.assemble.doctor.packages import beside_lock, installed
from deputy.assemble.doctor.peers import peers
from deputy.assemble.doctor.trials import programs_version, readiness, sandbox
from deputy.assemble.models import chosen_model
from deputy.assemble.places import NAMES, StateDir, at_work, running
from deputy.assemble.telemetry import destination
from deputy.core.errors import DeputyError
from deputy.execution.sandboxes.uid_ranges import EACH, FIRST, RANGES_MAX
from deputy.postgres import EmbeddedPostgres
from deputy.postgres.processes import servers_on
from deputy.settings import Settings
from deputy.wire.system import SystemIds

ROOT = Path(__file__).parents[4]
"""The folder of a working copy; its locks are not part of an installed wheel."""
UNLIMITED_FROM = 1 << 40


def look(settings: Settings) -> Facts:
    """Look at everything."""
    state = StateDir(settings.state_dir)
    there, part = running(settings.state_dir), state.part
    owned = at_work(settings.state_dir) or _locked(EmbeddedPostgres(state.root).places.lock)
    return Facts(
        python=tuple(sys.version_info[:3]),
        packages=beside_lock(installed(), ROOT / "requirements.lock"),
        machine=_machine(state),
        folder=_folder(state),
        database=None if part == "execution" else _database(state, up=owned),
        sandbox=(
            None
            if part in ("control", "cell")
            else sandbox(settings, ROOT / "runtimes/data.lock", no_exec=_no_exec)
        ),
        model=None if part in ("control", "execution") else model(settings),
        collector=_collector(settings),
        running=None if there is None else Running(there.url, readiness(there.url)),
        port=settings.api_port,
        part=NAMES[part] if part is not None else "",
        plane_up=owned and there is None,
        peers=peers(state, part, up=owned),
        port_trouble=(
            None if owned or part in ("control", "execution") else _port_trouble(settings)
        ),
        left_over=() if owned else tuple(_left_over(state)),
    )


def _machine(state: StateDir) -> Machine:
    # A server raises its own limit to the hard one.
    _, open_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    processes, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    newest = (p.stat().st_mtime for p in _kept(state))
    release = re.match(r"(\d+)\.(\d+)", platform.release())
    return Machine(
        root=os.geteuid() == 0,
        architecture=platform.machine(),
        kernel=(int(release[1]), int(release[2])) if release else (0, 0),
        memory_bytes=_memory_bytes(),
        shared_memory_bytes=_room("/dev/shm"),  # noqa: S108
        temporary_bytes=_room(tempfile.gettempdir()),
        open_files_max=_limit(open_files) or UNLIMITED_FROM,
        processes_max=_limit(processes),
        encoding=sys.getfilesystemencoding(),
        now_s=int(time.time()),
        newest_file_s=int(max(newest, default=0)),
        user_namespaces_max=_kernel_number("user/max_user_namespaces"),
        userns_clone=_kernel_number("kernel/unprivileged_userns_clone"),
        apparmor_restricts=_kernel_number("kernel/apparmor_restrict_unprivileged_userns"),
        ptrace_scope=_kernel_number("kernel/yama/ptrace_scope"),
        foreign_subuids=tuple(_foreign_subuids()),
    )


def _kept(state: StateDir) -> list[Path]:
    """Give the files of the state folder that Deputy itself dates; none where it may not look."""
    try:
        found = [*(state.root / "secrets").glob("*"), state.owner_token, state.note]
        return [path for path in found if path.is_file()]
    except OSError:
        return []


def _is_there(path: Path) -> bool:
    """Say whether a path is there; what may not be looked at counts as absent."""
    try:
        return path.exists()
    except OSError:
        return False


def _limit(value: int) -> int | None:
    return None if value == resource.RLIM_INFINITY or value >= UNLIMITED_FROM else value


def _memory_bytes() -> int:
    text = _read("/proc/meminfo")
    found = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.M)
    return int(found[1]) << 10 if found else 0


def _room(place: str) -> int | None:
    with suppress(OSError):
        if os.access(place, os.W_OK | os.X_OK):
            return shutil.disk_usage(place).free
    return None


def _kernel_number(name: str) -> int | None:
    text = _read(f"/proc/sys/{name}").strip()
    return int(text) if text.lstrip("-").isdigit() else None


def _foreign_subuids() -> Iterator[str]:
    ours = range(FIRST, FIRST + EACH * RANGES_MAX)
    for line in _read("/etc/subuid").splitlines():
        name, _, numbers = line.partition(":")
        first, _, count = numbers.partition(":")
        if first.isdigit() and count.isdigit():
            end = int(first) + int(count)
            if int(first) < ours.stop and end > ours.start:
                yield name


def _folder(state: StateDir) -> Folder:
    there = next(p for p in (state.root, *state.root.parents) if _is_there(p))
    exists, status, room = there == state.root, there.stat(), os.statvfs(there)
    kind, options = _mount_of(there)
    exposed = [p.name for p in _kept(state) if p.stat().st_mode & 0o077] if exists else []
    return Folder(
        path=str(state.root),
        exists=exists,
        mode=status.st_mode & 0o777,
        ours=not exists or status.st_uid == os.geteuid(),
        writable=os.access(there, os.W_OK | os.X_OK),
        kind=kind,
        options=options,
        free_bytes=room.f_bavail * room.f_frsize,
        free_files=room.f_favail if room.f_files else None,
        fsync_ms=_fsync_ms(there),
        exposed=tuple(exposed),
    )


def _fsync_ms(folder: Path) -> int | None:
    with suppress(OSError), tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"x" * 4_096)
        file.flush()
        began = time.monotonic()
        os.fsync(file.fileno())
        return int((time.monotonic() - began) * 1_000)
    return None


def _mount_of(path: Path) -> tuple[str, frozenset[str]]:
    """Give the kind and the options of the file system a path lies on (proc(5) mountinfo)."""
    place, best, found = str(path.resolve()), "", ("unknown", frozenset[str]())
    for line in _read("/proc/self/mountinfo").splitlines():
        left, _, right = line.partition(" - ")
        fields, rest = left.split(), right.split()
        top = fields[4].replace("\\040", " ")
        inside = place == top or place.startswith(top.rstrip("/") + "/")
        if inside and len(top) >= len(best):
            best = top
            found = (rest[0], frozenset({*fields[5].split(","), *rest[2].split(",")}))
    return found


def _no_exec(path: Path) -> bool:
    return "noexec" in _mount_of(path)[1]


def _database(state: StateDir, *, up: bool) -> Database:
    try:
        version, folder = programs_version()
    except DeputyError as error:
        return Database(trouble=Trouble(error.message, error.hint))
    if not version:
        words = "the programs of PostgreSQL cannot be run"
        return Database(trouble=Trouble(words, "Run script/setup again."), no_exec=False)
    places = EmbeddedPostgres(state.root).places
    orphans = 0 if up else len(servers_on(places.data))
    return Database(version=version, no_exec=_no_exec(folder), orphans=orphans)


def _locked(path: Path) -> bool:
    """Say whether a process holds the lock of a file; asking for it could get in its way."""
    try:
        status = path.stat()
    except OSError:
        return False
    place = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    return any(place in line.split() for line in _read("/proc/locks").splitlines())


def _left_over(state: StateDir) -> Iterator[str]:
    if _is_there(state.note):
        yield state.note.name
    places = EmbeddedPostgres(state.root).places
    with suppress(OSError):
        if (places.data / "postmaster.pid").exists() and not servers_on(places.data):
            yield "postmaster.pid"
        if places.draft.exists():
            yield places.draft.name


def model(settings: Settings) -> Configured:
    """Give the model of these settings, or what is wrong with it."""
    try:
        found = chosen_model(settings, SystemIds())
    except DeputyError as error:
        return Configured("", Trouble(error.message, error.hint))
    return Configured(f"{found.name}, {found.place} the boundary")


def _collector(settings: Settings) -> Configured | None:
    try:
        where = destination(settings)
    except DeputyError as error:
        return Configured("", Trouble(error.message, error.hint))
    return None if where is None else Configured("finished turns are told to it, without content")


def _port_trouble(settings: Settings) -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.api_host, settings.api_port))
        except OSError as error:
            return error.strerror or type(error).__name__
    return None


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
