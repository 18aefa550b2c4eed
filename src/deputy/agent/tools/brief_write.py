"""`brief.write`: draft or replace the turn's brief.

Owns the call that becomes `brief.drafted`, and what makes a brief sound, whoever wrote it. Returns
{"version": int, "without_criterion": [path], "missing": [sentence], "findings": [words]}.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from deputy.agent import checks
from deputy.agent.briefs import Finding, challenge
from deputy.agent.plans import Asked
from deputy.agent.tools.tool import Job, read_args
from deputy.core.artifacts import check_path
from deputy.core.brief import Brief, Criterion
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.errors import InvalidRequestError
from deputy.core.events import Draft
from deputy.core.events.session_bodies import BriefDrafted, CallReturned
from deputy.core.flow import ToolContract
from deputy.core.messages import FilePart, ToolSpec, TypedPart
from deputy.core.session import DELIVER_TOOL, Session, Turn

NAME = "brief.write"


CODE_CHARS_MAX = 20_000
SOURCES = ("source", "sources", "more")
"""Params that name files of the requester, as a path or as {"path": …}."""


class _BriefWrite:
    contract = ToolContract(name=NAME, effect="private_reversible", repeatable=True)
    spec = ToolSpec(
        name=NAME,
        purpose="State what will be delivered and how it will be checked, before working on it."
        " A deliverable's path lies below out/. Each deliverable needs at least one criterion; a"
        " criterion names its deliverable's path as target and one of these checks, which the"
        " platform runs when you deliver:\n" + checks.described() + "\nOnce files were"
        " checked, criteria may be added but not changed. What no check can decide belongs into"
        " assumptions, edge_cases or your answer, not into a criterion.",
        args_schema=Brief.model_json_schema(),
    )

    async def prepare(self, job: Job) -> CodeCall | None:
        """Check the brief; nothing runs."""
        brief = sound(job.call.args, job.session)
        _require_nothing_weakened(job.turn, brief)
        _require_as_edited(job.turn, brief)
        return None

    async def facts(self, job: Job, result: CodeResult | None) -> Sequence[Draft]:
        """Record the brief under the label it was drafted with."""
        brief = sound(job.call.args, job.session)
        paths = [deliverable.path for deliverable in brief.deliverables]
        content = {
            "version": job.turn.brief_version + 1,
            "without_criterion": list(checks.unproven(brief, paths)),
            "missing": checks.told_missing(brief, paths),
            "findings": [finding.text for finding in challenged(job.turn, brief)],
        }
        returned = CallReturned(tool=NAME, status="ok", content=content)
        label = job.call.label
        return [job.draft(returned, label), job.draft(BriefDrafted(brief=brief), label)]


def sound(args: Mapping[str, Any], session: Session) -> Brief:
    """Give a brief whose criteria can all be checked; raises `InvalidRequestError`.

    Every plan in it is whole: a check reads what stands in the brief alone.
    """
    brief = read_args(Brief, args)
    for deliverable in brief.deliverables:
        check_path(deliverable.path)
    criteria = tuple(_with_whole_plan(criterion) for criterion in brief.criteria)
    uploads = {file.path for file in session.files.values()}
    for criterion in criteria:
        _require_runnable(criterion)
        _require_sound_code(criterion)
        _require_uploaded_source(criterion, uploads)
    return brief.model_copy(update={"criteria": criteria})


def challenged(turn: Turn, brief: Brief) -> tuple[Finding, ...]:
    """Give what is weak in a brief, by the words of its turn."""
    parts = [part for said in turn.said for part in said.parts]
    words = "\n".join(p.text for p in parts if isinstance(p, TypedPart))
    files = any(isinstance(p, FilePart) for p in parts) or bool(turn.tree_before)
    return challenge(brief, words, has_files=files, unattended=turn.unattended)


def _with_whole_plan(criterion: Criterion) -> Criterion:
    stated = criterion.params.get("asked")
    if not isinstance(stated, dict):
        return criterion
    whole = read_args(Asked, stated).model_dump(mode="json")
    return criterion.model_copy(update={"params": {**criterion.params, "asked": whole}})


def _require_runnable(criterion: Criterion) -> None:
    """A criterion that could never be checked would keep its turn from ever being verified."""
    if not checks.fits(criterion.check, criterion.target):
        usable = [name for name in checks.all_checks() if checks.fits(name, criterion.target)]
        raise InvalidRequestError(
            f"The criterion '{criterion.text}' names {criterion.check!r}, which is no check for"
            f" {criterion.target!r}.",
            hint=f"Checks for it are: {', '.join(usable) or 'none'}.",
            code="brief.no_check",
        )
    needed = checks.all_checks()[criterion.check].needs
    if needed and not any(name in criterion.params for name in needed):
        raise InvalidRequestError(
            f"The criterion '{criterion.text}' needs {' or '.join(needed)} in its params.",
            hint=f"It takes {checks.all_checks()[criterion.check].takes}",
            code="brief.no_plan",
        )


def _require_uploaded_source(criterion: Criterion, uploads: Collection[str]) -> None:
    """What a check computes again comes from the requester, never from what code made."""
    for path in _sources(criterion.params):
        if not (isinstance(path, str) and path in uploads):
            raise InvalidRequestError(
                f"The criterion '{criterion.text}' is computed from a file that nobody uploaded.",
                hint="Name one of the requester's own files as the source.",
                code="brief.own_source",
            )


def _require_sound_code(criterion: Criterion) -> None:
    """The agent's own check must at least read as Python and say what it judges."""
    if criterion.check != "code.check":
        return
    code, claims = criterion.params.get("code"), criterion.params.get("claims")
    try:
        body = ast.parse(str(code)).body if len(str(code)) <= CODE_CHARS_MAX else []
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        body = []
    defined = any(isinstance(one, ast.FunctionDef) and one.name == "check" for one in body)
    claimed = isinstance(claims, dict) and any(
        claims.get(kind) for kind in ("columns", "cells", "texts")
    )
    if not (defined and claimed):
        raise InvalidRequestError(
            f"The criterion '{criterion.text}' holds no check that could be put to the test.",
            hint=f"It takes {checks.all_checks()['code.check'].takes}",
            code="brief.no_code",
        )


def _sources(params: Mapping[str, Any]) -> Iterator[Any]:
    """Give every path a check's params name as a source, wherever it stands in them."""
    for name, value in params.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            if name in SOURCES and isinstance(one, str):
                yield one
            elif isinstance(one, dict) and name not in ("schema", "params"):
                if name in SOURCES and "path" in one:
                    yield one["path"]
                yield from _sources(one)


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


def _require_as_edited(turn: Turn, brief: Brief) -> None:
    """What a person wrote into the brief only a person takes out or changes."""
    edited = next((v.brief for v in reversed(turn.briefs) if v.edited), None)
    if edited is None:
        return
    kept = (edited.goal, edited.deliverables) == (brief.goal, brief.deliverables)
    if not kept or any(c not in brief.criteria for c in edited.criteria):
        raise InvalidRequestError(
            "The requester edited the brief: its goal, deliverables and criteria stay as they are.",
            hint="Keep them word for word; you may add criteria, assumptions and edge cases.",
            code="brief.edited",
        )


TOOL = _BriefWrite()
