"""From what pid 1 saw to one typed outcome.

Owns the reading of exit status, limits and the program's closing note. Must never let a note
say more than a name of the fixed list, a line number and an error number.
"""

from __future__ import annotations

import errno
import json
import os
import signal
from dataclasses import dataclass
from typing import Any

from deputy.execution.guest import programs, workspaces
from deputy.execution.guest.exceptions import admitted
from deputy.execution.guest.jobs import Job
from deputy.execution.guest.supervision import Watch
from deputy.execution.guest.walls import WallError

OUTCOME_OF_LIMIT = {
    "wall_s": "time_limit",
    "cpu_s": "cpu_limit",
    "memory_bytes": "memory_limit",
    "output_bytes": "output_limit",
    "file_bytes": "file_limit",
    "files_max": "file_limit",
    "tree_bytes": "file_limit",
}


@dataclass(frozen=True)
class Verdict:
    """An outcome, the limit it names, and the two facts about a failure."""

    outcome: str
    limit: str | None
    exception: str | None
    line: int | None


def verdict(job: Job, seen: Watch) -> Verdict:
    """Judge a program that is dead; raises `WallError` when it never became the program."""
    facts = _facts(seen, job.code)
    exception = admitted(facts.get("exception"))
    line = facts.get("line")
    limit = seen.limit or _limit(seen, facts)
    if limit in OUTCOME_OF_LIMIT:
        return Verdict(OUTCOME_OF_LIMIT[limit], limit, exception, line)
    status = seen.status if seen.status is not None else 0
    if os.WIFSIGNALED(status):
        return Verdict("killed", limit, exception, line)
    outcome = "error" if os.WEXITSTATUS(status) else "ok"
    return Verdict(outcome, limit, exception, line)


def _facts(seen: Watch, code: str) -> dict[str, Any]:
    head, _, rest = bytes(seen.note).partition(b"\n")
    if head + b"\n" != programs.SEALED:
        refused = _parsed(head)
        wall, reason = refused.get("wall", "program"), refused.get("reason", "it ended early")
        raise WallError(str(wall), str(reason))
    facts = _parsed(rest.partition(b"\n")[0])
    line, number = facts.get("line"), facts.get("errno")
    lines = code.count("\n") + 1
    return {
        "exception": facts.get("exception"),
        "line": line if type(line) is int and 1 <= line <= lines else None,
        "errno": number if type(number) is int else None,
        "threads": facts.get("threads") is True,
    }


def _limit(seen: Watch, facts: dict[str, Any]) -> str | None:
    status = seen.status or 0
    number = facts["errno"]
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
        return "cpu_s"
    if facts["exception"] == "MemoryError" or number == errno.ENOMEM:
        return "memory_bytes"
    if number == errno.EFBIG:
        return "file_bytes"
    if number in (errno.ENOSPC, errno.EDQUOT):
        room = os.statvfs(workspaces.ROOT)
        return "files_max" if not room.f_ffree else "tree_bytes"
    if number == errno.EAGAIN or facts["threads"]:
        return "processes_max"
    return None


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        facts = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}
