"""The gate: every side effect is one question, answered where the content is.

Owns the cell's copy of control's authority extract, its freshness, and permits. Decisions are
pure (`core.policy.evaluate`). Must never act, and never answer from a stale extract.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field

import structlog

from deputy.core.authority import AuthorityExtract, Pulse, require_fresh
from deputy.core.calls import Offer
from deputy.core.canonical import canonical
from deputy.core.errors import GateUnavailableError
from deputy.core.policy import Allow, Deny, Hold, Question, evaluate
from deputy.core.ports import Authority, Blobs, Clock
from deputy.wire.authority import read_extract, read_heartbeat
from deputy.wire.permits import Permit, issue
from deputy.wire.signing import SigningKey, VerifyKey

HEARTBEAT_EVERY_S = 1.0
HEARTBEAT_WAIT_S_MAX = 2.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision and the digest of the authority extract it can be recomputed from."""

    decision: Allow | Deny | Hold
    authority: str


@dataclass(slots=True)
class Gate:
    """One cell's gate."""

    cell: str
    control: VerifyKey
    permits: SigningKey
    authority: Authority
    blobs: Blobs
    clock: Clock
    _extract: AuthorityExtract | None = None
    _digest: str | None = None
    _pulse: Pulse | None = None
    _task: asyncio.Task[None] | None = field(default=None, repr=False)
    _trouble: str = ""
    """Why control was not heard at the last try."""

    async def open(self) -> None:
        """Begin to listen to control's heartbeat; it goes on until `close`."""
        self._task = asyncio.create_task(self._listen(), name="gate heartbeat")
        await self._beat_once()

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def decide(self, question: Question) -> Decided:
        """Answer a question; raises `GateUnavailableError` when control was not heard lately."""
        try:
            require_fresh(self._pulse, self._digest, now_s=self.clock.monotonic_s())
        except GateUnavailableError:
            await self._beat_once()
            require_fresh(self._pulse, self._digest, now_s=self.clock.monotonic_s())
        assert self._extract is not None
        assert self._digest is not None
        return Decided(evaluate(self._extract, question), self._digest)

    @property
    def hears(self) -> bool:
        """Say whether control was heard lately enough to decide."""
        try:
            require_fresh(self._pulse, self._digest, now_s=self.clock.monotonic_s())
        except GateUnavailableError:
            return False
        return True

    @property
    def ruleset(self) -> str:
        """Name the rule set in force, as receipts show it."""
        if self._extract is None:
            return "none heard yet"
        return f"{self._extract.ruleset.id} version {self._extract.ruleset.version}"

    def permit(self, offer: Offer, *, call: str, attempt: int, args_digest: str) -> str:
        """Sign the permit of a call whose Allow has been recorded."""
        return issue(self.permits, Permit(offer.executor, offer.nonce, call, attempt, args_digest))

    async def _listen(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_EVERY_S)
            await self._beat_once()

    async def _beat_once(self) -> None:
        try:
            async with asyncio.timeout(HEARTBEAT_WAIT_S_MAX):
                await self._beat()
        except Exception as error:  # noqa: BLE001  whatever went wrong, control was not heard
            # Said once: a log that repeats itself each second soon holds nothing else.
            why = str(error) or type(error).__name__
            if why != self._trouble:
                _log.warning("control is not heard", error=why)
            self._trouble = why
        else:
            if self._trouble:
                _log.info("control is heard again")
            self._trouble = ""

    async def _beat(self) -> None:
        nonce, asked_s = secrets.token_urlsafe(18), self.clock.monotonic_s()
        signed = await self.authority.heartbeat(nonce)
        pulse = read_heartbeat(self.control, signed, cell=self.cell, nonce=nonce, asked_s=asked_s)
        if pulse.extract != self._digest:
            extract = read_extract(self.control, await self.authority.extract())
            # Kept by content, so that every decision can be computed again.
            self._digest = await self.blobs.put(canonical(extract.model_dump(mode="json")))
            self._extract = extract
        self._pulse = pulse
