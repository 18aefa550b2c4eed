"""The event: a header that never changes and a body that can be erased.

Owns the header's fields and bytes (RFC 8785 JSON), the hash chain over stored header bytes and
the commitment to the body. Must never re-serialise a stored header: its bytes are its truth.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field

from deputy.core.canonical import canonical, commitment, digest
from deputy.core.errors import JournalError
from deputy.core.labels import Label
from deputy.core.messages import Value

HEADER_VERSION = 1
HEADER_BYTES_MAX = 65_536
BODY_BYTES_MAX = 4 << 20
SALT_BYTES = 32
GENESIS = "0" * 64

JournalKind = Literal["session", "cell", "org"]
JOURNAL_PREFIX: dict[str, JournalKind] = {"ses": "session", "cel": "cell", "org": "org"}


class Header(Value):
    """What is told of a fact without telling the fact: opaque ids, numbers, closed enums."""

    v: Literal[1] = 1
    journal: str
    seq: int = Field(ge=1)
    type: str
    version: int = Field(ge=1)
    time: int
    """UTC microseconds since 1970."""
    sub: str
    act: str | None = None
    turn: str | None = None
    step: str | None = None
    call: str | None = None
    command: str | None = None
    cause: int | None = None
    epoch: int | None = None
    label: Label
    key_id: str
    alg: Literal["sha256+aes256gcm"] = "sha256+aes256gcm"
    prev: str
    commitment: str

    def to_bytes(self) -> bytes:
        """Give the exact bytes to store. Call once, when the event is made."""
        return canonical(self.model_dump(mode="json"))


class Body(Value):
    """What happened, as a closed type per `noun.verbed` and version."""


class Erased(Value):
    """What a body leaves when it was erased: nothing but the fact that it was there."""


@dataclass(frozen=True, slots=True)
class Event:
    """A fact as read: header, body lifted to today's version, and the header's stored bytes."""

    header: Header
    body: Body | Erased
    raw: bytes
    size: int = field(default=0, compare=False)
    """Bytes of the body as stored: how much it costs to keep."""

    @property
    def hash(self) -> str:
        """Give the chain value the next header names as `prev`."""
        return digest(self.raw)


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact about to be recorded: the body and what of the header its author knows."""

    body: Body
    label: Label
    turn: str | None = None
    step: str | None = None
    call: str | None = None
    cause: int | None = None


def body_bytes(body: Body) -> bytes:
    """Give the canonical bytes of a new body."""
    return canonical(body.model_dump(mode="json"))


def parse_header(raw: bytes) -> Header:
    """Read stored header bytes; raises `JournalError` naming what is wrong."""
    try:
        return Header.model_validate(json.loads(raw))
    except ValueError as error:
        raise JournalError(f"A stored header cannot be read: {error}") from error


def verify_link(header: Header, raw: bytes, *, seq: int, prev: str) -> str:
    """Check that one entry follows the last; give its hash. Raises `JournalError`."""
    if header.seq != seq:
        raise JournalError(f"Entry {header.seq} stands where entry {seq} belongs.")
    if header.prev != prev:
        raise JournalError(f"Entry {header.seq} does not follow entry {seq - 1}.")
    return digest(raw)


def verify_chain(raws: Iterable[bytes], *, checkpoint: tuple[int, str] | None = None) -> str:
    """Check a whole journal from its stored header bytes; give its last hash.

    `checkpoint` is a (seq, hash) noted outside earlier: without one, a cut at the end or a journal
    written anew from the start cannot be told from the truth. Raises `JournalError`.
    """
    last, met = GENESIS, checkpoint is None or checkpoint == (0, GENESIS)
    for seq, raw in enumerate(raws, start=1):
        last = verify_link(parse_header(raw), raw, seq=seq, prev=last)
        met = met or checkpoint == (seq, last)
    if not met and checkpoint is not None:
        raise JournalError(f"The journal is not the one whose entry {checkpoint[0]} was noted.")
    return last


def verify_body(header: Header, salt: bytes, body: bytes) -> None:
    """Check a body against its header's commitment. Raises `JournalError`."""
    if commitment(salt, body) != header.commitment:
        raise JournalError(f"The body of entry {header.seq} is not the one it committed to.")


def load_body(body: bytes) -> dict[str, Any]:
    """Read stored body bytes as a JSON object; raises `JournalError`."""
    loaded = json.loads(body, parse_int=_number)
    if not isinstance(loaded, dict):
        raise JournalError("A stored body is not a JSON object.")
    return loaded


def _number(digits: str) -> int | float:
    """Read digits as they were written: RFC 8785 has no whole numbers from 2^53 on, only floats."""
    number = int(digits)
    return number if abs(number) < 1 << 53 else float(number)
