"""What a call left in its workspace, gathered once every process of it is dead.

Owns the walk. Only regular files with one name and an honest size leave; links, pipes, sockets,
devices and hostile names are refused with a reason. Must never follow a link.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field

from deputy.execution.guest import workspaces
from deputy.execution.guest.jobs import PARTS_MAX, Job, checked

REFUSALS_MAX = 100
NAME_SHOWN_MAX = 200
KINDS = {
    stat.S_IFLNK: "symbolic link",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


@dataclass
class Harvest:
    """Changed files with their sizes, paths that are gone, refusals, and the limit that broke."""

    changed: list[tuple[str, int]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    limit: str | None = None

    def refuse(self, name: bytes, reason: str) -> None:
        """Record what does not leave; names are shown escaped."""
        if len(self.refused) < REFUSALS_MAX:
            self.refused.append((ascii(name)[2:-1][:NAME_SHOWN_MAX], reason))


def gathered(job: Job, before: workspaces.Digests, root: str = workspaces.ROOT) -> Harvest:
    """Walk the workspace and compare it with what the call started from."""
    harvest = Harvest()
    fixed = {path for path, _ in job.read_only}
    found: dict[str, int] = {}
    _walk(os.fsencode(root), harvest, found)
    limits = job.limits
    if len(found) > limits.files_max + len(fixed):
        harvest.limit = "files_max"
    elif any(size > limits.file_bytes for path, size in found.items() if path not in before):
        harvest.limit = "file_bytes"
    elif sum(found.values()) > limits.tree_bytes:
        harvest.limit = "tree_bytes"
    if harvest.limit is None:
        harvest.changed = [
            (path, size)
            for path, size in sorted(found.items())
            if path not in fixed and _changed(path, size, before, job, root)
        ]
        harvest.deleted = sorted(before.keys() - found.keys())
    return harvest


def _changed(path: str, size: int, before: workspaces.Digests, job: Job, root: str) -> bool:
    if path not in before:
        return True
    # The time alone proves nothing: a write through mmap leaves it as it was.
    return workspaces.digest(f"{root}/{path}") != before[path]


def _walk(root: bytes, harvest: Harvest, found: dict[str, int]) -> None:
    waiting = [(root, 0)]
    while waiting:
        directory, depth = waiting.pop()
        with os.scandir(directory) as entries:
            for entry in entries:
                name = os.path.relpath(entry.path, root)
                state = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(state.st_mode) and depth + 1 < PARTS_MAX:
                    waiting.append((entry.path, depth + 1))
                elif reason := _refusal(name, state):
                    harvest.refuse(name, reason)
                else:
                    found[os.fsdecode(name)] = state.st_size


def _refusal(name: bytes, state: os.stat_result) -> str | None:
    if stat.S_ISDIR(state.st_mode):
        return f"deeper than {PARTS_MAX} folders"
    if not stat.S_ISREG(state.st_mode):
        return KINDS.get(stat.S_IFMT(state.st_mode), "not a regular file")
    if state.st_nlink != 1:
        return "hard link"
    try:
        checked(name.decode())
    except UnicodeDecodeError:
        return "the name is not UTF-8"
    except ValueError as error:
        return str(error)
    return None
