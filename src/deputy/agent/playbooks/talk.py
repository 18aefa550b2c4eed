"""A session's messages folded into what the tables playbook needs to know.

Owns the fold: words not yet answered, tables at hand, schemas read, the latest plan, and what
came of the latest calls. Must never look further than the messages.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from deputy.agent.plans import Plan
from deputy.agent.playbooks.schema import Schema, parse
from deputy.core.messages import (
    Attachment,
    BriefMessage,
    Message,
    ModelMessage,
    ResultMessage,
    ToolCall,
    UserMessage,
)

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
PATHS_PARAM = "paths"
PLAN_PARAM = "plan"
_ASK_BREAK = "\n"


@dataclass(frozen=True, slots=True)
class Talk:
    """The state of the conversation. `asks` are the words since the last answer or plan.

    `before` are the words that the last question was about; `base` is the latest plan, `goal`
    the words it came from. `calls` are those of the last reply, `results` what they returned.
    """

    turn: str = ""
    tables: tuple[Attachment, ...] = ()
    others: tuple[Attachment, ...] = ()
    asks: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    pasted: bool = False
    mentions: tuple[str, ...] = ()
    base: Plan | None = None
    schemas: tuple[tuple[tuple[str, ...], Schema], ...] = ()
    edited: bool = False
    """A person edited the brief of this turn: it stays as they wrote it."""
    rechecks: bool = False
    """The brief was edited when all was done: the files are to be checked against it again."""
    unattended: bool = False
    delivery: ToolCall | None = None
    calls: tuple[ToolCall, ...] = ()
    results: tuple[ResultMessage, ...] = ()
    unread: bool = field(default=False)

    @property
    def paths(self) -> tuple[str, ...]:
        """Give the paths of the tables at hand, in the order attached."""
        return tuple(dict.fromkeys(table.path for table in self.tables))

    @property
    def schema(self) -> Schema | None:
        """Give the schema of exactly these tables, if it was read."""
        return next((schema for paths, schema in self.schemas if paths == self.paths), None)

    def result(self, tool: str) -> ResultMessage | None:
        """Give what the last reply's call of a tool returned."""
        return next((one for one in reversed(self.results) if one.tool == tool), None)

    def call(self, tool: str) -> ToolCall | None:
        """Give the last reply's call of a tool."""
        return next((one for one in self.calls if one.tool == tool), None)


def fold(messages: tuple[Message, ...]) -> Talk:
    """Fold the messages."""
    talk = Talk()
    for message in messages:
        match message:
            case UserMessage():
                talk = _heard(talk, message)
            case BriefMessage():
                talk = replace(talk, turn=message.turn, edited=True, rechecks=not talk.calls)
            case ModelMessage():
                talk = _replied(talk, message)
            case ResultMessage():
                talk = _returned(talk, message)
    return talk


def _heard(talk: Talk, message: UserMessage) -> Talk:
    tables = tuple(one for one in message.attachments if is_table(one))
    others = tuple(one for one in message.attachments if not is_table(one))
    same_turn = message.turn == talk.turn
    if tables and not same_turn:
        # New tables start afresh: a plan belongs to the columns it was made for.
        talk = replace(talk, tables=tables, base=None, before=())
    elif tables:
        talk = replace(talk, tables=(*talk.tables, *tables))
    words = tuple(text for text in message.typed if text.strip())
    return replace(
        talk,
        turn=message.turn,
        edited=same_turn and talk.edited,
        delivery=talk.delivery if same_turn else None,
        unattended=message.unattended,
        others=(*talk.others, *others) if same_turn else others,
        # Words of a turn that was stopped before it was answered are not asked any more.
        asks=(*talk.asks, *words) if same_turn else words,
        pasted=bool(message.pasted) or (same_turn and talk.pasted),
        mentions=(*(talk.mentions if same_turn else ()), *message.mentions),
        unread=True,
    )


def _replied(talk: Talk, message: ModelMessage) -> Talk:
    plan = next((found for call in message.calls if (found := _plan(call))), None)
    if plan is not None:
        talk = replace(talk, base=plan, asks=(), before=())
    elif not message.calls:
        asked = message.text.rstrip().endswith("?")
        said = (*talk.before, *talk.asks)
        talk = replace(talk, asks=(), before=said if asked else ())
    handed = next((one for one in message.calls if one.tool == "deliver"), talk.delivery)
    return replace(
        talk, calls=message.calls, results=(), unread=False, rechecks=False, delivery=handed
    )


def _returned(talk: Talk, message: ResultMessage) -> Talk:
    call = next((one for one in talk.calls if one.id == message.call), None)
    if call is None:
        return talk
    talk = replace(talk, results=(*talk.results, message))
    if message.tool == "ask" and message.content.get("answer"):
        # What the owner answers is read together with what was asked for.
        said, answer = (*talk.before, *talk.asks), str(message.content["answer"])
        return replace(talk, before=said, asks=(answer,), unread=True)
    paths = _probed(call)
    if paths is None or message.status != "ok" or message.content.get("outcome") != "ok":
        return talk
    schema = parse(str(message.content.get("stdout", "")))
    return talk if schema is None else replace(talk, schemas=(*talk.schemas, (paths, schema)))


def is_table(attachment: Attachment) -> bool:
    """Say whether a file is of a kind this playbook reads."""
    return attachment.path.lower().endswith(TABLE_SUFFIXES)


def _params(call: ToolCall) -> dict[str, Any]:
    params = call.args.get("params")
    return params if call.tool == "code.run" and isinstance(params, dict) else {}


def _plan(call: ToolCall) -> Plan | None:
    found = _params(call).get(PLAN_PARAM)
    if not isinstance(found, dict):
        return None
    try:
        return Plan.model_validate(found)
    except ValidationError:
        return None


def _probed(call: ToolCall) -> tuple[str, ...] | None:
    found = _params(call).get(PATHS_PARAM)
    return tuple(str(path) for path in found) if isinstance(found, list | tuple) else None


def joined(texts: tuple[str, ...]) -> str:
    """Join what was said in several messages into one text, the latest last."""
    return _ASK_BREAK.join(texts)
