"""A cell and its control plane, built from their parts inside one process.

Owns who is wired to whom. Must never start a process or hold a rule.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deputy.agent.approvals import OwnerApproves
from deputy.agent.blobs import LocalBlobs
from deputy.agent.budgets import TurnBudgets
from deputy.agent.gate import Gate
from deputy.agent.models.permitted import Permitted
from deputy.agent.queue import TURNS_AT_ONCE, Queue
from deputy.agent.sessions import Sessions
from deputy.agent.states import States
from deputy.agent.store import JOURNALS as CELL_JOURNALS
from deputy.agent.store import project
from deputy.agent.turns import Means
from deputy.assemble.connections import CONTROL, of_cell
from deputy.assemble.handover import Handover
from deputy.assemble.places import StateDir
from deputy.control.service import ControlService
from deputy.control.store import JOURNALS as CONTROL_JOURNALS
from deputy.control.store import project as project_control
from deputy.core.ports import Authority, Clock, Executor, Ids, Model
from deputy.execution.host import ExecutionHost
from deputy.execution.runtimes import find
from deputy.journals import Journal, KeyRing
from deputy.journals.engines import libpq_url, open_engine
from deputy.wire.control import RemoteAuthority
from deputy.wire.hosts import RemoteExecutor
from deputy.wire.permits import PermitGuard
from deputy.wire.signing import VerifyKey
from deputy.wire.system import SystemClock, SystemIds

RUNTIME = "data"


@dataclass(frozen=True, slots=True)
class Parts:
    """What every process of a cell has."""

    state: StateDir
    handover: Handover
    journal: Journal
    states: States
    blobs: LocalBlobs
    queue: Queue
    clock: Clock
    ids: Ids

    def sessions(self) -> Sessions:
        """Give the commands of this cell's sessions."""
        return Sessions(
            self.journal,
            self.blobs,
            self.queue,
            OwnerApproves(),
            self.ids,
            states=self.states,
            agent=self.handover.agent,
        )


@asynccontextmanager
async def open_cell(
    state: StateDir, handover: Handover, *, durable: bool = True, turns: int = TURNS_AT_ONCE
) -> AsyncIterator[Parts]:
    """Connect to the cell's database with room for `turns` at the same time.

    `durable` off trades the last instant for speed.
    """
    clock, ids = SystemClock(), SystemIds()
    engine = open_engine(handover.cell_url, connections=of_cell(turns), durable=durable)
    journal = Journal(
        engine,
        CELL_JOURNALS,
        keys=KeyRing(state.master_key("cell"), ids),
        clock=clock,
        ids=ids,
        projector=project,
    )
    queue, states = Queue(libpq_url(handover.cell_url), turns=turns), States(journal)
    try:
        yield Parts(state, handover, journal, states, LocalBlobs(state.blobs), queue, clock, ids)
    finally:
        await states.close()
        await engine.dispose()


@asynccontextmanager
async def open_control(state: StateDir, control_url: str) -> AsyncIterator[ControlService]:
    """Connect to the control plane's database and serve authority from it."""
    clock, ids = SystemClock(), SystemIds()
    engine = open_engine(control_url, connections=CONTROL)
    journal = Journal(
        engine,
        CONTROL_JOURNALS,
        keys=KeyRing(state.master_key("control"), ids),
        clock=clock,
        ids=ids,
        projector=project_control,
    )
    try:
        yield ControlService(journal, key=state.signing_key("control"), clock=clock, ids=ids)
    finally:
        await engine.dispose()


@asynccontextmanager
async def open_authority(
    state: StateDir, handover: Handover
) -> AsyncIterator[tuple[Authority, VerifyKey]]:
    """Give control as this cell reaches it, and the key that verifies it."""
    if handover.control is None:
        async with open_control(state, handover.control_url) as control:
            yield control, state.signing_key("control").public
        return
    remote = RemoteAuthority(handover.control)
    try:
        yield remote, handover.control.key("control")
    finally:
        await remote.close()


@asynccontextmanager
async def open_host(
    state: StateDir, gate: VerifyKey, *, runtime_dir: Path | None
) -> AsyncIterator[ExecutionHost]:
    """Make this process an execution host that honours a gate's permits."""
    host = ExecutionHost(
        SystemIds().new("hst"),
        gate=gate,
        clock=SystemClock(),
        starts=state.root / "host" / "started.log",
        runtimes={RUNTIME: find(RUNTIME, runtime_dir / RUNTIME if runtime_dir else None)},
    )
    try:
        yield host
    finally:
        await host.close()


@asynccontextmanager
async def open_executor(
    state: StateDir, handover: Handover, *, runtime_dir: Path | None
) -> AsyncIterator[Executor]:
    """Give whatever runs this cell's code: hosts that connect to it, or this process."""
    if handover.hosts is not None:
        yield RemoteExecutor(handover.hosts)
        return
    gate = state.signing_key("gate").public
    async with open_host(state, gate, runtime_dir=runtime_dir) as host:
        yield host


@asynccontextmanager
async def open_means(
    parts: Parts, model: Model, *, runtime_dir: Path | None
) -> AsyncIterator[Means]:
    """Build what a worker works with: gate, model, execution."""
    state, handover = parts.state, parts.handover
    permits = state.signing_key("gate")
    worker_id = parts.ids.new("wrk")
    async with (
        open_authority(state, handover) as (authority, control),
        open_executor(state, handover, runtime_dir=runtime_dir) as executor,
    ):
        gate = Gate(
            cell=handover.cell,
            control=control,
            permits=permits,
            authority=authority,
            blobs=parts.blobs,
            clock=parts.clock,
        )
        means = Means(
            journal=parts.journal,
            states=parts.states,
            blobs=parts.blobs,
            gate=gate,
            model=Permitted(
                model,
                PermitGuard(worker_id, permits.public, parts.clock),
            ),
            executor=executor,
            budgets=TurnBudgets(),
            approvals=OwnerApproves(),
            clock=parts.clock,
            ids=parts.ids,
            worker=worker_id,
            runtime=RUNTIME,
        )
        await gate.open()
        try:
            yield means
        finally:
            await gate.close()
