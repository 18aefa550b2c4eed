"""What a model is shown: messages assembled from the session's state, and their joint label.

Owns order, bounds and `pc`. Pure: equal states give equal contexts. Must never add a word that no
event holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from deputy.core.labels import Label, join_all
from deputy.core.messages import (
    Attachment,
    BriefMessage,
    FilePart,
    MentionPart,
    Message,
    ModelMessage,
    PastedPart,
    ResultMessage,
    TypedPart,
    UserMessage,
)
from deputy.core.policy import Deny
from deputy.core.session import BriefVersion, Call, Said, Session, Step, Turn

TURNS_MAX = 20


@dataclass(frozen=True, slots=True)
class Context:
    """Messages in order, and `pc`: the join of everything in them."""

    messages: tuple[Message, ...]
    pc: Label


def assemble(session: Session, turn: Turn) -> Context:
    """Give the context of a turn's next model call: earlier turns, then its own."""
    # In the order of the journal: an id holds a time, and clocks can be set back.
    earlier = list(takewhile(lambda t: t.id != turn.id, session.turns.values()))[-TURNS_MAX:]
    messages = [m for t in (*earlier, turn) for m in _of_turn(session, t)]
    return Context(tuple(messages), join_all([m.label for m in messages]))


def _of_turn(session: Session, turn: Turn) -> list[Message]:
    edited = [(n, v) for n, v in enumerate(turn.briefs, start=1) if v.edited]
    people: list[tuple[int, Message]] = [(s.seq, _user(session, turn, s)) for s in turn.said]
    people += [(v.seq, _brief(turn, number, v)) for number, v in edited]
    people.sort(key=lambda one: one[0])
    messages: list[Message] = []
    for step in turn.steps:
        # A reply comes after the words that were there when its model was asked.
        while people and people[0][0] < (step.replied_seq or people[0][0]):
            messages.append(people.pop(0)[1])
        if step.reply is not None:
            messages.append(_model(turn, step))
            messages.extend(_result(turn, call) for call in turn.calls_of(step) if call.done)
    messages.extend(message for _, message in people)
    return messages


def _brief(turn: Turn, number: int, version: BriefVersion) -> BriefMessage:
    return BriefMessage(
        turn=turn.id,
        version=number,
        brief=version.brief.model_dump(mode="json"),
        label=version.label,
    )


def _user(session: Session, turn: Turn, said: Said) -> UserMessage:
    found = [session.files[p.file] for p in said.parts if isinstance(p, FilePart)]
    attachments = tuple(
        Attachment(path=f.path, media_type=f.media_type, size=f.size, label=f.label) for f in found
    )
    return UserMessage(
        turn=turn.id,
        typed=tuple(p.text for p in said.parts if isinstance(p, TypedPart)),
        pasted=tuple(p.text for p in said.parts if isinstance(p, PastedPart)),
        mentions=tuple(p.name for p in said.parts if isinstance(p, MentionPart)),
        attachments=attachments,
        unattended=turn.unattended,
        # A file's name is its bringer's word, not the requester's.
        label=join_all([said.label, *(f.label for f in found)]),
    )


def _model(turn: Turn, step: Step) -> ModelMessage:
    assert step.reply is not None
    return ModelMessage(
        turn=turn.id, text=step.reply.text, calls=step.reply.calls, label=step.label
    )


def _result(turn: Turn, call: Call) -> ResultMessage:
    if call.returned is not None:
        return ResultMessage(
            turn=turn.id,
            call=call.id,
            tool=call.tool,
            status=call.returned.status,
            content=call.returned.content,
            label=call.label,
        )
    denied = isinstance(call.decision, Deny)
    reason = call.decision.reason if isinstance(call.decision, Deny) else "A person said no."
    if call.answer is not None and call.answer.reason:
        reason = call.answer.reason
    remedies = list(call.decision.remedies) if isinstance(call.decision, Deny) else []
    return ResultMessage(
        turn=turn.id,
        call=call.id,
        tool=call.tool,
        status="denied" if denied else "rejected",
        content={"reason": reason, "remedies": remedies},
        label=call.label,
    )
