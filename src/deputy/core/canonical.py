"""Canonical bytes and digests.

Owns the one byte form a value has when it is hashed or signed (RFC 8785 JSON) and SHA-256 over
it. Must never be applied to bytes that came from outside: those are hashed as they are.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, Final

import rfc8785

from deputy.core.errors import InvalidRequestError

_INTEGER_MAX: Final = 2**53 - 1


def canonical(value: Any) -> bytes:
    """Give the RFC 8785 bytes of JSON-like `value`.

    Raises `InvalidRequestError` for what JSON cannot say: integers beyond ±2^53, floats that are
    no number, broken text.
    """
    try:
        # The standard encoder writes the same bytes wherever no number needs care and no key
        # sorts otherwise in UTF-16; on long text it is many times faster.
        return _plainly(value) if _is_plain(value) else rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise InvalidRequestError(
            f"A value cannot be recorded: {error}.",
            hint="Write such a number or text as plain words instead.",
            code="value.not_json",
        ) from error


def _is_plain(value: Any) -> bool:
    match value:
        case None | bool() | str():
            return True
        case int():
            return -_INTEGER_MAX <= value <= _INTEGER_MAX
        case dict():
            return all(type(k) is str and k.isascii() and _is_plain(v) for k, v in value.items())
        case list() | tuple():
            return all(_is_plain(v) for v in value)
        case _:
            return False


def _plainly(value: Any) -> bytes:
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.encode()
    except UnicodeEncodeError as error:
        raise rfc8785.CanonicalizationError("a text holds half a character") from error


def digest(raw: bytes) -> str:
    """Give the SHA-256 of bytes as 64 lower-case hex digits."""
    return hashlib.sha256(raw).hexdigest()


def commitment(salt: bytes, body: bytes) -> str:
    """Commit to `body` without telling it: SHA-256 over salt ‖ body."""
    return hashlib.sha256(salt + body).hexdigest()


def keyed_digest(key: bytes, raw: bytes) -> str:
    """Give the HMAC-SHA-256 of bytes: the only form in which a digest leaves a cell."""
    return hmac.new(key, raw, hashlib.sha256).hexdigest()
