"""Signed statements between planes: compact JWS, Ed25519 (RFC 7515, RFC 9864).

Owns keys as values and the one way statements are signed and verified. Verification raises; the
verified bytes are what is read. Must never read or write a key file: `assemble` does.
"""

from __future__ import annotations

import json
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from deputy.core.errors import DeputyError

ALGORITHM: Final = "Ed25519"
TOKEN_BYTES_MAX = 4 << 20


class SignatureError(DeputyError):
    """A statement does not carry the signature it must; it was not read."""

    code = "signature.invalid"
    status = 401
    exit_code = 7


class VerifyKey:
    """The public half: verifies statements of one kind."""

    def __init__(self, jwk: dict[str, Any]) -> None:
        self._key = OKPKey.import_key({k: v for k, v in jwk.items() if k != "d"})

    def to_jwk(self) -> dict[str, Any]:
        """Give the public JWK."""
        return dict(self._key.as_dict(private=False))

    def verify(self, token: str, *, kind: str) -> dict[str, Any]:
        """Give the claims of a token of `kind`; raises `SignatureError` otherwise."""
        if len(token) > TOKEN_BYTES_MAX:
            raise SignatureError("A signed statement is longer than 4 MiB.")
        try:
            found = jws.deserialize_compact(token.encode(), self._key, algorithms=[ALGORITHM])
        except (JoseError, ValueError) as error:
            raise SignatureError(f"A {kind} carries no valid signature: {error}") from error
        if found.headers().get("typ") != kind:
            raise SignatureError(f"A {kind} was expected, something else was signed.")
        claims = json.loads(found.payload or b"null")
        if not isinstance(claims, dict):
            raise SignatureError(f"A {kind} does not hold claims.")
        return claims


class SigningKey:
    """The private half."""

    def __init__(self, jwk: dict[str, Any]) -> None:
        self._key = OKPKey.import_key(jwk)

    @classmethod
    def generate(cls) -> SigningKey:
        """Make a new key."""
        return cls(dict(OKPKey.generate_key(ALGORITHM).as_dict(private=True)))

    def to_jwk(self) -> dict[str, Any]:
        """Give the private JWK, for a 0600 file and nothing else."""
        return dict(self._key.as_dict(private=True))

    @property
    def public(self) -> VerifyKey:
        """Give the public half."""
        return VerifyKey(dict(self._key.as_dict(private=False)))

    def sign(self, claims: dict[str, Any], *, kind: str) -> str:
        """Sign claims as a compact JWS whose header names its kind."""
        payload = json.dumps(claims, separators=(",", ":")).encode()
        header = {"alg": ALGORITHM, "typ": kind}
        return jws.serialize_compact(header, payload, self._key, algorithms=[ALGORITHM])
