"""Bringing schemas `cell` and `queue` to the version this code speaks.

Owns the address of their revisions. Must never run as the plane's own role.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deputy.journals.migrations import migrate

FOLDER: Final = Path(__file__).parent / "migrations"


async def migrate_cell(owner_url: str) -> None:
    """Migrate a cell's database as `deputy_owner`; safe to repeat and to run concurrently."""
    await migrate(owner_url, schema="cell", folder=FOLDER, roles=("deputy_cell",))
