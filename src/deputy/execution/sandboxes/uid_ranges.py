"""Ranges of host users that no account has, one range a zygote.

Owns which range belongs to whom: a bound abstract socket is the claim, and the kernel ends it with
its holder. Must never give one range to two zygotes of a machine.
"""

from __future__ import annotations

import socket

from deputy.execution.errors import SandboxRefusedError

# Above every range that accounts, containers and subordinate users are given by custom.
FIRST = 1_880_000_000
EACH = 1_024
RANGES_MAX = 256


class UidRange:
    """A claimed range `first … first + count - 1`; it is free again once closed."""

    count = EACH

    def __init__(self) -> None:
        self._claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        for number in range(RANGES_MAX):
            try:
                self._claim.bind(f"\0deputy-uids-{number}")
            except OSError:
                continue
            self.first = FIRST + number * EACH
            return
        self._claim.close()
        raise SandboxRefusedError("own_uid", f"all {RANGES_MAX} ranges of users are in use")

    def close(self) -> None:
        """Give the range back."""
        self._claim.close()
