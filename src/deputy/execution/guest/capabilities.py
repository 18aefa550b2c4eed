"""The capability wall: root powers, given up for good.

Owns bounding set, ambient set, securebits and the three capability sets. Must never raise one.
"""

from __future__ import annotations

import ctypes
import struct

from deputy.execution.guest import kernel

VERSION_3 = 0x20080522
DAC_READ_SEARCH = 2
KILL = 5
# Each of noroot, no_setuid_fixup, no_cap_ambient_raise and its lock, and the lock of keep_caps.
SECUREBITS_LOCKED = 0xEF
AMBIENT_CLEAR_ALL = 4
CAPABILITIES_MAX = 64


def seal() -> None:
    """Empty the bounding and ambient sets and lock the securebits, for all descendants."""
    for capability in range(CAPABILITIES_MAX):
        try:
            kernel.prctl(kernel.PR_CAPBSET_DROP, capability)
        except OSError:
            assert capability, "the kernel knows at least one capability"
            break
    kernel.prctl(kernel.PR_CAP_AMBIENT, AMBIENT_CLEAR_ALL)
    kernel.prctl(kernel.PR_SET_SECUREBITS, SECUREBITS_LOCKED)


def keep(*capabilities: int) -> None:
    """Keep only these in the permitted and effective sets of this process."""
    wanted = sum(1 << capability for capability in capabilities)
    low, high = wanted & 0xFFFFFFFF, wanted >> 32
    kernel.call(
        "capset",
        struct.pack("=II", VERSION_3, 0),
        struct.pack("=6I", low, low, 0, high, high, 0),
    )
    assert held() == wanted


def held() -> int:
    """Give every capability this process has in any set, as bits."""
    header = struct.pack("=II", VERSION_3, 0)
    data = ctypes.create_string_buffer(24)
    kernel.call("capget", header, data)
    words: tuple[int, ...] = struct.unpack("=6I", data.raw)
    return (words[0] | words[1] | words[2]) | (words[3] | words[4] | words[5]) << 32
