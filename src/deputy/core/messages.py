"""What is said between a person, a model and the platform, as typed values.

Owns the parts of a request, the messages of a context and the model's reply. Must never render
text for a particular provider: adapters do that.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from deputy.core.labels import Label

TEXT_CHARS_MAX = 100_000
TOOL_NAME_CHARS_MAX = 100
FLAW_CHARS_MAX = 4_000
PARTS_MAX = 50
CALLS_PER_STEP_MAX = 16


class Value(BaseModel):
    """A frozen pydantic value; change is a new value."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _kind_is_told(schema: dict[str, Any]) -> None:
    """Say in the schema what telling the parts apart needs."""
    schema["required"] = ["kind", *schema["required"]]


class _Part(Value):
    model_config = ConfigDict(json_schema_extra=_kind_is_told)


def whole(value: object) -> object:
    """Refuse what is no integer in JSON before it becomes one: 3 and 3.0 are, "3" and true not."""
    if isinstance(value, bool | str):
        raise ValueError("Input should be a valid integer")
    return value


class TypedPart(_Part):
    """Words the requester typed (integrity 2)."""

    kind: Literal["typed"] = "typed"
    text: str = Field(min_length=1, max_length=TEXT_CHARS_MAX)


class PastedPart(_Part):
    """Words the requester pasted or quoted (integrity 0)."""

    kind: Literal["pasted"] = "pasted"
    text: str = Field(min_length=1, max_length=TEXT_CHARS_MAX)


class FilePart(_Part):
    """A file uploaded to this session, by its public blob id."""

    kind: Literal["file"] = "file"
    file: str = Field(pattern=r"^blb_[0-9A-HJKMNP-TV-Z]{26}$")


class MentionPart(_Part):
    """A tool, skill or knowledge base the requester names."""

    kind: Literal["mention"] = "mention"
    name: str = Field(min_length=1, max_length=200)


Part = Annotated[TypedPart | PastedPart | FilePart | MentionPart, Field(discriminator="kind")]


class Attachment(Value):
    """A file as a model sees it: where it lies in the working tree, never its bytes."""

    path: str
    media_type: str
    size: int
    label: Label


class ToolCall(Value):
    """One request of a model to use one tool.

    `flaw` says, in words for the model, why what it wrote cannot be a call at all; `args` are
    empty then, the gate is not asked and nothing starts.
    """

    id: str
    tool: str = Field(max_length=TOOL_NAME_CHARS_MAX)
    args: dict[str, Any]
    flaw: str = Field(default="", max_length=FLAW_CHARS_MAX)


class UserMessage(Value):
    """What the requester said in a turn: words by origin, and attached files."""

    role: Literal["user"] = "user"
    turn: str
    typed: tuple[str, ...] = ()
    pasted: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    unattended: bool = False
    """Nobody reads a question in the answer."""
    label: Label


class BriefMessage(Value):
    """The brief as a person edited it: its version and all it says now."""

    role: Literal["brief"] = "brief"
    turn: str
    version: int
    brief: dict[str, Any]
    label: Label


class ModelMessage(Value):
    """What the model replied in a step."""

    role: Literal["model"] = "model"
    turn: str
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    label: Label


class ResultMessage(Value):
    """What a call returned. `content` is JSON whose shape the tool's module documents."""

    role: Literal["result"] = "result"
    turn: str
    call: str
    tool: str
    status: Literal["ok", "error", "denied", "rejected"]
    content: dict[str, Any]
    label: Label


Message = Annotated[
    UserMessage | BriefMessage | ModelMessage | ResultMessage, Field(discriminator="role")
]


class Usage(Value):
    """What a model call used: tokens, and cost in millionths of the budget currency."""

    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    cost_micros: int = Field(default=0, ge=0)


class ModelReply(Value):
    """One reply: text, calls, usage. No calls means the turn's answer is the text."""

    text: str = ""
    calls: tuple[ToolCall, ...] = Field(default=(), max_length=CALLS_PER_STEP_MAX)
    usage: Usage = Usage()


class ToolSpec(Value):
    """A tool as offered to a model: name, purpose, JSON schema of its arguments."""

    name: str
    purpose: str
    args_schema: dict[str, Any]


class ModelRequest(Value):
    """All a model may see for one reply. `now_us` is the turn's clock, UTC microseconds."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    now_us: int
    output_tokens_max: int = Field(default=8_192, ge=1)
