"""An execution host process that is killed with -9 at one moment of a call.

Run as `python -m tests.wire.killed_host` with a JSON object on standard input. It keeps a slot of a
real switchboard and does what a host does, records of starts included; only what the code leaves
is written down. At the named moment of the n-th call the process kills itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from deputy.core.calls import CodeCall, CodeResult, Offer
from deputy.core.errors import PermitError
from deputy.execution.starts import Starts
from deputy.wire.hosts import keep_slot
from deputy.wire.invitations import Invitation
from deputy.wire.permits import PermitGuard
from deputy.wire.signing import VerifyKey
from deputy.wire.system import SystemClock, SystemIds
from tests.agent.scripts import worked

Moment = Literal["taken in", "permitted", "recorded", "run", "answered", "never"]
MOMENTS: tuple[Moment, ...] = ("taken in", "permitted", "recorded", "run", "answered")


@dataclass
class KilledHost:
    """An executor whose process dies at one moment of its n-th call."""

    guard: PermitGuard
    starts: Starts
    ran: Path
    call: int
    moment: Moment
    seen: int = field(default=0)

    @asynccontextmanager
    async def accept(self, call: CodeCall) -> AsyncIterator[KilledCall]:
        self.seen += 1
        self.die_at("taken in")
        yield KilledCall(self, call, self.guard.offer())

    async def close(self) -> None:
        """Nothing to end."""

    def die_at(self, moment: Moment) -> None:
        if (self.seen, moment) == (self.call, self.moment):
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class KilledCall:
    """A call that such a host has taken in."""

    host: KilledHost
    call: CodeCall
    offer: Offer

    async def run(self, permit: str) -> CodeResult:
        host, call = self.host, self.call
        host.guard.verify(permit, call=call.call, attempt=call.attempt, args_digest=call.digest())
        host.die_at("permitted")
        if not host.starts.begin(call.call, call.attempt):
            raise PermitError("It was started before.")
        host.die_at("recorded")
        with host.ran.open("a") as file:
            file.write(f"{call.call} {call.attempt}\n")
        result = worked(call)
        host.die_at("run")
        if (host.seen, host.moment) == (host.call, "answered"):
            asyncio.get_running_loop().call_later(0.05, host.die_at, "answered")
        return result


async def main(order: dict[str, Any]) -> None:
    """Keep one slot until killed."""
    folder, ids = Path(order["folder"]), SystemIds()
    guard = PermitGuard(ids.new("hst"), VerifyKey(order["gate"]), SystemClock())
    host = KilledHost(
        guard, Starts(folder / "started.log"), folder / "ran", order["call"], order["moment"]
    )
    await keep_slot(Invitation(**order["invitation"]), host)


if __name__ == "__main__":
    asyncio.run(main(json.load(sys.stdin)))
