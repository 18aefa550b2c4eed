"""Permits: the gate's signed, one-use permission for one call on one executor.

Owns issue and verification. A permit is valid for 2 s on the *executor's* monotonic clock from
the moment the executor issued the nonce it names. Must never be stored or reused.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from deputy.core.calls import Offer
from deputy.core.errors import PermitError
from deputy.core.ports import Clock
from deputy.wire.signing import SignatureError, SigningKey, VerifyKey

PERMIT_AGE_S_MAX = 2.0
NONCES_MAX = 1_024
_KIND = "permit"
_HINT = "Nothing was started; the worker asks for a new permit by itself."


@dataclass(frozen=True, slots=True)
class Permit:
    """What a permit names: one call, one attempt, one argument digest, one executor, one nonce."""

    executor: str
    nonce: str
    call: str
    attempt: int
    args_digest: str


def issue(key: SigningKey, permit: Permit) -> str:
    """Sign a permit. Only the gate does this, after its decision was recorded."""
    return key.sign(
        {
            "executor": permit.executor,
            "nonce": permit.nonce,
            "call": permit.call,
            "attempt": permit.attempt,
            "args": permit.args_digest,
        },
        kind=_KIND,
    )


@dataclass(slots=True)
class PermitGuard:
    """An executor's side: issues nonces, verifies permits, burns each nonce once."""

    executor: str
    gate: VerifyKey
    clock: Clock
    _open: dict[str, float] = field(default_factory=dict)

    def offer(self) -> Offer:
        """Give a fresh nonce; the oldest open ones fall out beyond `NONCES_MAX`."""
        while len(self._open) >= NONCES_MAX:
            self._open.pop(next(iter(self._open)))
        nonce = secrets.token_urlsafe(18)
        self._open[nonce] = self.clock.monotonic_s()
        return Offer(self.executor, nonce)

    def verify(self, token: str, *, call: str, attempt: int, args_digest: str) -> float:
        """Raise `PermitError` unless the permit is for exactly this and still young.

        Gives the moment (monotonic seconds) by which the start must be recorded.
        """
        try:
            claims = self.gate.verify(token, kind=_KIND)
        except SignatureError as error:
            raise PermitError(str(error), hint=_HINT) from error
        issued = self._open.pop(str(claims.get("nonce")), None)
        if issued is None:
            raise PermitError("The permit names no open nonce of this executor.", hint=_HINT)
        deadline_s = issued + PERMIT_AGE_S_MAX
        self.require_by(deadline_s)
        named = (claims.get(k) for k in ("executor", "call", "attempt", "args"))
        for said, meant in zip(named, (self.executor, call, attempt, args_digest), strict=True):
            if said != meant:
                raise PermitError("The permit is for another call.", hint=_HINT)
        return deadline_s

    def require_by(self, deadline_s: float) -> None:
        """Raise `PermitError` if a permit's time (monotonic seconds) has passed."""
        if self.clock.monotonic_s() > deadline_s:
            raise PermitError(f"The permit is older than {PERMIT_AGE_S_MAX:.0f} s.", hint=_HINT)
