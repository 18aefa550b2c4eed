"""A whole cell for tests: real PostgreSQL and blobs, written-down model, host and control."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deputy.agent.approvals import OwnerApproves
from deputy.agent.blobs import LocalBlobs
from deputy.agent.budgets import TurnBudgets
from deputy.agent.gate import Gate
from deputy.agent.models.permitted import Permitted
from deputy.agent.queue import Queue
from deputy.agent.sessions import Sessions
from deputy.agent.states import States
from deputy.agent.store import JOURNALS, project
from deputy.agent.turns import Means
from deputy.agent.worker import Worker
from deputy.control import rulesets
from deputy.core import holds
from deputy.core.authority import AuthorityExtract
from deputy.core.budget import TurnLimits
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.folds import fold
from deputy.core.identity import Actor, Mandate, Principal
from deputy.core.messages import ModelReply, TypedPart
from deputy.core.session import Session, Turn
from deputy.journals import Journal, KeyRing
from deputy.journals.engines import libpq_url, open_engine
from deputy.testing.fakes import FixedClock, SequentialIds
from deputy.testing.scripts import FixedAuthority, ScriptedHost, ScriptedModel
from deputy.wire.permits import PermitGuard
from deputy.wire.signing import SigningKey
from tests.databases import Database

MASTER = bytes(range(32))


def done(call: CodeCall) -> CodeResult:
    """A code call that printed its own code and changed nothing."""
    return CodeResult(outcome="ok", stdout=call.code.encode())


@dataclass
class Cell:
    """One cell under test, and the people in it."""

    journal: Journal
    sessions: Sessions
    means: Means
    worker: Worker
    queue: Queue
    authority: FixedAuthority
    host: ScriptedHost
    model: ScriptedModel
    clock: FixedClock
    alice: Actor
    charlie: Actor

    async def ask(
        self,
        words: str = "Count the rows",
        session: str | None = None,
        limits: TurnLimits | None = None,
    ) -> tuple[str, str]:
        """Open a session if there is none and ask; give (session, turn)."""
        session = session or await self.sessions.open(self.alice)
        part = TypedPart(text=words)
        return session, await self.sessions.open_turn(session, self.alice, [part], limits=limits)

    async def answer(self, session: str, turn: str, *, approve: bool) -> None:
        """Answer the one call that waits, as Alice who was shown it."""
        found = (await self.state(session)).turns[turn]
        (call,) = holds.held(found)
        shown = holds.shown_digest(found, call)
        await self.sessions.answer(session, turn, call.id, self.alice, approve=approve, shown=shown)

    async def work(self, session: str, turn: str) -> Turn:
        """Do what a worker does with one job; give the turn as it is then."""
        await self.worker.work(session, turn)
        return (await self.state(session)).turns[turn]

    async def state(self, session: str) -> Session:
        """Fold a session's journal."""
        return fold(await self.journal.read(session))

    async def types(self, session: str) -> list[str]:
        """Give the names of a session's events in order."""
        return [e.header.type for e in await self.journal.read(session)]


@asynccontextmanager
async def open_cell(
    database: Database,
    folder: Path,
    replies: Sequence[ModelReply],
    *,
    result: Callable[[CodeCall], CodeResult] = done,
    rules: str | None = None,
    start: int = 0,
) -> AsyncIterator[Cell]:
    """Open a cell on a migrated database whose model says `replies` in order.

    People and agent are the same in every cell; `start` sets a second cell's other ids apart.
    """
    clock, people, ids = FixedClock(), SequentialIds(), SequentialIds(start=start)
    alice, charlie, agent = people.new("prs"), people.new("prs"), people.new("agt")
    ids.new("prs"), ids.new("prs"), ids.new("agt")
    control, permits = SigningKey.generate(), SigningKey.generate()
    extract = _extract(ids, clock, alice, charlie, agent, rules)
    authority = FixedAuthority(control, extract)
    engine = open_engine(database.role)
    journal = Journal(
        engine, JOURNALS, keys=KeyRing(MASTER, ids), clock=clock, ids=ids, projector=project
    )
    blobs, states = LocalBlobs(folder / "blobs"), States(journal)
    queue = Queue(libpq_url(database.role))
    gate = Gate(
        cell=extract.cell,
        control=control.public,
        permits=permits,
        authority=authority,
        blobs=blobs,
        clock=clock,
    )
    model, host = ScriptedModel(replies, ids), ScriptedHost(permits.public, clock, result)
    worker_id = ids.new("wrk")
    means = Means(
        journal=journal,
        states=states,
        blobs=blobs,
        gate=gate,
        model=Permitted(model, PermitGuard(worker_id, permits.public, clock)),
        executor=host,
        budgets=TurnBudgets(),
        approvals=OwnerApproves(),
        clock=clock,
        ids=ids,
        worker=worker_id,
        runtime="data",
    )
    sessions = Sessions(journal, blobs, queue, OwnerApproves(), ids, states=states, agent=agent)
    await gate.open()
    try:
        async with queue.app.open_async():
            yield Cell(
                journal,
                sessions,
                means,
                Worker(means, queue),
                queue,
                authority,
                host,
                model,
                clock,
                Actor(sub=alice),
                Actor(sub=charlie),
            )
    finally:
        await gate.close()
        await states.close()
        await engine.dispose()


def _extract(
    ids: SequentialIds, clock: FixedClock, alice: str, charlie: str, agent: str, rules: str | None
) -> AuthorityExtract:
    ruleset = rulesets.starter(ids.new("rul"))
    if rules is not None:
        ruleset = ruleset.model_copy(update={"policies": ruleset.policies + rules})
    grants = [
        Mandate(
            id=ids.new("man"),
            sub=person,
            act=agent,
            purpose="tests",
            tools=("*",),
            expires_us=clock.now_us() + 10**15,
        )
        for person in (alice, charlie)
    ]
    return AuthorityExtract(
        org=ids.new("org"),
        cell=ids.new("cel"),
        principals=(
            Principal(id=alice, kind="person", name="Alice", roles=("owner",)),
            Principal(id=charlie, kind="person", name="Charlie"),
            Principal(id=agent, kind="agent", name="Deputy", sponsor=alice),
        ),
        mandates=tuple(grants),
        ruleset=ruleset,
    )
