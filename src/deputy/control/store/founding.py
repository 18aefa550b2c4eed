"""One founding at a time.

Owns the lock under which an organisation is founded. Must never outlive its transaction.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_FOUNDING = 0x666F756E


async def lock_founding(connection: AsyncConnection) -> None:
    """Wait until no other transaction is founding; held until this one ends."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _FOUNDING})
