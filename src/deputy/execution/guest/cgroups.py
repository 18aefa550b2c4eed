"""Kernel-enforced limits of a whole call, where a cgroup was delegated to Deputy.

Owns one group per call below a directory of ours. A group counts as delegated when it is the
root of its hierarchy, when the service manager marked it so, or when the operator named it.
Must never touch a group that belongs to somebody else.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass

from deputy.execution.guest.walls import Wall, missing, standing

DELEGATION_MARKS = ("trusted.delegate", "user.delegate")
CURE = "Run Deputy as a service with Delegate=yes, or name a delegated group as cgroup_parent."
# What a call's group holds beside the program: pid 1 and the inherited libraries.
MEMORY_BYTES_SPARE = 128 << 20
PROCESSES_SPARE = 2
VALUE_BYTES_MAX = 4_096


@dataclass(frozen=True)
class Groups:
    """Open directories of ours, by controller; `unified` says which interface they have."""

    directories: dict[str, int]
    unified: bool

    def walls(self) -> list[Wall]:
        """Give what the kernel enforces for whole calls."""
        version = "cgroup v2" if self.unified else "cgroup v1"
        found = []
        for controller, name, instead in (
            ("memory", "memory_limit_by_kernel", "limits per process and a watch over their sum"),
            ("pids", "process_limit_by_kernel", "a limit per user of the call's namespace"),
        ):
            here = controller in self.directories
            found.append(standing(name, version) if here else missing(name, instead, CURE))
        return found

    def make(self, slot: int, memory_bytes: int, processes_max: int) -> None:
        """Make the groups of a call."""
        values = _limits_v2 if self.unified else _limits_v1
        for controller, directory in self.directories.items():
            with contextlib.suppress(FileExistsError):
                os.mkdir(str(slot), 0o755, dir_fd=directory)
            for name, value in values(controller, memory_bytes, processes_max).items():
                with contextlib.suppress(FileNotFoundError):
                    _write(directory, f"{slot}/{name}", value)

    def join(self, slot: int) -> None:
        """Move this process, and so all it starts, into the groups of a call."""
        for directory in self.directories.values():
            _write(directory, f"{slot}/cgroup.procs", "0")

    def remove(self, slot: int) -> dict[str, int | None]:
        """Remove the groups of a call that is over; gives its peak and how often it ran out."""
        report: dict[str, int | None] = {"memory_peak_bytes": None, "memory_kills": 0}
        memory = self.directories.get("memory")
        if memory is not None:
            peak = "memory.peak" if self.unified else "memory.max_usage_in_bytes"
            events = "memory.events" if self.unified else "memory.oom_control"
            with contextlib.suppress(OSError, ValueError):
                report["memory_peak_bytes"] = int(_read(memory, f"{slot}/{peak}"))
            with contextlib.suppress(OSError, ValueError):
                report["memory_kills"] = _counted(_read(memory, f"{slot}/{events}"), "oom_kill")
        for directory in set(self.directories.values()):
            with contextlib.suppress(OSError):
                os.rmdir(str(slot), dir_fd=directory)
        return report


def _limits_v1(controller: str, memory_bytes: int, processes_max: int) -> dict[str, str]:
    if controller == "pids":
        return {"pids.max": str(processes_max + PROCESSES_SPARE)}
    most = str(memory_bytes + MEMORY_BYTES_SPARE)
    return {"memory.limit_in_bytes": most, "memory.memsw.limit_in_bytes": most}


def _limits_v2(controller: str, memory_bytes: int, processes_max: int) -> dict[str, str]:
    if controller == "pids":
        return {"pids.max": str(processes_max + PROCESSES_SPARE)}
    return {"memory.max": str(memory_bytes + MEMORY_BYTES_SPARE), "memory.swap.max": "0"}


def opened(parent: str | None, owner: int | None) -> Groups:
    """Make a directory of ours where a group is delegated; gives no directories where none is."""
    name = f"deputy-{os.getpid()}"
    unified, places = _delegated(parent)
    directories: dict[str, int] = {}
    for controller, place in places.items():
        try:
            directories[controller] = _made(place, name, owner, unified)
        except OSError:
            continue
    return Groups(directories, unified)


def closed(parent: str | None) -> None:
    """Remove this launcher's directories."""
    unified, places = _delegated(parent)
    for place in set(places.values()):
        for leaf in ("zygote", "") if unified else ("",):
            with contextlib.suppress(OSError):
                os.rmdir(os.path.join(place, f"deputy-{os.getpid()}", leaf))


def _made(place: str, name: str, owner: int | None, unified: bool) -> int:
    path = os.path.join(place, name)
    if unified:
        _enable(place)
    os.makedirs(path, 0o755, exist_ok=True)
    if unified:
        # A process may only be moved below a group its mover controls: so this one starts there.
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
    _write(None, os.path.join(path, "cgroup.subtree_control"), "+memory +pids")


def _delegated(parent: str | None) -> tuple[bool, dict[str, str]]:
    """Give the delegated group of each controller, and whether they are one (v2)."""
    mounted = _mounted()
    own = _own_groups()
    if mounted.keys() & {"memory", "pids"}:
        places = {}
        for controller in ("memory", "pids"):
            if controller not in mounted or controller not in own:
                continue
            if parent is not None:
                places[controller] = os.path.join(mounted[controller], parent.lstrip("/"))
            elif _is_delegated(own[controller], mounted[controller]):
                places[controller] = mounted[controller] + own[controller]
        return False, places
    if "" not in mounted:
        return True, {}
    if parent is None and not _is_delegated(own.get("", ""), mounted[""]):
        return True, {}
    place = mounted[""] + ("/" + parent.strip("/") if parent else own[""])
    return True, {"memory": place, "pids": place}


def _is_delegated(group: str, mount: str) -> bool:
    if group == "/":
        return True
    for mark in DELEGATION_MARKS:
        with contextlib.suppress(OSError):
            if os.getxattr(mount + group, mark) == b"1":
                return True
    return False


def _mounted() -> dict[str, str]:
    """Give where each controller's hierarchy is mounted; the unified one is named ''."""
    found = {}
    with open("/proc/self/mountinfo") as table:
        for line in table:
            left, _, right = line.partition(" - ")
            kind, _, options = right.split(maxsplit=2)
            if kind == "cgroup2":
                found[""] = left.split()[4]
            elif kind == "cgroup":
                found.update(dict.fromkeys(options.strip().split(","), left.split()[4]))
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
