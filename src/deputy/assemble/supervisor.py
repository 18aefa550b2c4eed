"""`deputy up`: everything on one machine, as one process group.

Owns the order of starting and stopping, and starting single children again. The embedded
PostgreSQL is a child like the others. Must never work on a turn or answer a request itself.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress

import structlog

from deputy.agent.store import migrate_cell
from deputy.assemble.cells import open_control
from deputy.assemble.places import Handover, StateDir, running
from deputy.control.store import migrate_control
from deputy.core.errors import ConflictError
from deputy.postgres import EmbeddedPostgres, PostgresError, Role
from deputy.postgres.processes import end_with_parent
from deputy.settings import Settings

STOP_S = 10.0
RESTART_PAUSE_S = (0.1, 0.5, 1.0, 2.0, 5.0)
STEADY_S = 30.0
Say = Callable[[str], None]
_log = structlog.get_logger(__name__)


def supervise(settings: Settings, say: Say) -> None:
    """Run Deputy until told to stop. Raises `ConflictError` if it runs already."""
    if (there := running(settings.state_dir)) is not None:
        raise ConflictError(
            f"Deputy runs already at {there.url}.", hint="Use it, or stop it first."
        )
    asyncio.run(_Supervisor(settings, say).run())


class _Supervisor:
    def __init__(self, settings: Settings, say: Say) -> None:
        self._settings = settings
        self._say = say
        self._state = StateDir(settings.state_dir)
        self._postgres = EmbeddedPostgres(settings.state_dir, say=say)
        self._told = asyncio.Event()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._told.set)
        self._state.prepare()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._postgres.stop)
            await self._postgres.start()
            handover = await self._prepare()
            listening = stack.enter_context(self._listen())
            keepers = [
                asyncio.create_task(keeper)
                for keeper in (
                    self._keep_database(),
                    self._keep("server", handover, listening),
                    *(self._keep("worker", handover) for _ in range(self._settings.workers)),
                    *([self._keep("telemetry", handover)] if self._settings.otel_url else ()),
                )
            ]
            stack.push_async_callback(_end_all, keepers)
            url = f"http://{self._settings.api_host}:{listening.getsockname()[1]}"
            self._state.tell(url)
            stack.callback(self._state.untell)
            self._say(f"Deputy is up at {url}")
            told = asyncio.create_task(self._told.wait())
            await asyncio.wait({told, *keepers}, return_when=asyncio.FIRST_COMPLETED)
            self._say("Deputy is stopping")

    async def _prepare(self) -> Handover:
        await migrate_control(self._postgres.url(Role.OWNER, "control"))
        await migrate_cell(self._postgres.url(Role.OWNER, "cell"))
        control_url = self._postgres.url(Role.CONTROL)
        async with open_control(self._state, control_url) as control:
            founded = await control.found("Your organisation", "Owner")
        return Handover(
            cell_url=self._postgres.url(Role.CELL),
            control_url=control_url,
            org=founded.org,
            cell=founded.cell,
            owner=founded.owner,
            agent=founded.agent,
        )

    def _listen(self) -> socket.socket:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        address = (self._settings.api_host, self._settings.api_port)
        try:
            listening.bind(address)
        except OSError as error:
            listening.close()
            raise ConflictError(
                f"Port {address[1]} on {address[0]} cannot be used: {error.strerror}.",
                hint="Set DEPUTY_API_PORT to a free port, or 0 for any.",
            ) from error
        listening.listen(512)
        return listening

    async def _keep(
        self, kind: str, handover: Handover, listening: socket.socket | None = None
    ) -> None:
        """Start a child, and start it again whenever it ends."""
        falls, loop = 0, asyncio.get_running_loop()
        while True:
            began = loop.time()
            child = await self._start(kind, handover, listening)
            try:
                code = await child.wait()
            finally:
                await _end(child)
            falls = 0 if loop.time() - began > STEADY_S else falls + 1
            _log.warning("a child ended and is started again", kind=kind, code=code)
            await asyncio.sleep(RESTART_PAUSE_S[min(falls, len(RESTART_PAUSE_S) - 1)])

    async def _start(
        self, kind: str, handover: Handover, listening: socket.socket | None
    ) -> Process:
        given = () if listening is None else (listening.fileno(),)
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "deputy.assemble",
            kind,
            *(str(descriptor) for descriptor in given),
            stdin=PIPE,
            pass_fds=given,
            env={**os.environ, "DEPUTY_STATE_DIR": str(self._settings.state_dir)},
            preexec_fn=end_with_parent(signal.SIGTERM),
        )
        assert child.stdin is not None
        with suppress(BrokenPipeError, ConnectionResetError):
            child.stdin.write(handover.to_json().encode())
            await child.stdin.drain()
        child.stdin.close()
        return child

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
