"""What the API is built from.

Owns the list of parts that the composition root hands over. Must never build one of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from deputy.agent.sessions import Sessions
from deputy.core.ports import Blobs
from deputy.interaction.signin import SignIn
from deputy.interaction.stream import Tail


@dataclass(frozen=True)
class Services:
    """The parts of one API process."""

    sessions: Sessions
    blobs: Blobs
    signin: SignIn
    tail: Tail
    ready: Callable[[], Awaitable[Mapping[str, str]]]
    """Component → "ok", or what is wrong with its cure."""
    version: str
