"""Tool contracts: what a tool can do to the world.

Owns the closed set of effects and the contract an information-flow decision reads. Must never
take a contract from the tool's own outside description.
"""

from __future__ import annotations

from typing import Literal

from deputy.core.messages import Value

Effect = Literal["read", "private_reversible", "shared_reversible", "send", "irreversible"]


class ToolContract(Value):
    """What one version of a tool may do. `control` names the arguments that steer an effect."""

    name: str
    version: int = 1
    effect: Effect
    control: tuple[str, ...] = ()
    repeatable: bool = False
    """Whether a started call without a result may simply be started again."""
    public: bool = False
    """Whether anyone may later read what it leaves."""


def unregistered(name: str) -> ToolContract:
    """Give the contract of a tool nobody registered: irreversible, public, not repeatable."""
    return ToolContract(name=name, effect="irreversible", public=True)
