"""How many tokens a text may be, and what they cost: the stated price, else the offline list.

Owns the arithmetic, in millionths and always rounded up. Must never fetch prices, and never let
an unknown price pass as free.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from deputy.agent.models.providers.access import Price
from deputy.core.errors import InvalidRequestError

MICROS = 1_000_000
BYTES_PER_TOKEN_MIN = 3
"""Text and code hold three to five bytes a token; the lower figure estimates high."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """The price of one model of one provider: a stated one, else looked up."""

    provider: str
    model: str
    url: str | None
    stated: Price | None

    def cost_micros(self, input_tokens: int, output_tokens: int, *, cached: int = 0) -> int:
        """Give the cost of tokens in millionths; `cached` of the input tokens were read cheaper.

        Raises `InvalidRequestError` naming the cure when nobody knows the price.
        """
        if self.stated is not None:
            # A price for a million tokens is the number of millionths for one.
            cost = input_tokens * self.stated.input + output_tokens * self.stated.output
            return math.ceil(cost)
        return math.ceil(self._listed(input_tokens, output_tokens, cached) * MICROS)

    def _listed(self, input_tokens: int, output_tokens: int, cached: int) -> Decimal:
        from genai_prices import Usage, calc_price

        usage = Usage(
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cache_read_tokens=min(cached, input_tokens),
        )
        try:
            if self.url is None:
                return calc_price(usage, self.model, provider_id=self.provider).total_price
            return calc_price(usage, self.model, provider_api_url=self.url).total_price
        except LookupError as error:
            raise InvalidRequestError(
                f"Nobody knows what the model {self.model!r} costs there.",
                hint="Set DEPUTY_MODEL_PRICE to the price of a million input and output tokens,"
                " such as 0.5/1.5, or 0/0 if it costs nothing.",
                code="model.unpriced",
            ) from error


def estimate(text: str) -> int:
    """Give a high estimate of the tokens of a text."""
    return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN_MIN)
