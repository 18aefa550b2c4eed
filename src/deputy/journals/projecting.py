"""Derived rows, written in the transaction of their event.

Owns how a plane's projections are applied. Must never be the only place where a fact stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from deputy.core.events import Body, Event

Projection = Callable[[Event, Any], Iterable[Any]]
"""From an event and its body to the statements that write its rows."""


@dataclass(frozen=True, slots=True)
class Projector:
    """One plane's projections by the kind of fact.

    They must give the same rows when a journal is folded again.
    """

    projections: Mapping[type[Body], Projection]

    def derives(self, body: Body) -> bool:
        """Say whether a fact of this kind has any derived row."""
        return type(body) in self.projections

    async def __call__(self, connection: AsyncConnection, events: Sequence[Event]) -> None:
        """Write the rows of events."""
        for event in events:
            projection = self.projections.get(type(event.body))  # type: ignore[arg-type]
            for statement in projection(event, event.body) if projection else ():
                await connection.execute(statement)
