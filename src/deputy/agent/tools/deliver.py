"""`deliver`: check files against the brief in a fresh sandbox and hand them over.

Owns the call that makes a deliverable. The checks come from the brief and from the floor of each
file type, never from the code that made the file. Returns {"verified", "files", "checks":
[{"id", "check", "target", "text", "verdict", "detail"}], "without_criterion": [path],
"missing": [sentence], "attempts_left", "faults": [{"check", "target", "kind", "cure"}],
"receipt_inside": [path], "warned": [{"path", "of", "sha256", "size"}]}. `warned` are copies of
files that did not pass, with the platform's warning in them; `of` is the digest of the file itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from pydantic import Field

from deputy.agent import checks, repairs, stamps
from deputy.agent.evidence.limits import NEVER_CHECKED
from deputy.agent.tools.tool import Job, read_args
from deputy.core.artifacts import TreeEntry, media_type
from deputy.core.brief import Brief, CheckResult, Criterion
from deputy.core.budget import Amount
from deputy.core.calls import CodeCall, CodeLimits, CodeResult
from deputy.core.errors import InvalidRequestError
from deputy.core.events import Draft
from deputy.core.events.session_bodies import ArtifactDelivered, CallReturned, CheckRan
from deputy.core.flow import ToolContract
from deputy.core.labels import join_all
from deputy.core.messages import ToolSpec, Value
from deputy.core.moves import HANDOVERS_MAX
from deputy.core.session import DELIVER_TOOL, Session, Turn

FILES_MAX = 50
LIMITS = CodeLimits(wall_s=260.0, cpu_s=260.0)
"""More than what all checks may take together: they end themselves, and say which one was slow."""
NOT_VERIFIED = "NOT VERIFIED - "


class Args(Value):
    """The files to hand over and what to say with them."""

    files: tuple[str, ...] = Field(min_length=1, max_length=FILES_MAX)
    summary: str = Field(default="", max_length=10_000)


class _Deliver:
    contract = ToolContract(name=DELIVER_TOOL, effect="private_reversible", repeatable=True)
    spec = ToolSpec(
        name=DELIVER_TOOL,
        purpose="Hand finished files to the requester. The platform first runs the brief's"
        " criteria and the checks every file of that kind must pass. If all pass and every file"
        " has a criterion that looks at what it says (not only whether it opens), the files are"
        " handed over as verified. Else you are told which failed or what is missing"
        f" and may repair the files and deliver again, {HANDOVERS_MAX} attempts in all; after the"
        " last they are handed over marked as not verified.",
        args_schema=Args.model_json_schema(),
    )

    async def prepare(self, job: Job) -> CodeCall | None:
        """Give the check program over read-only deliverables and the turn's inputs."""
        args, brief = read_args(Args, job.call.args), _brief(job.turn)
        code, params = _program(job, args, brief)
        given = (*_files(job, args), *_beside(job, brief), *_sources(job.session))
        seen = {entry.path: entry for entry in given}
        return CodeCall(
            call=job.call.id,
            attempt=job.attempt,
            runtime=job.runtime,
            code=code,
            read_only=await job.contents(list(seen.values())),
            params=params,
            seed=job.turn.seed,
            clock_s=job.clock_s,
            limits=LIMITS,
        )

    async def facts(self, job: Job, result: CodeResult | None) -> Sequence[Draft]:
        """Record every check, and the files themselves if all of them passed."""
        assert result is not None
        args, brief = read_args(Args, job.call.args), _brief(job.turn)
        files = _files(job, args)
        given = (*files, *_beside(job, brief), *_sources(job.session))
        label = join_all([job.call.label, *(f.label for f in given)])
        ran = checks.parse(result.stdout, _requests(brief, args.files))
        verified = is_verified(brief, args.files, ran)
        _, params = _program(job, args, brief)
        stamped = stamps.taken(params, result.stdout, result.changed, verified=verified)
        copies = {p: (await job.blobs.put(raw), len(raw)) for p, raw in stamped.items()}
        returned = CallReturned(
            tool=DELIVER_TOOL,
            status="ok",
            content={
                "verified": verified,
                "files": list(args.files),
                "checks": [r.model_dump(mode="json") for r in ran],
                "without_criterion": list(checks.unproven(brief, args.files)),
                "missing": checks.told_missing(brief, args.files),
                "attempts_left": HANDOVERS_MAX - len(job.turn.handovers) - (not verified),
                "faults": [
                    {"check": r.check, "target": r.target, "kind": fault.kind, "cure": fault.cure}
                    for r in ran
                    if (fault := repairs.of_check(r)) is not None
                ],
                "receipt_inside": sorted(copies) if verified else [],
                "warned": []
                if verified
                else [
                    {
                        "path": f.path,
                        "of": f.digest,
                        "sha256": copies[f.path][0],
                        "size": copies[f.path][1],
                    }
                    for f in files
                    if f.path in copies
                ],
            },
            spent=Amount(sandbox_ms=int(result.duration_s * 1_000)),
            walls=tuple({"name": w.name, "stands": w.stands, "how": w.how} for w in result.walls),
        )
        drafts = [job.draft(returned, label)]
        drafts += [job.draft(CheckRan(result=r), label) for r in ran]
        if verified:
            drafts += [
                Draft(
                    handed_over(as_stamped(f, copies), brief, job.ids.new("art"), verified=True),
                    # What the receipt inside says comes from the brief.
                    join_all([f.label, label]) if f.path in copies else f.label,
                    turn=job.turn.id,
                    call=job.call.id,
                )
                for f in files
            ]
        return drafts


def as_stamped(entry: TreeEntry, copies: Mapping[str, tuple[str, int]]) -> TreeEntry:
    """Give the copy of a file that bears the platform's words, if there is one."""
    if entry.path not in copies:
        return entry
    digest, size = copies[entry.path]
    return entry.model_copy(update={"digest": digest, "size": size})


def warned(turn: Turn) -> dict[str, tuple[str, str, int]]:
    """Give (digest of the file, digest and size of its warned copy) by path, as last delivered."""
    found: dict[str, tuple[str, str, int]] = {}
    for call in turn.calls.values():
        if call.tool == DELIVER_TOOL and call.returned is not None:
            for one in call.returned.content.get("warned", ()):
                found[one["path"]] = (one["of"], one["sha256"], one["size"])
    return found


def _program(job: Job, args: Args, brief: Brief) -> tuple[str, dict[str, Any]]:
    """Give the checks, and what is to be written into the files once they are known."""
    requests = _requests(brief, args.files)
    code, params = checks.program([one for one in requests if not checks.is_own_code(one)])
    mine = [path for path in args.files if stamps.stampable(path)]
    verifiable = is_verified(brief, args.files, ())
    wanted = (job.turn.receipt_inside or brief.receipt_inside) and verifiable
    turn = job.turn.id
    code, params = stamps.around(
        code,
        params,
        verifiable=verifiable,
        receipts={
            path: stamps.receipt_lines(brief, path, turn=turn, never=NEVER_CHECKED)
            for path in (mine if wanted else ())
        },
        banners={path: stamps.banner_lines(brief, path, turn=turn) for path in mine},
    )
    # What the agent wrote runs last: by then the platform's answers have left the sandbox.
    return checks.followed_by(code, params, [one for one in requests if checks.is_own_code(one)])


def is_verified(brief: Brief, files: Sequence[str], ran: Sequence[CheckResult]) -> bool:
    """Say whether every check passed and a criterion looked at what each file says.

    What the agent's own code checked can keep a file from being verified, never make it so.
    """
    return all(r.verdict == "pass" for r in ran) and not checks.unproven(brief, files)


def handed_over(
    entry: TreeEntry, brief: Brief, artifact: str, *, verified: bool
) -> ArtifactDelivered:
    """Give the fact that a file was handed over; an unverified one says so in its name."""
    name = PurePosixPath(entry.path).name
    titles = {d.path: d.title for d in brief.deliverables}
    return ArtifactDelivered(
        artifact=artifact,
        name=name if verified else NOT_VERIFIED + name,
        path=entry.path,
        digest=entry.digest,
        size=entry.size,
        media_type=media_type(entry.path),
        title=titles.get(entry.path, name),
        verified=verified,
    )


def _brief(turn: Turn) -> Brief:
    if turn.brief is None:
        raise InvalidRequestError(
            "There is no brief to check against.", hint="Call brief.write first."
        )
    return turn.brief


def _files(job: Job, args: Args) -> list[TreeEntry]:
    tree = job.session.tree.by_path()
    missing = [path for path in args.files if path not in tree]
    if missing:
        raise InvalidRequestError(
            f"There is no file {missing[0]!r} to deliver.", hint="Make it first, below out/."
        )
    brought = {f.path for f in job.session.files.values()} & set(args.files)
    if brought:
        raise InvalidRequestError(
            f"{min(brought)!r} is what the requester brought.", hint="Deliver files of your own."
        )
    return [tree[path] for path in args.files]


def _beside(job: Job, brief: Brief) -> list[TreeEntry]:
    """Give the brief's other deliverables: parts of a whole are checked together."""
    tree = job.session.tree.by_path()
    return [tree[d.path] for d in brief.deliverables if d.path in tree]


def _sources(session: Session) -> list[TreeEntry]:
    """Give the uploads as they came, whatever code did to the tree since."""
    return [
        TreeEntry(path=f.path, digest=f.digest, size=f.size, label=f.label)
        for f in session.files.values()
    ]


def _requests(brief: Brief, files: Sequence[str]) -> list[dict[str, Any]]:
    """Give the brief's criteria for these files, and the floor no brief can remove."""
    stated = [_with_others(c, brief) for c in brief.criteria if c.target in files]
    have = {(c["check"], c["target"]) for c in stated}
    floor = [
        {"id": f"floor:{number}:{name}", "check": name, "target": path, "params": {}}
        for number, path in enumerate(files)
        for name in checks.floor(path)
        if (name, path) not in have
    ]
    return [*stated, *floor]


def _with_others(criterion: Criterion, brief: Brief) -> dict[str, Any]:
    """Give a criterion with the other questions its file answers: each may have its own table."""
    request = criterion.model_dump(mode="json")
    others = [
        c.params["asked"]
        for c in brief.criteria
        if c.target == criterion.target and c.id != criterion.id and "asked" in c.params
    ]
    if "asked" in criterion.params and others:
        request["params"] = {**request["params"], "others": others}
    return request


TOOL = _Deliver()
