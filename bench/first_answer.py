"""Request to delivered report: platform, sandbox and model time, with and without fsync.

The platform's time of a step is what remains of the wall time between two model calls when the
model's own time and the sandbox's are taken away. Both variants are run in turns on one server.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from deputy.agent.models import find
from deputy.agent.models.permitted import Permitted
from deputy.agent.store import migrate_cell
from deputy.agent.turns import Means
from deputy.agent.worker import Worker
from deputy.assemble.cells import Parts, open_cell, open_control, open_means
from deputy.assemble.handover import Handover
from deputy.assemble.places import StateDir
from deputy.control.store import migrate_control
from deputy.core.calls import CodeCall, CodeResult, Offer
from deputy.core.identity import Actor
from deputy.core.messages import FilePart, ModelReply, ModelRequest, Part, TypedPart
from deputy.core.ports import Accepted, Executor, Model
from deputy.journals import Journal
from deputy.postgres import EmbeddedPostgres, Role

RUNS = 5
QUESTION = (
    "Summarise this quarter's sales by region, compare with the same period last year, identify"
    " the three fastest-growing regions; I need an Excel report with a chart and a one-page PDF"
)
WORKBOOK = Path(__file__).parent.parent / "examples" / "sales.xlsx"


@dataclass
class Spans:
    """What one turn spent where, in seconds, step by step."""

    begins: list[float] = field(default_factory=list)
    model_s: list[float] = field(default_factory=list)
    sandbox_s: list[float] = field(default_factory=list)
    commits: int = 0

    def platform_ms(self, end: float) -> list[float]:
        """Give the platform's milliseconds of each step."""
        ends = [*self.begins[1:], end]
        return [
            (finish - begin - model - sandbox) * 1_000
            for begin, finish, model, sandbox in zip(
                self.begins, ends, self.model_s, self.sandbox_s, strict=True
            )
        ]


@dataclass
class Taken:
    """What one turn took: wall seconds, where, and the platform's milliseconds of each step."""

    wall_s: float
    spans: Spans
    steps_ms: list[float]


@dataclass
class TimedModel:
    """A model that tells how long it took; each call begins a step."""

    model: Model
    spans: Spans

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    async def reply(self, request: ModelRequest) -> ModelReply:
        begin = time.perf_counter()
        self.spans.begins.append(begin)
        self.spans.sandbox_s.append(0.0)
        reply = await self.model.reply(request)
        self.spans.model_s.append(time.perf_counter() - begin)
        return reply


@dataclass
class TimedCall:
    """A call that a timed host has taken in."""

    accepted: Accepted
    spans: Spans

    @property
    def offer(self) -> Offer:
        return self.accepted.offer

    async def run(self, permit: str) -> CodeResult:
        begin = time.perf_counter()
        result = await self.accepted.run(permit)
        self.spans.sandbox_s[-1] += time.perf_counter() - begin
        return result


@dataclass
class TimedHost:
    """An executor that tells how long its sandboxes took."""

    host: Executor
    spans: Spans

    @asynccontextmanager
    async def accept(self, call: CodeCall) -> AsyncIterator[Accepted]:
        async with self.host.accept(call) as accepted:
            yield TimedCall(accepted, self.spans)

    async def close(self) -> None:
        await self.host.close()


class CountedJournal:
    """A journal that counts the commits of its appends."""

    def __init__(self, journal: Journal, spans: Spans) -> None:
        self._journal = journal
        self._spans = spans

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        async with self._journal.transaction() as connection:
            yield connection
        self._spans.commits += 1

    async def append_next(self, *args: Any, **more: Any) -> Any:
        recorded = await self._journal.append_next(*args, **more)
        self._spans.commits += recorded is not None
        return recorded


def run(options: argparse.Namespace) -> dict[str, float]:
    """Run the benchmark; give its figures."""
    return asyncio.run(_run(options.runs or RUNS))


async def _run(runs: int) -> dict[str, float]:
    async with installed() as (state, _, handover):
        return await _measure(state, handover, runs)


@asynccontextmanager
async def installed() -> AsyncIterator[tuple[StateDir, EmbeddedPostgres, Handover]]:
    """Give a founded installation in a folder of its own; take it away afterwards."""
    with tempfile.TemporaryDirectory(prefix="deputy-bench-") as folder:
        state = StateDir(Path(folder) / "state")
        state.prepare(("control", "cell"))
        postgres = EmbeddedPostgres(state.root)
        await postgres.start()
        try:
            yield state, postgres, await _prepare(state, postgres)
        finally:
            await postgres.stop()
            # For root it lies elsewhere than the state folder.
            shutil.rmtree(postgres.places.instance, ignore_errors=True)


async def _prepare(state: StateDir, postgres: EmbeddedPostgres) -> Handover:
    await migrate_control(postgres.url(Role.OWNER, "control"))
    await migrate_cell(postgres.url(Role.OWNER, "cell"))
    async with open_control(state, postgres.url(Role.CONTROL)) as control:
        founded = await control.found("Bench", "Owner")
    return Handover(
        cell_url=postgres.url(Role.CELL),
        control_url=postgres.url(Role.CONTROL),
        org=founded.org,
        cell=founded.cell,
        owner=founded.owner,
        agent=founded.agent,
    )


async def _measure(state: StateDir, handover: Handover, runs: int) -> dict[str, float]:
    measured: dict[bool, list[Taken]] = {False: [], True: []}
    async with AsyncExitStack() as stack:
        opened = {d: await _open(stack, state, handover, durable=d) for d in (False, True)}
        for number in range(runs + 1):
            for durable, (parts, means) in opened.items():
                taken = await _one(parts, means)
                if number:  # the first of each warms caches and is not counted
                    measured[durable].append(taken)
    return _report(measured)


async def _open(
    stack: AsyncExitStack, state: StateDir, handover: Handover, *, durable: bool
) -> tuple[Parts, Means]:
    parts = await stack.enter_async_context(open_cell(state, handover, durable=durable))
    means = await stack.enter_async_context(
        open_means(parts, find("builtin", parts.ids), runtime_dir=None)
    )
    await stack.enter_async_context(parts.queue.app.open_async())
    return parts, means


async def _one(parts: Parts, means: Means) -> Taken:
    spans = Spans()
    worker = Worker(_timed(means, spans), parts.queue)
    sessions, owner = parts.sessions(), Actor(sub=parts.handover.owner)
    session = await sessions.open(owner)
    file = await sessions.upload(session, owner, name=WORKBOOK.name, raw=WORKBOOK.read_bytes())
    said: list[Part] = [TypedPart(text=QUESTION), FilePart(file=file.id)]
    turn = await sessions.open_turn(session, owner, said)
    begin = time.perf_counter()
    await worker.work(session, turn)
    end = time.perf_counter()
    done = (await sessions.state(session, owner)).turns[turn]
    assert done.finished is not None
    assert done.finished.outcome == "verified", done.finished.text
    return Taken(end - begin, spans, spans.platform_ms(end))


def _timed(means: Means, spans: Spans) -> Means:
    model: Any = TimedModel(means.model.model, spans)
    journal: Any = CountedJournal(means.journal, spans)
    return replace(
        means,
        journal=journal,
        model=Permitted(model, means.model.guard),
        executor=TimedHost(means.executor, spans),
    )


def _report(measured: dict[bool, list[Taken]]) -> dict[str, float]:
    print(
        f"{'commit':>12} {'total s':>8} {'sandbox s':>10} {'model s':>8} {'platform ms/step':>17}"
    )
    figures: dict[str, float] = {}
    for durable, rows in measured.items():
        total = statistics.median(t.wall_s for t in rows)
        sandbox = statistics.median(sum(t.spans.sandbox_s) for t in rows)
        model = statistics.median(sum(t.spans.model_s) for t in rows)
        step = statistics.median(ms for t in rows for ms in t.steps_ms)
        name = "on disk" if durable else "in memory"
        print(f"{name:>12} {total:8.2f} {sandbox:10.2f} {model:8.3f} {step:17.1f}")
        suffix = "_fsync" if durable else ""
        figures[f"platform_ms_per_step_median{suffix}"] = round(step, 2)
        if not durable:
            figures |= {
                "first_answer_s": round(total, 3),
                "sandbox_s": round(sandbox, 3),
                "model_s": round(model, 4),
            }
    spans = [t.spans for rows in measured.values() for t in rows]
    steps = sum(len(s.begins) for s in spans)
    figures["commits_per_step"] = round(sum(s.commits for s in spans) / steps, 2)
    figures["steps"] = round(steps / len(spans), 1)
    print(f"{figures['steps']} steps a turn, {figures['commits_per_step']} commits a step")
    return figures
