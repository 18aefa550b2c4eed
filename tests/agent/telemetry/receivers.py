"""A collector on loopback that decodes what it gets, or misbehaves in every way it is told to.

Owns the receiver. Must never keep a connection or a task beyond its own life.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Manners = Literal["well", "hang", "500", "close", "garbage", "redirect", "partial", "endless"]
PATIENCE_S = 5.0


@dataclass
class Receiver:
    """What came in, and how the receiver behaves."""

    url: str = ""
    manners: Manners = "well"
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def spans(self) -> list[Span]:
        """Give the spans of all requests."""
        found: list[Span] = []
        for path, _, raw in self.requests:
            if path == "/v1/traces":
                for whole in ExportTraceServiceRequest.FromString(raw).resource_spans:
                    found += [span for scope in whole.scope_spans for span in scope.spans]
        return found

    @property
    def sums(self) -> dict[tuple[str, frozenset[tuple[str, str]]], int]:
        """Give the newest value of each metric."""
        found = {}
        for path, _, raw in self.requests:
            if path == "/v1/metrics":
                for whole in ExportMetricsServiceRequest.FromString(raw).resource_metrics:
                    for metric in (m for scope in whole.scope_metrics for m in scope.metrics):
                        for point in metric.sum.data_points:
                            labels = {(p.key, p.value.string_value) for p in point.attributes}
                            found[metric.name, frozenset(labels)] = int(point.as_int)
        return found

    async def asked(self, times: int) -> None:
        """Wait until this many requests came."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.requests) < times:
                self._came.clear()
                await self._came.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take requests of one connection."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                first, *lines = head.strip().split("\r\n")
                headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}
                raw = await reader.readexactly(int(headers["content-length"]))
                self.requests.append((first.split()[1], headers, raw))
                self._came.set()
                if not await self._answer(writer):
                    break
        writer.close()

    async def _answer(self, writer: asyncio.StreamWriter) -> bool:
        match self.manners:
            case "hang":
                await asyncio.Event().wait()
            case "close":
                return False
            case "endless":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
                while True:
                    writer.write(b"x" * 65_536)
                    await writer.drain()
            case "500":
                writer.write(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
            case "redirect":
                place = f"Location: {self.url}/elsewhere".encode()
                writer.write(b"HTTP/1.1 307 No\r\nContent-Length: 0\r\n" + place + b"\r\n\r\n")
            case "well" | "garbage" | "partial":
                partial = ExportTraceServiceResponse()
                partial.partial_success.rejected_spans = 2
                said = {"well": b"", "garbage": b"\xff\xff\xff", "partial": partial}[self.manners]
                body = said if isinstance(said, bytes) else said.SerializeToString()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        return True


@asynccontextmanager
async def receive(manners: Manners = "well") -> AsyncIterator[Receiver]:
    """Run a receiver on a loopback port."""
    receiver = Receiver(manners=manners)
    open_ones: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_ones.add(task)
        with suppress(asyncio.CancelledError):
            await receiver.serve(reader, writer)
        open_ones.discard(task)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield receiver
    finally:
        server.close()
        for task in list(open_ones):
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)
