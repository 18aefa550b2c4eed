"""The built-in model: playbooks behind the model port.

Owns nothing but the adapter. No key, no cost, no network, no state of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from deputy.agent import playbooks
from deputy.agent.models.providers.access import Access
from deputy.core.budget import Amount
from deputy.core.errors import InvalidRequestError
from deputy.core.messages import ModelReply, ModelRequest
from deputy.core.ports import Ids

NAME = "builtin"


def make(ids: Ids, model: str = "", access: Access | None = None) -> Builtin:
    """Give the built-in model; it has no variants and needs no access."""
    if model:
        raise InvalidRequestError(
            f"The built-in model has no variant {model!r}.",
            hint="Set DEPUTY_MODEL to builtin.",
            code="model.unknown",
        )
    return Builtin(ids)


@dataclass(frozen=True, slots=True)
class Builtin:
    """Answers from playbooks; the only impurity is the ids of the calls it makes."""

    ids: Ids
    name: str = "builtin:tables"
    place: Literal["inside"] = "inside"

    def most(self, request: ModelRequest) -> Amount:
        """Give nothing: the built-in model is free."""
        return Amount()

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Give the playbook's reply."""
        return playbooks.reply(request, lambda: self.ids.new("call"))
