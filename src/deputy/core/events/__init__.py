"""Events: header, bodies, registry.

Owns nothing itself; gathers the names the rest of the code speaks in.
"""

from deputy.core.events.header import (
    BODY_BYTES_MAX,
    GENESIS,
    SALT_BYTES,
    Body,
    Draft,
    Erased,
    Event,
    Header,
    body_bytes,
    load_body,
    parse_header,
    verify_body,
    verify_chain,
    verify_link,
)
from deputy.core.events.registry import TYPES, lift, name_of

__all__ = [
    "BODY_BYTES_MAX",
    "GENESIS",
    "SALT_BYTES",
    "TYPES",
    "Body",
    "Draft",
    "Erased",
    "Event",
    "Header",
    "body_bytes",
    "lift",
    "load_body",
    "name_of",
    "parse_header",
    "verify_body",
    "verify_chain",
    "verify_link",
]
