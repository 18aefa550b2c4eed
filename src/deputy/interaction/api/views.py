"""From the folded state to what a client is shown.

Owns the translation. Must never show anyone but the owner a session, nor what its label keeps
from the viewer.
"""

from __future__ import annotations

from deputy.agent.briefs import differences
from deputy.agent.tools.brief_write import challenged
from deputy.core import holds
from deputy.core.artifacts import TreeEntry, media_type
from deputy.core.identity import Actor
from deputy.core.policy import Hold
from deputy.core.session import Artifact, Call, File, Said, Session, Step, Turn
from deputy.interaction.api import models as m
from deputy.interaction.api.access import may_read

HIDDEN = "hidden"


def session_view(session: Session, by: Actor, *, prefix: str) -> m.SessionView:
    """Give a session as its owner sees it."""
    return m.SessionView(
        id=session.id,
        seq=session.seq,
        head=session.head,
        owner=session.owner,
        agent=session.agent,
        title=session.title,
        opened_us=session.opened_us,
        turns=tuple(_turn(session, t, by, prefix) for t in session.turns.values()),
        uploads=tuple(upload_view(f) for f in session.files.values() if may_read(f.label, by)),
        tree=tuple(_entry(e) for e in session.tree.entries if may_read(e.label, by)),
        deliverables=tuple(
            deliverable_view(session, a, prefix=prefix)
            for a in session.artifacts.values()
            if may_read(a.label, by)
        ),
        stream=f"{prefix}/sessions/{session.id}/events",
    )


def upload_view(file: File) -> m.FileView:
    """Give an uploaded file."""
    return m.FileView(
        id=file.id,
        name=file.name,
        path=file.path,
        sha256=file.digest,
        size=file.size,
        media_type=file.media_type,
        label=file.label,
    )


def deliverable_view(session: Session, artifact: Artifact, *, prefix: str) -> m.DeliverableView:
    """Give a deliverable with what was noted about it."""
    return m.DeliverableView(
        id=artifact.id,
        session=session.id,
        turn=artifact.turn,
        name=artifact.name,
        path=artifact.path,
        sha256=artifact.digest,
        size=artifact.size,
        media_type=artifact.media_type,
        title=artifact.title,
        verified=artifact.verified,
        label=artifact.label,
        noted=tuple(m.NoteView(what=w, by=by, at_us=at) for w, by, at in artifact.noted),
        by_hand_minutes=artifact.by_hand_minutes,
        content=f"{prefix}/deliverables/{artifact.id}/content",
    )


def _entry(entry: TreeEntry) -> m.FileView:
    return m.FileView(
        name=entry.path.rpartition("/")[2],
        path=entry.path,
        sha256=entry.digest,
        size=entry.size,
        media_type=media_type(entry.path),
        label=entry.label,
        made_by=entry.made_by,
    )


def _turn(session: Session, turn: Turn, by: Actor, prefix: str) -> m.TurnView:
    end = turn.finished
    brief_shown = turn.brief is not None and may_read(turn.brief_label, by)
    return m.TurnView(
        id=turn.id,
        status=turn.status,
        outcome=end.outcome if end else None,
        text=end.text if end else None,
        code=end.code if end else None,
        hint=end.hint if end else None,
        requested_us=turn.requested_us,
        finished_us=turn.finished_us,
        said=tuple(_said(s) for s in turn.said if may_read(s.label, by)),
        brief=turn.brief if brief_shown else None,
        brief_version=turn.brief_version,
        findings=_findings(turn) if brief_shown else (),
        unattended=turn.unattended,
        receipt_inside=turn.receipt_inside,
        steps=tuple(_step(s, by) for s in turn.steps),
        calls=tuple(_call(c, by) for c in turn.calls.values()),
        waiting=tuple(c.id for c in holds.held(turn)) if end is None else (),
        rests=m.RestView(**turn.rests.model_dump()) if turn.rests else None,
        checks=turn.checks,
        deliverables=turn.delivered,
        spent=turn.spent,
        limits=turn.limits,
        by_hand_minutes=turn.by_hand_minutes,
        undone=turn.undone,
        receipt=f"{prefix}/sessions/{session.id}/turns/{turn.id}/receipt" if end else None,
    )


def brief_view(turn: Turn, by: Actor) -> m.BriefView:
    """Give a turn's brief with its history, as far as the viewer may read it."""
    before = (None, *(version.brief for version in turn.briefs))
    versions = tuple(
        m.BriefVersionView(
            version=number,
            brief=one.brief,
            by=one.by,
            edited=one.edited,
            at_us=one.at_us,
            changes=differences(before[number - 1], one.brief),
        )
        for number, one in enumerate(turn.briefs, start=1)
        if may_read(one.label, by)
    )
    shown = turn.brief is not None and may_read(turn.brief_label, by)
    return m.BriefView(
        version=turn.brief_version,
        brief=turn.brief if shown else None,
        findings=_findings(turn) if shown else (),
        versions=versions,
        editable=turn.finished is None,
    )


def _findings(turn: Turn) -> tuple[str, ...]:
    found = challenged(turn, turn.brief) if turn.brief is not None else ()
    return tuple(finding.text for finding in found)


def _said(said: Said) -> m.SaidView:
    return m.SaidView(by=said.by, parts=said.parts, label=said.label)


def _step(step: Step, by: Actor) -> m.StepView:
    text = step.reply.text if step.reply else ""
    return m.StepView(
        id=step.id,
        model=step.model_name,
        place=step.place,
        text=text if may_read(step.label, by) else HIDDEN,
        calls=tuple(c.id for c in step.reply.calls) if step.reply else (),
    )


def _call(call: Call, by: Actor) -> m.CallView:
    shown = may_read(call.label, by)
    returned = call.returned
    return m.CallView(
        id=call.id,
        step=call.step,
        tool=call.tool,
        args=dict(call.args) if shown else {},
        decision=call.decision.model_dump(mode="json") if call.decision else None,
        authority=call.authority,
        waits_for=call.decision.approvers if isinstance(call.decision, Hold) else (),
        answer=call.answer.answer if call.answer else None,
        answered_by=call.answered_by,
        attempts=call.attempts,
        status=returned.status if returned else None,
        content=dict(returned.content) if returned and shown else None,
        walls=returned.walls if returned else (),
        label=call.label,
    )
