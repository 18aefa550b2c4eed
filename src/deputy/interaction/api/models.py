"""The shapes of requests and answers.

Owns what a client may send and what it gets. Must never hold behaviour beyond a limit on a field.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from deputy.core.brief import Brief, CheckResult
from deputy.core.budget import Amount, TurnLimits
from deputy.core.labels import Label
from deputy.core.messages import PARTS_MAX, Part, whole
from deputy.interaction.api.access import CommandId

MINUTES_MAX = 1_000_000
REASON_CHARS_MAX = 2_000

Minutes = Annotated[int, Field(ge=1, le=MINUTES_MAX), BeforeValidator(whole)]
Noted = Literal[
    "opened", "downloaded", "accepted", "reworked", "discarded", "review_begun", "review_ended"
]


class Command(BaseModel):
    """A body that changes something. Sending the same `command_id` again does nothing twice."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command_id: CommandId = Field(description="`cmd_` and a ULID, made by the client.")


class OpenSession(Command):
    """Open a session."""

    title: str = Field(default="", max_length=200)


class Words(Command):
    """Words and files, part by part. Only `typed` words count as the requester's own."""

    parts: tuple[Part, ...] = Field(
        min_length=1,
        max_length=PARTS_MAX,
        json_schema_extra={
            "contains": {
                "type": "object",
                "properties": {"kind": {"enum": ["typed", "pasted"]}},
                "required": ["kind"],
            }
        },
    )


class AskTurn(Words):
    """Ask for a result."""

    limits: TurnLimits | None = None
    by_hand_minutes: Minutes | None = Field(
        default=None, description="How long the requester says this takes by hand."
    )

    unattended: StrictBool = Field(
        default=False,
        description="Nobody watches: what would change a figure or an effect waits for an answer.",
    )
    receipt_inside: StrictBool = Field(
        default=False, description="Put the receipt into the files too: a sheet or a last page."
    )
    brief: Brief | None = Field(
        default=None, description="The brief to begin with, as you want it."
    )


class EditBrief(Command):
    """Change a turn's brief; it becomes the next version."""

    version: int = Field(ge=0, description="The version you changed; 0 if there is none yet.")
    brief: Brief = Field(description="The whole brief as it is to be.")


class StopTurn(Command):
    """End a turn."""

    reason: str = Field(default="", max_length=500)


class UndoTurn(Command):
    """Take a finished turn's changes to the working files back."""

    back: StrictBool = Field(default=False, description="Take the undo itself back.")


class AnswerCall(Command):
    """Answer a call that waits for a person."""

    approve: StrictBool
    shown: str = Field(
        pattern="^[0-9a-f]{64}$", description="The digest of exactly what was shown."
    )
    reason: str = Field(default="", max_length=REASON_CHARS_MAX)


class NoteDeliverable(Command):
    """Say what was done with a deliverable, or how long it takes by hand: one of both."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"properties": {name: {"type": "null"}}} for name in ("what", "by_hand_minutes")
            ]
        }
    )

    what: Noted | None = None
    reason: str = Field(default="", max_length=REASON_CHARS_MAX)
    by_hand_minutes: Minutes | None = None


class Answer(BaseModel):
    """A value given back."""

    model_config = ConfigDict(frozen=True)


class Opened(Answer):
    """A session is open."""

    session: str


class Accepted(Answer):
    """A turn is queued; `stream` is where its events can be followed."""

    session: str
    turn: str
    stream: str


class Done(Answer):
    """A command is recorded."""

    done: Literal[True] = True


class SessionRow(Answer):
    """A session in a list, with its last turn."""

    id: str
    opened_us: int
    moved_us: int
    turn: str | None
    status: str | None
    outcome: str | None


class SessionList(Answer):
    """Sessions, the last moved first."""

    sessions: tuple[SessionRow, ...]


class FileView(Answer):
    """A file of a session: an upload, or an entry of its working tree."""

    id: str | None = None
    name: str
    path: str
    sha256: str
    size: int
    media_type: str
    label: Label
    made_by: str | None = None


class CallView(Answer):
    """One call: what was asked, decided and returned."""

    id: str
    step: str
    tool: str
    args: dict[str, Any]
    decision: dict[str, Any] | None
    authority: str
    waits_for: tuple[str, ...] = ()
    answer: str | None
    answered_by: str | None
    attempts: int
    status: str | None
    content: dict[str, Any] | None
    walls: tuple[dict[str, Any], ...]
    label: Label


class StepView(Answer):
    """One reply of the model and the calls it asked for."""

    id: str
    model: str
    place: str
    text: str
    calls: tuple[str, ...]


class SaidView(Answer):
    """What a person said."""

    by: str
    parts: tuple[Part, ...]
    label: Label


class RestView(Answer):
    """A part that does not answer now, and what would help it; the turn is tried again."""

    code: str
    reason: str
    hint: str


class BriefVersionView(Answer):
    """One version of a brief, and what changed in it."""

    version: int
    brief: Brief
    by: str
    edited: bool = Field(description="A person wrote it; else the agent did.")
    at_us: int
    changes: tuple[str, ...]


class BriefView(Answer):
    """The brief of a turn, in all its versions, and what is weak in the last."""

    version: int
    brief: Brief | None
    findings: tuple[str, ...]
    versions: tuple[BriefVersionView, ...]
    editable: bool = Field(description="The turn is under way: the change is told to the agent.")


class TurnView(Answer):
    """One request and all the work for it."""

    id: str
    status: Literal["requested", "running", "parked", "finished"]
    outcome: str | None
    text: str | None
    code: str | None
    hint: str | None
    requested_us: int
    finished_us: int | None
    said: tuple[SaidView, ...]
    brief: Brief | None
    brief_version: int
    findings: tuple[str, ...] = Field(description="What is weak in the brief.")
    unattended: bool
    receipt_inside: bool
    steps: tuple[StepView, ...]
    calls: tuple[CallView, ...]
    waiting: tuple[str, ...] = Field(description="Calls that wait for a person's answer.")
    rests: RestView | None = Field(description="What the turn waits for by itself, if anything.")
    checks: tuple[CheckResult, ...]
    deliverables: tuple[str, ...]
    spent: Amount
    limits: TurnLimits
    by_hand_minutes: int | None
    undone: bool
    receipt: str | None = Field(description="Where the receipt is; null until the turn ended.")


class NoteView(Answer):
    """What somebody did with a deliverable, and when (UTC microseconds)."""

    what: str
    by: str
    at_us: int


class DeliverableView(Answer):
    """A file that was handed over."""

    id: str
    session: str
    turn: str
    name: str
    path: str
    sha256: str
    size: int
    media_type: str
    title: str
    verified: bool
    label: Label
    noted: tuple[NoteView, ...]
    by_hand_minutes: int | None
    content: str = Field(description="Where the bytes are; fetching them is noted.")


class SessionView(Answer):
    """A whole session, as its owner sees it."""

    id: str
    seq: int
    head: str
    owner: str
    agent: str
    title: str
    opened_us: int
    turns: tuple[TurnView, ...]
    uploads: tuple[FileView, ...]
    tree: tuple[FileView, ...]
    deliverables: tuple[DeliverableView, ...]
    stream: str


class HeldCall(Answer):
    """A call that waits, and exactly what its approver is shown."""

    shown: dict[str, Any]
    digest: str
    waits: bool
    answer: str | None
    code: str | None = Field(description="Why it was held: `gate.held` or `budget.exceeded`.")
    waits_for: tuple[str, ...] = Field(description="The roles that may answer.")
    since_us: int


class WaitingCall(Answer):
    """A call that waits for the caller; its card has an address of its own."""

    session: str
    turn: str
    call: str
    tool: str
    code: str
    reason: str
    approving: str = Field(description="What approving does.")
    rejecting: str = Field(description="What rejecting does.")
    since_us: int
    digest: str


class WaitingList(Answer):
    """What waits for the caller, the longest waiting first."""

    waiting: tuple[WaitingCall, ...]
    more: bool = Field(description="More waits than is told here.")


class SpanView(Answer):
    """One stretch of a turn (UTC microseconds): ids, numbers and words of closed sets only."""

    kind: Literal["turn", "queue", "park", "step", "model", "tool"]
    name: str = Field(description="Unique in its turn: an id, or `queue 1`.")
    parent: str | None
    start_us: int
    end_us: int
    worked_us: int = Field(description="For calls: from the last start to the outcome.")
    failed: bool
    facts: dict[str, int | str]


class MeasureView(Answer):
    """One number of a turn that can be added up over turns."""

    name: str
    unit: str
    labels: dict[str, str]
    value: int


class TraceView(Answer):
    """Where a turn's time and money went. Nothing in it tells what the turn was about."""

    session: str
    turn: str
    ended: bool
    spans: tuple[SpanView, ...] = Field(description="The turn's own first.")
    measures: tuple[MeasureView, ...]
    events: dict[str, int] = Field(description="How many events of each type.")


class Undone(Answer):
    """What going back changed in the working files."""

    tree: str
    restored: tuple[str, ...]
    removed: tuple[str, ...]


class Explained(Answer):
    """Lines of a receipt, each with what it rests on."""

    lines: tuple[dict[str, Any], ...]


class UndoPreview(Answer):
    """What going back would change in the working files; nothing is changed by asking."""

    done: bool = Field(description="It is done already: there is nothing to change.")
    restored: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...] = Field(description="Changed since by somebody else: they stay.")


class Health(Answer):
    """The process is alive."""

    status: Literal["ok"] = "ok"
    version: str


class Readiness(Answer):
    """Whether every part is there; each is "ok" or says what is wrong and what helps."""

    ready: bool
    components: dict[str, str]
