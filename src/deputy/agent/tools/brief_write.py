"""`brief.write`: draft or replace the turn's brief.

Owns the call that becomes `brief.drafted`. Returns {"version": int}.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from deputy.agent.tools.tool import Job, read_args
from deputy.core.artifacts import check_path
from deputy.core.brief import Brief, Criterion
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.errors import InvalidRequestError
from deputy.core.events import Draft
from deputy.core.events.session_bodies import BriefDrafted, CallReturned
from deputy.core.flow import ToolContract
from deputy.core.messages import ToolSpec
from deputy.core.session import DELIVER_TOOL, Turn

NAME = "brief.write"


class _BriefWrite:
    contract = ToolContract(name=NAME, effect="private_reversible", repeatable=True)
    spec = ToolSpec(
        name=NAME,
        purpose="State what will be delivered and how it will be checked, before working on it.",
        args_schema=Brief.model_json_schema(),
    )

    async def prepare(self, job: Job) -> CodeCall | None:
        """Check the brief; nothing runs."""
        brief = read_args(Brief, job.call.args)
        for deliverable in brief.deliverables:
            check_path(deliverable.path)
        uploads = {file.path for file in job.session.files.values()}
        for criterion in brief.criteria:
            _require_uploaded_source(criterion, uploads)
        _require_nothing_weakened(job.turn, brief)
        return None

    async def facts(self, job: Job, result: CodeResult | None) -> Sequence[Draft]:
        """Record the brief under the label it was drafted with."""
        brief = read_args(Brief, job.call.args)
        content = {"version": job.turn.brief_version + 1}
        returned = CallReturned(tool=NAME, status="ok", content=content)
        label = job.call.label
        return [job.draft(returned, label), job.draft(BriefDrafted(brief=brief), label)]


def _require_uploaded_source(criterion: Criterion, uploads: Collection[str]) -> None:
    """What a check computes again comes from the requester, never from what code made."""
    plan = criterion.params.get("plan")
    source = plan.get("source") if isinstance(plan, dict) else None
    path = source.get("path") if isinstance(source, dict) else None
    if path is not None and not (isinstance(path, str) and path in uploads):
        raise InvalidRequestError(
            f"The criterion '{criterion.text}' is computed from a file that nobody uploaded.",
            hint="Name one of the requester's own files as the plan's source.",
            code="brief.own_source",
        )


def _require_nothing_weakened(turn: Turn, brief: Brief) -> None:
    """Once files were checked, criteria may be added but not removed or changed."""
    checked = any(c.tool == DELIVER_TOOL and c.returned is not None for c in turn.calls.values())
    if not checked or turn.brief is None:
        return
    lost = [c for c in turn.brief.criteria if c not in brief.criteria]
    if lost:
        raise InvalidRequestError(
            f"The criterion '{lost[0].text}' was checked already and must stay as it is.",
            hint="Repair the file, or add criteria; only the requester can take one away.",
            code="brief.weakened",
        )


TOOL = _BriefWrite()
