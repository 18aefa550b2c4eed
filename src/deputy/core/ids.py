"""Public identifiers: a short noun, an underscore, a ULID.

Owns the closed set of prefixes and the text form (ULID: 48 bits of milliseconds, 80 random bits,
Crockford base 32, sortable by time). Must never draw time or randomness itself: the `Ids` port
does.
"""

from __future__ import annotations

import re
from typing import Final

from deputy.core.errors import InvalidRequestError

PREFIXES: Final = {
    "acl": "access list",
    "agt": "agent",
    "app": "app",
    "apr": "approval",
    "art": "artifact",
    "blb": "blob",
    "call": "call",
    "cel": "cell",
    "cmd": "command, made by a client",
    "hst": "execution host",
    "key": "data key",
    "man": "mandate",
    "org": "organisation",
    "prs": "person",
    "rul": "rule set",
    "ses": "session",
    "stp": "step",
    "svc": "service",
    "trn": "turn",
    "wrk": "worker",
}

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FORM: Final = re.compile(r"([a-z]{3,5})_([0-7][0-9A-HJKMNP-TV-Z]{25})")


def make(prefix: str, time_ms: int, randomness: bytes) -> str:
    """Give the id of a new thing from its time (ms since 1970) and 10 random bytes."""
    if prefix not in PREFIXES:
        raise ValueError(f"{prefix!r} is no id prefix; the closed set is core.ids.PREFIXES")
    if len(randomness) != 10 or not 0 <= time_ms < 1 << 48:
        raise ValueError("a ULID takes 48 bits of milliseconds and 80 bits of randomness")
    number = (time_ms << 80) | int.from_bytes(randomness)
    return f"{prefix}_" + "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -5, -5))


def check(prefix: str, value: str) -> str:
    """Give `value` back if it is an id of `prefix`; else raise `InvalidRequestError`."""
    found = _FORM.fullmatch(value)
    if found is None or found.group(1) != prefix:
        raise InvalidRequestError(
            f"{value[:60]!r} is not the id of a {PREFIXES[prefix]}.",
            hint=f"Ids of this kind look like {prefix}_ followed by 26 capital letters and digits.",
            code="id.malformed",
        )
    return value
