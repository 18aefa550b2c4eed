"""The loop: look, take the next move, until the turn rests.

Owns nothing but the order. Budget, retry, labels, metering and progress are wrappers or readers
of events; none of them may become a branch here.
"""

from __future__ import annotations

from typing import Protocol, assert_never

from deputy.core.moves import Act, Decide, Finish, Leave, Park, Think, next_move
from deputy.core.session import Call, Step, Turn


class Work(Protocol):
    """What the loop can do to a turn. Every method records what it did before it returns."""

    async def look(self) -> Turn:
        """Give the turn as the journal tells it now."""

    async def think(self, step: Step | None) -> None:
        """Ask the model, in a new step or again in one without a reply."""

    async def decide(self, calls: tuple[Call, ...]) -> None:
        """Put calls to the gate."""

    async def act(self, call: Call) -> None:
        """Run an allowed call."""

    async def park(self, held: tuple[Call, ...]) -> None:
        """Wait for people without costing anything."""

    async def finish(self, ending: Finish) -> bool:
        """End the turn with its receipt; False if something new must be looked at first."""


async def run(work: Work) -> None:
    """Work on one turn until it finishes or parks."""
    while True:
        match next_move(await work.look()):
            case Think(step):
                await work.think(step)
            case Decide(calls):
                await work.decide(calls)
            case Act(call):
                await work.act(call)
            case Park(held):
                return await work.park(held)
            case Finish() as ending:
                if await work.finish(ending):
                    return None
            case Leave():
                return None
            case other:
                assert_never(other)
