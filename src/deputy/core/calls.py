"""Code calls: bytes in, bytes out.

Owns the values that cross between a cell and an execution host. Must never hold a path of the
host or a credential.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from deputy.core.canonical import canonical, digest

CodeOutcome = Literal[
    "ok",
    "error",
    "time_limit",
    "cpu_limit",
    "memory_limit",
    "output_limit",
    "file_limit",
    "killed",
]


@dataclass(frozen=True, slots=True)
class CodeLimits:
    """What one code call may use: seconds, bytes, counts.

    `tree_bytes` holds all it writes anywhere, inputs included; `files_max` counts the files of
    its workspace; `processes_max` counts threads too.
    """

    wall_s: float = 60.0
    cpu_s: float = 60.0
    memory_bytes: int = 2 << 30
    output_bytes: int = 1_000_000
    file_bytes: int = 256 << 20
    files_max: int = 2_000
    tree_bytes: int = 512 << 20
    processes_max: int = 64


@dataclass(frozen=True, slots=True)
class CodeCall:
    """One run of code over a tree: `files` may be changed by it, `read_only` may not.

    Keys are relative paths, values whole contents. `seed` and `clock_s` (seconds since 1970)
    make a second run comparable.
    """

    call: str
    attempt: int
    runtime: str
    code: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    read_only: Mapping[str, bytes] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    clock_s: int = 0
    limits: CodeLimits = CodeLimits()

    def digest(self) -> str:
        """Give the digest a permit binds: everything that decides what this call does."""
        trees = {
            name: {path: digest(raw) for path, raw in tree.items()}
            for name, tree in (("files", self.files), ("read_only", self.read_only))
        }
        return digest(
            canonical(
                {
                    "runtime": self.runtime,
                    "code": digest(self.code.encode()),
                    "params": dict(self.params),
                    "seed": self.seed,
                    "clock_s": self.clock_s,
                    "limits": asdict(self.limits),
                    **trees,
                }
            )
        )


@dataclass(frozen=True, slots=True)
class WallReport:
    """One wall of a sandbox: whether it stood, how, and what would make it stand."""

    name: str
    stands: bool
    how: str
    cure: str | None = None


@dataclass(frozen=True, slots=True)
class CodeResult:
    """What a code call left. `exception` is a class name of the fixed list, else `other`."""

    outcome: CodeOutcome
    exception: str | None = None
    line: int | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    changed: Mapping[str, bytes] = field(default_factory=dict)
    deleted: tuple[str, ...] = ()
    duration_s: float = 0.0
    cpu_s: float = 0.0
    memory_peak_bytes: int | None = None
    backend: str = ""
    walls: tuple[WallReport, ...] = ()
    limit: str | None = None
    """Which field of the limits was reached."""
    refused: tuple[tuple[str, str], ...] = ()
    """(escaped name, reason) of what the code left and no tree may hold."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An executor's invitation: its instance and a nonce that one permit may name."""

    executor: str
    nonce: str
