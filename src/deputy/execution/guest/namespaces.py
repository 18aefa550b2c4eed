"""The namespace walls: users, processes, mounts, network, IPC, host name, cgroups of one's own.

Owns leaving the shared ones and the id maps. Must never map more ids than the caller asked for.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct

from deputy.execution.guest import kernel

# The uid every program sees as its own.
INNER_UID = 1000
SIOCSIFFLAGS = 0x8914
IFF_UP_RUNNING = 0x41

ZYGOTE = (
    kernel.CLONE_NEWNS
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUTS
)
CALL = ZYGOTE | kernel.CLONE_NEWUSER
WALLS = (
    "user_namespace",
    "pid_namespace",
    "mount_namespace",
    "network_namespace",
    "ipc_namespace",
    "uts_namespace",
    "cgroup_namespace",
)


def map_ids(process: str, inner: int, outer_uid: int, outer_gid: int, count: int) -> None:
    """Write the id maps of a user namespace; `process` is a pid or `self`, below /proc."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{inner} {outer_uid} {count}"),
        ("gid_map", f"{inner} {outer_gid} {count}"),
    ):
        with open(f"/proc/{process}/{name}", "w") as file:
            file.write(text)


def offered(first: int, count: int) -> bool:
    """Say whether a range of users and groups exists here: few do inside a container."""
    return all(_covers(f"/proc/self/{name}", first, count) for name in ("uid_map", "gid_map"))


def _covers(path: str, first: int, count: int) -> bool:
    with open(path) as file:
        rows = [[int(field) for field in line.split()] for line in file]
    return any(inner <= first and first + count <= inner + size for inner, _, size in rows)


def settle() -> None:
    """Become the one user the maps name."""
    os.setresgid(INNER_UID, INNER_UID, INNER_UID)
    os.setresuid(INNER_UID, INNER_UID, INNER_UID)


def hide_groups() -> None:
    """Enter a cgroup namespace rooted where the zygote put the call."""
    kernel.unshare(kernel.CLONE_NEWCGROUP)


def raise_loopback() -> None:
    """Bring up `lo`, the only interface there is."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack("=16sH14x", b"lo", IFF_UP_RUNNING))
