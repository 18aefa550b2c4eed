"""An execution host that is killed with -9 at one boundary of one of its calls.

Run as `python -m tests.agent.killed_host` with a JSON object on standard input. Permits, the record
of starts and the link to the cell are the real ones; what runs inside is written down.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from deputy.core.calls import CodeCall
from deputy.execution import host
from deputy.execution.host import AcceptedCall, ExecutionHost
from deputy.execution.sandboxes.port import IsolationReport, SandboxJob, SandboxResult
from deputy.execution.starts import Starts
from deputy.testing.fakes import FixedClock
from deputy.wire import calls
from deputy.wire.hosts import keep_slot
from deputy.wire.invitations import Invitation
from tests.agent.scripts import worked

BOUNDARIES = ("taken in", "offered", "recorded", "running", "answered")


class Boundary:
    """Counts a host's calls and kills the process at a moment of the n-th."""

    def __init__(self, call: int, moment: str) -> None:
        self._at = (call, moment)
        self._calls = 0

    def reach(self, moment: str) -> None:
        """Die here if this is the moment."""
        self._calls += moment == BOUNDARIES[0]
        if (self._calls, moment) == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


class WrittenSandbox:
    """A sandbox whose programs are written down."""

    def __init__(self, boundary: Boundary) -> None:
        self._boundary = boundary

    def probe(self) -> IsolationReport:
        """Have no walls: nothing real runs."""
        return IsolationReport("written", ())

    async def run(self, job: SandboxJob) -> SandboxResult:
        """Give what the script says."""
        self._boundary.reach("running")
        told = worked(CodeCall(job.call_id, job.attempt, "data", job.code, params=job.params))
        return SandboxResult(
            outcome=told.outcome,
            exception=None,
            line=None,
            stdout=told.stdout,
            stderr=b"",
            changed=told.changed,
            deleted=(),
            duration_s=0.0,
            cpu_s=0.0,
            memory_peak_bytes=None,
            report=self.probe(),
        )

    async def close(self) -> None:
        """Nothing to end."""


class WatchedStarts(Starts):
    """The record of starts, of which the boundary learns."""

    boundary: Boundary

    def begin(self, call: str, attempt: int) -> bool:
        """Record as it does."""
        fresh = super().begin(call, attempt)
        self.boundary.reach("recorded")
        return fresh


class WatchedHost(ExecutionHost):
    """A host of which the boundary learns when a call comes and when it is answered."""

    boundary: Boundary

    @asynccontextmanager
    async def accept(self, call: CodeCall) -> AsyncIterator[AcceptedCall]:
        """Take in as it does."""
        self.boundary.reach("taken in")
        async with super().accept(call) as accepted:
            yield accepted


async def main(order: dict[str, Any]) -> None:
    """Serve one slot until killed."""
    boundary = Boundary(order["call"], order["moment"])
    WatchedStarts.boundary = WatchedHost.boundary = boundary
    made: Any = host
    made.Starts, made.Jail = WatchedStarts, lambda *a, **k: WrittenSandbox(boundary)
    wire: Any = calls
    send_offer, send_result = calls.send_offer, calls.send_result

    async def offered(*args: Any) -> None:
        await send_offer(*args)
        boundary.reach("offered")

    async def answered(*args: Any) -> None:
        await send_result(*args)
        boundary.reach("answered")

    wire.send_offer, wire.send_result = offered, answered
    invitation = Invitation.model_validate(order["invitation"])
    executor = WatchedHost(
        order["name"],
        gate=invitation.key("gate"),
        clock=FixedClock(),
        starts=Path(order["starts"]),
        runtimes={"data": Path("/")},
    )
    print("ready", flush=True)
    await keep_slot(invitation, executor)


if __name__ == "__main__":
    asyncio.run(main(json.load(sys.stdin)))
