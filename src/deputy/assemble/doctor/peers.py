"""Peers: whether the other planes are reached from here.

Owns one question to each plane that this one works with. Must never take work from anyone: it asks
where no slot is taken and nothing is started.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Coroutine

from deputy.assemble.doctor.facts import Peer, Trouble
from deputy.assemble.inviting import invited
from deputy.assemble.places import Part, StateDir
from deputy.core.errors import DeputyError
from deputy.wire.authority import read_extract
from deputy.wire.control import RemoteAuthority
from deputy.wire.hosts import CALLS_LOOK, HOSTS_LOOK, count_slots
from deputy.wire.invitations import read_invitation

ANSWER_S_MAX = 8.0


def peers(state: StateDir, part: Part | None, *, up: bool) -> tuple[Peer, ...]:
    """Ask the planes that this one dials; a cell that does not run has no hosts to count."""
    if part == "cell":
        hosts = (_asked("Execution hosts", _hosts(state)),) if up else ()
        return (_asked("Control plane", _control(state)), *hosts)
    if part == "execution":
        return (_asked("Cell", _cell(state)),)
    return ()


def _asked(name: str, question: Coroutine[None, None, str]) -> Peer:
    async def answer() -> str:
        async with asyncio.timeout(ANSWER_S_MAX):
            return await question

    try:
        # Whoever looks may be inside a running loop of its own.
        with concurrent.futures.ThreadPoolExecutor(1) as aside:
            return Peer(name, aside.submit(asyncio.run, answer()).result())
    except DeputyError as error:
        return Peer(name, "", Trouble(error.message, error.hint))
    except TimeoutError:
        cure = "Look at its log, and at the network between."
        return Peer(name, "", Trouble("no answer in time", cure))


async def _control(state: StateDir) -> str:
    invitation = invited(state, None, "control")
    authority = RemoteAuthority(invitation)
    try:
        read_extract(invitation.key("control"), await authority.extract())
    finally:
        await authority.close()
    return f"reached at {invitation.url}"


async def _hosts(state: StateDir) -> str:
    own = read_invitation(state.invitations / "execution.json", to="cell")
    # Entered as a worker: what was given to a host opens nothing but the hosts' door.
    cell = own.model_copy(update={"token": state.door_token("worker")})
    slots, free = await count_slots(cell, CALLS_LOOK)
    if not slots:
        raise DeputyError(
            "none is connected, so no code can run",
            hint="Start one with `deputy serve execution`; if one runs, ask its own doctor.",
        )
    return f"connected with {slots} slot{'' if slots == 1 else 's'}, {free} free"


async def _cell(state: StateDir) -> str:
    cell = invited(state, None, "cell")
    await count_slots(cell, HOSTS_LOOK)
    return f"reached at {cell.url}"
