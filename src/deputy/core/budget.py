"""Amounts, limits and the arithmetic of spending.

Owns what a turn may use and whether a further call fits. Must never round in anyone's favour:
all amounts are integers.
"""

from __future__ import annotations

from pydantic import Field

from deputy.core.errors import DeputyError
from deputy.core.messages import Value

STEPS_MAX = 50
SECONDS_MAX = 86_400
TOKENS_MAX = 10_000_000


class BudgetExceededError(DeputyError):
    """A limit would be passed; nothing was started."""

    code = "budget.exceeded"
    status = 402
    exit_code = 5


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


class TurnLimits(Value):
    """What one turn may use. `seconds` is work time: a parked turn does not age."""

    steps: int = Field(default=20, ge=1, le=STEPS_MAX)
    seconds: int = Field(default=900, ge=1, le=SECONDS_MAX)
    tokens: int = Field(default=200_000, ge=0, le=TOKENS_MAX)


def refusal(limits: TurnLimits, spent: Amount, reserved: Amount, most: Amount) -> str | None:
    """Say why `most` does not fit into a turn any more, or None if it does."""
    if spent.tokens + reserved.tokens + most.tokens > limits.tokens:
        used = spent.tokens + reserved.tokens
        return (
            f"this turn may use {limits.tokens:,} tokens; {used:,} are spent or reserved"
            f" and the next reply may take {most.tokens:,}"
        )
    return None
