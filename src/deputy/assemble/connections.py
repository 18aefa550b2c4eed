"""How many database connections the processes of a Deputy may keep.

Owns the sums, and refusing a start that the database has no room for. Must never open one.
"""

from __future__ import annotations

from deputy.agent.queue import POOL_MAX, TURNS_AT_ONCE
from deputy.core.errors import InvalidRequestError
from deputy.postgres.server import CONNECTIONS_MAX
from deputy.settings import Settings

CONTROL = 2
"""For asking control in a process of its cell."""
BORROWED = 3
"""Beside the one that each running turn keeps, for appends with derived rows and for timers. Who
borrows one waits for no other, so that with a single one every turn would go on."""
EAR = PRESENCE = 1
OTHERS = 25
"""For migrations, `deputy doctor`, telemetry, looks by hand, and the server's own reserve."""


def of_cell(turns: int) -> int:
    """Give the connections to a cell's journals in a process that works on `turns` at once."""
    return turns + BORROWED


def of_worker(turns: int) -> int:
    """Give all the connections of one worker."""
    return of_cell(turns) + POOL_MAX + PRESENCE + CONTROL


def require_room(settings: Settings) -> None:
    """Raise `InvalidRequestError` unless the database has connections for all these turns."""
    room = CONNECTIONS_MAX - OTHERS - (of_cell(TURNS_AT_ONCE) + POOL_MAX + EAR)
    wanted = settings.workers * of_worker(settings.turns)
    if wanted <= room:
        return
    raise InvalidRequestError(
        f"{settings.workers} workers with {settings.turns} turns each may need {wanted} connections"
        f" to the database, which has {room} for them.",
        hint=f"Set DEPUTY_WORKERS to {max(1, room // of_worker(settings.turns))} or less"
        f" with DEPUTY_TURNS at {min(settings.turns, room - of_worker(0))} or less.",
        code="settings.connections",
    )
