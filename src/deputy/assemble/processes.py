"""The processes of a Deputy: API server, worker, control server, switchboard, execution host.

Owns what one child does from its start to its end. Must never start another process.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from deputy import __version__
from deputy.agent.worker import Worker
from deputy.assemble import descriptors, inviting, logs
from deputy.assemble.cells import Parts, open_cell, open_control, open_host, open_means
from deputy.assemble.handover import Handover, handed_over
from deputy.assemble.models import chosen_model
from deputy.assemble.places import StateDir
from deputy.assemble.telemetry import follow
from deputy.interaction.api.app import Services, create_app
from deputy.interaction.server import Server
from deputy.interaction.signin import OwnerToken, read_owner_token
from deputy.interaction.stream import Tail
from deputy.journals.engines import libpq_url
from deputy.settings import Settings
from deputy.wire.control import CELLS_DOOR, serve_cell
from deputy.wire.hosts import (
    CALLS_DOOR,
    CALLS_LOOK,
    HOSTS_DOOR,
    HOSTS_LOOK,
    Reach,
    Switchboard,
    keep_slot,
)
from deputy.wire.invitations import Invitation
from deputy.wire.links import Door, Link, listening

COLLECT_AFTER = (50_000, 20, 100)
"""New values before a young round, young rounds before a middle one, those before a whole one."""


def serve(settings: Settings) -> None:
    """Answer the API until told to stop. The listening socket is inherited."""
    logs.begin(settings)
    asyncio.run(_serve(settings, handed_over()))


def work(settings: Settings) -> None:
    """Work on turns until told to stop."""
    logs.begin(settings)
    asyncio.run(_until_told(_work(settings, handed_over())))


def control(settings: Settings) -> None:
    """Answer cells as their control plane until told to stop."""
    logs.begin(settings)
    asyncio.run(_until_told(_control(settings, handed_over())))


def switchboard(settings: Settings) -> None:
    """Join workers' calls to execution hosts until told to stop."""
    logs.begin(settings)
    handed_over()
    asyncio.run(_until_told(_switchboard(settings)))


def execute(settings: Settings, cell: Invitation, say: Callable[[str], None]) -> None:
    """Be an execution host of a cell until told to stop; raises if no sandbox can stand."""
    logs.begin(settings)
    asyncio.run(_until_told(_execute(settings, cell, say)))
    say("Deputy is stopping")


def export(settings: Settings) -> None:
    """Tell a collector of finished turns until told to stop."""
    logs.begin(settings)
    asyncio.run(_until_told(follow(settings, handed_over())))


async def _serve(settings: Settings, handover: Handover) -> None:
    state, clients_max = StateDir(settings.state_dir), descriptors.use_all()
    async with open_cell(state, handover, durable=settings.synchronous_commit) as parts:
        found = services(parts)
        _spare_pauses()
        async with parts.queue.app.open_async():
            with socket.socket(fileno=int(sys.argv[2])) as listening:
                server = Server(create_app(found), found.tail, clients_max=clients_max)
                await server.serve(sockets=[listening])


def services(parts: Parts) -> Services:
    """Give what the API of a cell is built from."""
    token = read_owner_token(parts.state.owner_token)
    return Services(
        sessions=parts.sessions(),
        blobs=parts.blobs,
        signin=OwnerToken(token, parts.handover.owner),
        tail=Tail(libpq_url(parts.handover.cell_url)),
        ready=_readiness(parts),
        version=__version__,
    )


async def _work(settings: Settings, handover: Handover) -> None:
    state, durable = StateDir(settings.state_dir), settings.synchronous_commit
    async with (
        open_cell(state, handover, durable=durable, turns=settings.turns) as parts,
        open_means(
            parts, chosen_model(settings, parts.ids), runtime_dir=settings.runtime_dir
        ) as means,
    ):
        _spare_pauses()
        await Worker(means, parts.queue).run()


async def _control(settings: Settings, handover: Handover) -> None:
    state = StateDir(settings.state_dir)
    async with open_control(state, handover.control_url) as service:

        async def cell(link: Link) -> None:
            await serve_cell(link, service)

        await _listen(state, Door(CELLS_DOOR, state.door_token("cell"), cell))


async def _switchboard(settings: Settings) -> None:
    state, board = StateDir(settings.state_dir), Switchboard()
    await _listen(
        state,
        Door(HOSTS_DOOR, state.door_token("execution"), board.host),
        Door(HOSTS_LOOK, state.door_token("execution"), board.look),
        Door(CALLS_DOOR, state.door_token("worker"), board.worker),
        Door(CALLS_LOOK, state.door_token("worker"), board.look),
    )


async def _execute(settings: Settings, cell: Invitation, say: Callable[[str], None]) -> None:
    state, slots = StateDir(settings.state_dir), settings.slots
    async with open_host(state, cell.key("gate"), runtime_dir=settings.runtime_dir) as host:
        await host.require_walls()
        many = "1 slot" if slots == 1 else f"{slots} slots"
        say(f"This execution host offers {many} to the cell at {cell.url}")
        async with asyncio.TaskGroup() as group:
            reach = Reach()
            for _ in range(slots):
                group.create_task(keep_slot(cell, host, reach))


async def _listen(state: StateDir, *doors: Door) -> None:
    """Serve doors on the inherited socket until cancelled."""
    identity = inviting.known_identity(state)
    descriptors.use_all()
    with socket.socket(fileno=int(sys.argv[2])) as inherited:
        async with listening(inherited, identity, doors):
            await asyncio.Event().wait()


def _spare_pauses() -> None:
    """Keep what stays for good out of the garbage collector's rounds, and make these rare.

    A process holds hundreds of thousands of values that never change (modules, folded sessions).
    Looked through whole, again and again, they stop every answer for a moment.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


async def _until_told(work: Awaitable[None]) -> None:
    """Run until SIGTERM or SIGINT, then end the work in order."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


def _readiness(parts: Parts) -> Callable[[], Awaitable[Mapping[str, str]]]:
    async def ready() -> Mapping[str, str]:
        return {
            "database": await _database(parts),
            "blobs": _writable(parts.state.blobs),
        }

    return ready


async def _database(parts: Parts) -> str:
    try:
        async with parts.journal.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return f"cannot be reached: {type(error).__name__}. Deputy reconnects by itself."
    return "ok"


def _writable(folder: Path) -> str:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".ready"
        probe.write_bytes(b"ok")
        probe.unlink()
    except OSError as error:
        return f"cannot be written: {error.strerror}. Free space or mend the folder's rights."
    return "ok"
