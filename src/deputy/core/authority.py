"""The authority extract: the part of control's knowledge a cell needs to decide by itself.

Owns its shape and the age rule of heartbeats. Must never verify a signature (wire does) or look
anything up.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from deputy.core.canonical import canonical, digest
from deputy.core.errors import GateUnavailableError
from deputy.core.identity import Mandate, Principal
from deputy.core.messages import Value

HEARTBEAT_AGE_S_MAX = 3.0


class RuleSet(Value):
    """Versioned Cedar policies and their schema, as text."""

    id: str
    version: int = Field(ge=1)
    policies: str
    cedar_schema: str


class AuthorityExtract(Value):
    """Directory part, mandates and rule set, addressed by the digest of their canonical bytes."""

    v: int = 1
    org: str
    cell: str
    principals: tuple[Principal, ...]
    mandates: tuple[Mandate, ...]
    ruleset: RuleSet

    def digest(self) -> str:
        """Give the content address of this extract."""
        return digest(canonical(self.model_dump(mode="json")))

    def principal(self, id: str) -> Principal | None:
        """Give a live principal of the extract, or None."""
        return next((p for p in self.principals if p.id == id and p.active), None)

    def mandates_for(self, sub: str, act: str) -> tuple[Mandate, ...]:
        """Give the mandates by which `act` works for `sub`."""
        return tuple(m for m in self.mandates if m.sub == sub and m.act == act)


@dataclass(frozen=True, slots=True)
class SignedExtract:
    """An extract's exact bytes as a compact JWS under control's key."""

    token: str


@dataclass(frozen=True, slots=True)
class SignedHeartbeat:
    """A compact JWS answering one nonce with the digest of the extract in force."""

    token: str


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a verified heartbeat told: the extract in force, asked at `asked_s` (monotonic).

    The age counts from the moment the cell *asked*, so a slow answer is an old one.
    """

    extract: str
    asked_s: float


def require_fresh(pulse: Pulse | None, extract: str | None, *, now_s: float) -> None:
    """Raise `GateUnavailableError` unless a fresh heartbeat vouches for the extract of a digest."""
    hint = "Nothing was started. Deputy tries again by itself; look at the control plane's log."
    if pulse is None or extract is None:
        raise GateUnavailableError("The control plane has not been heard yet.", hint=hint)
    if now_s - pulse.asked_s > HEARTBEAT_AGE_S_MAX:
        age = now_s - pulse.asked_s
        raise GateUnavailableError(
            f"The control plane's last answer is {age:.1f} s old; {HEARTBEAT_AGE_S_MAX:.0f} s is"
            " the limit.",
            hint=hint,
        )
    if pulse.extract != extract:
        raise GateUnavailableError("A newer authority extract is on its way.", hint=hint)
