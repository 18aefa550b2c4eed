"""Amounts, limits and the arithmetic of spending.

Owns what a turn may use and whether a further call fits. Must never round in anyone's favour:
all amounts are integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from pydantic import Field, field_validator

from deputy.core.messages import Value, whole

STEPS_MAX = 50
SECONDS_MAX = 86_400
TOKENS_MAX = 10_000_000
COST_MICROS_MAX = 1_000_000_000

OVER_BUDGET: Final = "budget.exceeded"
"""The code of every decision that a limit made."""

Limit = Literal["steps", "seconds", "tokens", "cost_micros"]
LIMITS: Final[tuple[Limit, ...]] = get_args(Limit)
CEILINGS: Final[Mapping[Limit, int]] = {
    "steps": STEPS_MAX,
    "seconds": SECONDS_MAX,
    "tokens": TOKENS_MAX,
    "cost_micros": COST_MICROS_MAX,
}
"""What no approval raises a turn's limit beyond."""


class Amount(Value):
    """What a call uses: tokens, sandbox milliseconds, millionths of the budget currency."""

    tokens: int = Field(default=0, ge=0)
    sandbox_ms: int = Field(default=0, ge=0)
    cost_micros: int = Field(default=0, ge=0)

    def plus(self, other: Amount) -> Amount:
        """Add two amounts."""
        return Amount(
            tokens=self.tokens + other.tokens,
            sandbox_ms=self.sandbox_ms + other.sandbox_ms,
            cost_micros=self.cost_micros + other.cost_micros,
        )

    def less(self, other: Amount) -> Amount:
        """Take an amount away; what is not there cannot be taken."""
        return Amount(
            tokens=max(0, self.tokens - other.tokens),
            sandbox_ms=max(0, self.sandbox_ms - other.sandbox_ms),
            cost_micros=max(0, self.cost_micros - other.cost_micros),
        )


class TurnLimits(Value):
    """What one turn may use; also the allotment by which an approval raises one of these limits.

    `steps` are model replies asked for. `seconds` is time that models and sandboxes measured:
    a turn that waits does not age. `cost_micros` is money in millionths of the budget currency;
    None sets no limit of its own.
    """

    steps: int = Field(default=20, ge=1, le=STEPS_MAX)
    seconds: int = Field(default=900, ge=1, le=SECONDS_MAX)
    tokens: int = Field(default=200_000, ge=0, le=TOKENS_MAX)
    cost_micros: int | None = Field(default=None, ge=0, le=COST_MICROS_MAX)

    _whole = field_validator("*", mode="before")(whole)

    def of(self, limit: Limit) -> int | None:
        """Give one limit by name."""
        found: int | None = getattr(self, limit)
        return found

    def raised(self, limit: Limit, to: int) -> TurnLimits:
        """Give these limits with one of them raised; none is ever lowered or set anew."""
        now = self.of(limit)
        if now is None or to <= now:
            return self
        return self.model_copy(update={limit: min(to, CEILINGS[limit])})


@dataclass(frozen=True, slots=True)
class Overrun:
    """A limit that a further call would pass: what is allowed, used and needed more."""

    limit: Limit
    allowed: int
    used: int
    needed: int


def overrun(
    limits: TurnLimits, used: Mapping[Limit, int], needed: Mapping[Limit, int]
) -> Overrun | None:
    """Give the first limit that `needed` does not fit into any more, or None if it fits all."""
    for limit in LIMITS:
        allowed = limits.of(limit)
        if allowed is not None and used[limit] + needed[limit] > allowed:
            return Overrun(limit, allowed, used[limit], needed[limit])
    return None
