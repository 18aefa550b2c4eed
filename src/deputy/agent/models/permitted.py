"""A model that answers on permits only.

Owns the executor side of a model call. Wraps any model; must never call it without a permit that
names exactly this call.
"""

from __future__ import annotations

from dataclasses import dataclass

from deputy.core.calls import Offer
from deputy.core.messages import ModelReply, ModelRequest
from deputy.core.ports import Model
from deputy.wire.permits import PermitGuard


@dataclass(frozen=True, slots=True)
class Permitted:
    """`model` behind a permit guard."""

    model: Model
    guard: PermitGuard

    def offer(self) -> Offer:
        """Give a nonce for one permit."""
        return self.guard.offer()

    async def reply(
        self, request: ModelRequest, permit: str, *, call: str, attempt: int, args_digest: str
    ) -> ModelReply:
        """Verify the permit, then ask the model."""
        self.guard.verify(permit, call=call, attempt=attempt, args_digest=args_digest)
        return await self.model.reply(request)
