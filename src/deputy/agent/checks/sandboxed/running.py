"""Runs a list of checks in the sandbox, each by itself, and gives one JSON line of them.

Owns isolation of one check from the next and the fair share of time. Must never decide what a
verdict means: it passes on what each check said.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError

DETAIL_CHARACTERS_MAX = 1_000
SECONDS_LEAST = 1.0
SECONDS_EASY = 20.0  # on a busy machine each may take so long, as long as the others keep some


class OverrunError(Exception):
    """A check used up its share of time."""


def run(params: dict[str, Any], checks: dict[str, Any]) -> str:
    """Give the JSON line; `checks` gives for each name a function that loads the check."""
    requests = params["requests"]
    ends = time.monotonic() + float(params["seconds"])
    results = []
    for number, request in enumerate(requests):
        share = _share(ends - time.monotonic(), len(requests) - number)
        with contextlib.redirect_stdout(sys.stderr):
            verdict, detail = verdict_of(request, checks, share)
        results.append({
            "id": request["id"], "check": request["check"], "target": request["target"],
            "verdict": verdict, "detail": detail[:DETAIL_CHARACTERS_MAX],
        })  # fmt: skip
    return json.dumps({"results": results})


def _share(left: float, checks: int) -> float:
    """Give the seconds of the next check: its fair part, or more where that starves nobody."""
    spare = left - (checks - 1) * SECONDS_LEAST
    return max(SECONDS_LEAST, left / checks, min(SECONDS_EASY, spare))


def verdict_of(request: dict[str, Any], checks: dict[str, Any], seconds: float) -> tuple[str, str]:
    """Run one check within its time and turn whatever happens into a verdict."""
    signal.signal(signal.SIGALRM, _overrun)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        module = checks[request["check"]]()
        target = Path(request["target"])
        if not target.is_file():
            return "fail", f"There is no file {target}."
        return "pass", str(module.check(target, request["params"]))
    except FailedError as wrong:
        return "fail", str(wrong)
    except (UncheckedError, OverrunError) as unknown:
        return "error", str(unknown)
    except RecursionError:
        return "error", "The file is nested too deeply to be checked."
    except Exception as unknown:  # noqa: BLE001 -- a broken check must not stop the others
        return "error", f"The check could not run: {type(unknown).__name__}: {unknown}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _overrun(number: int, frame: FrameType | None) -> None:
    raise OverrunError("The check took longer than its share of time.")
