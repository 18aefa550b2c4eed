"""The execution host: code calls in, results out, on permits only.

Owns the order of every call: verify the permit, record the start durably, run, answer. Holds no
database, no blob store and no credential; must never run a call twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deputy.core.calls import CodeCall, CodeResult, Offer
from deputy.core.errors import InvalidRequestError, PermitError
from deputy.core.ports import Clock
from deputy.execution.errors import SandboxRefusedError
from deputy.execution.sandboxes.jails import ALWAYS_REQUIRED, Jail
from deputy.execution.sandboxes.port import Sandbox, SandboxJob, SandboxResult
from deputy.execution.starts import Starts
from deputy.wire.permits import PermitGuard
from deputy.wire.signing import VerifyKey


class ExecutionHost:
    """Implements `core.ports.Executor` over one sandbox per runtime."""

    def __init__(
        self,
        name: str,
        *,
        gate: VerifyKey,
        clock: Clock,
        starts: Path,
        runtimes: Mapping[str, Path],
        required_walls: Sequence[str] = (),
    ) -> None:
        """`name` is this instance's id, `starts` the file of started calls.

        `required_walls` are what policy demands beyond the walls every sandbox needs; a call
        that cannot have them is refused with the cure.
        """
        self._guard = PermitGuard(name, gate, clock)
        self._starts = Starts(starts)
        self._required = (*ALWAYS_REQUIRED, *required_walls)
        self._sandboxes: dict[str, Sandbox] = {
            n: Jail(path, required_walls=required_walls) for n, path in runtimes.items()
        }

    @asynccontextmanager
    async def accept(self, call: CodeCall) -> AsyncIterator[AcceptedCall]:
        """Take a call in; see the port for what it raises."""
        sandbox = self._sandboxes.get(call.runtime)
        if sandbox is None:
            raise InvalidRequestError(
                f"This host has no runtime called {call.runtime!r}.",
                hint=f"It has: {', '.join(sorted(self._sandboxes))}.",
                code="runtime.unknown",
            )
        # Hashing what a call brings may take long: it is done before the nonce is made.
        args_digest = await asyncio.to_thread(call.digest)
        yield AcceptedCall(
            self._guard.offer(), call, args_digest, sandbox, self._guard, self._starts
        )

    async def require_walls(self) -> None:
        """Build one empty sandbox of each runtime; raises `SandboxUnavailableError`."""
        for sandbox in self._sandboxes.values():
            report = await asyncio.to_thread(sandbox.probe)
            for wall in report.missing(self._required):
                raise SandboxRefusedError(wall.name, wall.how, wall.cure)

    async def close(self) -> None:
        """End every sandbox."""
        for sandbox in self._sandboxes.values():
            await sandbox.close()
        self._starts.close()


@dataclass(frozen=True, slots=True)
class AcceptedCall:
    """Implements `core.ports.Accepted` for a call of this host."""

    offer: Offer
    _call: CodeCall
    _digest: str
    _sandbox: Sandbox
    _guard: PermitGuard
    _starts: Starts

    async def run(self, permit: str) -> CodeResult:
        """Verify, record, run; see the port for what it raises."""
        call = self._call
        deadline_s = self._guard.verify(
            permit, call=call.call, attempt=call.attempt, args_digest=self._digest
        )
        if not await asyncio.to_thread(self._starts.begin, call.call, call.attempt):
            raise PermitError(
                f"Attempt {call.attempt} of {call.call} was started before.",
                hint="Its result is read back, or a new attempt is decided.",
            )
        # A disk that took too long to record the start has used up the permit.
        self._guard.require_by(deadline_s)
        return _told(await self._sandbox.run(_job(call)))


def _job(call: CodeCall) -> SandboxJob:
    return SandboxJob(
        call_id=call.call,
        attempt=call.attempt,
        code=call.code,
        files=call.files,
        read_only=call.read_only,
        params=call.params,
        seed=call.seed,
        clock_s=call.clock_s,
        limits=call.limits,
    )


def _told(result: SandboxResult) -> CodeResult:
    return CodeResult(
        outcome=result.outcome,
        exception=result.exception,
        line=result.line,
        stdout=result.stdout,
        stderr=result.stderr,
        changed=result.changed,
        deleted=result.deleted,
        duration_s=result.duration_s,
        cpu_s=result.cpu_s,
        memory_peak_bytes=result.memory_peak_bytes,
        backend=result.report.backend,
        walls=result.report.walls,
        limit=result.limit,
        refused=tuple((r.name, r.reason) for r in result.refused),
    )
