"""Files that only their owner may read: keys and headers an operator wrote down.

Owns the look at their modes. Must never say what such a file holds.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from deputy.core.errors import InvalidRequestError


def read_private(path: Path, bytes_max: int, *, code: str) -> bytes:
    """Give a file's bytes, at most one more than `bytes_max`.

    Raises `InvalidRequestError` for what is no plain file, or is readable by others.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
        raise unusable(path, why, "Correct the path.", code=code) from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise unusable(path, "is no file", "Name a plain file.", code=code)
        if mode & 0o077:
            cure = f"Run: chmod 600 {path}"
            raise unusable(path, "can be read by others", cure, code=code)
        return os.read(descriptor, bytes_max + 1)
    finally:
        os.close(descriptor)


def unusable(path: Path, why: str, cure: str, *, code: str) -> InvalidRequestError:
    """Give the error for a file that cannot be used."""
    return InvalidRequestError(f"The key file {path} {why}.", hint=cure, code=code)
