"""The resource limits of one process, set on the program before its first line runs.

Owns the numbers. What many processes use together is watched by `meters`.
"""

from __future__ import annotations

import math
import os
import resource

from deputy.execution.guest.jobs import Limits

DESCRIPTORS_MAX = 512
STACK_BYTES = 8 << 20
STACK_BYTES_MAX = 64 << 20
LOCKED_BYTES_MAX = 64 << 10
SIGNALS_MAX = 1_024
# Address space is reserved in far larger pieces than are used (a JavaScript engine takes a
# terabyte): this only stops runaway maps. Data counts what a process may write to alone.
ADDRESS_BYTES_SPARE = 8 << 40
# The kernel's own CPU limit counts whole seconds; the exact one is watched by pid 1.
CPU_S_SPARE = 1


def apply(limits: Limits, footprint: tuple[int, int]) -> None:
    """Set soft and hard limits on this process; they can only fall from here."""
    size_bytes, data_bytes = footprint
    cpu_s = math.ceil(limits.cpu_s) + CPU_S_SPARE
    memory = limits.memory_bytes
    table = {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_CPU: (cpu_s, cpu_s + 1),
        resource.RLIMIT_DATA: (data_bytes + memory,) * 2,
        resource.RLIMIT_AS: (size_bytes + memory + ADDRESS_BYTES_SPARE,) * 2,
        resource.RLIMIT_FSIZE: (limits.file_bytes,) * 2,
        resource.RLIMIT_NOFILE: (DESCRIPTORS_MAX,) * 2,
        # Pid 1 of the call has the same user and counts too.
        resource.RLIMIT_NPROC: (limits.processes_max + 1,) * 2,
        resource.RLIMIT_STACK: (STACK_BYTES, STACK_BYTES_MAX),
        resource.RLIMIT_MEMLOCK: (LOCKED_BYTES_MAX,) * 2,
        resource.RLIMIT_MSGQUEUE: (0, 0),
        resource.RLIMIT_SIGPENDING: (SIGNALS_MAX,) * 2,
        resource.RLIMIT_NICE: (0, 0),
        resource.RLIMIT_RTPRIO: (0, 0),
    }
    for what, (soft, hard) in table.items():
        ceiling = resource.getrlimit(what)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(what, (soft, hard))


def footprint() -> tuple[int, int]:
    """Give the bytes of address space and of data the preloaded libraries already take."""
    with open("/proc/self/statm", "rb") as statm:
        fields = [int(field) for field in statm.read().split()]
    page = os.sysconf("SC_PAGE_SIZE")
    return fields[0] * page, fields[5] * page
