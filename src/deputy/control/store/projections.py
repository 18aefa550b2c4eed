"""The rows derived from the organisation's journal: none yet beyond the journal's own.

Owns the place where they are written, in the transaction of their event. Must never be the only
place where a fact stands.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from deputy.core.events import Event


async def project(connection: AsyncConnection, events: Sequence[Event]) -> None:
    """Write the derived rows of `events`: the directory is small and folded in memory."""
