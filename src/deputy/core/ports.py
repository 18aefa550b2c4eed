"""The ports through which the rules meet the world, as protocols.

Owns their contracts. Must never hold an implementation: planes and `testing` do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import BinaryIO, Literal, Protocol

from deputy.core.authority import SignedExtract, SignedHeartbeat
from deputy.core.budget import Amount
from deputy.core.calls import CodeCall, CodeResult, Offer
from deputy.core.messages import ModelReply, ModelRequest
from deputy.core.policy import Deny, Hold
from deputy.core.session import Call, Session, Turn


class Clock(Protocol):
    """Time. Wall time orders events and due dates; monotonic time measures ages."""

    def now_us(self) -> int:
        """Give UTC microseconds since 1970."""

    def monotonic_s(self) -> float:
        """Give seconds on a clock that never steps."""


class Ids(Protocol):
    """New ids and salts."""

    def new(self, prefix: str) -> str:
        """Give a new id `prefix_ULID`."""

    def random_bytes(self, count: int) -> bytes:
        """Give bytes nobody can guess."""


class Blobs(Protocol):
    """Content-addressed bytes of one cell. Durable when `put` returns."""

    async def put(self, raw: bytes) -> str:
        """Keep bytes; give their SHA-256. Keeping the same bytes twice is one blob."""

    async def put_file(self, opened: BinaryIO) -> str:
        """Keep what a seekable file holds, piece by piece; give its SHA-256."""

    async def get(self, digest: str) -> bytes:
        """Give the bytes of a digest, verified; raises `NotFoundError` or `JournalError`."""

    async def get_many(self, digests: Iterable[str]) -> Mapping[str, bytes]:
        """Give the bytes of several digests."""


class Model(Protocol):
    """A language model, or the built-in one. A call is repeatable: it has no effect."""

    @property
    def name(self) -> str:
        """Give `provider:model`, as receipts show it."""

    @property
    def place(self) -> Literal["inside", "outside"]:
        """Say whether content stays inside the boundary."""

    def most(self, request: ModelRequest) -> Amount:
        """Give the most one reply to this context can cost."""

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Give one reply to a context; raises `DeputyError` when the provider cannot."""


class Accepted(Protocol):
    """A code call that an executor has taken in and has not started."""

    @property
    def offer(self) -> Offer:
        """Give the executor's id and the fresh nonce that this call's permit must name."""

    async def run(self, permit: str) -> CodeResult:
        """Verify the permit, record the call durably, run it, give the result.

        Raises `PermitError` and `SandboxUnavailableError` (nothing started), `HostLostError`
        (it may have started; what it did is thrown away). Cancelling kills the sandbox.
        """


class Executor(Protocol):
    """Whatever runs code calls. It acts on permits only and records before it acts."""

    def accept(self, call: CodeCall) -> AbstractAsyncContextManager[Accepted]:
        """Take a call in, bytes and all, so that its permit need not wait for them.

        Entering raises `SandboxUnavailableError` if nobody can take it, `InvalidRequestError` if
        nobody ever could. Leaving withdraws what was not run.
        """

    async def close(self) -> None:
        """End every sandbox."""


class Authority(Protocol):
    """The control plane as a cell sees it."""

    async def extract(self) -> SignedExtract:
        """Give today's signed authority extract."""

    async def heartbeat(self, nonce: str) -> SignedHeartbeat:
        """Answer a cell's nonce with the digest of the extract now in force."""


class Budgets(Protocol):
    """Limits on a node. reserved + spent never exceeds a hard limit."""

    async def reserve(self, turn: Turn, call: Call, most: Amount) -> Hold | Deny | None:
        """Reserve the most one attempt at a model call can use, until its outcome is recorded.

        Else give what stands against it, naming limit, use and need.
        """


class Approvals(Protocol):
    """Where held calls are put to people."""

    async def approvers(self, roles: tuple[str, ...], *, session: Session) -> tuple[str, ...]:
        """Give the live people of these roles who may answer."""
