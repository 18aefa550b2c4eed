"""Who may act and for whom: principals, mandates, and the chain of them on a call.

Owns narrowing: authority only shrinks on its way down. Must never look anyone up: the directory
part of an authority extract is passed in.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deputy.core.messages import Value

CHAIN_DEPTH_MAX = 5

Kind = Literal["person", "team", "agent", "app", "service"]


class Principal(Value):
    """Whoever can hold authority or be held to account."""

    id: str
    kind: Kind
    name: str = Field(max_length=200)
    roles: tuple[str, ...] = ()
    sponsor: str | None = None
    """For an agent: the live person who answers for it."""
    active: bool = True


class Mandate(Value):
    """A bounded, expiring, revocable grant: `act` uses part of `sub`'s permissions (RFC 8693).

    `tools` are exact names or prefixes ending in `*`; `expires_us` is UTC microseconds.
    """

    id: str
    sub: str
    act: str
    purpose: str = Field(max_length=500)
    tools: tuple[str, ...]
    expires_us: int
    depth: int = Field(default=0, ge=0, le=CHAIN_DEPTH_MAX)

    def allows(self, tool: str, *, now_us: int) -> bool:
        """Say whether this mandate covers `tool` at `now_us`."""
        return now_us < self.expires_us and any(_covers(p, tool) for p in self.tools)

    def narrow(
        self,
        *,
        id: str,
        act: str,
        tools: tuple[str, ...],
        purpose: str,
        expires_us: int,
    ) -> Mandate:
        """Give the mandate passed on to `act`: never a tool, an hour or a level more."""
        kept = tuple(t for t in tools if any(_covers(p, t) for p in self.tools))
        return Mandate(
            id=id,
            sub=self.sub,
            act=act,
            purpose=purpose,
            tools=kept,
            expires_us=min(expires_us, self.expires_us),
            depth=self.depth + 1,
        )


def _covers(pattern: str, tool: str) -> bool:
    if pattern.endswith("*"):
        return tool.startswith(pattern[:-1])
    return pattern == tool


class Actor(Value):
    """Who stands behind a command or an event: `sub` the person, `act` the agent if any."""

    sub: str
    act: str | None = None
