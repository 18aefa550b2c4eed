"""Mounts: the primitives with which a private root is put together.

Owns open_tree, move_mount, mount_setattr and pivot_root as verbs. Must never follow a symbolic
link a program could have planted: roots are built before any program runs.
"""

from __future__ import annotations

import os
import struct

from deputy.execution.guest import kernel

AT_FDCWD = -100
AT_RECURSIVE = 0x8000
AT_EMPTY_PATH = 0x1000
OPEN_TREE_CLONE = 1
MOVE_FROM_EMPTY_PATH = 4
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2

READ_ONLY, NO_SUID, NO_DEVICES, NO_EXECUTE = 1, 2, 4, 8


def make_private() -> None:
    """Stop mounts from spreading in either direction."""
    kernel.mount("none", "/", None, MS_REC | MS_PRIVATE, None)


def detached(path: str, attributes: int) -> int:
    """Give a descriptor of a detached copy of the mounts at a path, restricted as asked.

    Whoever holds the descriptor may attach it anywhere, the path's own directories need not be
    reachable there.
    """
    flags = OPEN_TREE_CLONE | AT_RECURSIVE | os.O_CLOEXEC
    tree = kernel.call("open_tree", AT_FDCWD, os.fsencode(path), flags)
    wanted = struct.pack("=QQQQ", attributes, 0, MS_PRIVATE, 0)
    kernel.call("mount_setattr", tree, b"", AT_EMPTY_PATH | AT_RECURSIVE, wanted, len(wanted))
    return tree


def attach(tree: int, path: str) -> None:
    """Attach a detached tree at a path and forget its descriptor."""
    kernel.call("move_mount", tree, b"", AT_FDCWD, os.fsencode(path), MOVE_FROM_EMPTY_PATH)
    os.close(tree)


def tmpfs(path: str, size_bytes: int, inodes: int, mode: int) -> None:
    """Mount an empty file system in memory with a size of its own."""
    options = f"size={size_bytes},nr_inodes={inodes},mode={mode:o}"
    kernel.mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, options)


def proc(path: str, options: str | None) -> None:
    """Mount the process list of this pid namespace."""
    kernel.mount("proc", path, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, options)


def bind(source: str, target: str) -> None:
    """Show a directory or file at a second place."""
    kernel.mount(source, target, None, MS_BIND, None)


def freeze(path: str) -> None:
    """Make the mount at a path read-only."""
    flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV
    kernel.mount("none", path, None, flags, None)


def enter(root: str) -> None:
    """Make a mount the root and let go of everything that was mounted before."""
    os.chdir(root)
    os.mkdir("old", 0o700)
    kernel.call("pivot_root", b".", b"old")
    os.chdir("/")
    kernel.unmount("/old", MNT_DETACH)
    os.rmdir("/old")
