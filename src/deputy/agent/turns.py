"""One turn at work: the only writer of its facts while it holds the lease.

Owns how a move becomes recorded facts and acts in between: decision before act, start before
execution, outcome after it. Must never decide what comes next (`core.moves`) or whether it may
(`core.policy`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from deputy.agent import context, tools
from deputy.agent.blobs import BlobStoreError
from deputy.agent.evidence import receipt
from deputy.agent.gate import Decided, Gate
from deputy.agent.models.permitted import Permitted
from deputy.agent.states import States
from deputy.agent.tools.deliver import as_stamped, handed_over, warned
from deputy.core import holds
from deputy.core.budget import Amount
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.canonical import canonical, digest
from deputy.core.errors import (
    DeputyError,
    GateUnavailableError,
    InvalidRequestError,
    LimitExceededError,
    ModelRefusedError,
    ModelUnavailableError,
    MovedError,
    SandboxUnavailableError,
)
from deputy.core.events import Body, Draft, Event
from deputy.core.events import session_bodies as b
from deputy.core.flow import ToolContract
from deputy.core.folds import fold
from deputy.core.labels import Label, join_all
from deputy.core.messages import ModelReply, ModelRequest, ToolCall
from deputy.core.moves import Finish
from deputy.core.policy import Allow, Hold, Question
from deputy.core.ports import Accepted, Approvals, Blobs, Budgets, Clock, Executor, Ids
from deputy.core.session import MODEL_TOOL, Call, Session, Step, Turn
from deputy.journals import Connection, Journal

WATCH_EVERY_S = 0.2
SUSPECT_CLAIMS = 2
"""From so many claims on that led to nothing, a worker may have ended by this turn."""
MODEL_CONTRACT = ToolContract(name=MODEL_TOOL, effect="read", repeatable=True)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Means:
    """What a worker works with, whatever the turn."""

    journal: Journal
    states: States
    blobs: Blobs
    gate: Gate
    model: Permitted
    executor: Executor
    budgets: Budgets
    approvals: Approvals
    clock: Clock
    ids: Ids
    worker: str
    runtime: str


class TurnWork:
    """A claimed turn. Every append carries the lease epoch of its claim."""

    def __init__(self, means: Means, on: Connection, session: Session, turn: str) -> None:
        self._m = means
        self._on = on
        self._session = session
        self._id = turn
        self._last: Event | None = None
        """Our own last fact; its epoch is our lease."""
        self._current = False
        self._open: Call | None = None
        """The call whose start is recorded and whose outcome is not."""

    @classmethod
    @asynccontextmanager
    async def claimed(
        cls, means: Means, session: str, turn: str, *, alone: asyncio.Lock | None = None
    ) -> AsyncIterator[TurnWork | None]:
        """Take the lease of a turn, fencing off whoever had it; None if it has ended.

        The work keeps one database connection as long as it lasts. A turn that may end its worker
        holds `alone`: no other such turn of this process is blamed for that end.
        """
        # Read before a connection is held: nobody who holds one waits for another's read.
        state = await means.states.of(session)
        async with AsyncExitStack() as stack:
            if alone is not None and _suspected(state, turn):
                await stack.enter_async_context(alone)
                state = await means.states.of(session)
            connection = await stack.enter_async_context(means.journal.holding())
            found = state.turns.get(turn)
            if found is None or found.status == "finished":
                yield None
                return
            work = cls(means, connection, state, turn)
            await work._claim(found)
            yield work

    async def _claim(self, found: Turn) -> None:
        body = b.TurnClaimed(worker=self._m.worker)
        draft = Draft(body, found.said[0].label, turn=found.id)
        async with self._m.journal.transaction() as connection:
            recorded = await self._m.journal.append(
                connection, self._session.id, [draft], by=found.actor, claim=True
            )
        (self._last,) = recorded.events
        await self._catch_up()

    @property
    def turn(self) -> Turn:
        """Give the turn as last seen."""
        return self._session.turns[self._id]

    async def look(self) -> Turn:
        """Give the turn, folded to whatever was recorded by us or by people.

        Right after an append of ours nothing is read: the append would have met anything new.
        """
        if not self._current:
            await self._catch_up()
        self._current = False
        return self.turn

    async def _catch_up(self) -> None:
        s = self._session
        news = await self._m.journal.read(s.id, after=s.seq, prev=s.head, connection=self._on)
        self._session = fold(news, s)

    async def think(self, step: Step | None) -> None:
        """Ask the model: decide and start, ask, record the reply and its calls' decisions."""
        seen = context.assemble(self._session, self.turn)
        request = ModelRequest(
            messages=seen.messages,
            tools=tuple(t.spec for t in tools.discover().values()),
            now_us=self.turn.requested_us,
        )
        args = digest(request.model_dump_json().encode())
        started = await self._start_thinking(step, request, seen.pc, args)
        # A stop may have come in between the look and the start: then nothing is asked.
        if started is None or self.turn.stop is not None:
            return
        call, attempt = started
        permit = self._m.gate.permit(
            self._m.model.offer(), call=call.id, attempt=attempt, args_digest=args
        )
        began = self._m.clock.monotonic_s()
        asking = self._m.model.reply(
            request, permit, call=call.id, attempt=attempt, args_digest=args
        )
        try:
            reply = await self._watched(asking, call, MODEL_CONTRACT)
        except (ModelRefusedError, ModelUnavailableError) as error:
            # The outcome is recorded before the turn rests or ends: no start stays open.
            await self._append([self._draft(call, _no_reply(error), seen.pc)])
            raise
        if reply is not None:
            ms = int((self._m.clock.monotonic_s() - began) * 1_000)
            await self._record_reply(call, reply, seen.pc, ms)

    async def decide(self, calls: tuple[Call, ...]) -> None:
        """Record the gate's answer to each call."""
        await self._append([(await self._decision(call, call.label))[0] for call in calls])

    async def act(self, call: Call) -> None:
        """Prepare, record the start, run on a permit, record the outcome."""
        tool = tools.discover().get(call.tool)
        if tool is None:
            return await self._fail(call, f"There is no tool called '{call.tool}'.")
        if call.attempts and not tool.contract.repeatable:
            return await self._fail(call, "It was started before and its outcome is unknown.")
        job = tools.Job(
            session=self._session,
            turn=self.turn,
            call=call,
            attempt=call.attempts + 1,
            blobs=self._m.blobs,
            ids=self._m.ids,
            runtime=self._m.runtime,
            clock_s=self.turn.requested_us // 1_000_000,
        )
        try:
            code = await tool.prepare(job)
        except (InvalidRequestError, LimitExceededError) as error:
            return await self._refuse(call, error)
        if code is None:
            if not await self._still_allowed(call):
                return None
            start = job.draft(self._started(call, job.attempt, self._m.worker), call.label)
            return await self._append([start, *await tool.facts(job, None)])
        return await self._run(tool, job, code)

    async def park(self, held: tuple[Call, ...]) -> None:
        """Record who waits for whom."""
        roles = tuple(
            sorted({r for c in held if isinstance(c.decision, Hold) for r in c.decision.approvers})
        )
        people = await self._m.approvals.approvers(roles, session=self._session)
        reasons = [c.decision.reason for c in held if isinstance(c.decision, Hold)]
        body = b.TurnParked(
            calls=tuple(c.id for c in held),
            waiting=self.turn.actor.sub,
            waits_for=people,
            reason=reasons[0] if reasons else "A person must answer first.",
        )
        await self._append([Draft(body, join_all([c.label for c in held]), turn=self._id)])

    async def rest(self, fault: DeputyError) -> None:
        """Tell what the turn waits for; it is tried again by itself."""
        body = b.TurnRested(code=fault.code, reason=fault.message, hint=fault.hint)
        # Who says that nothing ran, or cannot keep what came back, has not vanished with the call.
        known = isinstance(fault, SandboxUnavailableError | BlobStoreError)
        call = self._open.id if known and self._open is not None else None
        await self._append([Draft(body, self.turn.said[0].label, turn=self._id, call=call)])

    async def finish(self, ending: Finish) -> bool:
        """Hand over what stayed unverified, then end the turn with its receipt.

        False if people recorded anything meanwhile: the turn may have to go on.
        """
        await self._hand_over_unverified()
        written = receipt.build(
            self._session,
            self.turn,
            head=(self._session.seq, self._session.head),
            ruleset=self._m.gate.ruleset,
            now_us=self._m.clock.now_us(),
            ending=ending,
        )
        body = b.TurnFinished(
            outcome=written["outcome"],
            text=ending.text,
            receipt=await self._m.blobs.put(canonical(written)),
            code=ending.code,
            hint=ending.hint,
        )
        said = [s.label for s in self.turn.said]
        label = join_all([*said, *(s.label for s in self.turn.steps)])
        with suppress(MovedError):
            await self._append([Draft(body, label, turn=self._id)], behind=self._session.seq)
            return True
        self._current = False
        return False

    async def _start_thinking(
        self, step: Step | None, request: ModelRequest, pc: Label, args: str
    ) -> tuple[Call, int] | None:
        step_id = step.id if step is not None else self._m.ids.new("stp")
        call = step.model if step is not None else _model_call(self._m.ids, step_id, pc)
        decided, most = await self._model_decision(call, request, pc, args)
        known = _stands(call, decided) and call.reserved == most
        body = _decided(call, MODEL_CONTRACT, args, decided, most)
        attempt, drafts = call.attempts + 1, [] if known else [self._draft(call, body, pc)]
        if not isinstance(decided.decision, Allow):
            await self._append(drafts)
            return None
        started = self._started(call, attempt, self._m.model.guard.executor)
        await self._append([*drafts, self._draft(call, started, pc)])
        return call, attempt

    async def _model_decision(
        self, call: Call, request: ModelRequest, pc: Label, args: str
    ) -> tuple[Decided, Amount]:
        """Give the decision on an attempt, and what it reserves."""
        decided = await self._ask_gate(call, MODEL_CONTRACT, pc, pc, args)
        # Nobody is asked for money that a rule would not let them spend.
        if not isinstance(decided.decision, Allow):
            return decided, Amount()
        most = self._m.model.model.most(request)
        over = await self._m.budgets.reserve(self.turn, call, most)
        if over is None:
            return decided, most
        return Decided(over, decided.authority), Amount()

    async def _record_reply(self, call: Call, reply: ModelReply, pc: Label, ms: int) -> None:
        model = self._m.model.model
        # A call is named by us: a name that a model chose could be another call's.
        named = tuple(c.model_copy(update={"id": self._m.ids.new("call")}) for c in reply.calls)
        reply = reply.model_copy(update={"calls": named})
        body = b.ModelReplied(model=model.name, place=model.place, reply=reply, duration_ms=ms)
        drafts = [self._draft(call, body, pc)]
        for flawed in (c for c in reply.calls if c.flaw):
            told = b.CallReturned(tool=flawed.tool, status="error", content={"reason": flawed.flaw})
            drafts.append(self._draft(_asked(flawed, call.step, pc), told, pc))
        # If the gate cannot be asked now, the reply is kept and its calls are decided later.
        with suppress(GateUnavailableError):
            asked = [_asked(c, call.step, pc) for c in reply.calls if not c.flaw]
            drafts += [(await self._decision(c, pc))[0] for c in asked]
        await self._append(drafts)

    async def _still_allowed(self, call: Call) -> bool:
        """Ask the gate again right before a start: authority may have shrunk meanwhile."""
        draft, decided = await self._decision(call, call.label)
        if not _stands(call, decided):
            await self._append([draft])
        return isinstance(decided.decision, Allow)

    async def _decision(self, call: Call, pc: Label) -> tuple[Draft, Decided]:
        contract = tools.contract_of(call.tool)
        args = digest(canonical({"tool": call.tool, "args": dict(call.args)}))
        decided = await self._ask_gate(call, contract, call.label, pc, args)
        question = holds.question_of(self.turn, call)
        if question is not None and isinstance(decided.decision, Allow):
            decided = Decided(question, decided.authority)
        body = _decided(call, contract, args, decided, Amount())
        return self._draft(call, body, call.label), decided

    async def _ask_gate(
        self, call: Call, contract: ToolContract, label: Label, pc: Label, args: str
    ) -> Decided:
        question = Question(
            actor=self.turn.actor,
            tool=contract.name,
            contract=contract,
            session=self._session.id,
            owner=self._session.owner,
            turn=self._id,
            call=call.id,
            args_digest=args,
            label=label,
            pc=pc,
            now_us=self._m.clock.now_us(),
            approved=call.approved,
        )
        return await self._m.gate.decide(question)

    async def _run(self, tool: tools.Tool, job: tools.Job, code: CodeCall) -> None:
        # Hashing what a call brings may take long: it is done before the nonce is made.
        args = await asyncio.to_thread(code.digest)
        try:
            async with AsyncExitStack() as stack:
                # An executor may take long to take a call in, and a stop does not wait for it.
                entering = stack.enter_async_context(self._m.executor.accept(code))
                accepted = await self._watched(entering, job.call, tool.contract)
                if accepted is None:
                    return
                result = await self._started_code(tool, job, accepted, args)
            if result is not None:
                await self._append(await tool.facts(job, result))
        except (InvalidRequestError, LimitExceededError) as error:
            await self._refuse(job.call, error)
        self._open = None

    async def _started_code(
        self, tool: tools.Tool, job: tools.Job, accepted: Accepted, args: str
    ) -> CodeResult | None:
        """Record the start and run; None if the turn was stopped or lost its authority."""
        if not await self._still_allowed(job.call):
            return None
        started = self._started(job.call, job.attempt, accepted.offer.executor)
        await self._append([job.draft(started, job.call.label)])
        self._open = job.call
        if self.turn.stop is not None:
            return None
        permit = self._m.gate.permit(
            accepted.offer, call=job.call.id, attempt=job.attempt, args_digest=args
        )
        return await self._watched(accepted.run(permit), job.call, tool.contract)

    async def _watched(self, work: Awaitable[T], call: Call, contract: ToolContract) -> T | None:
        """Await work, ending it on a stop or when its authority is taken back; None if ended."""
        task = asyncio.ensure_future(work)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=WATCH_EVERY_S)
                if not task.done() and await self._must_end(call, contract):
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)
                    return None
            return await task
        finally:
            task.cancel()

    async def _must_end(self, call: Call, contract: ToolContract) -> bool:
        seq, _ = await self._m.journal.head(self._session.id, connection=self._on)
        if seq != self._session.seq:
            await self._catch_up()
        if self.turn.stop is not None:
            return True
        # What began with authority goes on while nobody can be asked.
        with suppress(GateUnavailableError):
            decided = await self._ask_gate(call, contract, call.label, call.label, "")
            return not isinstance(decided.decision, Allow)
        return False

    async def _hand_over_unverified(self) -> None:
        turn, tree = self.turn, self._session.tree.by_path()
        if not turn.handovers or turn.brief is None:
            return
        there = {self._session.artifacts[a].path for a in turn.delivered}
        late = [tree[p] for p in turn.handovers[-1] if p in tree and p not in there]
        copies = {
            path: (copy, size)
            for path, (of, copy, size) in warned(turn).items()
            # A file that was changed since has no copy with a warning; its name says it.
            if path in tree and tree[path].digest == of
        }
        drafts = [
            Draft(
                handed_over(
                    as_stamped(entry, copies), turn.brief, self._m.ids.new("art"), verified=False
                ),
                join_all([entry.label, turn.brief_label]),
                turn=turn.id,
            )
            for entry in late
        ]
        if drafts:
            await self._append(drafts)

    async def _refuse(self, call: Call, error: DeputyError) -> None:
        """Tell the model what it asked wrongly; the words may name any file of the tree."""
        tree = [entry.label for entry in self._session.tree.entries]
        await self._fail(call, str(error), join_all([call.label, *tree]))

    async def _fail(self, call: Call, reason: str, label: Label | None = None) -> None:
        body = b.CallReturned(tool=call.tool, status="error", content={"reason": reason})
        await self._append([self._draft(call, body, label or call.label)])

    def _started(self, call: Call, attempt: int, executor: str) -> b.CallStarted:
        return b.CallStarted(tool=call.tool, attempt=attempt, executor=executor)

    def _draft(self, call: Call, body: Body, label: Label) -> Draft:
        return Draft(body, label, turn=self._id, step=call.step, call=call.id)

    async def _append(self, drafts: Sequence[Draft], *, behind: int | None = None) -> None:
        assert self._last is not None, "only a claimed turn is written"
        by, journal = self.turn.actor, self._m.journal
        recorded = await journal.append_next(self._on, self._last, drafts, by=by)
        if recorded is None:
            async with journal.transaction() as connection:
                recorded = await journal.append(
                    connection,
                    self._session.id,
                    drafts,
                    by=by,
                    epoch=self._last.header.epoch,
                    behind=behind,
                )
        self._last = recorded.events[-1]
        if recorded.events[0].header.seq == self._session.seq + 1:
            self._session = fold(recorded.events, self._session)
        else:
            await self._catch_up()
        self._current = True


def _suspected(state: Session, turn: str) -> bool:
    """Say whether several workers ended while they had this turn."""
    found = state.turns.get(turn)
    return found is not None and len(found.fruitless) >= SUSPECT_CLAIMS


def _stands(call: Call, decided: Decided) -> bool:
    """Say whether the recorded decision of a call is the one the gate gives now."""
    return (call.decision, call.authority) == (decided.decision, decided.authority)


def _no_reply(error: ModelRefusedError | ModelUnavailableError) -> b.CallReturned:
    content = {"reason": error.message, "code": error.code}
    return b.CallReturned(tool=MODEL_TOOL, status="error", content=content)


def _model_call(ids: Ids, step: str, pc: Label) -> Call:
    return Call(id=ids.new("call"), step=step, tool=MODEL_TOOL, args={}, label=pc)


def _asked(call: ToolCall, step: str, pc: Label) -> Call:
    return Call(id=call.id, step=step, tool=call.tool, args=call.args, label=pc)


def _decided(
    call: Call, contract: ToolContract, args: str, decided: Decided, reserved: Amount
) -> b.CallDecided:
    return b.CallDecided(
        tool=call.tool,
        effect=contract.effect,
        args_digest=args,
        decision=decided.decision,
        authority=decided.authority,
        approved_by=call.answered_by,
        reserved=reserved,
    )
