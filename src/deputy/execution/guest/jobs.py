"""The job of one call as pid 1 reads it from its socket.

Owns the shape. The host has validated it; paths are checked again because they become files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deputy.execution.guest.frames import FrameError, Header

PARTS_MAX = 32
PART_BYTES_MAX = 255
PATH_BYTES_MAX = 1_024


@dataclass(frozen=True)
class Limits:
    """What one call may use; the names and units are those of the host's port."""

    wall_s: float
    cpu_s: float
    memory_bytes: int
    output_bytes: int
    file_bytes: int
    files_max: int
    tree_bytes: int
    processes_max: int


@dataclass(frozen=True)
class Job:
    """One call: code and where its files begin and end on the socket."""

    code: str
    params: Any
    seed: int
    clock_s: int
    limits: Limits
    files: tuple[tuple[str, int], ...]
    read_only: tuple[tuple[str, int], ...]
    required: tuple[str, ...]


def job(header: Header) -> Job:
    """Give the job a header describes; raises `FrameError`."""
    try:
        return Job(
            code=str(header["code"]),
            params=header["params"],
            seed=int(header["seed"]),
            clock_s=int(header["clock_s"]),
            limits=Limits(**header["limits"]),
            files=tuple((checked(path), int(size)) for path, size in header["files"]),
            read_only=tuple((checked(path), int(size)) for path, size in header["read_only"]),
            required=tuple(header["required"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FrameError(f"the job is not one: {error}") from error


def checked(path: str) -> str:
    """Give a relative path back, or raise `ValueError` saying what is wrong with it."""
    raw = path.encode("utf-8", "strict")
    parts = path.split("/")
    if len(raw) > PATH_BYTES_MAX or len(parts) > PARTS_MAX:
        raise ValueError(f"the path is longer than {PATH_BYTES_MAX} bytes or {PARTS_MAX} parts")
    for part in parts:
        if part in ("", ".", ".."):
            raise ValueError("the path is not a plain relative one")
        if len(part.encode()) > PART_BYTES_MAX:
            raise ValueError(f"a part of the path is longer than {PART_BYTES_MAX} bytes")
        if any(character in _HOSTILE or ord(character) < 0x20 for character in part):
            raise ValueError("the path holds a control or direction character")
    return path


# Delete, the C1 controls, line separators and everything that turns the reading direction.
_HOSTILE = frozenset(
    map(
        chr,
        (
            *range(0x7F, 0xA0),
            0x061C, 0x200E, 0x200F, 0x2028, 0x2029,
            *range(0x202A, 0x202F),
            *range(0x2066, 0x206A),
            0xFEFF,
        ),
    )
)  # fmt: skip
