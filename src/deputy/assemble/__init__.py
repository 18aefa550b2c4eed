"""The composition root: the only place that knows every plane.

Owns building processes from settings and running them as one group on one machine. Must never
hold a rule. Parts are imported when they are used: a command that only asks a running Deputy
starts in a blink.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from deputy.assemble.places import COMMANDS, NAMES, Running, StateDir, running
from deputy.settings import Settings

if TYPE_CHECKING:
    from deputy.assemble.doctor import Finding
    from deputy.assemble.doctor.support import Support

__all__ = [
    "COMMANDS",
    "NAMES",
    "Running",
    "Settings",
    "StateDir",
    "doctor",
    "running",
    "serve_cell",
    "serve_control",
    "serve_execution",
    "support",
    "up",
]


def up(settings: Settings, say: Callable[[str], None]) -> None:
    """Run Deputy until told to stop. Raises `ConflictError` if it runs already."""
    import asyncio

    from deputy.assemble.groups import Group

    _require_sound(settings)
    asyncio.run(Group(settings, say, ("control", "cell")).run_all())


def serve_control(settings: Settings, say: Callable[[str], None]) -> None:
    """Run a control plane until told to stop."""
    import asyncio

    from deputy.assemble.groups import Group

    asyncio.run(Group(settings, say, ("control",)).run_control())


def serve_cell(settings: Settings, say: Callable[[str], None], invitation: Path | None) -> None:
    """Run a cell until told to stop; raises `InvalidRequestError` if no control invited it."""
    import asyncio

    from deputy.assemble.groups import Group

    _require_sound(settings)
    asyncio.run(Group(settings, say, ("cell",)).run_cell(invitation))


def serve_execution(
    settings: Settings, say: Callable[[str], None], invitation: Path | None
) -> None:
    """Run an execution host until told to stop; raises if no sandbox can stand here."""
    from deputy.assemble.inviting import invited
    from deputy.assemble.places import require_idle
    from deputy.assemble.processes import execute

    state = StateDir(settings.state_dir)
    require_idle(state)
    state.require("execution")
    state.prepare(())
    cell = invited(state, invitation, "cell")
    state.claim("execution")
    state.tell(None)
    try:
        execute(settings, cell, say)
    finally:
        state.untell()


def _require_sound(settings: Settings) -> None:
    """Tell what cannot work to the person who starts it, not to a worker's log."""
    from deputy.assemble.connections import require_room
    from deputy.assemble.models import chosen_model
    from deputy.assemble.telemetry import destination
    from deputy.wire.system import SystemIds

    require_room(settings)
    chosen_model(settings, SystemIds())
    destination(settings)


def doctor(settings: Settings) -> list[Finding]:
    """Look at everything Deputy needs here."""
    from deputy.assemble.doctor import examine

    return examine(settings)


def support(settings: Settings, findings: list[Finding], file: Path) -> Support:
    """Write a redacted support file; nothing is sent anywhere."""
    from deputy.assemble.doctor.support import write_support

    return write_support(settings, findings, file)
