"""Canonical bytes and digests.

Owns the one byte form a value has when it is hashed or signed (RFC 8785 JSON) and SHA-256 over
it. Must never be applied to bytes that came from outside: those are hashed as they are.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import rfc8785


def canonical(value: Any) -> bytes:
    """Give the RFC 8785 bytes of JSON-like `value` (integers within ±2^53)."""
    return rfc8785.dumps(value)


def digest(raw: bytes) -> str:
    """Give the SHA-256 of bytes as 64 lower-case hex digits."""
    return hashlib.sha256(raw).hexdigest()


def commitment(salt: bytes, body: bytes) -> str:
    """Commit to `body` without telling it: SHA-256 over salt ‖ body."""
    return hashlib.sha256(salt + body).hexdigest()


def keyed_digest(key: bytes, raw: bytes) -> str:
    """Give the HMAC-SHA-256 of bytes: the only form in which a digest leaves a cell."""
    return hmac.new(key, raw, hashlib.sha256).hexdigest()
