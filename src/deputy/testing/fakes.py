"""Stand-ins for time and chance.

Owns a clock that moves only when told and ids that follow one another. Must never be used where
secrecy matters: everything here can be foretold.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from deputy.core.ids import make

START_US = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z."""


@dataclass(slots=True)
class FixedClock:
    """A clock that stands still until it is moved. Wall and monotonic time move together."""

    us: int = START_US
    elapsed_s: float = 1_000.0

    def now_us(self) -> int:
        """Give UTC microseconds since 1970."""
        return self.us

    def monotonic_s(self) -> float:
        """Give seconds on a clock that never steps back."""
        return self.elapsed_s

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        assert seconds >= 0, "time only passes forwards; use step() to set the wall clock"
        self.us += round(seconds * 1_000_000)
        self.elapsed_s += seconds

    def step(self, us: int) -> None:
        """Set the wall clock, as an operator might; the monotonic clock does not notice."""
        self.us = us


@dataclass(slots=True)
class SequentialIds:
    """Ids and salts that follow one another from `start`; equal starts give equal ids."""

    start: int = 0
    time_ms: int = START_US // 1_000
    _ids: int = field(default=0)
    _salts: int = field(default=0)

    def new(self, prefix: str) -> str:
        """Give the next id; each is larger than the last as text too."""
        self._ids += 1
        return make(prefix, self.time_ms, (self.start + self._ids).to_bytes(10))

    def random_bytes(self, count: int) -> bytes:
        """Give the next bytes: never the same twice, always the same in the next run."""
        self._salts += 1
        seed = f"{self.start}/{self._salts}".encode()
        return hashlib.shake_256(seed).digest(count)
