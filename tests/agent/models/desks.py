"""A provider on loopback: a real HTTP server that answers as written, one answer a request.

Owns the two wire formats as seen from the provider's side, sound and broken. Must never share
code with the adapters it tests.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Call = tuple[str, str]
"""A tool's name on the wire and its arguments as text."""


@dataclass(frozen=True)
class Answer:
    """Status and headers, then pieces of a body. `ending` says how the connection ends."""

    pieces: Sequence[bytes] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    ending: str = "whole"  # whole | closed | cut | silent
    late_s: float = 0.0
    """How long nothing is said before the first byte."""


@dataclass
class Desk:
    """What was asked, and the answers left; the last one is given again."""

    answers: list[Answer]
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.paths.append(first.split()[1])
            self.headers.append(headers)
            self.asked.append(json.loads(body))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            await asyncio.sleep(answer.late_s)
            if not (answer.ending == "silent" and not answer.pieces):
                await _send(writer, answer)
            if answer.ending == "silent":
                await reader.read()
                self.hung_up.set()
        writer.close()


async def _send(writer: asyncio.StreamWriter, answer: Answer) -> None:
    told = {"content-type": "text/event-stream", **answer.headers}
    lines = "".join(f"{k}: {v}\r\n" for k, v in told.items())
    writer.write(
        f"HTTP/1.1 {answer.status} Told\r\n{lines}transfer-encoding: chunked\r\n"
        "connection: close\r\n\r\n".encode()
    )
    for piece in answer.pieces:
        writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        await writer.drain()
    if answer.ending in ("whole", "closed"):
        writer.write(b"0\r\n\r\n")
    await writer.drain()


@asynccontextmanager
async def open_desk(*answers: Answer) -> AsyncIterator[Desk]:
    """Listen on a free loopback port."""
    desk = Desk(list(answers))
    server = await asyncio.start_server(desk.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    desk.url = f"http://127.0.0.1:{port}"
    try:
        yield desk
    finally:
        server.close()


def refused(status: int, code: str = "", message: str = "", **headers: str) -> Answer:
    """Answer with an error as both formats know it."""
    error = {"type": code, "code": code or None, "message": message}
    body = json.dumps({"type": "error", "error": error}).encode()
    named = {k.replace("_", "-"): v for k, v in headers.items()}
    return Answer((body,), status, {"content-type": "application/json", **named})


def redirected(to: str) -> Answer:
    """Send the asker elsewhere."""
    return Answer((b"",), 307, {"location": to})


class OpenAIWire:
    """Chat completions, streamed."""

    scheme = "openai"
    base = "/v1"

    def says(
        self, text: str = "", *calls: Call, finish: str | None = None, usage: bool = True
    ) -> Answer:
        """Answer with words and calls, arguments in two pieces each."""
        pieces = [self._delta({"role": "assistant", "content": ""})]
        pieces += [self._delta({"content": part}) for part in _halves(text)]
        for index, (name, args) in enumerate(calls):
            first, *rest = _halves(args) or [""]
            whole = {"index": index, "id": f"theirs_{index}", "type": "function"}
            pieces.append(
                self._delta(
                    {"tool_calls": [{**whole, "function": {"name": name, "arguments": first}}]}
                )
            )
            pieces += [
                self._delta({"tool_calls": [{"index": index, "function": {"arguments": part}}]})
                for part in rest
            ]
        reason = finish or ("tool_calls" if calls else "stop")
        pieces.append(self._delta({}, reason))
        if usage:
            counted = {"prompt_tokens": 1_000, "completion_tokens": 200, "total_tokens": 1_200}
            pieces.append(self._piece({"choices": [], "usage": counted}))
        return Answer((*pieces, b"data: [DONE]\n\n"))

    def _delta(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        return self._piece({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    def _piece(self, value: dict[str, Any]) -> bytes:
        head = {"id": "chat-1", "object": "chat.completion.chunk", "created": 1, "model": "desk"}
        return b"data: " + json.dumps({**head, **value}).encode() + b"\n\n"

    def words(self, asked: dict[str, Any]) -> str:
        """Give all a request says, as text."""
        return json.dumps(asked["messages"], ensure_ascii=False)


class AnthropicWire:
    """Messages, streamed."""

    scheme = "anthropic"
    base = ""

    def says(
        self, text: str = "", *calls: Call, finish: str | None = None, usage: bool = True
    ) -> Answer:
        """Answer with words and calls, arguments in two pieces each."""
        counted = {"input_tokens": 1_000 if usage else 0, "output_tokens": 1 if usage else 0}
        message = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "desk",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": counted,
        }
        pieces = [_event("message_start", message=message)]
        if text:
            pieces += _block(0, {"type": "text", "text": ""}, "text_delta", "text", text)
        for index, (name, args) in enumerate(calls, start=1):
            block = {"type": "tool_use", "id": f"theirs_{index}", "name": name, "input": {}}
            pieces += _block(index, block, "input_json_delta", "partial_json", args)
        reason = finish or ("tool_use" if calls else "end_turn")
        reason = {"length": "max_tokens"}.get(reason, reason)
        delta = {"stop_reason": reason, "stop_sequence": None}
        pieces.append(
            _event("message_delta", delta=delta, usage={"output_tokens": 200 if usage else 0})
        )
        return Answer((*pieces, _event("message_stop")))

    def words(self, asked: dict[str, Any]) -> str:
        """Give all a request says, as text."""
        return json.dumps([asked["system"], asked["messages"]], ensure_ascii=False)


def _block(index: int, block: dict[str, Any], kind: str, key: str, text: str) -> list[bytes]:
    deltas = [
        _event("content_block_delta", index=index, delta={"type": kind, key: part})
        for part in _halves(text)
    ]
    start = _event("content_block_start", index=index, content_block=block)
    return [start, *deltas, _event("content_block_stop", index=index)]


def _event(name: str, **value: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps({'type': name, **value})}\n\n".encode()


def _halves(text: str) -> list[str]:
    middle = len(text) // 2
    return [part for part in (text[:middle], text[middle:]) if part]


Wire = OpenAIWire | AnthropicWire
WIRES: tuple[Wire, ...] = (OpenAIWire(), AnthropicWire())


def broken(answer: Answer, ending: str, *, after: int = 3) -> Answer:
    """Give an answer that ends after some of its pieces."""
    return Answer(answer.pieces[:after], answer.status, answer.headers, ending)
