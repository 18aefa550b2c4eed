"""A worker of the crowd: the product's own, but for scripted models and sandboxes.

Owns what is asked of every turn, how long scripted parts take, and telling the platform's share of
each step. Is a process of its own; must never measure the time that scripts were told to take.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path

from bench.first_answer import Spans
from deputy.agent.models.permitted import Permitted
from deputy.agent.queue import Queue
from deputy.agent.turns import Means
from deputy.agent.worker import Worker
from deputy.assemble.cells import Parts, open_cell, open_means
from deputy.assemble.handover import Handover, handed_over
from deputy.assemble.places import StateDir
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.messages import ModelReply, ModelRequest
from deputy.testing.scripts import ScriptedHost, ScriptedModel, calls, says

WORDS = "Count the rows of every month"
CSV = "out/rows.csv"
BRIEF: dict[str, object] = {
    "goal": "Count the rows",
    "deliverables": [{"path": CSV, "media_type": "text/csv", "title": "Rows"}],
    "criteria": [
        {
            "id": "c1",
            "text": "The rows are a number",
            "check": "values.in_range",
            "target": CSV,
            "params": {"column": "rows", "min": 0},
        }
    ],
}
LOOK = calls(("code.run", {"code": "print('schema')"}), text="I look at the table.")
MAKE = calls(("brief.write", BRIEF), ("code.run", {"code": "write()"}), text="I count the rows.")
HAND_OVER = calls(("deliver", {"files": [CSV], "summary": "One row."}))


@dataclass(frozen=True, slots=True)
class Size:
    """How large the crowd is, and how long scripted models and sandboxes take."""

    idle: int = 1_000
    viewers: int = 200
    turns: int = 50
    workers: int = 2
    looks: int = 8
    """Steps of each turn beside the three that write, hand over and say."""
    model_s: float = 2.0
    sandbox_s: float = 0.5
    long_events: int = 20_000


SMALL = Size(12, 8, 6, 1, looks=2, model_s=0.1, sandbox_s=0.02, long_events=400)

_spans: ContextVar[Spans] = ContextVar("spans")


class PacedModel(ScriptedModel):
    """A scripted model that takes its time, half as much or half as long again; it begins a step.

    Models that all took the same time would answer all turns at the same moment.
    """

    pace_s: float = 0.0

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Wait, then say what is written. The time named is the time it was meant to take."""
        spans, takes_s = _spans.get(), self.pace_s * random.uniform(0.5, 1.5)
        spans.begins.append(time.perf_counter())
        spans.model_s.append(takes_s)
        spans.sandbox_s.append(0.0)
        await asyncio.sleep(takes_s)
        reply = await super().reply(request)
        self.asked.clear()
        return reply


class TellingWorker(Worker):
    """A worker that tells the platform's milliseconds of each step of a turn."""

    def __init__(self, means: Means, queue: Queue, tell: Callable[[str], object]) -> None:
        super().__init__(means, queue)
        self._tell = tell

    async def work(self, session: str, turn: str) -> None:
        """Work on a turn, then say one line about it."""
        spans = Spans()
        _spans.set(spans)
        await super().work(session, turn)
        if not spans.begins:
            return  # it had ended already
        told = {"session": session, "turn": turn, "ms": spans.platform_ms(time.perf_counter())}
        self._tell(json.dumps(told) + "\n")


@asynccontextmanager
async def paced(parts: Parts, size: Size) -> AsyncIterator[Means]:
    """Give a worker's means with scripted model and sandbox, and everything else as it is."""
    replies = [LOOK, MAKE, *[LOOK] * (size.looks - 1), HAND_OVER, says("There is one row.")]
    model = PacedModel(replies, parts.ids)
    model.pace_s = size.model_s
    pause_s = size.sandbox_s if size.model_s else 0.0

    async def worked(call: CodeCall) -> CodeResult:
        _spans.get().sandbox_s[-1] += pause_s
        await asyncio.sleep(pause_s)
        if requests := call.params.get("requests"):
            passed = [{**r, "verdict": "pass", "detail": "It opens."} for r in requests]
            return CodeResult(outcome="ok", stdout=json.dumps({"results": passed}).encode())
        if "write" in call.code:
            return CodeResult(outcome="ok", changed={CSV: b"rows\n1\n"})
        return CodeResult(outcome="ok", stdout=b"{}")

    async with open_means(parts, model, runtime_dir=None) as means:
        host = ScriptedHost(parts.state.signing_key("gate").public, parts.clock, worked)
        yield replace(means, model=Permitted(model, means.model.guard), executor=host)


def work(told: str) -> None:
    """Be a worker until told to stop; `told` is a `Size` as JSON."""
    size = Size(**json.loads(told))
    state = StateDir(Path(os.environ["DEPUTY_STATE_DIR"]))
    asyncio.run(_work(state, handed_over(), size))


async def _work(state: StateDir, handover: Handover, size: Size) -> None:
    turns = -(-size.turns // size.workers)
    async with open_cell(state, handover, turns=turns) as parts, paced(parts, size) as means:
        await TellingWorker(means, parts.queue, sys.stderr.write).run()
