"""Pid 1 of a call: the trusted process that builds its jail and reports what came of it.

Owns the order of the walls and the only way out for bytes. The program never holds its socket,
cannot look into it and cannot signal it.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from deputy.execution.guest import (
    capabilities,
    frames,
    harvests,
    jobs,
    kernel,
    landlock,
    namespaces,
    outcomes,
    privileges,
    programs,
    seccomp,
    supervision,
    workspaces,
)
from deputy.execution.guest.walls import Wall, WallError, missing, raised, standing

LANDLOCK_CURE = "Use Linux 5.13 or newer with landlock in its list of security modules."
PROC_CURE = "Start the container with an unmasked /proc (systempaths=unconfined)."


@dataclass(frozen=True)
class House:
    """What the zygote prepared once for all calls of its runtime."""

    filter_bytes: bytes
    landlock_abi: int
    places: tuple[str, ...]
    footprint: tuple[int, int]
    own_uid: bool


def serve(host: socket.socket, settled: int, house: House) -> NoReturn:
    """Run one call from its socket to its result, once the zygote has settled it in."""
    try:
        kernel.close_all_but({0, 1, 2, host.fileno(), settled})
        if not os.read(settled, 1):
            os._exit(0)
        raised("user_namespace", namespaces.settle)
        raised("cgroup_namespace", namespaces.hide_groups)
        privileges.hide()
        kernel.close_all_but({0, 1, 2, host.fileno()})
        _report(host, _call(host, house))
    except WallError as error:
        fail(host, error.wall, error.reason)
    except (supervision.HostGoneError, frames.FrameError, ConnectionError, BrokenPipeError):
        pass
    except Exception as error:  # noqa: BLE001 - the host must learn that the platform failed
        fail(host, "pid_one", f"{type(error).__name__}: {error}")
    finally:
        os._exit(0)


@dataclass(frozen=True)
class _Ended:
    header: frames.Header
    blobs: tuple[bytes, ...]
    changed: tuple[tuple[str, int], ...]


def _call(host: socket.socket, house: House) -> _Ended:
    job = jobs.job(frames.receive(host))
    walls, own_proc, before = _build(job, host, house)
    _require(job.required, walls)
    seen = _run(job, host, house, own_proc)
    verdict = outcomes.verdict(job, seen)
    harvest = harvests.gathered(job, before)
    outcome, limit = verdict.outcome, verdict.limit
    if harvest.limit and outcome in ("ok", "error"):
        outcome, limit = outcomes.OUTCOME_OF_LIMIT[harvest.limit], harvest.limit
    header: frames.Header = {
        "kind": "result",
        "outcome": outcome,
        "limit": limit,
        "exception": verdict.exception,
        "line": verdict.line,
        "duration_s": seen.duration_s,
        "cpu_s": seen.cpu_s,
        "memory_peak_bytes": seen.memory_peak_bytes,
        "stdout_bytes": len(seen.stdout),
        "stderr_bytes": len(seen.stderr),
        "changed": harvest.changed,
        "deleted": harvest.deleted,
        "refused": harvest.refused,
        "walls": walls,
    }
    return _Ended(header, (bytes(seen.stdout), bytes(seen.stderr)), tuple(harvest.changed))


def _require(required: tuple[str, ...], walls: list[Wall]) -> None:
    known = {wall["name"]: wall for wall in walls}
    for name in required:
        wall = known.get(name)
        if wall is None:
            raise WallError(name, "this sandbox does not have it")
        if not wall["stands"]:
            raise WallError(name, wall["cure"] or wall["how"])


def _build(
    job: jobs.Job, host: socket.socket, house: House
) -> tuple[list[Wall], bool, workspaces.Digests]:
    """Raise every wall the program will inherit, in this order; seccomp comes last."""
    own_proc = raised("private_root", lambda: workspaces.mount(job))
    raised("uts_namespace", lambda: socket.sethostname("deputy"))
    raised("network_namespace", namespaces.raise_loopback)
    before = raised("private_root", lambda: workspaces.lay_out(job, host))
    steps: tuple[tuple[str, Callable[[], None]], ...] = (
        ("capabilities", capabilities.seal),
        # Reading what the program closed to others, and killing what it left running.
        (
            "capabilities",
            lambda: capabilities.keep(capabilities.DAC_READ_SEARCH, capabilities.KILL),
        ),
        ("no_new_privileges", privileges.seal),
    )
    for wall, step in steps:
        raised(wall, step)
    walls = [standing(name, "own, made for this call") for name in namespaces.WALLS]
    walls += [
        standing("private_root", "tmpfs; no path of the host below it but the runtime"),
        standing("read_only_runtime", "detached mounts: read-only, nosuid, nodev"),
        standing("capabilities", "none; bounding and ambient sets empty, securebits locked"),
        standing("no_new_privileges", "set"),
        standing("resource_limits", "on each process"),
        standing("seccomp", "deny-list over an architecture check"),
    ]
    walls.append(
        standing("landlock", f"ABI {house.landlock_abi}")
        if house.landlock_abi
        else missing("landlock", "the kernel has none", LANDLOCK_CURE)
    )
    walls.append(
        standing("private_proc", "own process list, kernel files absent")
        if own_proc
        else missing("private_proc", "none: /proc is masked around this host", PROC_CURE)
    )
    return walls, own_proc, before


def _run(job: jobs.Job, host: socket.socket, house: House, metered: bool) -> supervision.Watch:
    rules = landlock.prepared(house.landlock_abi, house.places) if house.landlock_abi else None
    raised("seccomp", lambda: seccomp.load(house.filter_bytes))
    (out, to_out), (err, to_err), (note, to_note) = os.pipe(), os.pipe(), os.pipe()
    program = os.fork()
    if program == 0:
        ready = programs.Preparation(to_out, to_err, to_note, rules, house.footprint)
        programs.become(job, ready)
    for descriptor in (to_out, to_err, to_note, rules):
        if descriptor is not None:
            os.close(descriptor)
    pipes = supervision.Pipes(out, err, note)
    return supervision.watch(program, pipes, host, job.limits, metered)


def _report(host: socket.socket, ended: _Ended) -> None:
    host.sendall(frames.packed(ended.header))
    for blob in ended.blobs:
        host.sendall(blob)
    for path, size in ended.changed:
        # Nothing runs any more and the walk saw a regular file: the name is what it was.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(f"{workspaces.ROOT}/{path}", flags)
        try:
            _send(host, file, size)
        finally:
            os.close(file)


def _send(host: socket.socket, file: int, size: int) -> None:
    sent = 0
    while sent < size:
        count = os.sendfile(host.fileno(), file, sent, size - sent)
        if not count:
            raise frames.FrameError("a file became shorter after everything had ended")
        sent += count


def fail(host: socket.socket, wall: str, reason: str) -> None:
    """Tell the host which wall could not stand; nothing of the call ran."""
    with contextlib.suppress(OSError):
        host.sendall(frames.packed({"kind": "failed", "wall": wall, "reason": reason}))
