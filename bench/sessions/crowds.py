"""A running Deputy and those who look at it.

Owns starting its server and workers as processes, the viewers and askers, and what they and the
machine noticed. Must never leave a process.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import socket
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psycopg

from bench.sessions.population import Idle
from bench.sessions.workers import SMALL, WORDS, Size
from deputy.assemble.handover import Handover
from deputy.assemble.places import StateDir
from deputy.journals.engines import libpq_url
from deputy.postgres import EmbeddedPostgres, Role
from deputy.postgres.processes import end_with_parent
from deputy.wire.system import SystemIds

ROOT = Path(__file__).parents[2]
GETS_A_S, COMMANDS_A_S = 10, 5
START_S_MAX, END_S = 60.0, 10.0


@dataclass
class Crowd:
    """A running Deputy, those who look at it, and what they noticed."""

    size: Size
    idle: list[Idle]
    url: str
    token: str
    database: str
    postgres: int
    server: Process
    workers: list[Process]
    http: httpx2.AsyncClient
    ids: Any
    told: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    lags_ms: list[float] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def started(
        cls,
        state: StateDir,
        handover: Handover,
        postgres: EmbeddedPostgres,
        size: Size,
        idle: list[Idle],
    ) -> AsyncIterator[Crowd]:
        """Start a server and workers on a state folder; end them."""
        token = state.owner_token.read_text().strip()
        assert postgres.pid is not None
        async with AsyncExitStack() as stack:
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=512))
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            ears = listening.fileno()
            run = ("-m", "deputy.assemble", "server", str(ears))
            server = await _child(stack, state, handover, run, pass_fds=(ears,))
            code = f"from bench.sessions.workers import work; work({json.dumps(asdict(size))!r})"
            workers = [
                await _child(stack, state, handover, ("-c", code), stderr=PIPE)
                for _ in range(size.workers)
            ]
            http = await stack.enter_async_context(_client(url, token))
            crowd = cls(
                size,
                idle,
                url,
                token,
                libpq_url(postgres.url(Role.OWNER, "postgres")),
                postgres.pid,
                server,
                workers,
                http,
                SystemIds(),
            )
            for worker in workers:
                stack.push_async_callback(_ended, asyncio.create_task(crowd._listen(worker)))
            yield crowd

    async def measure(self) -> dict[str, float]:
        """Look at it idle, with viewers, with one turn and with all of them."""
        await self._answers()
        await self._turns([await self._open()])  # the first of each process warms it
        alone = await self._turns([await self._open()])
        quiet = await self._probed(asyncio.sleep(0.5 if self.size == SMALL else 5.0))
        running = [await self._open() for _ in range(self.size.turns)]
        async with self._viewers(running):
            idle = await self._held()
            asked, spent_s = time.perf_counter(), self._spent_s()
            steps: list[float] = []

            async def all_turns() -> None:
                steps.extend(await self._turns(running))

            held: list[dict[str, float]] = []
            watching = asyncio.create_task(self._watch(held))
            busy = await self._probed(all_turns())
            took_s = time.perf_counter() - asked
            used = {n: (s - spent_s[n]) / took_s for n, s in self._spent_s().items()}
            await _ended(watching)
        most = {name: max(h[name] for h in held) for name in held[0]} if held else idle
        return {
            **{f"idle_{name}": value for name, value in idle.items()},
            **most,
            "platform_ms_alone": statistics.median(alone),
            "platform_ms_crowd": statistics.median(steps),
            "platform_ms_crowd_p95": _share(steps, 0.95),
            "platform_ratio": statistics.median(steps) / statistics.median(alone),
            "steps": len(steps),
            "turns_s": took_s,
            **{f"{name}_processors": value for name, value in used.items()},
            **{f"quiet_{name}": value for name, value in quiet.items()},
            **busy,
            "frames": len(self.lags_ms),
            "frame_ms_p50": _share(self.lags_ms, 0.5),
            "frame_ms_p95": _share(self.lags_ms, 0.95),
        }

    async def _answers(self) -> None:
        async with asyncio.timeout(START_S_MAX):
            while True:
                with suppress(httpx2.TransportError):
                    if (await self.http.get("/api/v1/sessions")).status_code == 200:
                        return
                await asyncio.sleep(0.05)

    async def _open(self) -> str:
        answer = await self.http.post("/api/v1/sessions", json={"command_id": self._command()})
        return str(answer.raise_for_status().json()["session"])

    def _command(self) -> str:
        return str(self.ids.new("cmd"))

    async def _turns(self, sessions: list[str]) -> list[float]:
        """Ask in each session, soon after each other; give the platform's ms of every step."""
        pause_s = self.size.model_s / len(sessions)

        async def ask(session: str, after_s: float) -> None:
            await asyncio.sleep(after_s)
            parts = [{"kind": "typed", "text": WORDS}]
            body = {"command_id": self._command(), "parts": parts}
            answer = await self.http.post(f"/api/v1/sessions/{session}/turns", json=body)
            answer.raise_for_status()

        await asyncio.gather(*(ask(each, n * pause_s) for n, each in enumerate(sessions)))
        told = [await self.told.get() for _ in sessions]
        for session in sessions:
            shown = (await self.http.get(f"/api/v1/sessions/{session}")).raise_for_status().json()
            assert shown["turns"][-1]["outcome"] == "verified", shown["turns"][-1]["text"]
        return [ms for each in told for ms in each["ms"]]

    async def _probed(self, during: Awaitable[Any]) -> dict[str, float]:
        """Look at sessions and record commands at a steady rate while something goes on."""
        ends = asyncio.ensure_future(during)
        gets: list[float] = []
        commands: list[float] = []

        async def look(idle: Idle) -> httpx2.Response:
            return await self.http.get(f"/api/v1/sessions/{idle.session}")

        async def note(idle: Idle) -> httpx2.Response:
            body = {"command_id": self._command(), "what": "opened"}
            return await self.http.post(f"/api/v1/deliverables/{idle.artifact}/events", json=body)

        async def steadily(ask: Any, a_second: int, took: list[float]) -> None:
            async def once() -> None:
                begin = time.perf_counter()
                (await ask(random.choice(self.idle))).raise_for_status()
                took.append((time.perf_counter() - begin) * 1_000)

            async with asyncio.TaskGroup() as group:
                while not ends.done():
                    group.create_task(once())
                    await asyncio.wait({ends}, timeout=1 / a_second)

        await asyncio.gather(
            steadily(look, GETS_A_S, gets), steadily(note, COMMANDS_A_S, commands), ends
        )
        return {
            "get_ms_p50": _share(gets, 0.5),
            "get_ms_p95": _share(gets, 0.95),
            "command_ms_p50": _share(commands, 0.5),
            "command_ms_p95": _share(commands, 0.95),
        }

    @asynccontextmanager
    async def _viewers(self, running: list[str]) -> AsyncIterator[None]:
        """Follow sessions live: every running one first, then idle ones."""
        quiet = [idle.session for idle in self.idle]
        chosen = [*running, *running, *quiet][: self.size.viewers]
        begun = [asyncio.Event() for _ in chosen]
        tasks = [
            asyncio.create_task(self._view(session, event))
            for session, event in zip(chosen, begun, strict=True)
        ]
        await asyncio.gather(*(event.wait() for event in begun))
        try:
            yield
        finally:
            for task in tasks:
                await _ended(task)

    async def _view(self, session: str, begun: asyncio.Event) -> None:
        """Read frames; note how long after its event each came."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 23)
        request = f"GET /api/v1/sessions/{session}/events HTTP/1.1\r\nHost: {host}:{port}\r\n"
        since_ms = time.time() * 1_000
        writer.write(f"{request}Authorization: Bearer {self.token}\r\n\r\n".encode())
        try:
            async for line in reader:
                begun.set()
                if line.startswith(b"data:") and (told := _TIME.search(line)):
                    at_ms = int(told[1]) / 1_000
                    if at_ms > since_ms:  # what happened before is history
                        self.lags_ms.append(time.time() * 1_000 - at_ms)
        finally:
            writer.close()

    async def _watch(self, held: list[dict[str, float]]) -> None:
        while True:
            await asyncio.sleep(self.size.model_s * 2)
            held.append(await self._held())

    async def _held(self) -> dict[str, float]:
        """Count memory (MB, shared pages divided among those who share) and connections."""
        planes = f"('{Role.CELL}', '{Role.CONTROL}')"
        query = f"SELECT count(*) FROM pg_stat_activity WHERE usename IN {planes}"
        async with await psycopg.AsyncConnection.connect(self.database) as connection:
            row = await (await connection.execute(query)).fetchone()
        assert row is not None
        # In a thread: the kernel takes a while to add up pages, and nobody here may wait for that.
        return {**await asyncio.to_thread(self._memory_mb), "connections": row[0]}

    def _memory_mb(self) -> dict[str, float]:
        names = self._processes().items()
        return {f"{name}_mb": sum(map(_pss_mb, pids)) for name, pids in names}

    def _processes(self) -> dict[str, list[int]]:
        backends = [pid for pid in _pids() if _stat(pid)[1] == str(self.postgres)]
        return {
            "server": [self.server.pid],
            "workers": [worker.pid for worker in self.workers],
            "postgres": [self.postgres, *backends],
            "bench": [os.getpid()],
        }

    def _spent_s(self) -> dict[str, float]:
        """Give the processor seconds so far. PostgreSQL's count those of ended backends too."""
        names = self._processes().items()
        return {name: sum(map(_processor_s, pids)) for name, pids in names}

    async def _listen(self, worker: Process) -> None:
        assert worker.stderr is not None
        async for line in worker.stderr:
            if line.startswith(b'{"session"'):
                self.told.put_nowait(json.loads(line))
            else:
                sys.stderr.buffer.write(line)


_TIME = re.compile(rb'"time_us":(\d+)')


@asynccontextmanager
async def _client(url: str, token: str) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(
        base_url=url, headers=headers, timeout=60, trust_env=False
    ) as client:
        yield client


async def _child(
    stack: AsyncExitStack, state: StateDir, handover: Handover, run: Sequence[str], **more: Any
) -> Process:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *run,
        stdin=PIPE,
        cwd=ROOT,
        env={**os.environ, "DEPUTY_STATE_DIR": str(state.root)},
        preexec_fn=end_with_parent(signal.SIGTERM),
        **more,
    )
    assert child.stdin is not None
    child.stdin.write(handover.model_dump_json().encode())
    child.stdin.close()

    async def end() -> None:
        with suppress(ProcessLookupError):
            child.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(child.wait(), END_S)

    stack.push_async_callback(end)
    return child


async def _ended(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _pids() -> list[int]:
    return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()]


def _stat(pid: int) -> list[str]:
    """Give proc(5) stat from its third field on: state, parent, …; zeros once it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return ["0"] * 50


def _processor_s(pid: int) -> float:
    return sum(map(int, _stat(pid)[11:13])) / os.sysconf("SC_CLK_TCK")


def _pss_mb(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1_024
    return 0.0


def _share(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0
