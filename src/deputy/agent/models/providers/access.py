"""How a provider is reached: address, key, place, price and patience.

Owns these values and what makes them sound. Must never read a file or the environment, and never
show a key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Literal
from urllib.parse import urlsplit

from deputy.core.errors import InvalidRequestError

PRICE_PER_MILLION_MAX = 10_000
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in units of the budget currency."""

    input: Decimal
    output: Decimal


@dataclass(frozen=True, slots=True)
class Access:
    """Where a model answers and how one is let in. Without a `url` it is the provider's own."""

    url: str | None = None
    key: str | None = field(default=None, repr=False)
    place: Literal["inside", "outside"] = "outside"
    price: Price | None = None

    @property
    def stays_here(self) -> bool:
        """Say whether the way to the model never leaves the boundary."""
        return self.place == "inside" or (
            self.url is not None and urlsplit(self.url).hostname in LOOPBACK
        )


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a provider may take: to its first event, between events, for a whole reply.

    A model that thinks before it speaks may say nothing for minutes.
    """

    first_event_s: float = 300.0
    silence_s: float = 120.0
    whole_s: float = 1_200.0


def read_price(text: str) -> Price:
    """Give the price written as `INPUT/OUTPUT` for a million tokens each, such as `0.5/1.5`."""
    first, slash, second = text.partition("/")
    try:
        price = Price(Decimal(first.strip()), Decimal(second.strip()))
    except InvalidOperation:
        price = None
    sound = price is not None and all(
        p.is_finite() and 0 <= p <= PRICE_PER_MILLION_MAX for p in (price.input, price.output)
    )
    if not slash or price is None or not sound:
        raise InvalidRequestError(
            f"{text!r} is no price.",
            hint="Write what a million tokens cost as INPUT/OUTPUT, such as 0.5/1.5, or 0/0.",
            code="model.price_invalid",
        )
    return price


def require_sound(access: Access) -> None:
    """Raise `InvalidRequestError` for an address that content or a key may not be sent to."""
    if access.url is None:
        return
    url = urlsplit(access.url)
    if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment:
        raise _address("The model's address is no plain http or https address.")
    if url.username is not None or url.password is not None:
        raise _address("The model's address holds a password; keep keys in a file of their own.")
    clear = url.scheme == "http" and url.hostname not in LOOPBACK
    if clear and (access.place == "outside" or access.key is not None):
        raise _address("Content and keys must not leave this machine unencrypted.")


def _address(message: str) -> InvalidRequestError:
    return InvalidRequestError(
        message,
        hint="Give an address such as https://models.example.com/v1.",
        code="model.address_invalid",
    )
