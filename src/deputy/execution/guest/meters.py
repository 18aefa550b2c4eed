"""What all processes of a call use together, read from its own process list.

Owns the sums of CPU time and memory. Must cost little while nothing is wrong: the exact figure
of shared memory is read only when the cheap upper bound is over the limit.
"""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
# Fields of /proc/<pid>/stat after the name: utime, stime, cutime, cstime and threads.
TIMES = slice(11, 15)
THREADS = 17


@dataclass(frozen=True)
class Use:
    """A sample: seconds of CPU, bytes of memory, threads of all processes."""

    cpu_s: float
    memory_bytes: int
    tasks: int


def sample(memory_bytes_max: int) -> Use:
    """Measure every process of this namespace except pid 1."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    ticks, resident, tasks = 0, 0, 0
    processes = [name for name in os.listdir("/proc") if name.isdigit() and name != "1"]
    for process in processes:
        fields = _fields(f"/proc/{process}/stat")
        ticks += sum(int(field) for field in fields[TIMES])
        tasks += int(fields[THREADS]) if fields else 0
        resident += _resident_bytes(process)
    if resident > memory_bytes_max:
        resident = sum(_proportional_bytes(process) for process in processes)
    cpu_s = ended.ru_utime + ended.ru_stime + ticks / TICKS_PER_S
    return Use(cpu_s, resident, tasks)


def _fields(path: str) -> list[bytes]:
    try:
        with open(path, "rb") as file:
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return []


def _resident_bytes(process: str) -> int:
    fields = _fields(f"/proc/{process}/statm")
    return int(fields[1]) * PAGE_BYTES if fields else 0


def _proportional_bytes(process: str) -> int:
    """Give a process's share; one that hides its memory is charged in full."""
    try:
        with open(f"/proc/{process}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) << 10
    except OSError:
        pass
    return _resident_bytes(process)
