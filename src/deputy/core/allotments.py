"""What happens when the next reply does not fit into its turn: may its owner grant more?

Owns that decision and its words. An approval raises the limit that was reached by one more
allotment, once; where that would not help, nobody is asked. Pure. Must never raise a limit itself:
the fold does, from the recorded approval.
"""

from __future__ import annotations

from deputy.core.budget import CEILINGS, OVER_BUDGET, Amount, Limit, Overrun, overrun
from deputy.core.policy import Deny, Hold, Raise
from deputy.core.session import Call, Turn

APPROVERS = ("owner",)
_SAID: dict[Limit, str] = {
    "steps": "This turn may take {allowed}; it took {used} and wants {needed} more.",
    "seconds": "This turn may work for {allowed}; it worked for {used} and is not done.",
    "tokens": "This turn may use {allowed}; {used} are spent or reserved and the next reply"
    " may take {needed}.",
    "cost_micros": "This turn may cost {allowed}; {used} is spent or reserved and the next reply"
    " may cost {needed}.",
}


def refusal(turn: Turn, call: Call, most: Amount) -> Hold | Deny | None:
    """Say what stands against one more attempt at a model call, or give None if it fits.

    `most` is the most the attempt can use.
    """
    over = overrun(turn.limits, _used(turn), _needed(call, most))
    if over is None:
        return None
    to = min(over.allowed + (turn.allotment.of(over.limit) or 0), CEILINGS[over.limit])
    if over.used + over.needed > to:
        return Deny(
            reason=f"{_said(over)} {_why_not_more(over, to)}",
            remedies=("Ask for something smaller, or ask again with a higher limit.",),
            code=OVER_BUDGET,
        )
    return Hold(
        reason=_said(over),
        approvers=APPROVERS,
        code=OVER_BUDGET,
        raises=Raise(limit=over.limit, to=to),
    )


def told(limit: Limit, amount: int) -> str:
    """Give an amount of a limit in words, such as `1,000 tokens`."""
    if limit == "cost_micros":
        return f"{_number(limit, amount)} in the currency of your budgets"
    return f"{amount:,} {limit.removesuffix('s') if amount == 1 else limit}"


def _used(turn: Turn) -> dict[Limit, int]:
    settled = turn.spent.plus(turn.committed)
    return {
        "steps": sum(step.model.attempts > 0 for step in turn.steps),
        "seconds": turn.working_us // 1_000_000,
        "tokens": settled.tokens,
        "cost_micros": settled.cost_micros,
    }


def _needed(call: Call, most: Amount) -> dict[Limit, int]:
    return {
        # An attempt after one that did not come back is still the same step.
        "steps": 0 if call.attempts else 1,
        "seconds": 1,
        "tokens": most.tokens,
        "cost_micros": most.cost_micros,
    }


def _said(over: Overrun) -> str:
    used, needed = (_number(over.limit, amount) for amount in (over.used, over.needed))
    allowed = told(over.limit, over.allowed)
    return _SAID[over.limit].format(allowed=allowed, used=used, needed=needed)


def _number(limit: Limit, amount: int) -> str:
    if limit != "cost_micros":
        return f"{amount:,}"
    whole, millionths = divmod(amount, 1_000_000)
    return f"{whole:,}.{f'{millionths:06}'.rstrip('0'):0<2}"


def _why_not_more(over: Overrun, to: int) -> str:
    if to == CEILINGS[over.limit]:
        return f"No turn may go beyond {told(over.limit, to)}, whoever approves it."
    return f"One more allotment, {told(over.limit, to)} in all, would not be enough either."
