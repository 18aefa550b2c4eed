"""The composition root: the only place that knows every plane.

Owns building processes from settings and running them as one group on one machine. Must never
hold a rule. Parts are imported when they are used: a command that only asks a running Deputy
starts in a blink.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from deputy.assemble.places import Running, running
from deputy.settings import Settings

if TYPE_CHECKING:
    from deputy.assemble.doctor import Finding

__all__ = ["Running", "Settings", "doctor", "running", "up"]


def up(settings: Settings, say: Callable[[str], None]) -> None:
    """Run Deputy until told to stop. Raises `ConflictError` if it runs already."""
    from deputy.assemble.connections import require_room
    from deputy.assemble.models import chosen_model
    from deputy.assemble.supervisor import supervise
    from deputy.assemble.telemetry import destination
    from deputy.wire.system import SystemIds

    # What cannot work is told to the person who starts it, not to a worker's log.
    require_room(settings)
    chosen_model(settings, SystemIds())
    destination(settings)
    supervise(settings, say)


def doctor(settings: Settings) -> list[Finding]:
    """Look at everything Deputy needs here."""
    from deputy.assemble.doctor import examine

    return examine(settings)
