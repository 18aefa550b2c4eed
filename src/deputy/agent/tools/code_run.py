"""`code.run`: run Python over the working tree in a sandbox of its own.

Owns the call that turns a tree into a tree. Returns {"outcome", "exception", "line", "stdout",
"stderr", "truncated", "changed": [{"path", "size"}], "deleted": [path], "limit", "refused":
[{"name", "reason"}], "fault": {"kind", "cure"} | null}.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import asdict, replace
from typing import Any

from pydantic import Field

from deputy.agent import repairs
from deputy.agent.tools.tool import LIMITS, Job, read_args
from deputy.core.artifacts import (
    UPLOADS_FOLDER,
    TreeEntry,
    check_path,
    check_place,
    folders_of,
)
from deputy.core.budget import Amount
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.errors import InvalidRequestError, LimitExceededError
from deputy.core.events import Draft
from deputy.core.events.session_bodies import CallReturned, SnapshotTaken
from deputy.core.flow import ToolContract
from deputy.core.labels import Label, join_all
from deputy.core.messages import ToolSpec, Value

NAME = "code.run"
CODE_CHARS_MAX = 300_000
OUTPUT_CHARS_MAX = 200_000
INPUTS_MAX = 1_000
REFUSED_TOLD_MAX = 100
REFUSED_CHARS_MAX = 500
LIBRARIES = (
    "altair", "clevercsv", "duckdb", "great_tables", "matplotlib", "numpy", "openpyxl", "pandas",
    "PIL", "plotly", "pyarrow", "pypdfium2", "python_calamine", "docx", "pptx", "typst",
    "vl_convert", "xlsxwriter",
)  # fmt: skip
"""What the `data` runtime holds, as imported."""


class Args(Value):
    """Code, the paths it reads (all files if none are named) and its parameters."""

    code: str = Field(min_length=1, max_length=CODE_CHARS_MAX)
    inputs: tuple[str, ...] | None = Field(default=None, max_length=INPUTS_MAX)
    params: dict[str, Any] = {}


class _CodeRun:
    contract = ToolContract(name=NAME, effect="private_reversible", repeatable=True)
    spec = ToolSpec(
        name=NAME,
        purpose="Run Python 3 in a fresh sandbox, in a folder that holds the session's files under"
        " the paths you were told: those named as inputs and no others (all, if inputs is left"
        " out). Libraries: " + ", ".join(LIBRARIES) + ". Print what you want to know: nothing else"
        " comes back but errors and the list of changed files. Write results below out/, which"
        " you make if it is not there. `params` is the global PARAMS. One run has"
        f" {int(LIMITS.wall_s)} s, {LIMITS.memory_bytes >> 30} GiB of memory and no network.",
        args_schema=Args.model_json_schema(),
    )

    async def prepare(self, job: Job) -> CodeCall | None:
        """Give the code call over exactly the declared inputs."""
        args = read_args(Args, job.call.args)
        return CodeCall(
            call=job.call.id,
            attempt=job.attempt,
            runtime=job.runtime,
            code=args.code,
            files=await job.contents(_inputs(job, args)),
            params=args.params,
            seed=job.turn.seed,
            clock_s=job.clock_s,
        )

    async def facts(self, job: Job, result: CodeResult | None) -> Sequence[Draft]:
        """Keep what the code left, under the label of everything it saw."""
        assert result is not None
        inputs = _inputs(job, read_args(Args, job.call.args))
        result = _with_sound_paths(job, result, given={entry.path for entry in inputs})
        label = join_all([job.call.label, *(entry.label for entry in inputs)])
        changed = await _keep(job, result, label)
        told = _told(result)
        told["fault"] = asdict(fault) if (fault := repairs.of_code(told)) is not None else None
        returned = CallReturned(
            tool=NAME,
            status="ok" if result.outcome == "ok" else "error",
            content=told,
            spent=Amount(sandbox_ms=int(result.duration_s * 1_000)),
            walls=tuple({"name": w.name, "stands": w.stands, "how": w.how} for w in result.walls),
        )
        tree = job.session.tree.changed(changed, result.deleted)
        snapshot = SnapshotTaken(tree=tree.digest(), changed=changed, deleted=result.deleted)
        return [job.draft(returned, label), job.draft(snapshot, label)]


def _inputs(job: Job, args: Args) -> list[TreeEntry]:
    tree = job.session.tree.by_path()
    if args.inputs is None:
        return list(tree.values())
    unknown = [path for path in args.inputs if path not in tree]
    if unknown:
        there = ", ".join(list(tree)[:20]) or "none"
        raise InvalidRequestError(
            f"There is no file {unknown[0]!r} in this session.",
            hint=f"Files there are: {there}.",
            code="input.unknown",
        )
    return [tree[path] for path in args.inputs]


async def _keep(job: Job, result: CodeResult, label: Label) -> tuple[TreeEntry, ...]:
    kept = []
    for path, raw in sorted(result.changed.items()):
        digest = await job.blobs.put(raw)
        kept.append(
            TreeEntry(
                path=path,
                digest=digest,
                size=len(raw),
                label=label,
                made_by=job.call.id,
            )
        )
    return tuple(kept)


def _with_sound_paths(job: Job, result: CodeResult, *, given: Set[str]) -> CodeResult:
    """Refuse what this tree may not hold, whatever the host let through."""
    sound, refused = {}, list(result.refused)
    # What a call was not given it cannot have deleted.
    deleted = tuple(path for path in result.deleted if path in given)
    taken = set(job.session.tree.by_path()) - set(deleted)
    folders = {UPLOADS_FOLDER, *(folder for path in taken for folder in folders_of(path))}
    for path, raw in result.changed.items():
        try:
            sound[check_place(check_path(path), taken, folders)] = raw
        except (InvalidRequestError, LimitExceededError) as error:
            refused.append((ascii(path), error.message))
        else:
            taken.add(path)
            folders.update(folders_of(path))
    return replace(result, changed=sound, deleted=deleted, refused=tuple(refused))


def _told(result: CodeResult) -> dict[str, Any]:
    stdout = result.stdout.decode("utf-8", "replace")
    stderr = result.stderr.decode("utf-8", "replace")
    return {
        "outcome": result.outcome,
        "exception": result.exception,
        "line": result.line,
        "stdout": stdout[:OUTPUT_CHARS_MAX],
        "stderr": stderr[-OUTPUT_CHARS_MAX:],
        "truncated": len(stdout) > OUTPUT_CHARS_MAX or len(stderr) > OUTPUT_CHARS_MAX,
        "changed": [{"path": p, "size": len(raw)} for p, raw in sorted(result.changed.items())],
        "deleted": list(result.deleted),
        "limit": result.limit,
        "refused": [
            {"name": name[:REFUSED_CHARS_MAX], "reason": why[:REFUSED_CHARS_MAX]}
            for name, why in result.refused[:REFUSED_TOLD_MAX]
        ],
    }


TOOL = _CodeRun()
