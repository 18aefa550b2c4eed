"""How a check says what came of it.

Owns the two ways not to pass. A check returns a sentence when the file passes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


class FailedError(Exception):
    """The file is wrong; the message says where, with the figures."""


class UncheckedError(Exception):
    """The check could not be made; the file is neither right nor wrong."""


def must(params: dict[str, Any], name: str) -> Any:
    """Give a parameter the check cannot do without."""
    if name not in params:
        raise UncheckedError(f"The check was asked for without {name!r}.")
    return params[name]


def close(found: float, expected: float) -> bool:
    """Whether two figures are equal but for the rounding of binary fractions."""
    return abs(found - expected) <= 1e-6 + 1e-9 * abs(expected)


def size_of(path: Path) -> int:
    """Give a file's size in bytes; a missing or empty file fails."""
    if not path.is_file():
        raise FailedError(f"There is no file {path.name}.")
    size = path.stat().st_size
    if size == 0:
        raise FailedError(f"{path.name} is empty.")
    return size
