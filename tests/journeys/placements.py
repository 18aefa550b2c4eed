"""The same Deputy in three placements: one process, one process group, three planes apart.

Owns starting and ending them. Journeys see a client and nothing else, so that what holds in one
placement is asked of all.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from deputy.agent.store import migrate_cell
from deputy.agent.worker import Worker
from deputy.assemble import Settings, running
from deputy.assemble.cells import open_cell, open_control, open_means
from deputy.assemble.handover import Handover
from deputy.assemble.models import chosen_model
from deputy.assemble.places import StateDir
from deputy.assemble.processes import services
from deputy.cli.client import Client
from deputy.control.store import migrate_control
from deputy.interaction.api.app import create_app
from deputy.interaction.server import Server
from deputy.interaction.signin import read_owner_token
from deputy.postgres import EmbeddedPostgres, Role

Plane = Literal["control", "cell", "execution"]
START_S_MAX = 90.0
STOP_S_MAX = 30.0
LOOK_EVERY_S = 0.05


@contextmanager
def one_process() -> Iterator[Client]:
    """Run server, worker, gate, control and execution host in a thread of this process."""
    root = Path(tempfile.mkdtemp(prefix="deputy-one-"))
    up, told, failed = threading.Event(), asyncio.Event(), list[BaseException]()
    urls: list[str] = []
    loop = asyncio.new_event_loop()

    async def run() -> None:
        async with AsyncExitStack() as stack:
            urls.append(await _open_all(stack, root))
            up.set()
            await told.wait()

    def live() -> None:
        try:
            loop.run_until_complete(run())
        except BaseException as error:  # noqa: BLE001  told to the thread that waits
            failed.append(error)
        finally:
            up.set()

    thread = threading.Thread(target=live, name="deputy")
    thread.start()
    try:
        assert up.wait(START_S_MAX)
        if failed:
            raise failed[0]
        client = Client(urls[0], read_owner_token(StateDir(root).owner_token))
        with contextlib.closing(client):
            yield client
    finally:
        loop.call_soon_threadsafe(told.set)
        thread.join(STOP_S_MAX)
        loop.close()
        _remove(root)
    assert not failed, failed


async def _open_all(stack: AsyncExitStack, root: Path) -> str:
    settings, state = Settings(state_dir=root), StateDir(root)
    state.prepare(("control", "cell"))
    postgres = EmbeddedPostgres(root)
    stack.push_async_callback(postgres.stop)
    await postgres.start()
    await migrate_control(postgres.url(Role.OWNER, "control"))
    await migrate_cell(postgres.url(Role.OWNER, "cell"))
    async with open_control(state, postgres.url(Role.CONTROL)) as control:
        founded = await control.found("One process", "Owner")
    handover = Handover(
        org=founded.org,
        cell=founded.cell,
        owner=founded.owner,
        agent=founded.agent,
        cell_url=postgres.url(Role.CELL),
        control_url=postgres.url(Role.CONTROL),
    )
    parts = await stack.enter_async_context(open_cell(state, handover))
    model = chosen_model(settings, parts.ids)
    means = await stack.enter_async_context(open_means(parts, model, runtime_dir=None))
    found = services(parts)
    await stack.enter_async_context(parts.queue.app.open_async())
    listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    server = Server(create_app(found), found.tail)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    working = asyncio.create_task(Worker(means, parts.queue).run())

    async def end() -> None:
        server.should_exit = True
        working.cancel()
        await asyncio.gather(serving, working, return_exceptions=True)

    stack.push_async_callback(end)
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


@dataclass
class Split:
    """Three planes with a state folder each, and the cell's client."""

    root: Path
    ports: Mapping[str, int]
    processes: dict[Plane, subprocess.Popen[bytes]] = field(default_factory=dict)

    def state(self, plane: Plane) -> Path:
        """Give a plane's state folder."""
        return self.root / plane

    def start(self, plane: Plane) -> None:
        """Start a plane and wait until it is up."""
        ready = _READY[plane](self)
        words = [sys.executable, "-m", "deputy.cli", "serve", plane, *_INVITED[plane](self)]
        told = self.said(plane)
        with (self.root / f"{plane}.log").open("ab") as log:
            self.processes[plane] = subprocess.Popen(
                words, env=self._environment(plane), start_new_session=True, stderr=log
            )
        self.until_said(plane, ready, since=len(told))

    def said(self, plane: Plane) -> bytes:
        """Give what a plane said so far."""
        log = self.root / f"{plane}.log"
        return log.read_bytes() if log.exists() else b""

    def until_said(self, plane: Plane, words: str, *, since: int = 0) -> None:
        """Wait until a running plane says something."""
        deadline = time.monotonic() + START_S_MAX
        while words.encode() not in self.said(plane)[since:]:
            assert self.processes[plane].poll() is None, self.said(plane).decode()
            assert time.monotonic() < deadline, self.said(plane).decode()
            time.sleep(LOOK_EVERY_S)

    def kill(self, plane: Plane) -> None:
        """Kill everything of a plane, as a power cut would."""
        process = self.processes.pop(plane)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self, plane: Plane) -> None:
        """End a plane in order."""
        process = self.processes.pop(plane)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    @property
    def client(self) -> Client:
        """Give a client of the cell as it runs now."""
        there = running(self.state("cell"))
        assert there is not None
        return Client(there.url, read_owner_token(there.token_path))

    def _environment(self, plane: Plane) -> dict[str, str]:
        return {
            **os.environ,
            "DEPUTY_STATE_DIR": str(self.state(plane)),
            "DEPUTY_WIRE_PORT": str(self.ports.get(plane, 0)),
            "DEPUTY_API_PORT": str(self.ports["api"]),
        }


@contextmanager
def split() -> Iterator[Split]:
    """Run the three planes apart; everything is gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="deputy-split-"))
    made = Split(root, _free_ports("control", "cell", "api"))
    try:
        for plane in _READY:
            made.start(plane)
        yield made
    finally:
        for plane in ("execution", "cell", "control"):
            if plane in made.processes:
                made.stop(plane)
        for plane in ("cell", "control"):
            _remove(made.state(plane))
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def split_client() -> Iterator[Client]:
    """Run the three planes apart and give the cell's client."""
    with split() as planes, contextlib.closing(planes.client) as client:
        yield client


_READY: dict[Plane, Callable[[Split], str]] = {
    "control": lambda _: "The control plane is up",
    "cell": lambda _: "The cell is up",
    "execution": lambda _: "This execution host offers",
}
_INVITED: dict[Plane, Callable[[Split], list[str]]] = {
    "control": lambda _: [],
    "cell": lambda s: ["--invitation", str(s.state("control") / "invitations/cell.json")],
    "execution": lambda s: ["--invitation", str(s.state("cell") / "invitations/execution.json")],
}


def _free_ports(*names: str) -> dict[str, int]:
    """Give ports that are free now: a plane that starts again must be found where it was."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        return {name: s.getsockname()[1] for name, s in zip(names, sockets, strict=True)}


def _remove(state: Path) -> None:
    shutil.rmtree(EmbeddedPostgres(state).places.instance, ignore_errors=True)
    shutil.rmtree(state, ignore_errors=True)
