"""The program: the process that becomes the submitted code.

Owns its last walls, its surroundings and its closing note. Everything before `_execute` is
ours; everything after is not, so the note is a claim that pid 1 reads with suspicion.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import json
import linecache
import os
import random
import sys
import threading
import traceback
import types
from dataclasses import dataclass
from typing import Any, NoReturn

from deputy.execution.guest import (
    capabilities,
    kernel,
    landlock,
    namespaces,
    privileges,
    rlimits,
    seccomp,
    workspaces,
)
from deputy.execution.guest.jobs import Job
from deputy.execution.guest.walls import WallError, raised

FILE_NAME = "<step>"
SEALED = b"sealed\n"
NOTE_BYTES_MAX = 4_096
SEED_MAX = 1 << 32
# Left behind in module tables these would offer the jail's own code to the program.
OWN_PACKAGE = "deputy"


@dataclass(frozen=True)
class Preparation:
    """What pid 1 hands to the program's process: descriptors and what the zygote measured."""

    stdout: int
    stderr: int
    note: int
    landlock_rules: int | None
    footprint: tuple[int, int]


def become(job: Job, ready: Preparation) -> NoReturn:
    """Raise the last walls and turn into the submitted code. Never returns."""
    status = 1
    try:
        _take_descriptors(ready)
        _seal(job, ready)
        os.write(ready.note, SEALED)
        _surround(job)
        status = _execute(job, ready.note)
    except WallError as error:
        _tell(ready.note, {"wall": error.wall, "reason": error.reason})
    finally:
        os._exit(status)


def _take_descriptors(ready: Preparation) -> None:
    nothing = os.open("/dev/null", os.O_RDONLY)
    for source, target in ((nothing, 0), (ready.stdout, 1), (ready.stderr, 2)):
        os.dup2(source, target)
    kept = {0, 1, 2, ready.note}
    if ready.landlock_rules is not None:
        kept.add(ready.landlock_rules)
    kernel.close_all_but(kept)
    os.set_inheritable(ready.note, False)


def _seal(job: Job, ready: Preparation) -> None:
    raised("capabilities", capabilities.keep)
    raised("resource_limits", lambda: rlimits.apply(job.limits, ready.footprint))
    if ready.landlock_rules is not None:
        landlock.restrict(ready.landlock_rules)
        os.close(ready.landlock_rules)
    os.setsid()
    privileges.show()
    raised("seccomp", _require_filter)
    raised("user_namespace", _require_own_user)


def _require_filter() -> None:
    assert kernel.prctl(kernel.PR_GET_SECCOMP) == seccomp.MODE_FILTER
    assert kernel.prctl(kernel.PR_GET_NO_NEW_PRIVS) == 1


def _require_own_user() -> None:
    assert os.getresuid() == (namespaces.INNER_UID,) * 3
    assert os.getresgid() == (namespaces.INNER_UID,) * 3


def _surround(job: Job) -> None:
    os.umask(0o077)
    os.chdir(workspaces.ROOT)
    os.environ.clear()
    os.environ.update(surroundings(job.clock_s))
    random.seed(job.seed)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(job.seed % SEED_MAX)
    for name in [n for n in sys.modules if n.partition(".")[0] == OWN_PACKAGE]:
        del sys.modules[name]
    sys.argv[:] = [FILE_NAME]
    sys.path[:] = [workspaces.ROOT, *(p for p in sys.path if p not in ("", workspaces.ROOT))]
    for name, descriptor, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        stream = _stream(descriptor, mode)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def surroundings(clock_s: int) -> dict[str, str]:
    """Give the environment of a program; nothing of the host's is in it."""
    return {
        "HOME": workspaces.ROOT,
        "LANG": "C.UTF-8",
        "PATH": f"{os.path.dirname(sys.executable)}:/usr/bin:/bin",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": "/tmp",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
        "SOURCE_DATE_EPOCH": str(clock_s),
    }


def _stream(descriptor: int, mode: str) -> io.TextIOWrapper:
    raw = io.FileIO(descriptor, mode, closefd=False)
    buffered = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    return io.TextIOWrapper(
        buffered, encoding="utf-8", errors="backslashreplace", line_buffering=mode == "w"
    )


def _execute(job: Job, note: int) -> int:
    module = types.ModuleType("__main__")
    module.__dict__.update(PARAMS=job.params, __file__=FILE_NAME)
    sys.modules["__main__"] = module
    linecache.cache[FILE_NAME] = (len(job.code), None, job.code.splitlines(True), FILE_NAME)
    failure: BaseException | None = None
    try:
        exec(compile(job.code, FILE_NAME, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    except BaseException as error:  # noqa: BLE001 - whatever the program raised is its outcome
        failure = error
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
    except BaseException as error:  # noqa: BLE001
        failure = failure or error
    return _close(failure, note)


def _close(failure: BaseException | None, note: int) -> int:
    failed = failure is not None and not _left_well(failure)
    if failed:
        assert failure is not None
        _print(failure)
        _tell(note, _facts(failure))
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    return 1 if failed else 0


def _left_well(failure: BaseException) -> bool:
    return isinstance(failure, SystemExit) and failure.code in (None, 0)


def _facts(failure: BaseException) -> dict[str, Any]:
    name = "MemoryError" if isinstance(failure, MemoryError) else type(failure).__name__
    facts: dict[str, Any] = {"exception": name, "line": _line(failure)}
    if isinstance(failure, OSError):
        facts["errno"] = failure.errno
    if isinstance(failure, RuntimeError) and "start new thread" in str(failure):
        facts["threads"] = True
    return facts


def _line(failure: BaseException) -> int | None:
    if isinstance(failure, SyntaxError) and failure.filename == FILE_NAME:
        return failure.lineno
    line = None
    trace = failure.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE_NAME:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _print(failure: BaseException) -> None:
    """Print the failure as Python would, with the frames of the submitted code only."""
    try:
        if isinstance(failure, SystemExit):
            if not isinstance(failure.code, int):
                sys.stderr.write(f"{failure.code}\n")
            return
        shown = traceback.TracebackException.from_exception(failure)
        _trim(shown)
        sys.stderr.write("".join(shown.format()))
    except BaseException:  # noqa: BLE001 - a failure that cannot be printed is still named
        os.write(2, f"{type(failure).__name__}\n".encode("utf-8", "replace"))


def _trim(shown: traceback.TracebackException) -> None:
    waiting, seen = [shown], set()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        own = [frame for frame in part.stack if frame.filename == FILE_NAME]
        part.stack = traceback.StackSummary.from_list(own)
        related = (part.__cause__, part.__context__, *(part.exceptions or ()))
        waiting += [other for other in related if other is not None]


def _tell(note: int, facts: dict[str, Any]) -> None:
    with contextlib.suppress(OSError, ValueError):
        os.write(note, json.dumps(facts).encode()[:NOTE_BYTES_MAX] + b"\n")
