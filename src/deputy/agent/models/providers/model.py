"""A provider's model behind the model port.

Owns the estimate, and trying again within bounds. Must never keep a connection between replies,
let a provider's own words into an error, or import a provider's library before it is asked.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.resources
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import structlog

from deputy.agent.models.providers.access import Access, Patience, require_sound
from deputy.agent.models.providers.pricing import Tariff, estimate
from deputy.core.budget import Amount
from deputy.core.errors import InvalidRequestError, ModelUnavailableError
from deputy.core.messages import ModelReply, ModelRequest
from deputy.core.ports import Ids

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from pydantic_ai.models import Model as Wire

    from deputy.agent.models.providers.faults import Fault

MODEL_CHARS_MAX = 200
TRIES_MAX = 4
BACKOFF_S = (0.5, 2.0, 5.0)
RETRY_AFTER_S_MAX = 30.0
"""A provider that asks for more is not waited for: the turn rests instead."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ProviderModel:
    """One model of one provider. `connect` opens it for a reply; `wait` waits seconds."""

    name: str
    place: Literal["inside", "outside"]
    tariff: Tariff
    connect: Callable[[], AbstractAsyncContextManager[Wire]]
    ids: Ids
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    patience: Patience = Patience()

    def most(self, request: ModelRequest) -> Amount:
        """Give the most one reply can cost: the context as estimated, and every output token."""
        seen = estimate(request.model_dump_json()) + estimate(instructions())
        cost = self.tariff.cost_micros(seen, request.output_tokens_max)
        return Amount(tokens=seen + request.output_tokens_max, cost_micros=cost)

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Give one whole reply, asked for a few times if need be.

        Raises `ModelUnavailableError` when waiting may help and `ModelRefusedError` when not.
        """
        # The libraries are imported beside the event loop, which has heartbeats to answer.
        await asyncio.to_thread(_load)
        from deputy.agent.models.providers import faults, talking

        question = talking.render(request, instructions())
        async with self.connect() as wire:
            for delay_s in (*BACKOFF_S, None):
                try:
                    heard = await talking.ask(wire, question, self.patience)
                    return talking.read(heard, request, self.ids, self.tariff)
                except Exception as error:  # noqa: BLE001  whatever a provider says is only a fault
                    fault = faults.of(error, self.name)
                _log.warning(
                    "a model gave no whole reply",
                    model=self.name,
                    fault=fault.kind,
                    status=fault.status,
                )
                await self._wait_for(fault, delay_s)
        raise AssertionError("the last try returned or raised")

    async def _wait_for(self, fault: Fault, delay_s: float | None) -> None:
        """Wait before the next try; raises the fault's error when there is none."""
        asked_s = fault.retry_after_s or 0.0
        if fault.refusal is not None:
            raise fault.refusal
        if delay_s is None or asked_s > RETRY_AFTER_S_MAX:
            raise ModelUnavailableError(
                f"The model '{self.name}' gave no whole reply ({fault.kind}).",
                hint="The turn is tried again by itself. If it stays, look at the provider's"
                " status page and at DEPUTY_MODEL_URL.",
            )
        # Workers that failed together must not come back together.
        jitter = 0.75 + self.ids.random_bytes(1)[0] / 510
        await self.wait(max(asked_s, delay_s * jitter))


def provided(
    provider: str,
    model: str,
    access: Access,
    connect: Callable[[], AbstractAsyncContextManager[Wire]],
    ids: Ids,
) -> ProviderModel:
    """Give a provider's model; raises `InvalidRequestError` for what cannot work, with its cure."""
    if not model or len(model) > MODEL_CHARS_MAX or not model.isprintable() or " " in model:
        raise InvalidRequestError(
            f"'{provider}' needs the name of a model.",
            hint=f"Set DEPUTY_MODEL to {provider}:MODEL.",
            code="model.unnamed",
        )
    require_sound(access)
    if access.url is None and access.key is None:
        raise InvalidRequestError(
            f"'{provider}' needs a key.",
            hint="Put it into a file only you can read and set DEPUTY_MODEL_KEY_FILE to its path.",
            code="model.key_missing",
        )
    tariff = Tariff(provider, model, access.url, access.price)
    tariff.cost_micros(1, 1)
    return ProviderModel(f"{provider}:{model}", access.place, tariff, connect, ids)


@cache
def instructions() -> str:
    """Give what every language model is told about working for Deputy."""
    page = importlib.resources.files(__package__) / "instructions.md"
    return page.read_text(encoding="utf-8")


def _load() -> None:
    for name in ("faults", "talking"):
        importlib.import_module(f"{__package__}.{name}")
