"""One process of a turn whose park, answer and resume lie weeks and processes apart.

Run as `python -m tests.agent.weeks_apart` with a JSON object on standard input: what to do, at
what time, on which databases. It prints one JSON object and ends; nothing else survives it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from deputy.agent.gate import Gate
from deputy.agent.sessions import Sessions
from deputy.agent.worker import Worker
from deputy.control.mandates import DAY_US
from deputy.control.service import FIRST_TOOLS, ControlService, Founding
from deputy.control.store import JOURNALS, project
from deputy.core import holds
from deputy.core.budget import TurnLimits
from deputy.core.events import Draft
from deputy.core.events import org_bodies as org
from deputy.core.identity import Actor, Mandate
from deputy.core.labels import PLATFORM
from deputy.core.messages import TypedPart
from deputy.journals import Journal, KeyRing
from deputy.journals.engines import open_engine
from deputy.testing.scripts import calls, says
from deputy.wire.signing import SigningKey
from tests.agent.cells import MASTER, Cell, open_cell
from tests.databases import Database

SCRIPT = [calls(("code.run", {"code": "print(1)"})), says("One row.")]
TERM_DAYS = 28


@dataclass
class Company:
    """A cell under a real control plane, as one process sees it."""

    cell: Cell
    control: ControlService
    founding: Founding
    sessions: Sessions
    worker: Worker

    @property
    def alice(self) -> Actor:
        """The owner of everything."""
        return Actor(sub=self.founding.owner)

    async def lend(self) -> None:
        """Give the agent a mandate for four weeks from now."""
        mandate = Mandate(
            id=self.cell.means.ids.new("man"),
            sub=self.founding.owner,
            act=self.founding.agent,
            purpose="Four weeks of work",
            tools=FIRST_TOOLS,
            expires_us=self.cell.clock.us + TERM_DAYS * DAY_US,
        )
        await self.control.grant(mandate, by=self.alice)


@asynccontextmanager
async def company(order: dict[str, Any]) -> AsyncIterator[Company]:
    """Open both planes at the time of the order; only their databases and blobs are old."""
    database = Database("", "", order["cell"])
    async with open_cell(database, Path(order["folder"]), SCRIPT, start=order["start"]) as cell:
        cell.clock.step(order["now_us"])
        engine, key, ids = open_engine(order["control"]), SigningKey.generate(), cell.means.ids
        journal = Journal(
            engine,
            JOURNALS,
            keys=KeyRing(MASTER, ids),
            clock=cell.clock,
            ids=ids,
            projector=project,
        )
        control = ControlService(journal, key=key, clock=cell.clock, ids=ids)
        founding = await control.found("Tailspin", "Alice")
        if order["do"] == "begin":
            await _settle_in(control, journal, founding, order["rule"])
        gate = Gate(
            cell=founding.cell,
            control=key.public,
            permits=cell.means.gate.permits,
            authority=control,
            blobs=cell.means.blobs,
            clock=cell.clock,
        )
        sessions = Sessions(
            cell.journal,
            cell.means.blobs,
            cell.queue,
            cell.means.approvals,
            ids,
            states=cell.means.states,
            agent=founding.agent,
        )
        worker = Worker(replace(cell.means, gate=gate), cell.queue)
        try:
            yield Company(cell, control, founding, sessions, worker)
        finally:
            await gate.close()
            await engine.dispose()


async def _settle_in(
    control: ControlService, journal: Journal, founding: Founding, rule: str
) -> None:
    """Take the first mandate, of a year, back; enforce one rule more."""
    organisation, owner = await control.organisation(), Actor(sub=founding.owner)
    for mandate in organisation.mandates:
        await control.revoke(mandate, by=owner)
    rules = organisation.ruleset
    assert rules is not None
    stricter = rules.model_copy(
        update={"version": rules.version + 1, "policies": rules.policies + rule}
    )
    async with journal.transaction() as connection:
        draft = Draft(org.RuleSetEnforced(ruleset=stricter), PLATFORM)
        await journal.append(connection, founding.org, [draft], by=owner)


async def begin(there: Company, order: dict[str, Any]) -> dict[str, Any]:
    """Lend a mandate for four weeks, ask, and work until it parks."""
    await there.lend()
    session = await there.sessions.open(there.alice)
    parts, limits = [TypedPart(text="Count the rows")], TurnLimits(**order["limits"])
    turn = await there.sessions.open_turn(session, there.alice, parts, limits=limits)
    await until(there, session, "turn.parked")
    return {"session": session, "turn": turn}


async def answer(there: Company, order: dict[str, Any]) -> dict[str, Any]:
    """Look what waits and approve it; lend the mandate anew if told so."""
    (waiting,), _ = await there.sessions.waiting(there.alice)
    await there.sessions.answer(
        waiting.session,
        waiting.turn.id,
        waiting.call.id,
        there.alice,
        approve=True,
        shown=holds.shown_digest(waiting.turn, waiting.call),
    )
    if order["renew"]:
        await there.lend()
    return {"since_us": waiting.call.decided_us}


async def work(there: Company, order: dict[str, Any]) -> dict[str, Any]:
    """Take what is queued and work until it ends."""
    await until(there, order["session"], "turn.finished")
    return {"started": there.cell.host.started, "asked": len(there.cell.model.asked)}


async def until(there: Company, session: str, type: str) -> None:
    """Run the worker on its queue until a fact stands in the journal."""
    working = asyncio.create_task(there.worker.run())
    async with asyncio.timeout(30):
        while type not in await there.cell.types(session):
            await asyncio.sleep(0.02)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def main(order: dict[str, Any]) -> None:
    """Do one thing and say what came of it."""
    async with company(order) as there:
        do = {"begin": begin, "answer": answer, "work": work}[order["do"]]
        print(json.dumps(await do(there, order)))


if __name__ == "__main__":
    asyncio.run(main(json.load(sys.stdin)))
