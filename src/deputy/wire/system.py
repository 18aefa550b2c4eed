"""Time and chance as the machine gives them.

Owns the two ports no plane could do without. Must never be reached for by a rule: they are passed
in.
"""

from __future__ import annotations

import secrets
import time

from deputy.core.ids import make


class SystemClock:
    """The machine's clocks."""

    def now_us(self) -> int:
        """Give UTC microseconds since 1970."""
        return time.time_ns() // 1_000

    def monotonic_s(self) -> float:
        """Give seconds on a clock that never steps."""
        return time.monotonic()


class SystemIds:
    """Ids from the clock and the operating system's randomness."""

    def new(self, prefix: str) -> str:
        """Give a new id `prefix_ULID`."""
        return make(prefix, time.time_ns() // 1_000_000, secrets.token_bytes(10))

    def random_bytes(self, count: int) -> bytes:
        """Give bytes nobody can guess."""
        return secrets.token_bytes(count)
