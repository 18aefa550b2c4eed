"""Authority extracts and heartbeats on the wire.

Owns how control signs them and how a cell verifies them. Must never judge freshness: core does,
on the cell's monotonic clock.
"""

from __future__ import annotations

from pydantic import ValidationError

from deputy.core.authority import AuthorityExtract, Pulse, SignedExtract, SignedHeartbeat
from deputy.wire.signing import SignatureError, SigningKey, VerifyKey

_EXTRACT = "authority-extract"
_HEARTBEAT = "heartbeat"


def sign_extract(key: SigningKey, extract: AuthorityExtract) -> SignedExtract:
    """Sign an extract as control."""
    return SignedExtract(key.sign(extract.model_dump(mode="json"), kind=_EXTRACT))


def read_extract(key: VerifyKey, signed: SignedExtract) -> AuthorityExtract:
    """Give a verified extract; raises `SignatureError`."""
    try:
        return AuthorityExtract.model_validate(key.verify(signed.token, kind=_EXTRACT))
    except ValidationError as error:
        raise SignatureError(f"An authority extract cannot be read: {error}") from error


def sign_heartbeat(key: SigningKey, *, cell: str, nonce: str, extract: str) -> SignedHeartbeat:
    """Answer a cell's nonce as control: this extract is in force."""
    claims = {"cell": cell, "nonce": nonce, "extract": extract}
    return SignedHeartbeat(key.sign(claims, kind=_HEARTBEAT))


def read_heartbeat(
    key: VerifyKey, signed: SignedHeartbeat, *, cell: str, nonce: str, asked_s: float
) -> Pulse:
    """Give the pulse of a verified answer to our own nonce; raises `SignatureError`."""
    claims = key.verify(signed.token, kind=_HEARTBEAT)
    if claims.get("nonce") != nonce or claims.get("cell") != cell:
        raise SignatureError("A heartbeat answers another question than ours.")
    return Pulse(extract=str(claims.get("extract")), asked_s=asked_s)
