"""The turn's own budget, kept in its journal.

Owns the budgets port for the lowest node of the tree, the turn: what it spent is the fold of its
returned calls, what it may spend the fold of its request and its owner's approvals.
"""

from __future__ import annotations

from deputy.core.allotments import refusal
from deputy.core.budget import Amount
from deputy.core.policy import Deny, Hold
from deputy.core.session import Call, Turn


class TurnBudgets:
    """Holds what does not fit into the turn's own limits; denies what never could."""

    async def reserve(self, turn: Turn, call: Call, most: Amount) -> Hold | Deny | None:
        """Give None if the most an attempt can use fits: its start then reserves it."""
        return refusal(turn, call, most)
