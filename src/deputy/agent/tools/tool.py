"""What a tool is to the turn that uses it.

Owns the protocol. A tool turns a call into facts: at once, or around one code call on an
execution host. Must never start anything itself: the turn does, on a permit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from deputy.core.artifacts import TreeEntry
from deputy.core.calls import CodeCall, CodeLimits, CodeResult
from deputy.core.errors import InvalidRequestError, LimitExceededError
from deputy.core.events import Draft
from deputy.core.flow import ToolContract
from deputy.core.labels import Label
from deputy.core.messages import ToolSpec
from deputy.core.ports import Blobs, Ids
from deputy.core.session import Call, Session, Turn

ERRORS_TOLD_MAX = 10
LIMITS = CodeLimits()

A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Job:
    """One call at work: the state it was decided in and the means it may use."""

    session: Session
    turn: Turn
    call: Call
    attempt: int
    blobs: Blobs
    ids: Ids
    runtime: str
    clock_s: int

    def draft(self, body: Any, label: Label) -> Draft:
        """Give a fact of this call."""
        return Draft(body, label, turn=self.turn.id, step=self.call.step, call=self.call.id)

    async def contents(self, entries: Sequence[TreeEntry]) -> Mapping[str, bytes]:
        """Give the bytes of tree entries by path.

        Raises `LimitExceededError` before anything is read: no tree may exhaust a worker.
        """
        size = sum(entry.size for entry in entries)
        if len(entries) > LIMITS.files_max or size > LIMITS.tree_bytes:
            raise LimitExceededError(
                f"{len(entries):,} files of {size >> 20:,} MiB are more than one call may hold:"
                f" {LIMITS.files_max:,} files, {LIMITS.tree_bytes >> 20:,} MiB.",
                hint="Name only the files that are needed.",
            )
        found = await self.blobs.get_many({entry.digest for entry in entries})
        return {entry.path: found[entry.digest] for entry in entries}


class Tool(Protocol):
    """One tool."""

    @property
    def contract(self) -> ToolContract:
        """Say what this tool can do to the world."""

    @property
    def spec(self) -> ToolSpec:
        """Offer the tool to a model."""

    async def prepare(self, job: Job) -> CodeCall | None:
        """Give the code call to run, or None when the facts follow from the arguments alone.

        Raises `InvalidRequestError` or `LimitExceededError` when the arguments cannot be used:
        the model is told.
        """

    async def facts(self, job: Job, result: CodeResult | None) -> Sequence[Draft]:
        """Give the facts a call leaves, the first one `call.returned`."""


def read_args(kind: type[A], args: Mapping[str, Any]) -> A:
    """Give validated arguments; raises `InvalidRequestError` in words a model can act on."""
    try:
        return kind.model_validate(dict(args))
    except ValidationError as error:
        told = [
            f"{'.'.join(str(p) for p in e['loc']) or 'arguments'}: {e['msg']}"
            for e in error.errors()[:ERRORS_TOLD_MAX]
        ]
        raise InvalidRequestError(
            "The arguments do not fit: " + "; ".join(told), hint="Correct them and call again."
        ) from error
