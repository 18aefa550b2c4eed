"""The port of a sandbox: a job goes in, a result comes out, both as plain bytes and facts.

Owns the values and the protocol; limits, walls and outcomes are those of `core.calls`. A
program's failure is an `Outcome`; a platform's failure is an error and never looks like a
program's output.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from deputy.core.calls import CodeLimits as Limits
from deputy.core.calls import CodeOutcome as Outcome
from deputy.core.calls import WallReport as Wall

__all__ = [
    "IsolationReport",
    "Limits",
    "Outcome",
    "Refusal",
    "Sandbox",
    "SandboxJob",
    "SandboxResult",
    "Wall",
]

JSON = Any


@dataclass(frozen=True)
class SandboxJob:
    """One call: code and the files it sees below /workspace.

    `files` may be changed by the code, `read_only` can neither be changed nor renamed nor
    removed. `seed` feeds the random generators; `clock_s` (seconds since 1970) dates the files.
    """

    call_id: str
    attempt: int
    code: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    read_only: Mapping[str, bytes] = field(default_factory=dict)
    params: Mapping[str, JSON] = field(default_factory=dict)
    seed: int = 0
    clock_s: int = 0
    limits: Limits = Limits()


@dataclass(frozen=True)
class IsolationReport:
    """Which walls a backend raised."""

    backend: str
    walls: tuple[Wall, ...]

    def missing(self, required: Collection[str]) -> tuple[Wall, ...]:
        """Give the required walls that do not stand; one never reported counts as missing."""
        known = {wall.name: wall for wall in self.walls}
        unknown = Wall("", False, "not offered by this sandbox", "Choose a sandbox that has it.")
        found = (known.get(n, Wall(n, False, unknown.how, unknown.cure)) for n in required)
        return tuple(wall for wall in found if not wall.stands)


@dataclass(frozen=True)
class Refusal:
    """A name in the workspace that did not leave, escaped, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class SandboxResult:
    """What a program left.

    `exception` is a name of a fixed list, else `other`; `line` counts in the submitted code;
    `limit` names the field of `Limits` that was reached. `stdout` and `stderr` together hold at
    most `output_bytes`.
    """

    outcome: Outcome
    exception: str | None
    line: int | None
    stdout: bytes
    stderr: bytes
    changed: Mapping[str, bytes]
    deleted: tuple[str, ...]
    duration_s: float
    cpu_s: float
    memory_peak_bytes: int | None
    report: IsolationReport
    limit: str | None = None
    refused: tuple[Refusal, ...] = ()


class Sandbox(Protocol):
    """A backend."""

    def probe(self) -> IsolationReport:
        """Raise the walls around nothing and say which stand; never raises for a missing one."""

    async def run(self, job: SandboxJob) -> SandboxResult:
        """Run one job in a sandbox of its own, which is gone when this returns or raises.

        Raises `SandboxUnavailableError` (nothing ran), `SandboxLostError` (the platform failed
        on the way), `LimitExceededError` or `InvalidRequestError` (the job cannot be taken).
        """

    async def close(self) -> None:
        """End everything that runs."""
