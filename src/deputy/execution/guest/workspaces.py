"""The writable part of one call's root: its files, its scratch space, its process list.

Owns the mounts made anew for each call and the laying out of files. Must run before any code of
the call does, and must never leave one of its writable mounts to a second call.
"""

from __future__ import annotations

import hashlib
import os
import socket

from deputy.execution.guest import mounts
from deputy.execution.guest.frames import CHUNK_BYTES, FrameError
from deputy.execution.guest.jobs import Job

ROOT = "/workspace"
# One file system holds workspace, /tmp and /dev/shm: together they fit into `tree_bytes`.
SCRATCH = "/tmp"
PARTS = {"workspace": ROOT, "shm": "/dev/shm", "tmp": SCRATCH}
PAGE_BYTES = 4_096
INODES_SPARE = 1_024
NOTHING_BYTES = 4_096

Digests = dict[str, bytes]


def mount(job: Job) -> bool:
    """Mount process list and scratch space; gives whether the process list is the call's own."""
    mounts.make_private()
    own_proc = _process_list()
    inputs = len(job.files) + len(job.read_only)
    size_bytes = job.limits.tree_bytes + inputs * PAGE_BYTES
    inodes = 2 * (job.limits.files_max + inputs) + INODES_SPARE
    mounts.tmpfs(SCRATCH, size_bytes, inodes, 0o755)
    for name, place in PARTS.items():
        os.mkdir(f"{SCRATCH}/{name}", 0o700)
        mounts.bind(f"{SCRATCH}/{name}", place)
    return own_proc


def lay_out(job: Job, sock: socket.socket) -> Digests:
    """Write the call's files from the socket; gives the digest of each that may be changed."""
    buffer = memoryview(bytearray(CHUNK_BYTES))
    digests = {path: _lay_out(path, size, sock, buffer, 0o600) for path, size in job.files}
    for path, size in job.read_only:
        _lay_out(path, size, sock, buffer, 0o400)
    for path, _ in (*job.files, *job.read_only):
        os.utime(f"{ROOT}/{path}", (job.clock_s, job.clock_s))
    _fix([path for path, _ in job.read_only])
    return digests


def digest(path: str) -> bytes:
    """Give the digest of a file's content."""
    with open(path, "rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").digest()


def _process_list() -> bool:
    try:
        mounts.proc("/proc", "subset=pid")
    except PermissionError:
        mounts.tmpfs("/proc", NOTHING_BYTES, 1, 0o555)
        mounts.freeze("/proc")
        return False
    return True


def _lay_out(path: str, size: int, sock: socket.socket, buffer: memoryview, mode: int) -> bytes:
    place = f"{ROOT}/{path}"
    os.makedirs(os.path.dirname(place), exist_ok=True)
    running = hashlib.sha256()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(place, flags, mode)
    try:
        while size:
            got = sock.recv_into(buffer[: min(size, CHUNK_BYTES)])
            if not got:
                raise FrameError("the host ended in the middle of a file")
            running.update(buffer[:got])
            _write_all(file, buffer[:got])
            size -= got
    finally:
        os.close(file)
    return running.digest()


def _write_all(file: int, view: memoryview) -> None:
    while view:
        view = view[os.write(file, view) :]


def _fix(paths: list[str]) -> None:
    """Make files read-only and nail them to their place.

    A mounted file cannot be written, renamed or removed. Its directories become mounts of
    their own, so that none of them can be renamed away with it.
    """
    above: set[str] = set()
    for path in paths:
        while path := os.path.dirname(path):
            above.add(path)
    for directory in sorted(above):
        mounts.bind(f"{ROOT}/{directory}", f"{ROOT}/{directory}")
    for path in paths:
        mounts.bind(f"{ROOT}/{path}", f"{ROOT}/{path}")
        mounts.freeze(f"{ROOT}/{path}")
