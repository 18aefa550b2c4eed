"""One request to a provider, and its reply as ours.

Owns the streamed conversation and what is made of it. Whatever a provider sends is untrusted: it
becomes a sound reply or a fault. Must never run, or let the provider run, a tool.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    PartDeltaEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
)
from pydantic_ai.models import Model as Wire
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.settings import ModelSettings

from deputy.agent.models.providers import rendering
from deputy.agent.models.providers.access import Patience
from deputy.agent.models.providers.faults import OwnToolError, UnsoundReplyError
from deputy.agent.models.providers.pricing import Tariff, estimate
from deputy.core.canonical import canonical
from deputy.core.errors import InvalidRequestError
from deputy.core.messages import (
    CALLS_PER_STEP_MAX,
    TOOL_NAME_CHARS_MAX,
    ModelReply,
    ModelRequest,
    ToolCall,
    Usage,
)
from deputy.core.ports import Ids

REPLY_CHARS_MAX = 2_000_000
ARGS_DEPTH_MAX = 64
WRITTEN_TOLD_CHARS_MAX = 500
TOKENS_TOLD_MAX = 100_000_000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """A context as it is sent."""

    messages: list[ModelMessage]
    parameters: ModelRequestParameters
    output_tokens_max: int


def render(request: ModelRequest, instructions: str) -> Question:
    """Give a context as it is sent."""
    return Question(
        rendering.messages(request, instructions),
        rendering.parameters(request.tools),
        request.output_tokens_max,
    )


async def ask(wire: Wire, question: Question, patience: Patience) -> ModelResponse:
    """Give a provider's whole reply; a stream that ended early raises."""
    settings = ModelSettings(
        max_tokens=question.output_tokens_max,
        # The connection cannot tell a first event from a later one: below it is told apart.
        timeout=max(patience.first_event_s, patience.silence_s),
        first_event_timeout=patience.first_event_s,
        request_timeout=patience.whole_s,
        max_retries=0,
    )
    said = 0
    async with model_request_stream(
        wire,
        question.messages,
        model_settings=settings,
        model_request_parameters=question.parameters,
        instrument=False,
    ) as stream:
        async for event in _not_silent(stream, patience):
            said += _length(event)
            if said > REPLY_CHARS_MAX:
                raise UnsoundReplyError(f"a reply beyond {REPLY_CHARS_MAX:,} characters")
        return stream.get()


async def _not_silent(stream: AsyncIterable[T], patience: Patience) -> AsyncIterator[T]:
    """Give what a stream says; silence after its first event ends it."""
    events, wait_s = aiter(stream), patience.first_event_s
    while True:
        try:
            async with asyncio.timeout(wait_s):
                event = await anext(events)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise UnsoundReplyError(f"nothing more for {wait_s:.0f} s") from None
        yield event
        wait_s = patience.silence_s


def read(heard: ModelResponse, request: ModelRequest, ids: Ids, tariff: Tariff) -> ModelReply:
    """Give a provider's reply as ours, every call under a new id of ours."""
    if heard.state != "complete" or heard.finish_reason is None:
        raise UnsoundReplyError("a reply that ended early")
    if heard.finish_reason == "content_filter":
        raise OwnToolError("its content filter stopped the reply")
    ours = {rendering.wire_name(spec.name): spec.name for spec in request.tools}
    cut = heard.finish_reason == "length"
    texts: list[str] = []
    calls: list[ToolCall] = []
    for part in heard.parts:
        if isinstance(part, TextPart):
            texts.append(part.content)
        elif isinstance(part, ToolCallPart):
            calls.append(_call(part, ours, ids.new("call"), cut=cut))
        elif not isinstance(part, ThinkingPart):
            raise OwnToolError("it ran a tool of its own")
    if not calls and not "".join(texts).strip():
        raise UnsoundReplyError("a reply without a word")
    if cut and not calls:
        texts.append(f"\n\n[Cut off at {request.output_tokens_max:,} tokens.]")
    if len(calls) > CALLS_PER_STEP_MAX:
        texts.append(f"\n\n[Only the first {CALLS_PER_STEP_MAX} of {len(calls)} calls are taken.]")
    text = _whole("".join(texts))
    usage = _usage(heard, text, calls, request, tariff)
    return ModelReply(text=text, calls=tuple(calls[:CALLS_PER_STEP_MAX]), usage=usage)


def _call(part: ToolCallPart, ours: dict[str, str], id: str, *, cut: bool) -> ToolCall:
    name = ours.get(part.tool_name)
    if name is None:
        unknown = _whole(part.tool_name)[:TOOL_NAME_CHARS_MAX] or "unnamed"
        flaw = f"There is no tool called {unknown!r}. Tools are: {', '.join(sorted(ours))}."
        return ToolCall(id=id, tool=unknown, args={}, flaw=flaw)
    try:
        return ToolCall(id=id, tool=name, args=_args(part.args))
    except (ValueError, RecursionError, InvalidRequestError) as error:
        flaw = f"The arguments could not be read, so nothing ran: {_whole(str(error))[:500]}."
        if cut:
            flaw += " Your reply was cut at its token limit: write less in one call."
        if isinstance(part.args, str):
            flaw += f" You wrote: {_whole(part.args)[:WRITTEN_TOLD_CHARS_MAX]}"
        return ToolCall(id=id, tool=name, args={}, flaw=flaw)


def _args(written: str | dict[str, Any] | None) -> dict[str, Any]:
    """Give arguments that can be recorded as they are; nothing is rounded or mended silently."""
    args = json.loads(written, parse_constant=_no_number) if isinstance(written, str) else written
    if args is None:
        return {}
    if not isinstance(args, dict):
        raise ValueError("they are not one JSON object")
    if _depth(args) > ARGS_DEPTH_MAX:
        raise ValueError(f"they are nested deeper than {ARGS_DEPTH_MAX} levels")
    canonical(args)
    return args


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max((_depth(one) for one in inner), default=0)


def _usage(
    heard: ModelResponse, text: str, calls: list[ToolCall], request: ModelRequest, tariff: Tariff
) -> Usage:
    """Give what was used as the provider counts it, else our own high estimate."""
    told = heard.usage
    read, wrote = _count(told.input_tokens), _count(told.output_tokens)
    if not read:
        read = estimate(request.model_dump_json())
    if not wrote:
        wrote = estimate(text + "".join(c.model_dump_json() for c in calls))
    cost = tariff.cost_micros(read, wrote, cached=_count(told.cache_read_tokens))
    return Usage(input_tokens=read, output_tokens=wrote, cost_micros=cost)


def _count(told: int | None) -> int:
    return min(max(told or 0, 0), TOKENS_TOLD_MAX)


def _length(event: object) -> int:
    delta = event.delta if isinstance(event, PartDeltaEvent) else None
    if isinstance(delta, TextPartDelta):
        return len(delta.content_delta)
    if isinstance(delta, ThinkingPartDelta):
        return len(delta.content_delta or "")
    if isinstance(delta, ToolCallPartDelta):
        return len(delta.args_delta) if isinstance(delta.args_delta, str) else 1
    return 1


def _whole(text: str) -> str:
    """Replace halves of characters, which no journal can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
