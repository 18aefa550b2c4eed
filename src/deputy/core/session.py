"""What a session is at a given event, as frozen values.

Owns the shapes of session, turn, step, call, file and artifact. Must never change one: `core.folds`
gives new ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Literal

from deputy.core.artifacts import Snapshot, TreeEntry
from deputy.core.brief import Brief, CheckResult
from deputy.core.budget import Amount, TurnLimits
from deputy.core.events import session_bodies as b
from deputy.core.identity import Actor
from deputy.core.labels import PLATFORM, Label
from deputy.core.messages import ModelReply, Part
from deputy.core.policy import Allow, Deny, Hold

MODEL_TOOL = "model.reply"
DELIVER_TOOL = "deliver"
DECLINE_TOOL = "decline"
ASK_TOOL = "ask"
CODE_TOOL = "code.run"

Status = Literal["requested", "running", "parked", "finished"]


@dataclass(frozen=True, slots=True)
class Said:
    """Words and files of one request or steer, with the label and seq of its event."""

    seq: int
    by: str
    parts: tuple[Part, ...]
    label: Label


@dataclass(frozen=True, slots=True)
class BriefVersion:
    """One version of a turn's brief. `edited`: a person wrote it, no model."""

    seq: int
    brief: Brief
    by: str
    at_us: int
    label: Label
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a step, from decision to return."""

    id: str
    step: str
    tool: str
    args: Mapping[str, Any]
    decision: Allow | Deny | Hold | None = None
    authority: str = ""
    decided_us: int = 0
    """When the decision that stands was recorded."""
    answer: b.ApprovalAnswered | None = None
    answered_by: str | None = None
    """The answer to the hold that stands, or to the last one."""
    earlier: tuple[tuple[b.ApprovalAnswered, str], ...] = ()
    """Answers to earlier holds of this call, and who gave them."""
    approved: bool = False
    """A person lifted the rules' hold. Raising a limit does not."""
    reserved: Amount = Amount()
    """The most one attempt may use, as decided."""
    committed: Amount = Amount()
    """Reserved for attempts under way, and for those that vanished: nobody knows what they used."""
    attempts: int = 0
    failures: int = 0
    """Attempts that ended without a result and said why; they do not count as vanished."""
    executor: str = ""
    returned: b.CallReturned | None = None
    label: Label = PLATFORM

    @property
    def done(self) -> bool:
        """Say whether nothing more will come of this call."""
        rejected = self.answer is not None and self.answer.answer == "reject"
        return self.returned is not None or isinstance(self.decision, Deny) or rejected


@dataclass(frozen=True, slots=True)
class Step:
    """One model reply and the calls it asked for. `model` is the call of the model itself."""

    id: str
    model: Call
    reply: ModelReply | None = None
    model_name: str = ""
    place: str = "inside"
    replied_seq: int = 0
    label: Label = PLATFORM


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that was handed over, and what its receiver did with it."""

    id: str
    turn: str
    name: str
    path: str
    digest: str
    size: int
    media_type: str
    title: str
    verified: bool
    label: Label
    noted: tuple[tuple[str, str, int], ...] = ()
    """(what, by whom, UTC µs), in order."""
    by_hand_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One request and all the work for it."""

    id: str
    actor: Actor
    requested_us: int
    said: tuple[Said, ...]
    limits: TurnLimits
    """What it may use now: what was asked for, and what approvals added."""
    allotment: TurnLimits
    """What was asked for; an approval adds one more of it to the limit that was reached."""
    seed: int
    status: Status = "requested"
    claims: int = 0
    fruitless: tuple[str, ...] = ()
    """Workers that took the turn since anybody last recorded anything about it."""
    rests: b.TurnRested | None = None
    """What it waits for by itself, until work goes on."""
    working_us: int = 0
    """Time that models and sandboxes measured themselves; no wall clock has a part in it."""
    stop: str | None = None
    steps: tuple[Step, ...] = ()
    calls: Mapping[str, Call] = field(default_factory=dict)
    brief: Brief | None = None
    brief_label: Label = PLATFORM
    brief_version: int = 0
    briefs: tuple[BriefVersion, ...] = ()
    """Every version of the brief, in order."""
    checks: tuple[CheckResult, ...] = ()
    handovers: tuple[tuple[str, ...], ...] = ()
    """Paths of each attempt to hand over whose checks did not all pass."""
    delivered: tuple[str, ...] = ()
    spent: Amount = Amount()
    tree_before: Snapshot | None = None
    finished: b.TurnFinished | None = None
    finished_us: int | None = None
    by_hand_minutes: int | None = None
    undone: bool = False
    undone_from: tuple[TreeEntry, ...] = ()
    """What stood at the paths that the undo changed, so that it can be taken back."""
    undone_to: tuple[TreeEntry, ...] = ()
    """What the undo put there."""
    unattended: bool = False
    receipt_inside: bool = False

    @property
    def committed(self) -> Amount:
        """Give what is reserved for model calls whose use is not known."""
        return reduce(Amount.plus, (step.model.committed for step in self.steps), Amount())

    def calls_of(self, step: Step) -> tuple[Call, ...]:
        """Give the calls a step's reply asked for, in its order."""
        return tuple(self.calls[c.id] for c in (step.reply.calls if step.reply else ()))


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file by its public id."""

    id: str
    name: str
    path: str
    digest: str
    size: int
    media_type: str
    label: Label
    by: str


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation of people and one agent."""

    id: str
    seq: int = 0
    head: str = ""
    epoch: int = 0
    owner: str = ""
    agent: str = ""
    title: str = ""
    opened_us: int = 0
    files: Mapping[str, File] = field(default_factory=dict)
    turns: Mapping[str, Turn] = field(default_factory=dict)
    tree: Snapshot = Snapshot()
    tree_digest: str | None = None
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)
    erased: tuple[int, ...] = ()
