"""The record of started calls: written and synced before anything runs.

Owns an append-only file of (call, attempt). Whoever finds a pair in it must not start it again,
whatever happened since. Must never forget a young entry: a permit is far younger than the file.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from deputy.core.errors import SandboxUnavailableError

ENTRIES_MAX = 200_000
"""Beyond this many the older half is dropped at start; permits live for seconds."""


class Starts:
    """One host's record. Several hosts of a machine may share the file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        self._file = os.open(path, flags, 0o600)
        _sync_folder(path.parent)
        # A lock on a file holds between processes only, not between threads that share it.
        self._turn = threading.Lock()
        self._read_to = 0
        self._seen: set[bytes] = set()
        self._shorten()

    def begin(self, call: str, attempt: int) -> bool:
        """Record a start durably; False if it was recorded before, by anyone.

        Raises `SandboxUnavailableError` if the disk does not take it: then nothing may start.
        """
        entry = f"{call} {attempt}".encode()
        with self._alone():
            self._catch_up()
            if entry in self._seen:
                return False
            self._record(entry + b"\n")
            self._catch_up()
            return True

    def close(self) -> None:
        """Let the file go."""
        os.close(self._file)

    def _record(self, line: bytes) -> None:
        try:
            if os.write(self._file, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fdatasync(self._file)
        except OSError as error:
            # What is not surely recorded must not look so to anyone: nothing was started.
            os.ftruncate(self._file, self._read_to)
            raise SandboxUnavailableError(
                f"The execution host could not record the start: {error.strerror}.",
                hint=f"Free space there, on the disk of {self._path}. It is tried again by itself.",
                code="host.record_failed",
            ) from error

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with self._turn:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def _catch_up(self) -> None:
        size = os.fstat(self._file).st_size
        if size < self._read_to:
            self._read_to = 0
        raw = os.pread(self._file, size - self._read_to, self._read_to)
        # A torn last line is the start of a call that was never begun: it ends without newline.
        whole, newline, torn = raw.rpartition(b"\n")
        self._seen.update(whole.split(b"\n") if newline else ())
        self._read_to += len(whole) + len(newline)
        if torn:
            os.ftruncate(self._file, self._read_to)

    def _shorten(self) -> None:
        with self._alone():
            self._catch_up()
            if len(self._seen) <= ENTRIES_MAX:
                return
            raw = os.pread(self._file, self._read_to, 0).splitlines()[-ENTRIES_MAX // 2 :]
            os.ftruncate(self._file, 0)
            os.write(self._file, b"".join(line + b"\n" for line in raw))
            os.fdatasync(self._file)
            self._seen, self._read_to = set(raw), os.fstat(self._file).st_size


def _sync_folder(path: Path) -> None:
    """Make the file's own entry durable, not only what is in it."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
