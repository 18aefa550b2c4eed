"""The authority of another plane: a cell asks over its own outbound link, control answers.

Owns both sides of that link. Must never judge an answer: the gate verifies signatures and ages.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from deputy.core.authority import SignedExtract, SignedHeartbeat
from deputy.core.errors import GateUnavailableError
from deputy.core.ports import Authority
from deputy.wire.invitations import Invitation
from deputy.wire.links import SMALL_BYTES_MAX, Link, LinkLostError, Message, dialled
from deputy.wire.signing import TOKEN_BYTES_MAX

CELLS_DOOR = "/cells"
NONCE_CHARS_MAX = 200
ANSWER_BYTES_MAX = TOKEN_BYTES_MAX + SMALL_BYTES_MAX


async def serve_cell(link: Link, authority: Authority) -> None:
    """Answer a cell until its link ends."""
    while True:
        asked = await link.expect("heartbeat", "extract")
        if asked.kind == "extract":
            await link.send("extract", {"token": (await authority.extract()).token})
            continue
        nonce = str(asked.head.get("nonce"))[:NONCE_CHARS_MAX]
        await link.send("heartbeat", {"token": (await authority.heartbeat(nonce)).token})


class RemoteAuthority:
    """Implements `core.ports.Authority` over one link, opened when it is needed."""

    def __init__(self, control: Invitation) -> None:
        self._control = control
        self._open: AsyncExitStack | None = None
        self._link: Link | None = None
        self._turn = asyncio.Lock()

    async def extract(self) -> SignedExtract:
        """Give today's signed extract; raises `GateUnavailableError`."""
        return SignedExtract(await self._ask("extract"))

    async def heartbeat(self, nonce: str) -> SignedHeartbeat:
        """Have a nonce answered; raises `GateUnavailableError`."""
        return SignedHeartbeat(await self._ask("heartbeat", nonce=nonce))

    async def close(self) -> None:
        """End the link."""
        if self._open is not None:
            await self._open.aclose()
        self._open = self._link = None

    async def _ask(self, kind: str, **head: str) -> str:
        async with self._turn:
            try:
                answer = await self._answer(kind, head)
            except LinkLostError as error:
                await self.close()
                raise GateUnavailableError(error.message, hint=error.hint) from error
            except BaseException:
                # An answer that comes after nobody waits for it must not meet the next question.
                await self.close()
                raise
            return str(answer.head.get("token"))

    async def _answer(self, kind: str, head: dict[str, str]) -> Message:
        if self._link is None:
            self._open = AsyncExitStack()
            self._link = await self._open.enter_async_context(dialled(self._control, CELLS_DOOR))
        await self._link.send(kind, head)
        return await self._link.expect(kind, bytes_max=ANSWER_BYTES_MAX)
