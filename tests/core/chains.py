"""Journals in memory: events chained as a store would chain them, and turns played out at random.

Owns building them. Must never repeat a rule of the core: the next event follows from `next_move`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from deputy.core.allotments import refusal
from deputy.core.budget import Amount, TurnLimits
from deputy.core.canonical import commitment
from deputy.core.events import (
    GENESIS,
    SALT_BYTES,
    Body,
    Draft,
    Erased,
    Event,
    Header,
    body_bytes,
    name_of,
)
from deputy.core.events import session_bodies as b
from deputy.core.folds import fold
from deputy.core.labels import Label, typed_by
from deputy.core.messages import ModelReply, ToolCall, TypedPart, Usage
from deputy.core.moves import Act, Decide, Finish, Leave, Move, Park, Think, next_move
from deputy.core.policy import Allow, Deny, Hold
from deputy.core.session import MODEL_TOOL, Call, Session, Turn
from deputy.testing.fakes import FixedClock, SequentialIds

ALICE = "prs_0000000000000000000000000A"
TYPED = typed_by(ALICE)
Choose = Callable[[int], int]
"""Give a number from 0 to n - 1."""


@dataclass
class Chain:
    """A journal without a database."""

    ids: SequentialIds = field(default_factory=SequentialIds)
    clock: FixedClock = field(default_factory=FixedClock)
    events: list[Event] = field(default_factory=list)
    salts: list[bytes] = field(default_factory=list)
    name: str = ""

    def __post_init__(self) -> None:
        self.name = self.name or self.ids.new("ses")

    def add(self, *drafts: Draft, epoch: int | None = None, sub: str = ALICE) -> None:
        """Record facts as a store would."""
        for draft in drafts:
            salt = self.ids.random_bytes(SALT_BYTES)
            kind, version = name_of(draft.body)
            header = Header(
                journal=self.name,
                seq=len(self.events) + 1,
                type=kind,
                version=version,
                time=self.clock.now_us(),
                sub=sub,
                turn=draft.turn,
                step=draft.step,
                call=draft.call,
                cause=draft.cause,
                epoch=epoch,
                label=draft.label,
                key_id="key_00000000000000000000000000",
                prev=self.events[-1].hash if self.events else GENESIS,
                commitment=commitment(salt, body_bytes(draft.body)),
            )
            self.events.append(Event(header, draft.body, header.to_bytes()))
            self.salts.append(salt)

    def say(self, body: Body, turn: str | None = None, label: Label = TYPED) -> None:
        """Record one fact of a person."""
        self.add(Draft(body, label, turn=turn))

    def without(self, *seqs: int) -> list[Event]:
        """Give the events with some bodies erased."""
        return [replace(e, body=Erased()) if e.header.seq in seqs else e for e in self.events]


def play(choose: Choose, *, moves_max: int = 60) -> tuple[Chain, str]:
    """Play one turn out as a worker and people might, with every chance left to `choose`."""
    chain = Chain()
    turn = chain.ids.new("trn")
    agent = chain.ids.new("agt")
    chain.say(b.SessionOpened(owner=ALICE, agent=agent))
    limits = TurnLimits(
        steps=1 + choose(4),
        seconds=1 + choose(3),
        tokens=choose(3) * 60,
        cost_micros=(None, 20)[choose(2)],
    )
    chain.say(b.TurnRequested(parts=(TypedPart(text="Sum it up."),), limits=limits), turn)
    _claim(chain, turn)
    for _ in range(moves_max):
        chain.clock.advance(choose(3))
        state = fold(chain.events)
        move = next_move(state.turns[turn])
        if isinstance(move, Leave):
            break
        if not _disturbed(chain, state, turn, choose):
            _make(chain, state, turn, move, choose)
    return chain, turn


def _claim(chain: Chain, turn: str) -> None:
    state = fold(chain.events)
    draft = Draft(b.TurnClaimed(worker="wrk_00000000000000000000000000"), TYPED, turn=turn)
    chain.add(draft, epoch=state.epoch + 1)


def _disturbed(chain: Chain, state: Session, turn: str, choose: Choose) -> bool:
    match choose(16):
        case 0:
            _claim(chain, turn)
        case 3:
            chain.clock.step(chain.clock.us + (choose(9) - 4) * 3_600_000_000)
            return False
        case 1:
            chain.say(b.TurnSteered(parts=(TypedPart(text="By region."),)), turn)
        case 2 if choose(4) == 0:
            chain.say(b.TurnStopRequested(reason="enough"), turn)
        case _:
            return False
    return True


def _make(chain: Chain, state: Session, turn: str, move: Move, choose: Choose) -> None:
    found, epoch = state.turns[turn], state.epoch
    match move:
        case Think(step=step):
            _think(chain, found, step.id if step else None, epoch, choose)
        case Decide(calls=calls):
            for call in calls:
                approved = call.answer is not None and call.answer.answer == "approve"
                body = _decided(call.tool, choose, held=not approved)
                chain.add(about(turn, call.step, call.id, body), epoch=epoch)
        case Act(call=call):
            started = b.CallStarted(tool=call.tool, attempt=call.attempts + 1, executor="hst_x")
            chain.add(about(turn, call.step, call.id, started), epoch=epoch)
            if choose(4):
                chain.add(
                    about(turn, call.step, call.id, _returned(call.tool, choose)), epoch=epoch
                )
        case Park(held=held):
            _park(chain, turn, [(c.step, c.id) for c in held], epoch, choose)
        case Finish(outcome=outcome, text=text, code=code):
            ended = b.TurnFinished(outcome=outcome, text=text, receipt="0" * 64, code=code)
            chain.add(Draft(ended, TYPED, turn=turn), epoch=epoch)
        case Leave():
            raise AssertionError("a turn that is left makes no move")


def _think(chain: Chain, turn: Turn, step: str | None, epoch: int, choose: Choose) -> None:
    known = turn.steps[-1].model if step else None
    call = known or Call(chain.ids.new("call"), chain.ids.new("stp"), MODEL_TOOL, {})
    most = Amount(tokens=choose(40), cost_micros=choose(8))
    decided = _decided(MODEL_TOOL, choose, held=not turn.steps)
    if isinstance(decided.decision, Allow):
        over = refusal(turn, call, most)
        news = {"reserved": most} if over is None else {"decision": over}
        decided = decided.model_copy(update=news)
    chain.add(about(turn.id, call.step, call.id, decided), epoch=epoch)
    if not isinstance(decided.decision, Allow):
        return
    started = b.CallStarted(tool=MODEL_TOOL, attempt=call.attempts + 1, executor="wrk_x")
    chain.add(about(turn.id, call.step, call.id, started), epoch=epoch)
    match choose(6):
        case 0:
            return  # The worker vanished: nobody knows what the attempt used.
        case 1:
            failed = b.CallReturned(tool=MODEL_TOOL, status="error", content={})
            chain.add(about(turn.id, call.step, call.id, failed), epoch=epoch)
            return
    tools = ("code.run", "deliver", "mail.send")
    asked = tuple(
        ToolCall(id=chain.ids.new("call"), tool=tools[choose(3)], args={"n": n})
        for n in range(choose(4))
    )
    used = Usage(input_tokens=choose(most.tokens + 1), cost_micros=choose(most.cost_micros + 1))
    reply = ModelReply(text="words", calls=asked, usage=used)
    body = b.ModelReplied(
        model="fake:one", place="inside", reply=reply, duration_ms=choose(3) * 400
    )
    chain.add(about(turn.id, call.step, call.id, body), epoch=epoch)


def _park(chain: Chain, turn: str, held: list[tuple[str, str]], epoch: int, choose: Choose) -> None:
    parked = b.TurnParked(
        calls=tuple(c for _, c in held), waiting=ALICE, waits_for=(ALICE,), reason="you decide"
    )
    chain.add(Draft(parked, TYPED, turn=turn), epoch=epoch)
    for step, call in held:
        for _ in range(1 + choose(2)):  # Two people may answer at once; the first answer counts.
            answer = b.ApprovalAnswered(answer=("approve", "reject")[choose(2)], shown="0" * 64)
            chain.add(about(turn, step, call, answer))
    _claim(chain, turn)


def about(turn: str, step: str, call: str, body: Body) -> Draft:
    """A fact about a call."""
    return Draft(body, TYPED, turn=turn, step=step, call=call)


def _decided(tool: str, choose: Choose, *, held: bool) -> b.CallDecided:
    decision: Allow | Deny | Hold = Allow(rules=("private-work",))
    match choose(6):
        case 0:
            decision = Deny(reason="no rule permits it")
        case 1 if held:
            decision = Hold(reason="you decide", approvers=("owner",))
    return b.CallDecided(
        tool=tool, effect="read", args_digest="0" * 64, decision=decision, authority="1" * 64
    )


def _returned(tool: str, choose: Choose) -> b.CallReturned:
    content = {"verified": bool(choose(2)), "files": ["report.xlsx"]} if tool == "deliver" else {}
    spent = Amount(sandbox_ms=choose(3) * 300)
    return b.CallReturned(
        tool=tool, status=("ok", "error")[choose(2)], content=content, spent=spent
    )
