"""The brief: what a turn is to deliver and how it will be checked.

Owns its shape. Must never be read as authority: a mandate is compiled from typed words alone.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from deputy.core.messages import Value

CRITERIA_MAX = 100
SENTENCES_MAX = 50

Sentence = str


class Deliverable(Value):
    """A file the requester will get."""

    path: str
    media_type: str
    title: str = Field(max_length=300)


class Criterion(Value):
    """One acceptance criterion: a sentence for people and a named check with its parameters."""

    id: str = Field(max_length=64)
    text: str = Field(max_length=1_000)
    check: str = Field(max_length=100)
    target: str
    params: dict[str, Any] = {}


class Brief(Value):
    """The living specification of a turn."""

    goal: str = Field(max_length=4_000)
    reading: str = Field(default="", max_length=4_000)
    deliverables: tuple[Deliverable, ...] = Field(max_length=50)
    criteria: tuple[Criterion, ...] = Field(default=(), max_length=CRITERIA_MAX)
    assumptions: tuple[Sentence, ...] = Field(default=(), max_length=SENTENCES_MAX)
    edge_cases: tuple[Sentence, ...] = Field(default=(), max_length=SENTENCES_MAX)
    out_of_scope: tuple[Sentence, ...] = Field(default=(), max_length=SENTENCES_MAX)
    receipt_inside: bool = False
    """The requester wants the receipt in the deliverables too: a sheet or a last page."""


class CheckResult(Value):
    """What came of one check. `error` means it could not run: never counted as passed."""

    id: str
    check: str
    target: str
    text: str
    verdict: Literal["pass", "fail", "error"]
    detail: str = ""
