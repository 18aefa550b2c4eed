"""Bringing schema `control` to the version this code speaks.

Owns the address of its revisions. Must never run as the plane's own role.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deputy.journals.migrations import migrate

FOLDER: Final = Path(__file__).parent / "migrations"


async def migrate_control(owner_url: str) -> None:
    """Migrate the control database as `deputy_owner`; safe to repeat and to run concurrently."""
    await migrate(owner_url, schema="control", folder=FOLDER, roles=("deputy_control",))
