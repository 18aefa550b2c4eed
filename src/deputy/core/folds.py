"""The state of a session as a fold over its journal.

Owns what each fact changes. `fold` is pure and total: equal events give equal states, and an erased
body changes only what it told. Must never write.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import reduce
from typing import Any

from deputy.core.artifacts import TreeEntry
from deputy.core.budget import Amount
from deputy.core.events import session_bodies as b
from deputy.core.events.header import Erased, Event
from deputy.core.identity import Actor
from deputy.core.labels import Label
from deputy.core.messages import ToolCall
from deputy.core.policy import Hold
from deputy.core.session import (
    DELIVER_TOOL,
    MODEL_TOOL,
    Artifact,
    BriefVersion,
    Call,
    File,
    Said,
    Session,
    Step,
    Turn,
)


def fold(events: Iterable[Event], state: Session | None = None) -> Session:
    """Give the state after `events`, which follow `state` (or begin the journal)."""
    return reduce(_step, events, state if state is not None else Session(id=""))


def _step(state: Session, event: Event) -> Session:
    header = event.header
    state = replace(
        state,
        id=header.journal,
        seq=header.seq,
        head=event.hash,
        epoch=max(state.epoch, header.epoch or 0),
    )
    if isinstance(event.body, Erased):
        return replace(state, erased=(*state.erased, header.seq))
    on_session = _SESSION.get(type(event.body))
    if on_session is not None:
        after: Session = on_session(state, event, event.body)
        return after
    on_turn = _TURN.get(type(event.body))
    turn = state.turns.get(header.turn or "")
    if on_turn is None or turn is None:
        return state
    changed: Turn = on_turn(turn, event, event.body)
    if header.epoch is not None:
        rests = changed.rests if isinstance(event.body, b.TurnRested) else None
        changed = replace(changed, fruitless=(), rests=rests)
    return replace(state, turns={**state.turns, turn.id: changed})


def _session_opened(state: Session, event: Event, body: b.SessionOpened) -> Session:
    return replace(
        state,
        owner=body.owner,
        agent=body.agent,
        title=body.title,
        opened_us=event.header.time,
    )


def _file_uploaded(state: Session, event: Event, body: b.FileUploaded) -> Session:
    label = event.header.label
    file = File(
        id=body.file,
        name=body.name,
        path=body.path,
        digest=body.digest,
        size=body.size,
        media_type=body.media_type,
        label=label,
        by=event.header.sub,
    )
    entry = TreeEntry(path=body.path, digest=body.digest, size=body.size, label=label)
    return replace(
        state,
        files={**state.files, file.id: file},
        tree=state.tree.changed([entry], []),
    )


def _turn_requested(state: Session, event: Event, body: b.TurnRequested) -> Session:
    header = event.header
    turn = Turn(
        id=header.turn or "",
        actor=Actor(sub=header.sub, act=header.act),
        requested_us=header.time,
        said=(Said(header.seq, header.sub, body.parts, header.label),),
        limits=body.limits,
        allotment=body.limits,
        seed=body.seed,
        by_hand_minutes=body.by_hand_minutes,
        unattended=body.unattended,
        receipt_inside=body.receipt_inside,
    )
    return replace(state, turns={**state.turns, turn.id: turn})


def _turn_claimed(state: Session, event: Event, body: b.TurnClaimed) -> Session:
    turn = state.turns.get(event.header.turn or "")
    if turn is None:
        return state
    claimed = replace(
        turn,
        status="running",
        claims=turn.claims + 1,
        fruitless=(*(w for w in turn.fruitless if w != body.worker), body.worker),
        tree_before=turn.tree_before if turn.tree_before is not None else state.tree,
    )
    return replace(state, turns={**state.turns, turn.id: claimed})


def _snapshot_taken(state: Session, event: Event, body: b.SnapshotTaken) -> Session:
    tree = state.tree.changed(body.changed, body.deleted)
    return replace(state, tree=tree, tree_digest=body.tree)


def _workspace_moved(state: Session, event: Event, body: b.WorkspaceMoved) -> Session:
    tree = state.tree.changed(body.changed, body.deleted)
    moved = {*body.deleted, *(entry.path for entry in body.changed)}
    turns = dict(state.turns)
    if (turn := turns.get(body.undone_turn or "")) is not None:
        stood = tuple(entry for entry in state.tree.entries if entry.path in moved)
        turns[turn.id] = replace(turn, undone=True, undone_from=stood, undone_to=body.changed)
    elif (turn := turns.get(body.redone_turn or "")) is not None:
        turns[turn.id] = replace(turn, undone=False, undone_from=(), undone_to=())
    return replace(state, tree=tree, tree_digest=body.to, turns=turns)


def _artifact_delivered(state: Session, event: Event, body: b.ArtifactDelivered) -> Session:
    turn_id = event.header.turn or ""
    artifact = Artifact(
        id=body.artifact,
        turn=turn_id,
        name=body.name,
        path=body.path,
        digest=body.digest,
        size=body.size,
        media_type=body.media_type,
        title=body.title,
        verified=body.verified,
        label=event.header.label,
    )
    state = replace(state, artifacts={**state.artifacts, artifact.id: artifact})
    turn = state.turns.get(turn_id)
    if turn is None:
        return state
    turn = replace(turn, delivered=(*turn.delivered, artifact.id))
    return replace(state, turns={**state.turns, turn.id: turn})


def _deliverable_noted(state: Session, event: Event, body: b.DeliverableNoted) -> Session:
    artifact = state.artifacts.get(body.artifact)
    if artifact is None:
        return state
    note = (body.what, event.header.sub, event.header.time)
    noted = replace(artifact, noted=(*artifact.noted, note))
    return replace(state, artifacts={**state.artifacts, artifact.id: noted})


def _baseline_stated(state: Session, event: Event, body: b.BaselineStated) -> Session:
    artifact = state.artifacts.get(body.artifact)
    if artifact is None:
        return state
    stated = replace(artifact, by_hand_minutes=body.minutes)
    return replace(state, artifacts={**state.artifacts, artifact.id: stated})


def _turn_steered(turn: Turn, event: Event, body: b.TurnSteered) -> Turn:
    header = event.header
    return replace(turn, said=(*turn.said, Said(header.seq, header.sub, body.parts, header.label)))


def _turn_stop_requested(turn: Turn, event: Event, body: b.TurnStopRequested) -> Turn:
    return _awaiting_work(replace(turn, stop=body.reason or "stopped by its requester"))


def _turn_rested(turn: Turn, event: Event, body: b.TurnRested) -> Turn:
    call = turn.calls.get(event.header.call or "")
    if call is not None:
        turn = _with_call(turn, replace(call, failures=call.failures + 1))
    return replace(turn, rests=body)


def _turn_parked(turn: Turn, event: Event, body: b.TurnParked) -> Turn:
    return replace(turn, status="parked")


def _awaiting_work(turn: Turn) -> Turn:
    """A parked turn that a person moved waits for a worker from then on, not for people."""
    return replace(turn, status="requested") if turn.status == "parked" else turn


def _turn_finished(turn: Turn, event: Event, body: b.TurnFinished) -> Turn:
    return replace(turn, status="finished", finished=body, finished_us=event.header.time)


def _call_decided(turn: Turn, event: Event, body: b.CallDecided) -> Turn:
    header = event.header
    news: dict[str, Any] = {
        "decision": body.decision,
        "authority": body.authority,
        "label": header.label,
        "decided_us": header.time,
        "reserved": body.reserved,
    }
    if (known := turn.calls.get(header.call or "")) is not None:
        return _with_call(turn, _again(known, news))
    # Before a start, and once it was answered, a model call is decided again in its own step.
    if (step := _step_of(turn, event)) is not None:
        again = replace(step, model=_again(step.model, news), label=header.label)
        return replace(turn, steps=(*turn.steps[:-1], again))
    if body.tool != MODEL_TOOL:
        return turn
    call = Call(id=header.call or "", step=header.step or "", tool=MODEL_TOOL, args={}, **news)
    return replace(turn, steps=(*turn.steps, Step(call.step, call, label=header.label)))


def _again(call: Call, news: dict[str, Any]) -> Call:
    """Decide a call again. A new hold is a new question: the old answer does not answer it."""
    if isinstance(news["decision"], Hold) and call.answer is not None:
        answered = (call.answer, call.answered_by or "")
        news = {**news, "answer": None, "answered_by": None, "earlier": (*call.earlier, answered)}
    return replace(call, **news)


def _call_started(turn: Turn, event: Event, body: b.CallStarted) -> Turn:
    if (step := _step_of(turn, event)) is not None:
        model = replace(
            step.model,
            attempts=body.attempt,
            executor=body.executor,
            committed=step.model.committed.plus(step.model.reserved),
        )
        return replace(turn, steps=(*turn.steps[:-1], replace(step, model=model)))
    call = turn.calls.get(event.header.call or "")
    if call is None:
        return turn
    return _with_call(turn, replace(call, attempts=body.attempt, executor=body.executor))


def _call_returned(turn: Turn, event: Event, body: b.CallReturned) -> Turn:
    call = turn.calls.get(event.header.call or "")
    if call is not None:
        turn = _with_call(turn, replace(call, returned=body, label=event.header.label))
    elif (step := _step_of(turn, event)) is not None:
        # A model's outcome is its reply; this one gave none and may be asked again.
        model = replace(_settled(step.model), failures=step.model.failures + 1)
        turn = replace(turn, steps=(*turn.steps[:-1], replace(step, model=model)))
    # A call that failed before any check says nothing about the files.
    if body.tool == DELIVER_TOOL and body.status == "ok":
        files = tuple(body.content.get("files", ()))
        # Only the same files, passing, make up for files that failed.
        failed = tuple(h for h in turn.handovers if not set(h) <= set(files))
        verified = body.content.get("verified") is True
        turn = replace(turn, handovers=failed if verified else (*turn.handovers, files))
    worked = turn.working_us + body.spent.sandbox_ms * 1_000
    return replace(turn, spent=turn.spent.plus(body.spent), working_us=worked)


def _settled(model: Call) -> Call:
    """End the reservation of the attempt that came back; earlier ones may have vanished."""
    return replace(model, committed=model.committed.less(model.reserved))


def _model_replied(turn: Turn, event: Event, body: b.ModelReplied) -> Turn:
    header, reply = event.header, body.reply
    asked_in = _step_of(turn, event)
    if asked_in is None:
        return turn
    step = replace(
        asked_in,
        model=_settled(asked_in.model),
        reply=reply,
        model_name=body.model,
        place=body.place,
        replied_seq=header.seq,
        label=header.label,
    )
    asked = {c.id: _asked(c, step.id, header.label) for c in reply.calls}
    usage = reply.usage
    spent = Amount(tokens=usage.input_tokens + usage.output_tokens, cost_micros=usage.cost_micros)
    return replace(
        turn,
        steps=(*turn.steps[:-1], step),
        calls={**turn.calls, **asked},
        spent=turn.spent.plus(spent),
        working_us=turn.working_us + body.duration_ms * 1_000,
    )


def _asked(call: ToolCall, step: str, label: Label) -> Call:
    return Call(id=call.id, step=step, tool=call.tool, args=call.args, label=label)


def _approval_answered(turn: Turn, event: Event, body: b.ApprovalAnswered) -> Turn:
    by, name = event.header.sub, event.header.call or ""
    if (call := turn.calls.get(name)) is not None:
        # The first answer is the answer, however many people gave theirs at once.
        if call.answer is not None:
            return turn
        return _awaiting_work(_with_call(turn, _answered(call, body, by)))
    step = _step_of(turn, event)
    if step is None or step.model.answer is not None:
        return turn
    model = _answered(step.model, body, by)
    limits, held = turn.limits, step.model.decision
    if body.answer == "approve" and isinstance(held, Hold) and held.raises is not None:
        limits = limits.raised(held.raises.limit, held.raises.to)
    steps = (*turn.steps[:-1], replace(step, model=model))
    return _awaiting_work(replace(turn, steps=steps, limits=limits))


def _answered(call: Call, body: b.ApprovalAnswered, by: str) -> Call:
    by_rule = isinstance(call.decision, Hold) and call.decision.raises is None
    lifted = by_rule and body.answer == "approve"
    return replace(call, answer=body, answered_by=by, approved=call.approved or lifted)


def _brief_drafted(turn: Turn, event: Event, body: b.BriefDrafted | b.BriefEdited) -> Turn:
    header, edited = event.header, isinstance(body, b.BriefEdited)
    version = BriefVersion(
        header.seq, body.brief, header.sub, header.time, header.label, edited=edited
    )
    return replace(
        turn,
        brief=body.brief,
        brief_label=header.label,
        brief_version=turn.brief_version + 1,
        briefs=(*turn.briefs, version),
    )


def _brief_edited(turn: Turn, event: Event, body: b.BriefEdited) -> Turn:
    """Take a person's brief; what they no longer ask for is no longer held against the files."""
    before = turn.brief.criteria if turn.brief else ()
    gone = {(c.id, c.check, c.target) for c in before}
    gone -= {(c.id, c.check, c.target) for c in body.brief.criteria}
    kept = tuple(c for c in turn.checks if (c.id, c.check, c.target) not in gone)
    return _brief_drafted(replace(turn, checks=kept), event, body)


def _check_ran(turn: Turn, event: Event, body: b.CheckRan) -> Turn:
    # An id is a name the brief chose: it may not hide what another check found.
    ran = body.result
    kept = tuple(
        c for c in turn.checks if (c.id, c.check, c.target) != (ran.id, ran.check, ran.target)
    )
    return replace(turn, checks=(*kept, ran))


def _step_of(turn: Turn, event: Event) -> Step | None:
    """Give the step whose model call an event is about, unless its decision was erased."""
    step = turn.steps[-1] if turn.steps else None
    return step if step is not None and step.model.id == event.header.call else None


def _with_call(turn: Turn, call: Call) -> Turn:
    return replace(turn, calls={**turn.calls, call.id: call})


_SESSION: dict[type, Any] = {
    b.SessionOpened: _session_opened,
    b.FileUploaded: _file_uploaded,
    b.TurnRequested: _turn_requested,
    b.TurnClaimed: _turn_claimed,
    b.SnapshotTaken: _snapshot_taken,
    b.WorkspaceMoved: _workspace_moved,
    b.ArtifactDelivered: _artifact_delivered,
    b.DeliverableNoted: _deliverable_noted,
    b.BaselineStated: _baseline_stated,
}

_TURN: dict[type, Any] = {
    b.TurnSteered: _turn_steered,
    b.TurnStopRequested: _turn_stop_requested,
    b.TurnRested: _turn_rested,
    b.TurnParked: _turn_parked,
    b.TurnFinished: _turn_finished,
    b.CallDecided: _call_decided,
    b.CallStarted: _call_started,
    b.CallReturned: _call_returned,
    b.ModelReplied: _model_replied,
    b.ApprovalAnswered: _approval_answered,
    b.BriefDrafted: _brief_drafted,
    b.BriefEdited: _brief_edited,
    b.CheckRan: _check_ran,
}
