"""One process group: a database and the children that work on it.

Owns the order of starting and stopping, and starting single children again. The embedded
PostgreSQL is a child like the others. Must never work on a turn or answer a request itself, and
never know what its children do.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import structlog

from deputy.assemble.handover import Handover
from deputy.assemble.places import StateDir
from deputy.core.errors import ConflictError
from deputy.postgres import EmbeddedPostgres, PostgresError
from deputy.postgres.processes import end_with_parent
from deputy.settings import Settings

STOP_S = 10.0
RESTART_PAUSE_S = (0.1, 0.5, 1.0, 2.0, 5.0)
STEADY_S = 30.0
BACKLOG = 512
Say = Callable[[str], None]
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive: its kind, what it is given, and a socket it listens on."""

    kind: str
    handover: Handover
    listening: socket.socket | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What runs once the database stands, and where it answers people, if it does."""

    children: Sequence[Child]
    words: str
    url: str | None = None


class Supervisor:
    """Runs one group until it is told to stop."""

    def __init__(self, settings: Settings, say: Say, postgres: EmbeddedPostgres) -> None:
        """`postgres` is started first and stopped last."""
        self._settings = settings
        self._say = say
        self._state = StateDir(settings.state_dir)
        self._postgres = postgres
        self._told = asyncio.Event()

    async def run(self, prepare: Callable[[AsyncExitStack], Awaitable[Plan]]) -> None:
        """Start the database, prepare, start the children, and keep all of them."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._told.set)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._postgres.stop)
            await self._postgres.start()
            plan = await prepare(stack)
            keepers = [asyncio.create_task(self._keep_database())]
            keepers += [asyncio.create_task(self._keep(child)) for child in plan.children]
            stack.push_async_callback(_end_all, keepers)
            self._state.tell(plan.url)
            stack.callback(self._state.untell)
            self._say(plan.words)
            told = asyncio.create_task(self._told.wait())
            ended, _ = await asyncio.wait({told, *keepers}, return_when=asyncio.FIRST_COMPLETED)
            self._say("Deputy is stopping")
            for task in ended:
                # A keeper ends by a defect alone, and that is not passed over in silence.
                task.result()

    async def _keep(self, child: Child) -> None:
        """Start a child, and start it again whenever it ends."""
        falls, loop = 0, asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                process = await self._start(child)
            except OSError as error:
                # No process or no memory just now: the other children go on meanwhile.
                _log.warning("a child cannot be started", kind=child.kind, error=str(error))
            else:
                try:
                    code = await process.wait()
                finally:
                    await _end(process)
                _log.warning("a child ended and is started again", kind=child.kind, code=code)
            falls = 0 if loop.time() - began > STEADY_S else falls + 1
            await asyncio.sleep(RESTART_PAUSE_S[min(falls, len(RESTART_PAUSE_S) - 1)])

    async def _start(self, child: Child) -> Process:
        given = () if child.listening is None else (child.listening.fileno(),)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "deputy.assemble",
            child.kind,
            *(str(descriptor) for descriptor in given),
            stdin=PIPE,
            pass_fds=given,
            env={**os.environ, "DEPUTY_STATE_DIR": str(self._settings.state_dir)},
            preexec_fn=end_with_parent(signal.SIGTERM),
        )
        assert process.stdin is not None
        with suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(child.handover.model_dump_json().encode())
            await process.stdin.drain()
        process.stdin.close()
        return process

    async def _keep_database(self) -> None:
        falls = 0
        while True:
            code = await self._postgres.wait()
            self._say(f"PostgreSQL ended (code {code}); it is started again")
            try:
                await self._postgres.start()
                falls = 0
            except PostgresError as error:
                # A full disk, for one, lets nothing start until somebody frees space on it.
                self._say(str(error))
                await asyncio.sleep(RESTART_PAUSE_S[min(falls, len(RESTART_PAUSE_S) - 1)])
                falls += 1


def listen(host: str, port: int, *, setting: str) -> socket.socket:
    """Give a listening socket; raises `ConflictError` naming the setting to change."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ConflictError(
            f"Port {port} on {host} cannot be used: {error.strerror}.",
            hint=f"Set {setting} to a free port, or 0 for any.",
        ) from error
    listening.listen(BACKLOG)
    return listening


async def _end(child: Process) -> None:
    if child.returncode is not None:
        return
    with suppress(ProcessLookupError):
        child.terminate()
    try:
        await asyncio.wait_for(child.wait(), STOP_S)
    except TimeoutError:
        child.kill()
        await child.wait()


async def _end_all(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
