"""The private root every call of a runtime starts from.

Owns which parts of the host are shown inside, read-only, and where. Must never show a home, a
socket, a secret or anything writable; must never change a mode or owner on the host.
"""

from __future__ import annotations

import os
import sys

from deputy.execution.guest import mounts
from deputy.execution.guest.walls import WallError

ROOT_BYTES = 1 << 20
ROOT_INODES = 1_024
IMPORT_BYTES = 64 << 20
IMPORT_INODES = 4_096
# An existing directory to build the root on; it is covered only in a namespace of our own.
BUILDING_PLACES = ("/tmp", "/mnt", "/usr")
READ_ONLY = mounts.READ_ONLY | mounts.NO_SUID | mounts.NO_DEVICES
DEVICES = ("null", "zero", "full", "random", "urandom")
TOP_LEVEL = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
SETTINGS = (
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/mime.types",
)
EMPTY = ("/proc", "/workspace", "/tmp", "/dev/shm")
WRITTEN = {
    "/etc/passwd": "user:x:1000:1000::/workspace:/bin/sh\n",
    "/etc/group": "user:x:1000:\n",
    "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
LINKS = {"/dev/fd": "/proc/self/fd", "/dev/stdin": "/proc/self/fd/0",
         "/dev/stdout": "/proc/self/fd/1", "/dev/stderr": "/proc/self/fd/2"}  # fmt: skip

Trees = dict[str, int]


def runtime_places() -> tuple[str, ...]:
    """Give the directories of the runtime that /usr does not already show.

    Both the virtual environment and the Python it was made from keep their own paths, because
    the interpreter was started by them.
    """
    found = []
    for place in (sys.prefix, sys.base_prefix, sys.base_exec_prefix):
        real = os.path.realpath(place)
        if real in ("/", "/usr") or real.startswith("/usr/") or real in found:
            continue
        if any(real == own or real.startswith(own + "/") for own in EMPTY):
            raise WallError("zygote", f"the runtime lies in {real}, a place each call has anew")
        found.append(real)
    return tuple(p for p in found if not any(p.startswith(other + "/") for other in found))


def opened() -> Trees:
    """Give a detached, restricted tree for every part of the host that is shown inside.

    Made by whoever may read the host's paths; the holder of the descriptors needs no such
    right, so a Python below a closed home stays usable and the home stays closed.
    """
    trees = {}
    for place in ("/usr", *runtime_places(), *SETTINGS):
        if os.path.exists(place):
            trees[place] = mounts.detached(os.path.realpath(place), READ_ONLY)
    for name in TOP_LEVEL:
        if os.path.isdir(f"/{name}") and not os.path.islink(f"/{name}"):
            trees[f"/{name}"] = mounts.detached(f"/{name}", READ_ONLY)
    for device in DEVICES:
        trees[f"/dev/{device}"] = mounts.detached(f"/dev/{device}", mounts.NO_SUID)
    return trees


def entered(trees: Trees, links: dict[str, str]) -> bool:
    """Build the root from the trees and make it this namespace's own, for good.

    Gives whether the process list is this namespace's own; where the surroundings mask /proc
    (some container engines do) it is theirs and must be covered in each call.
    """
    root = next(place for place in BUILDING_PLACES if os.path.isdir(place))
    mounts.make_private()
    host_proc = mounts.detached("/proc", mounts.NO_SUID | mounts.NO_DEVICES | mounts.NO_EXECUTE)
    mounts.tmpfs(root, ROOT_BYTES, ROOT_INODES, 0o755)
    for path in EMPTY:
        os.makedirs(root + path, exist_ok=True)
    for path, tree in trees.items():
        _place_for(tree, root + path)
        mounts.attach(tree, root + path)
    for path, target in (*links.items(), *LINKS.items()):
        os.symlink(target, root + path)
    for path, text in WRITTEN.items():
        _write(root + path, text)
    own_proc = _own_proc(root + "/proc", host_proc)
    mounts.tmpfs(root + "/tmp", IMPORT_BYTES, IMPORT_INODES, 0o700)
    mounts.enter(root)
    mounts.freeze("/")
    return own_proc


def top_links() -> dict[str, str]:
    """Give the symbolic links at the top of the host's tree, such as /bin to usr/bin."""
    return {f"/{n}": os.readlink(f"/{n}") for n in TOP_LEVEL if os.path.islink(f"/{n}")}


def _own_proc(place: str, host_proc: int) -> bool:
    try:
        mounts.proc(place, None)
    except PermissionError:
        mounts.attach(host_proc, place)
        return False
    os.close(host_proc)
    return True


def _place_for(tree: int, path: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.isdir(f"/proc/self/fd/{tree}"):
        os.makedirs(path, exist_ok=True)
    else:
        _write(path, "")


def _write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
