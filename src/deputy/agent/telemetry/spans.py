"""The spans of a turn: what it waited for and what it did, with beginnings and ends.

Owns how events become spans. Must never pass on text of a body: see `vocabulary`. Total over every
journal: an erased body leaves the span without what it told, and a clock that was set back never
makes a duration negative.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from deputy.agent.telemetry.vocabulary import (
    CODE_OUTCOMES,
    CODES,
    EFFECTS,
    TURN_OUTCOMES,
    Vocabulary,
    word,
)
from deputy.core.events import TYPES, Event
from deputy.core.events import session_bodies as b
from deputy.core.policy import Deny
from deputy.core.session import MODEL_TOOL

Kind = Literal["turn", "queue", "park", "step", "model", "tool"]
Facts = Mapping[str, int | str]
"""Attribute → a number, or a word of a closed set."""

NUMBER_MAX = (1 << 53) - 1
"""What every reader of JSON keeps exactly."""


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of time (UTC µs). `name` is unique in its turn; `parent` is a name, too."""

    kind: Kind
    name: str
    parent: str | None
    start_us: int
    end_us: int
    facts: Facts
    failed: bool = False
    worked_us: int = 0
    """For calls: from the last start to the outcome; the time a dead worker lost is not in it."""


@dataclass(frozen=True, slots=True)
class Trace:
    """All spans of one turn, the turn's own first. `ended` when nothing will be added."""

    session: str
    turn: str
    ended: bool
    spans: tuple[Span, ...]
    events: Mapping[str, int]
    """How many events of each type."""

    @property
    def root(self) -> Span:
        """Give the turn's own span."""
        return self.spans[0]


@dataclass(slots=True)
class _Draft:
    """A span under way."""

    kind: Kind
    name: str
    parent: str | None
    start_us: int
    end_us: int
    facts: dict[str, int | str] = field(default_factory=dict)
    failed: bool = False
    started_us: int | None = None
    worked_us: int = 0

    def reach(self, time_us: int) -> None:
        self.end_us = max(self.end_us, time_us)

    def count(self, fact: str, more: int = 1) -> None:
        known = self.facts.get(fact, 0)
        assert isinstance(known, int), "only numbers are counted"
        if more > 0:
            self.facts[fact] = min(known + more, NUMBER_MAX)

    def done(self) -> Span:
        return Span(
            self.kind,
            self.name,
            self.parent,
            self.start_us,
            self.end_us,
            dict(sorted(self.facts.items())),
            self.failed,
            self.worked_us,
        )


def traced(events: Iterable[Event], turn: str, words: Vocabulary) -> Trace | None:
    """Give the trace of a turn from its session's events, in order; None if it is not there.

    Events of other turns are passed over.
    """
    own = [event for event in events if event.header.turn == turn]
    if not own:
        return None
    reading = _Reading(own[0], words)
    for event in own:
        reading.take(event)
    return reading.trace()


class _Reading:
    """One pass over the events of a turn."""

    def __init__(self, first: Event, words: Vocabulary) -> None:
        header = first.header
        self._session, self._turn = header.journal, header.turn or ""
        self._words = words
        self._types: Counter[str] = Counter()
        self._root = _Draft("turn", self._turn, None, header.time, header.time)
        self._drafts: dict[str, _Draft] = {self._turn: self._root}
        self._wait: _Draft | None = self._open("queue", "queue 1", self._turn, header.time)
        self._waits = 1
        self._ended = False

    def take(self, event: Event) -> None:
        """Take the next event of the turn."""
        header, body = event.header, event.body
        if self._ended:
            # What people do with a result later is no part of the work.
            return
        if header.type in TYPES:
            self._types[header.type] += 1
        self._root.reach(header.time)
        self._waiting(header.type, header.time)
        self._working(event)
        match body:
            case b.CallDecided() | b.CallStarted() | b.CallReturned() | b.ModelReplied():
                self._called(event, body)
            case b.CheckRan():
                self._root.count(f"checks_{body.result.verdict}")
            case b.ArtifactDelivered():
                self._root.count("delivered")
                self._root.count("delivered_verified", int(body.verified))
            case b.TurnFinished():
                self._finish(body)
            case _:
                pass
        # The body of an end may be erased; the end stands all the same.
        self._ended = header.type == "turn.finished"

    def trace(self) -> Trace:
        """Give what was read."""
        self._root.facts["steps"] = sum(d.kind == "step" for d in self._drafts.values())
        if not self._ended and self._wait is not None:
            self._wait.reach(self._root.end_us)
        spans = tuple(draft.done() for draft in self._drafts.values())
        return Trace(self._session, self._turn, self._ended, spans, dict(self._types))

    def _open(self, kind: Kind, name: str, parent: str, time: int) -> _Draft:
        draft = _Draft(kind, name, parent, time, time)
        self._drafts[name] = draft
        return draft

    def _waiting(self, type: str, time: int) -> None:
        """Follow the turn between working, waiting for a worker and waiting for people."""
        wait = self._wait
        if type == "turn.claimed":
            self._root.count("claims")
            self._close_wait(time)
        elif type == "turn.parked":
            self._root.count("parks")
            self._close_wait(time)
            self._wait = self._next_wait("park", time)
        elif type == "turn.finished":
            self._close_wait(time)
        elif wait is not None and wait.kind == "park" and type in _WAKES:
            self._close_wait(time)
            self._wait = self._next_wait("queue", time)

    def _next_wait(self, kind: Literal["queue", "park"], time: int) -> _Draft:
        self._waits += 1
        return self._open(kind, f"{kind} {self._waits}", self._turn, time)

    def _close_wait(self, time: int) -> None:
        if self._wait is not None:
            self._wait.reach(time)
        self._wait = None

    def _working(self, event: Event) -> None:
        """Open and stretch the step and the call an event belongs to."""
        header = event.header
        if header.step is None:
            return
        step = self._drafts.get(header.step) or self._open(
            "step", header.step, self._turn, header.time
        )
        step.reach(header.time)
        if header.call is None or header.call in self._drafts:
            return
        tool = getattr(event.body, "tool", None)
        # The first call of a step is the model's own; an erased decision is still its place.
        first = not any(d.parent == header.step for d in self._drafts.values())
        model = tool == MODEL_TOOL or (tool is None and first)
        kind: Kind = "model" if model else "tool"
        self._open(kind, header.call, header.step, header.time)

    def _called(
        self, event: Event, body: b.CallDecided | b.CallStarted | b.CallReturned | b.ModelReplied
    ) -> None:
        call = self._drafts.get(event.header.call or "")
        if call is None:
            return
        call.reach(event.header.time)
        match body:
            case b.CallDecided():
                self._decided(call, body)
            case b.CallStarted():
                call.facts["attempts"] = min(body.attempt, NUMBER_MAX)
                call.started_us = event.header.time
            case b.CallReturned():
                self._returned(call, body)
            case b.ModelReplied():
                self._replied(call, body)
        if isinstance(body, b.CallReturned | b.ModelReplied) and call.started_us is not None:
            call.worked_us += max(0, event.header.time - call.started_us)
            call.started_us = None

    def _decided(self, call: _Draft, body: b.CallDecided) -> None:
        decision = body.decision
        call.facts["tool"] = self._words.tool(body.tool)
        call.facts["effect"] = word(body.effect, EFFECTS)
        call.facts["decision"] = decision.verdict
        call.count(f"decided_{decision.verdict}")
        call.failed = isinstance(decision, Deny)
        if isinstance(decision, Deny):
            call.facts["code"] = word(decision.code, CODES)
            call.facts["status"] = "denied"
        else:
            # Whatever an earlier attempt came to, this call is on its way again.
            call.facts.pop("status", None)

    def _returned(self, call: _Draft, body: b.CallReturned) -> None:
        call.facts["tool"] = self._words.tool(body.tool)
        call.facts["status"] = body.status
        call.failed = body.status == "error"
        if body.status == "error":
            call.count("failures")
        if "outcome" in body.content:
            call.facts["outcome"] = word(body.content["outcome"], CODE_OUTCOMES)
        standing = sum(wall.get("stands") is True for wall in body.walls)
        if body.walls:
            call.facts["walls_standing"] = standing
            call.facts["walls_missing"] = len(body.walls) - standing
        spent = body.spent
        amounts = {"sandbox_ms": spent.sandbox_ms, "tool_tokens": spent.tokens}
        self._spend(call, **amounts, cost_micros=spent.cost_micros)

    def _replied(self, call: _Draft, body: b.ModelReplied) -> None:
        usage = body.reply.usage
        call.facts["provider"] = self._words.provider(body.model)
        call.facts["place"] = body.place
        call.facts["status"] = "ok"
        call.failed = False
        call.count("calls_asked", len(body.reply.calls))
        tokens = {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
        self._spend(call, **tokens, cost_micros=usage.cost_micros)

    def _spend(self, call: _Draft, **amounts: int) -> None:
        for draft in (call, self._root):
            for fact, amount in amounts.items():
                draft.count(fact, amount)

    def _finish(self, body: b.TurnFinished) -> None:
        self._root.facts["outcome"] = word(body.outcome, TURN_OUTCOMES)
        self._root.failed = body.outcome == "failed"
        if body.code is not None:
            self._root.facts["code"] = word(body.code, CODES)


_WAKES = frozenset({"approval.answered", "turn.stop_requested"})
"""What queues a parked turn again."""
