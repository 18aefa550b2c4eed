"""The kernel's own memory limit for a whole call, where a cgroup was delegated to Deputy.

Owns one group per call below a group of ours, over cgroup v1 and v2. A group counts as delegated
when it is the root of its hierarchy, when the service manager marked it so, or when the operator
named it. Must never touch a group that belongs to somebody else.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass

from deputy.execution.guest.walls import Wall, missing, standing

NAME = "memory_limit_by_kernel"
PREFIX = "deputy-"
DELEGATION_MARKS = ("trusted.delegate", "user.delegate")
INSTEAD = "limits per process and a watch over their sum"
CURE = "Run Deputy as a service with Delegate=yes: docs/how-to/run-as-a-service.md."
# What a call's group holds beside the program and its files: pid 1 and inherited libraries.
BYTES_SPARE = 128 << 20
VALUE_BYTES_MAX = 4_096
FILES = {
    # unified: (limit, swap limit, peak, events)
    False: (
        "memory.limit_in_bytes",
        "memory.memsw.limit_in_bytes",
        "memory.max_usage_in_bytes",
        "memory.oom_control",
    ),
    True: ("memory.max", "memory.swap.max", "memory.peak", "memory.events"),
}


@dataclass(frozen=True)
class Delegation:
    """A directory of the memory hierarchy that is ours to divide."""

    place: str
    unified: bool


@dataclass(frozen=True)
class Groups:
    """An open directory of ours to make the groups of calls in, if there is one."""

    directory: int | None
    unified: bool

    def wall(self) -> Wall:
        """Say whether the kernel limits the memory of whole calls."""
        if self.directory is None:
            return missing(NAME, INSTEAD, CURE)
        return standing(NAME, "cgroup v2" if self.unified else "cgroup v1")

    def make(self, slot: int, memory_bytes: int) -> None:
        """Make the group of a call."""
        if self.directory is None:
            return
        with contextlib.suppress(FileExistsError):
            os.mkdir(str(slot), 0o755, dir_fd=self.directory)
        limit, swap, _, _ = FILES[self.unified]
        most = str(memory_bytes + BYTES_SPARE)
        _write(self.directory, f"{slot}/{limit}", most)
        with contextlib.suppress(OSError):  # a kernel without swap has no such file
            _write(self.directory, f"{slot}/{swap}", "0" if self.unified else most)

    def place(self, slot: int, pid: int) -> None:
        """Move a process, and so all it starts, into the group of a call."""
        if self.directory is not None:
            _write(self.directory, f"{slot}/cgroup.procs", str(pid))

    def remove(self, slot: int) -> dict[str, int | None]:
        """Remove the group of a call that is over; gives its peak and how often it ran out."""
        report: dict[str, int | None] = {"memory_peak_bytes": None, "memory_kills": 0}
        if self.directory is None:
            return report
        _, _, peak, events = FILES[self.unified]
        with contextlib.suppress(OSError, ValueError):
            report["memory_peak_bytes"] = int(_read(self.directory, f"{slot}/{peak}"))
        with contextlib.suppress(OSError, ValueError):
            table = _read(self.directory, f"{slot}/{events}")
            report["memory_kills"] = _counted(table, "oom_kill")
        with contextlib.suppress(OSError):
            os.rmdir(str(slot), dir_fd=self.directory)
        return report


def opened(parent: str | None, owner: int | None) -> Groups:
    """Make a group of ours where one is delegated, given to the user the zygote will be."""
    found = _delegated(parent)
    if found is None:
        return Groups(None, False)
    _sweep(found.place)
    try:
        return Groups(_made(found, owner), found.unified)
    except OSError:
        return Groups(None, found.unified)


def _made(found: Delegation, owner: int | None) -> int:
    path = os.path.join(found.place, f"{PREFIX}{os.getpid()}")
    if found.unified:
        _enable(found.place)
    os.makedirs(path, 0o755, exist_ok=True)
    if found.unified:
        # A process may only be moved below a group its mover controls: so all start in here.
        os.makedirs(os.path.join(path, "zygote"), exist_ok=True)
        _write(None, os.path.join(path, "zygote", "cgroup.procs"), "0")
        _enable(path)
    if owner is not None:
        for entry in (".", "cgroup.procs"):
            os.chown(os.path.join(path, entry), owner, owner)
    return os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)


def _enable(path: str) -> None:
    if "memory" not in _read(None, os.path.join(path, "cgroup.controllers")).split():
        raise OSError("the group has no memory controller")
    _write(None, os.path.join(path, "cgroup.subtree_control"), "+memory")


def _sweep(place: str) -> None:
    """Remove the groups of launchers that are gone; a group in use cannot be removed."""
    with contextlib.suppress(OSError):
        for name in os.listdir(place):
            pid = name.removeprefix(PREFIX)
            if pid != name and pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
                for inner in (*_folders(os.path.join(place, name)), os.path.join(place, name)):
                    with contextlib.suppress(OSError):
                        os.rmdir(inner)


def _folders(path: str) -> list[str]:
    with os.scandir(path) as entries:
        return [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]


def _delegated(parent: str | None) -> Delegation | None:
    mounts, own = _mounts(), _own_groups()
    controller = "memory" if "memory" in mounts else ""
    if controller not in mounts or controller not in own:
        return None
    top = mounts[controller]
    if parent is not None:
        return Delegation(os.path.join(top, parent.strip("/")), not controller)
    if _is_delegated(top, own[controller]):
        return Delegation(top + own[controller], not controller)
    return None


def _is_delegated(top: str, group: str) -> bool:
    if group == "/":
        return True
    for mark in DELEGATION_MARKS:
        with contextlib.suppress(OSError):
            if os.getxattr(top + group, mark) == b"1":
                return True
    return False


def _mounts() -> dict[str, str]:
    """Give where each controller's hierarchy is mounted; the unified one is named ''."""
    found = {}
    with open("/proc/self/mountinfo") as table:
        for line in table:
            left, _, right = line.rstrip("\n").partition(" - ")
            kind, _, options = right.split(" ", 2)
            if kind == "cgroup2":
                found[""] = left.split()[4]
            elif kind == "cgroup":
                found.update(dict.fromkeys(options.split(","), left.split()[4]))
    return found


def _own_groups() -> dict[str, str]:
    groups = {}
    with open("/proc/self/cgroup") as table:
        for line in table:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            groups.update(dict.fromkeys(controllers.split(","), path))
    return groups


def _write(directory: int | None, path: str, value: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CLOEXEC, dir_fd=directory)
    try:
        os.write(file, value.encode())
    finally:
        os.close(file)


def _read(directory: int | None, path: str) -> str:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=directory)
    try:
        return os.read(file, VALUE_BYTES_MAX).decode()
    finally:
        os.close(file)


def _counted(table: str, key: str) -> int:
    for line in table.splitlines():
        name, _, value = line.partition(" ")
        if name == key:
            return int(value)
    return 0
