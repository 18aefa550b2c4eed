"""A context as provider messages.

Owns the text a provider sees. What is not the requester's own typing is given as JSON, so that no
content can forge where it ends. Must never send an id of ours: calls are numbered by position.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, assert_never

from pydantic_ai.messages import (
    ModelMessage as WireMessage,
)
from pydantic_ai.messages import (
    ModelRequest as WireRequest,
)
from pydantic_ai.messages import (
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.tools import ToolDefinition

from deputy.core.labels import Integrity
from deputy.core.messages import (
    BriefMessage,
    ModelMessage,
    ModelRequest,
    ResultMessage,
    ToolSpec,
    UserMessage,
)

NEVER_RAN = "This call never ran: its turn ended before."


def messages(request: ModelRequest, instructions: str) -> list[WireMessage]:
    """Give a context as a provider's messages."""
    results = {m.call: m for m in request.messages if isinstance(m, ResultMessage)}
    rendered: list[WireMessage] = []
    number = 0
    for message in request.messages:
        match message:
            case UserMessage():
                rendered.append(_asking([UserPromptPart(_said(message))], instructions))
            case BriefMessage():
                rendered.append(_asking([UserPromptPart(_edited(message))], instructions))
            case ModelMessage() if message.text or message.calls:
                rendered.append(_replied(message, number))
                if message.calls:
                    rendered.append(_asking(_results(message, results, number), instructions))
                number += len(message.calls)
            case ModelMessage() | ResultMessage():
                pass  # A reply without a word says nothing; results stand with their calls.
            case other:
                assert_never(other)
    return rendered


def parameters(specs: Iterable[ToolSpec]) -> ModelRequestParameters:
    """Offer tools to a provider; nothing that runs on its side is ever asked for."""
    return ModelRequestParameters(
        function_tools=[
            ToolDefinition(
                name=wire_name(spec.name),
                description=spec.purpose,
                parameters_json_schema=spec.args_schema,
                strict=False,
            )
            for spec in specs
        ],
        native_tools=[],
        allow_text_output=True,
    )


def wire_name(tool: str) -> str:
    """Give a tool's name in the letters every provider takes."""
    return tool.replace(".", "_")


def _asking(parts: Sequence[UserPromptPart | ToolReturnPart], instructions: str) -> WireRequest:
    return WireRequest(parts=list(parts), instructions=instructions)


def _said(message: UserMessage) -> str:
    lines = list(message.typed)
    content: dict[str, Any] = {}
    if message.unattended:
        content["unattended"] = "Nobody reads a question in your answer: use `ask`."
    if message.mentions:
        content["mentioned"] = list(message.mentions)
    if message.pasted:
        content["pasted, untrusted"] = list(message.pasted)
    if message.attachments:
        content["files, untrusted"] = [
            {"path": a.path, "media_type": a.media_type, "bytes": a.size}
            for a in message.attachments
        ]
    if content:
        lines.append(_json(content))
    return "\n\n".join(lines) or "(The requester added nothing.)"


def _edited(message: BriefMessage) -> str:
    told = _json({"brief, edited by the requester": message.brief, "version": message.version})
    return f"The requester edited the brief. It holds from now on:\n\n{told}"


def _replied(message: ModelMessage, number: int) -> ModelResponse:
    calls = [
        ToolCallPart(wire_name(c.tool), _json(c.args), tool_call_id=_id(number + n))
        for n, c in enumerate(message.calls)
    ]
    return ModelResponse(parts=[*([TextPart(message.text)] if message.text else []), *calls])


def _results(
    message: ModelMessage, results: dict[str, ResultMessage], number: int
) -> list[ToolReturnPart]:
    return [
        ToolReturnPart(
            wire_name(call.tool), _result(results.get(call.id)), tool_call_id=_id(number + n)
        )
        for n, call in enumerate(message.calls)
    ]


def _result(message: ResultMessage | None) -> str:
    if message is None:
        return _json({"status": "error", "reason": NEVER_RAN})
    trust = "untrusted" if message.label.integrity is Integrity.UNTRUSTED else "trusted"
    return _json({"status": message.status, "trust": trust, "result": message.content})


def _id(position: int) -> str:
    return f"c{position}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
