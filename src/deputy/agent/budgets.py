"""The turn's own budget, kept in its journal.

Owns the budgets port for the lowest node of the tree, the turn: what it spent is the fold of its
returned calls.
"""

from __future__ import annotations

from deputy.core.budget import Amount, BudgetExceededError, refusal
from deputy.core.session import Turn


class TurnBudgets:
    """Refuses what does not fit into the turn's own limits."""

    async def reserve(self, turn: Turn, most: Amount) -> None:
        """Raise `BudgetExceededError` if `most` does not fit any more."""
        reason = refusal(turn.limits, turn.spent, Amount(), most)
        if reason is not None:
            raise BudgetExceededError(
                f"Over budget: {reason}.",
                hint="Ask for something smaller, or ask with a higher token limit.",
            )
