"""The agent's own check of a file, itself put to the test on copies that are wrong or equal.

Owns how such code is run. Must never let its answer count for more than the agent's own word.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.copies import equals, mutants
from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError, must

NAME = "code.check"
TITLE = "The agent's own code finds nothing wrong, and finds what was put wrong on purpose"
LIMITS = "more than the agent's own code looks at; it alone never makes a file verified"
KIND = "own code"
APPLIES_TO = ("*",)
NEEDS = ("code",)
TAKES = (
    "code: Python that defines check(path, params) and raises AssertionError with words if the "
    "file is wrong; claims: {columns: [heading]}, {cells: [Sheet!B7]} or {texts: [phrase]} it "
    "judges; params (optional). It is run on the file (must pass), on copies in which what it "
    "claims was changed (must object to at least one) and on an equal copy (must pass)."
)
Judge = Callable[[Path], str]


def check(target: Path, params: dict[str, Any]) -> str:
    """Run the code on the file, on equal copies and on mutants."""
    judge = _judge(str(must(params, "code")), dict(params.get("params") or {}))
    said = _run(judge, target, target.name)
    if said:
        raise FailedError(said)
    claims = must(params, "claims")
    for name, change in equals(target).items():
        said = _run(judge, target, target.name, change)
        if said:
            raise UncheckedError(f"This check cannot tell right from wrong: it objects to an equal "
                                 f"copy ({name}): {said[:200]}")  # fmt: skip
    changes = mutants(target, dict(claims))
    if not changes:
        raise UncheckedError("Nothing of what the check claims to judge was found in the file; "
                             "name its columns, cells or texts as they stand there.")  # fmt: skip
    caught = [name for name, change in changes.items() if _run(judge, target, target.name, change)]
    if not caught:
        raise UncheckedError("This check cannot tell right from wrong: it passes copies in which "
                             f"{'; '.join(changes)}.")  # fmt: skip
    return f"Passed; objected to {len(caught)} of {len(changes)} copies put wrong on purpose."


def _judge(code: str, own: dict[str, Any]) -> Judge:
    space: dict[str, Any] = {"__name__": "agent_check"}
    try:
        exec(compile(code, "check.py", "exec"), space)  # noqa: S102 -- in the sandbox, after all else
    except Exception as wrong:
        raise UncheckedError(f"The code does not run: {type(wrong).__name__}: {wrong}") from wrong
    function = space.get("check")
    if not callable(function):
        raise UncheckedError("The code defines no function check(path, params).")

    def judge(path: Path) -> str:
        answer = function(str(path), dict(own))
        return "it answered False" if answer is False else ""

    return judge


def _run(
    judge: Judge, target: Path, name: str, change: Callable[[Path], None] | None = None
) -> str:
    """Give the code's objection to a copy; only an assertion counts where nothing was changed."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, name)
        shutil.copyfile(target, copy)
        if change is not None:
            change(copy)
        try:
            return judge(copy)
        except AssertionError as wrong:
            return str(wrong) or "an assertion failed"
        except Exception as wrong:
            if change is None:
                raise UncheckedError(f"The code broke: {type(wrong).__name__}: {wrong}") from wrong
            return f"{type(wrong).__name__}: {wrong}"
