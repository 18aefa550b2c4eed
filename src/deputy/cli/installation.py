"""This machine's own Deputy, as the composition root tells it.

Owns the way to it. Must never be imported before a command needs it.
"""

from __future__ import annotations

from typing import Any

from deputy import assemble
from deputy.assemble import Settings


def here() -> assemble.Running | None:
    """Give the Deputy that runs for this user's state folder, or None."""
    return assemble.running(Settings().state_dir)


def settings(**over: Any) -> Settings:
    """Give the settings of the environment, some of them overruled."""
    return Settings(**{name: value for name, value in over.items() if value is not None})
