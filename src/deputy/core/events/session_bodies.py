"""The facts of a session journal.

Owns one frozen body per event type. A type and its version are for ever: a changed shape is a new
version with an upcaster in `registry`. Must never hold a derived value that a fold can compute.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from deputy.core.artifacts import TreeEntry
from deputy.core.brief import Brief, CheckResult
from deputy.core.budget import Amount, TurnLimits
from deputy.core.events.header import Body
from deputy.core.messages import ModelReply, Part
from deputy.core.policy import Decision

Outcome = Literal["verified", "not_verified", "answered", "declined", "failed", "stopped"]


class SessionOpened(Body):
    """A person opened a session with an agent."""

    owner: str
    agent: str
    title: str = ""


class FileUploaded(Body):
    """A person brought a file; it lies in the tree at `path`."""

    file: str
    name: str
    path: str
    digest: str
    size: int
    media_type: str


class TurnRequested(Body):
    """A person asked for a result."""

    parts: tuple[Part, ...]
    limits: TurnLimits = TurnLimits()
    seed: int = 0
    by_hand_minutes: int | None = None
    """How long the requester says this takes by hand."""
    unattended: bool = False
    """Nobody watches: what would change a figure or an effect is put to the owner and waits."""
    receipt_inside: bool = False
    """The receipt is wanted in the deliverables too."""


class TurnSteered(Body):
    """A person added words to a turn under way."""

    parts: tuple[Part, ...]


class TurnStopRequested(Body):
    """A person asked that a turn end now."""

    reason: str = ""


class TurnClaimed(Body):
    """A worker took the turn; the header's epoch fences off every earlier worker."""

    worker: str


class TurnRested(Body):
    """A part that is needed does not answer now: the turn is tried again by itself."""

    code: str
    reason: str
    hint: str = ""


class TurnParked(Body):
    """Nothing can proceed until people answer: who waits for whom, from this moment."""

    calls: tuple[str, ...]
    waiting: str
    waits_for: tuple[str, ...]
    reason: str


class TurnFinished(Body):
    """The turn ended. `receipt` is the digest of the receipt's bytes."""

    outcome: Outcome
    text: str
    receipt: str
    code: str | None = None
    """For a failed turn the stable error code, for a declined one what it was."""
    hint: str | None = None


class CallDecided(Body):
    """The gate's recorded answer, before anything was done."""

    tool: str
    effect: str
    args_digest: str
    decision: Decision
    authority: str
    """The digest of the authority extract the decision can be recomputed from."""
    approved_by: str | None = None
    reserved: Amount = Amount()


class CallStarted(Body):
    """An executor is about to act on a permit."""

    tool: str
    attempt: int = Field(ge=1)
    executor: str


class CallReturned(Body):
    """A call's outcome, read back. `content` is what the model may be told of it."""

    tool: str
    status: Literal["ok", "error"]
    content: dict[str, Any]
    spent: Amount = Amount()
    walls: tuple[dict[str, Any], ...] = ()


class ModelReplied(Body):
    """A model's whole reply; it replaces any deltas shown meanwhile."""

    model: str
    place: Literal["inside", "outside"]
    reply: ModelReply
    duration_ms: int


class BriefDrafted(Body):
    """The specification of the turn, in a new version."""

    brief: Brief


class BriefEdited(Body):
    """A person changed the specification of the turn: it is the next version."""

    brief: Brief


class SnapshotTaken(Body):
    """The working tree after a code call: digest of the whole, and what changed."""

    tree: str
    changed: tuple[TreeEntry, ...] = ()
    deleted: tuple[str, ...] = ()


class CheckRan(Body):
    """One check ran over one delivered file."""

    result: CheckResult


class ArtifactDelivered(Body):
    """A file was handed over. Its name says so when it is not verified."""

    artifact: str
    name: str
    path: str
    digest: str
    size: int
    media_type: str
    title: str
    verified: bool


class ApprovalAnswered(Body):
    """A person answered a held call; `shown` is the digest of what they were shown."""

    answer: Literal["approve", "reject"]
    shown: str
    reason: str = ""


class WorkspaceMoved(Body):
    """The working tree's ref was set back: what that changes, and the tree it gives."""

    to: str
    changed: tuple[TreeEntry, ...] = ()
    deleted: tuple[str, ...] = ()
    undone_turn: str | None = None
    redone_turn: str | None = None
    """The turn whose undoing was taken back."""


class DeliverableNoted(Body):
    """What its receiver did with a deliverable. Later measures are computed from these."""

    artifact: str
    what: Literal[
        "opened",
        "downloaded",
        "accepted",
        "reworked",
        "discarded",
        "review_begun",
        "review_ended",
    ]
    reason: str = ""


class BaselineStated(Body):
    """The owner said how long this result takes by hand."""

    artifact: str
    minutes: int = Field(ge=1, le=1_000_000)


class BodyErased(Body):
    """A body was erased for good; the header it belonged to still verifies."""

    seq: int
    reason: str
