"""Watching over a running program: its output, its time, its use of the machine.

Owns the loop of pid 1 while the program lives, and the killing of everything at the end. Must
never trust what comes over the note pipe beyond a closed set of facts.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
import time
from dataclasses import dataclass, field

from deputy.execution.guest import meters
from deputy.execution.guest.jobs import Limits
from deputy.execution.guest.programs import NOTE_BYTES_MAX

SAMPLE_MS = 50
READ_BYTES = 64 << 10


class HostGoneError(Exception):
    """The host closed its end: nobody waits for this call any more."""


@dataclass
class Watch:
    """What was seen of a program: output so far, the limit that ended it, its exit status."""

    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)
    note: bytearray = field(default_factory=bytearray)
    limit: str | None = None
    status: int | None = None
    memory_peak_bytes: int = 0
    cpu_s: float = 0.0
    duration_s: float = 0.0
    tasks_peak: int = 0


@dataclass(frozen=True)
class Pipes:
    """The reading ends of a program's pipes."""

    stdout: int
    stderr: int
    note: int


def watch(program: int, pipes: Pipes, host: socket.socket, limits: Limits, metered: bool) -> Watch:
    """Follow a program to its end or to a limit; afterwards no process of the call lives."""
    seen = Watch()
    sinks = {pipes.stdout: seen.stdout, pipes.stderr: seen.stderr, pipes.note: seen.note}
    for pipe in sinks:
        os.set_blocking(pipe, False)
    began = time.monotonic()
    _follow(program, sinks, host, limits, seen, metered)
    seen.duration_s = time.monotonic() - began
    _end_all(program, seen)
    for pipe, sink in sinks.items():
        while _drain(pipe, sink, seen, limits):
            pass
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seen.cpu_s = used.ru_utime + used.ru_stime
    seen.memory_peak_bytes = max(seen.memory_peak_bytes, used.ru_maxrss << 10)
    return seen


def _follow(
    program: int,
    sinks: dict[int, bytearray],
    host: socket.socket,
    limits: Limits,
    seen: Watch,
    metered: bool,
) -> None:
    ended = os.pidfd_open(program)
    poll = select.poll()
    for pipe in (*sinks, ended):
        poll.register(pipe, select.POLLIN)
    poll.register(host, select.POLLHUP | select.POLLRDHUP)
    deadline = time.monotonic() + limits.wall_s
    next_sample = time.monotonic() + SAMPLE_MS / 1000
    while seen.limit is None:
        now = time.monotonic()
        if now >= deadline:
            seen.limit = "wall_s"
            break
        if now >= next_sample:
            _judge(limits, seen, metered)
            next_sample = now + SAMPLE_MS / 1000
        for ready, _ in poll.poll(max(1, int((min(next_sample, deadline) - now) * 1000))):
            if ready == host.fileno():
                raise HostGoneError
            if ready == ended:
                os.close(ended)
                return
            if not _drain(ready, sinks[ready], seen, limits):
                poll.unregister(ready)
    os.close(ended)


def _judge(limits: Limits, seen: Watch, metered: bool) -> None:
    if not metered:
        return
    use = meters.sample(limits.memory_bytes)
    seen.memory_peak_bytes = max(seen.memory_peak_bytes, use.memory_bytes)
    seen.tasks_peak = max(seen.tasks_peak, use.tasks)
    if use.memory_bytes > limits.memory_bytes:
        seen.limit = "memory_bytes"
    elif use.cpu_s > limits.cpu_s:
        seen.limit = "cpu_s"


def _drain(pipe: int, sink: bytearray, seen: Watch, limits: Limits) -> bool:
    """Take what a pipe holds; gives False at its end, or when there is nothing to take."""
    try:
        chunk = os.read(pipe, READ_BYTES)
    except BlockingIOError:
        return False
    if not chunk:
        return False
    if sink is seen.note:
        sink += chunk[: max(0, NOTE_BYTES_MAX - len(sink))]
        return True
    room = limits.output_bytes - len(seen.stdout) - len(seen.stderr)
    sink += chunk[:room]
    if len(chunk) > room and seen.limit is None:
        seen.limit = "output_bytes"
    return seen.limit != "output_bytes"


def _end_all(program: int, seen: Watch) -> None:
    """Kill every process of the namespace and wait until none is left."""
    while True:
        try:
            # A program that ended by itself keeps the status it ended with.
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == program:
                seen.status = status
            if pid == 0 or pid == program:
                _kill_all()
            if pid == 0:
                pid, status = os.waitpid(-1, 0)
                if pid == program:
                    seen.status = status
        except ChildProcessError:
            return


def _kill_all() -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
