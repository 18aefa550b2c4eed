"""Stand-ins for models, execution hosts and control: they say and do what a test wrote down.

Owns fakes that keep the ports' contracts, permits included. Must never be reached by the product.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Literal

from deputy.core.authority import AuthorityExtract, SignedExtract, SignedHeartbeat
from deputy.core.budget import Amount
from deputy.core.calls import CodeCall, CodeResult, Offer
from deputy.core.errors import GateUnavailableError
from deputy.core.messages import ModelReply, ModelRequest, ToolCall
from deputy.core.ports import Clock, Ids
from deputy.wire.authority import sign_extract, sign_heartbeat
from deputy.wire.permits import PermitGuard
from deputy.wire.signing import SigningKey, VerifyKey


@dataclass(slots=True)
class ScriptedModel:
    """Gives the n-th written reply to a context that holds n-1 replies of this turn.

    It has no state of its own, so that a worker that takes over gets the same reply. Call ids in
    the script are replaced by new ones.
    """

    replies: Sequence[ModelReply]
    ids: Ids
    name: str = "scripted:test"
    place: Literal["inside", "outside"] = "inside"
    cost: Amount = field(default_factory=Amount)
    asked: list[ModelRequest] = field(default_factory=list)

    def most(self, request: ModelRequest) -> Amount:
        """Give the written cost."""
        return self.cost

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Give the reply whose turn it is; the last one again when the script is over."""
        self.asked.append(request)
        turn = request.messages[-1].turn
        said = sum(1 for m in request.messages if m.role == "model" and m.turn == turn)
        written = self.replies[min(said, len(self.replies) - 1)]
        calls = tuple(c.model_copy(update={"id": self.ids.new("call")}) for c in written.calls)
        return written.model_copy(update={"calls": calls})


def says(text: str) -> ModelReply:
    """Write a reply without calls."""
    return ModelReply(text=text)


def calls(*asked: tuple[str, dict[str, object]], text: str = "") -> ModelReply:
    """Write a reply that asks for tools, each as (name, arguments)."""
    written = tuple(ToolCall(id=f"written-{i}", tool=t, args=a) for i, (t, a) in enumerate(asked))
    return ModelReply(text=text, calls=written)


@dataclass(slots=True)
class ScriptedHost:
    """An executor that verifies permits, counts starts and answers as written."""

    gate: VerifyKey
    clock: Clock
    result: Callable[[CodeCall], CodeResult] | Callable[[CodeCall], Awaitable[CodeResult]]
    name: str = "hst_00000000000000000000000000"
    started: list[tuple[str, int]] = field(default_factory=list)
    guard: PermitGuard = field(init=False)

    def __post_init__(self) -> None:
        """Make the guard."""
        self.guard = PermitGuard(self.name, self.gate, self.clock)

    @asynccontextmanager
    async def accept(self, call: CodeCall) -> AsyncIterator[ScriptedCall]:
        """Take any call."""
        yield ScriptedCall(self, call, self.guard.offer())

    async def close(self) -> None:
        """Nothing to end."""


@dataclass(slots=True)
class ScriptedCall:
    """A call that a scripted host has taken in."""

    host: ScriptedHost
    call: CodeCall
    offer: Offer

    async def run(self, permit: str) -> CodeResult:
        """Verify, count, answer."""
        call = self.call
        self.host.guard.verify(
            permit, call=call.call, attempt=call.attempt, args_digest=call.digest()
        )
        self.host.started.append((call.call, call.attempt))
        given = self.host.result(call)
        return given if isinstance(given, CodeResult) else await given


@dataclass(slots=True)
class FixedAuthority:
    """Control with one extract that a test may replace, or silence."""

    key: SigningKey
    current: AuthorityExtract
    silent: bool = False

    async def extract(self) -> SignedExtract:
        """Give the extract of the moment."""
        self._speak()
        return sign_extract(self.key, self.current)

    async def heartbeat(self, nonce: str) -> SignedHeartbeat:
        """Answer a nonce."""
        self._speak()
        return sign_heartbeat(
            self.key, cell=self.current.cell, nonce=nonce, extract=self.current.digest()
        )

    def revoke_all(self) -> None:
        """End every mandate."""
        self.current = self.current.model_copy(update={"mandates": ()})

    def _speak(self) -> None:
        if self.silent:
            raise GateUnavailableError("Control is silent.")


def shifted(call: CodeCall, **changes: object) -> CodeCall:
    """Give a code call with other values, to attack a permit with."""
    return replace(call, **changes)  # type: ignore[arg-type]
