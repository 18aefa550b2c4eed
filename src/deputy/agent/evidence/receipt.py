"""The receipt of a turn: one JSON value that says what was asked, done, checked and not checked.

Owns its content, computed from the folded turn alone. Must never claim a check that did not run,
nor call anything verified that a passing check does not stand behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from deputy import __version__
from deputy.agent import fitness
from deputy.agent.checks import all_checks
from deputy.agent.evidence.limits import NEVER_CHECKED
from deputy.core.artifacts import TreeEntry
from deputy.core.brief import Brief, CheckResult, Criterion
from deputy.core.canonical import digest
from deputy.core.labels import Label
from deputy.core.messages import FilePart, MentionPart, Part, PastedPart, TypedPart
from deputy.core.moves import Finish, next_move
from deputy.core.policy import Allow
from deputy.core.session import Artifact, Call, Session, Step, Turn

RECEIPT_VERSION = 1
WAYS = {"recomputes": "recomputation", "inspects": "inspection"}
VERDICT_CHECKS_MAX = 3
TRUST = {0: "untrusted", 1: "typed", 2: "trusted"}


def build(
    session: Session,
    turn: Turn,
    *,
    head: tuple[int, str],
    ruleset: str,
    now_us: int,
    ending: Finish | None = None,
) -> dict[str, Any]:
    """Give the receipt of a turn that ends now.

    `head` is (seq, hash) of the last journal entry the receipt stands on, `ruleset` names the
    rule set in force, `now_us` is UTC µs. `ending` is the move that ends the turn; without it the
    turn's own ending is taken, or the one its state calls for.
    """
    said, text = _ending(turn, ending)
    artifacts = [a for i in turn.delivered if (a := session.artifacts.get(i)) is not None]
    failing = [*_uncovered(turn), *_failed_floor(turn, artifacts)]
    inside = _receipts_inside(turn)
    deliverables = [
        {
            **_deliverable(a, turn.checks),
            "receipt_inside": a.verified and a.path in inside,
            "receipt_wanted": turn.receipt_inside or bool(turn.brief and turn.brief.receipt_inside),
        }
        for a in artifacts
    ]
    outcome = said
    if said == "verified" and (failing or not all(d["verified"] for d in deliverables)):
        outcome = "not_verified"
    return {
        "receipt": RECEIPT_VERSION,
        "deputy": __version__,
        "session": session.id,
        "turn": turn.id,
        "requested_us": turn.requested_us,
        "finished_us": turn.finished_us or now_us,
        "outcome": outcome,
        "verdict": verdict(outcome, turn, failing),
        "text": text,
        "hint": ending.hint if ending else turn.finished.hint if turn.finished else None,
        "request": _request(session, turn),
        "advice": _advice(turn),
        "brief": _brief(turn),
        "assumptions": list(turn.brief.assumptions) if turn.brief else [],
        "deliverables": deliverables,
        "checks": [_check(result, turn.brief) for result in turn.checks],
        "not_checked": _not_checked(failing, artifacts, turn),
        "inputs": [_input(session, entry) for entry in _inputs(session, turn)],
        "code": [_code(call) for call in turn.calls.values() if _is_code(call)],
        "walls": _walls(turn.calls.values()),
        "walls_told_by": _executors(turn.calls.values()),
        "decisions": [_decision(call) for call in _all_calls(turn) if call.decision is not None],
        "approvals": [told for call in _all_calls(turn) for told in _approvals(call)],
        "providers": _providers(turn.steps),
        "rules": {"ruleset": ruleset},
        "spent": turn.spent.model_dump(mode="json"),
        "limits": turn.limits.model_dump(mode="json"),
        "time": {"working_us": turn.working_us, "elapsed_us": _elapsed_us(turn, now_us)},
        "replay": {"journal": session.id, "seq": head[0], "head": head[1], "seed": turn.seed},
    }


def _ending(turn: Turn, ending: Finish | None) -> tuple[str, str]:
    if ending is not None:
        return ending.outcome, ending.text
    if turn.finished is not None:
        return turn.finished.outcome, turn.finished.text
    move = next_move(turn)
    return (move.outcome, move.text) if isinstance(move, Finish) else ("not_verified", "")


def _request(session: Session, turn: Turn) -> dict[str, Any]:
    parts: list[Part] = [part for said in turn.said for part in said.parts]
    files = [session.files[p.file] for p in parts if isinstance(p, FilePart)]
    return {
        "by": turn.actor.sub,
        "agent": turn.actor.act,
        "typed": [p.text for p in parts if isinstance(p, TypedPart)],
        "pasted": [p.text for p in parts if isinstance(p, PastedPart)],
        "mentions": [p.name for p in parts if isinstance(p, MentionPart)],
        "files": [f.name for f in files],
    }


def _advice(turn: Turn) -> dict[str, Any] | None:
    """Say what would serve the request better, as its typed words alone tell."""
    parts = [part for said in turn.said for part in said.parts]
    words = "\n".join(p.text for p in parts if isinstance(p, TypedPart))
    has_files = any(isinstance(p, FilePart) for p in parts) or bool(
        turn.tree_before and turn.tree_before.entries
    )
    advice = fitness.advise(words, has_files=has_files)
    if advice is None or (advice.kind == "vague" and turn.brief is not None):
        return None
    return {"kind": advice.kind, "reason": advice.reason, "instead": advice.instead}


def _brief(turn: Turn) -> dict[str, Any] | None:
    if turn.brief is None:
        return None
    return {
        "version": turn.brief_version,
        "label": _label(turn.brief_label),
        **turn.brief.model_dump(mode="json"),
    }


def _uncovered(turn: Turn) -> list[str]:
    """Say, criterion by criterion, what no passing check stands behind."""
    sentences = []
    for criterion in turn.brief.criteria if turn.brief else ():
        ran = [c for c in turn.checks if _covers(c, criterion)]
        if not ran:
            sentences.append(f"Not checked: {criterion.text}")
        for result in ran:
            if result.verdict == "fail":
                sentences.append(f"Checked and failed: {criterion.text}")
            elif result.verdict == "error":
                sentences.append(f"The check could not run: {criterion.text}")
    return list(dict.fromkeys(sentences))


def _failed_floor(turn: Turn, artifacts: list[Artifact]) -> list[str]:
    """Say what failed of the checks that no brief can leave out, about files handed over."""
    criteria, there = turn.brief.criteria if turn.brief else (), {a.path for a in artifacts}
    return [
        f"Checked and failed: {_of_file(result)}"
        if result.verdict == "fail"
        else f"The check could not run: {_of_file(result)}"
        for result in turn.checks
        if result.verdict != "pass"
        and result.target in there
        and not any(_covers(result, c) for c in criteria)
    ]


def _of_file(result: CheckResult) -> str:
    return f"{result.text} ({result.target.rpartition('/')[2]})"


def verdict(outcome: str, turn: Turn, failing: list[str]) -> str:
    """Say in one sentence what the outcome stands on, or which check did not hold."""
    if outcome == "verified":
        ways = Counter(how_checked(result.check) for result in turn.checks)
        told = [f"{count} by {way}" for way, count in ways.items()]
        return f"All {len(turn.checks)} checks passed: {', '.join(told)}."
    if outcome != "not_verified":
        return ""
    wrong = [c for c in turn.checks if c.verdict != "pass"][:VERDICT_CHECKS_MAX]
    told = [
        f"{_of_file(c)}: {c.detail or ('failed' if c.verdict == 'fail' else 'it could not run')}"
        for c in wrong
    ] or failing[:VERDICT_CHECKS_MAX]
    return f"Not verified. {' '.join(told) or 'No check stands behind these files.'}"


def how_checked(check: str) -> str:
    """Say which way a check takes: `recomputation` from the sources, `inspection`, `own code`."""
    known = all_checks().get(check)
    return WAYS.get(known.kind, known.kind) if known else "inspection"


def _covers(result: CheckResult, criterion: Criterion) -> bool:
    same = (result.check, result.target) == (criterion.check, criterion.target)
    return same and result.id == criterion.id


def _not_checked(failing: list[str], artifacts: list[Artifact], turn: Turn) -> list[str]:
    ran = {a.path: [c for c in turn.checks if c.target == a.path] for a in artifacts}
    checked = [a for a in artifacts if any(c.verdict != "error" for c in ran[a.path])]
    untouched = [
        f"Nothing at all was checked about {a.name}." for a in artifacts if a not in checked
    ]
    own = [
        f"Whether the figures in {a.name} are right: only the agent's own code computed them."
        for a in checked
        if not any(_recomputes(c, turn.brief) for c in ran[a.path])
    ]
    return [*failing, *untouched, *own, *(NEVER_CHECKED if artifacts else ())]


def _recomputes(result: CheckResult, brief: Brief | None) -> bool:
    """Say whether a check computed its file's figures again from a source, whatever came of it."""
    criteria = brief.criteria if brief else ()
    stated = any("asked" in c.params for c in criteria if _covers(result, c))
    known = all_checks().get(result.check)
    return stated or (known is not None and known.kind == "recomputes" and known.content)


def _deliverable(artifact: Artifact, checks: tuple[CheckResult, ...]) -> dict[str, Any]:
    mine = [c for c in checks if c.target == artifact.path]
    passed = bool(mine) and all(c.verdict == "pass" for c in mine)
    return {
        "artifact": artifact.id,
        "name": artifact.name,
        "path": artifact.path,
        "title": artifact.title,
        "media_type": artifact.media_type,
        "sha256": artifact.digest,
        "size": artifact.size,
        "verified": artifact.verified and passed,
        "label": _label(artifact.label),
    }


def _receipts_inside(turn: Turn) -> set[str]:
    """Give the paths of files whose copy with a receipt inside passed every check once more."""
    returned = [c.returned.content for c in turn.calls.values() if c.returned is not None]
    return {str(path) for one in returned for path in one.get("receipt_inside") or ()}


def _check(result: CheckResult, brief: Brief | None) -> dict[str, Any]:
    criteria = brief.criteria if brief else ()
    criterion = next((c for c in criteria if _covers(result, c)), None)
    known = all_checks().get(result.check)
    return {
        "id": result.id,
        "check": result.check,
        "target": result.target,
        "for": criterion.text if criterion else result.text,
        "proves": known.title if known else "",
        "not_for": known.limits if known else "",
        "how": how_checked(result.check),
        "floor": criterion is None,
        "verdict": result.verdict,
        "detail": result.detail,
    }


def _inputs(session: Session, turn: Turn) -> Iterable[TreeEntry]:
    """Give the files the turn worked from: the tree it began with, uploads it was given since."""
    made = set(turn.calls)
    paths = {entry.path for entry in (turn.tree_before or session.tree).entries}
    before = (turn.tree_before or session.tree).entries
    later = [e for e in session.tree.entries if e.path not in paths and e.made_by is None]
    return [e for e in (*before, *later) if e.made_by not in made]


def _input(session: Session, entry: TreeEntry) -> dict[str, Any]:
    upload = next((f for f in session.files.values() if f.path == entry.path), None)
    return {
        "name": upload.name if upload else entry.path.rpartition("/")[2],
        "path": entry.path,
        "sha256": entry.digest,
        "size": entry.size,
        "by": upload.by if upload else None,
        "made_by": entry.made_by,
        "label": _label(entry.label),
    }


def _is_code(call: Call) -> bool:
    return isinstance(call.args.get("code"), str) and call.attempts > 0


def _code(call: Call) -> dict[str, Any]:
    source = str(call.args["code"])
    content = call.returned.content if call.returned else {}
    stdout = content.get("stdout", "")
    return {
        "call": call.id,
        "tool": call.tool,
        "sha256": digest(source.encode()),
        "source": source,
        "inputs": call.args.get("inputs"),
        "params": call.args.get("params") or {},
        "attempts": call.attempts,
        "executor": call.executor,
        "status": call.returned.status if call.returned else None,
        "outcome": content.get("outcome"),
        "stdout_bytes": len(stdout.encode()) if isinstance(stdout, str) else 0,
        "changed": [str(c.get("path")) for c in content.get("changed", ()) if isinstance(c, dict)],
        "sandbox_ms": call.returned.spent.sandbox_ms if call.returned else 0,
        "walls": [dict(wall) for wall in call.returned.walls] if call.returned else [],
    }


def _walls(calls: Iterable[Call]) -> list[dict[str, Any]]:
    """Count, wall by wall, in how many of the sandboxes of this turn it stood."""
    seen: dict[str, dict[str, Any]] = {}
    for wall in (w for c in calls if c.returned is not None for w in c.returned.walls):
        row = seen.setdefault(
            str(wall["name"]), {"name": str(wall["name"]), "how": "", "stood": 0, "of": 0}
        )
        row["of"] += 1
        row["stood"] += bool(wall["stands"])
        # A wall that was missing even once is told by what was missing.
        if not wall["stands"] or row["stood"] == row["of"]:
            row["how"] = str(wall.get("how", ""))
    return list(seen.values())


def _executors(calls: Iterable[Call]) -> list[str]:
    """Name whoever ran the code and told which walls stood: nobody else saw them."""
    return sorted({c.executor for c in calls if c.returned is not None and c.returned.walls})


def _all_calls(turn: Turn) -> list[Call]:
    asked = [c for step in turn.steps for c in (step.model, *turn.calls_of(step))]
    known = {c.id for c in asked}
    return [*asked, *(c for c in turn.calls.values() if c.id not in known)]


def _decision(call: Call) -> dict[str, Any]:
    decision = call.decision
    assert decision is not None, "only decided calls are listed"
    return {
        "call": call.id,
        "tool": call.tool,
        "verdict": decision.verdict,
        "reason": "" if isinstance(decision, Allow) else decision.reason,
        "rules": list(decision.rules),
        "authority": call.authority,
        "label": _label(call.label),
    }


def _approvals(call: Call) -> list[dict[str, Any]]:
    last = [(call.answer, call.answered_by)] if call.answer is not None else []
    return [
        {
            "call": call.id,
            "tool": call.tool,
            "answer": answer.answer,
            "by": by,
            "shown": answer.shown,
            "reason": answer.reason,
        }
        for answer, by in (*call.earlier, *last)
    ]


def _providers(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    """Name every model that saw content: also one that was asked and never replied."""
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    for step in steps:
        if step.reply is None and not step.model.attempts:
            continue
        name = step.model_name or step.model.executor or "unknown"
        row = seen.setdefault(
            (name, step.place), {"name": name, "place": step.place, "replies": 0, "tokens": 0}
        )
        if step.reply is not None:
            usage = step.reply.usage
            row["replies"] += 1
            row["tokens"] += usage.input_tokens + usage.output_tokens
    return list(seen.values())


def _elapsed_us(turn: Turn, now_us: int) -> int:
    return max(0, (turn.finished_us or now_us) - turn.requested_us)


def _label(label: Label) -> dict[str, Any]:
    return {
        "trust": TRUST[int(label.integrity)],
        "readers": list(label.readers),
        "origins": list(label.origins),
    }
