"""Trust labels: what a piece of data may be believed for and who may read it.

Owns the label and its join. Must never guess: a missing label is the lowest one.
"""

from __future__ import annotations

from enum import IntEnum
from functools import reduce
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

REFERENCES_MAX = 256

Reference = Annotated[str, Field(pattern=r"^[a-z]{3,5}_[0-9A-HJKMNP-TV-Z]{26}$")]


class Integrity(IntEnum):
    """How far words may steer an effect."""

    UNTRUSTED = 0
    TYPED = 1
    TRUSTED = 2


class Label(BaseModel):
    """Integrity, readers and origins.

    `readers` is a conjunction of access-list references (empty: everyone); `origins` are the
    outside parties or uploaders the data came from. Both are sets kept as sorted tuples, so
    that equal labels have equal bytes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    integrity: Integrity
    readers: tuple[Reference, ...] = Field(default=(), max_length=REFERENCES_MAX)
    origins: tuple[Reference, ...] = Field(default=(), max_length=REFERENCES_MAX)

    def join(self, other: Label) -> Label:
        """Give the label of data made from both: lowest trust, every reader bar, every origin."""
        return Label(
            integrity=min(self.integrity, other.integrity),
            readers=tuple(sorted({*self.readers, *other.readers})),
            origins=tuple(sorted({*self.origins, *other.origins})),
        )

    def admits(self, other: Label) -> bool:
        """Say whether data of `other` may stand where this label is claimed, nothing widened."""
        return (
            self.integrity <= other.integrity
            and set(self.readers) >= set(other.readers)
            and set(self.origins) >= set(other.origins)
        )


PLATFORM = Label(integrity=Integrity.TRUSTED)
"""The label of what the platform itself wrote: trusted, readable by everyone, no origin."""


def missing(owner: str) -> Label:
    """Give the label of data that came without one: untrusted, for its owner only."""
    return Label(integrity=Integrity.UNTRUSTED, readers=(owner,))


def typed_by(person: str) -> Label:
    """Give the label of words a person typed: trusted, readable by that person."""
    return Label(integrity=Integrity.TRUSTED, readers=(person,))


def uploaded_by(person: str) -> Label:
    """Give the label of a person's upload or pasted words: untrusted, theirs alone."""
    return Label(integrity=Integrity.UNTRUSTED, readers=(person,), origins=(person,))


def join_all(labels: tuple[Label, ...] | list[Label]) -> Label:
    """Join any number of labels; none at all gives `PLATFORM`, the neutral element."""
    return reduce(Label.join, labels, PLATFORM)
