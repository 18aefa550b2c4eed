"""The process groups Deputy runs as: all in one, a control plane, a cell.

Owns which children a group has and what each of them is given. Must never start a process: the
supervisor does.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from deputy.agent.store import migrate_cell
from deputy.assemble import inviting
from deputy.assemble.cells import open_control
from deputy.assemble.handover import Handover
from deputy.assemble.places import Part, Plane, StateDir, require_idle
from deputy.assemble.supervisor import Child, Plan, Say, Supervisor, listen
from deputy.control.service import Founding
from deputy.control.store import migrate_control
from deputy.core.errors import InvalidRequestError
from deputy.postgres import EmbeddedPostgres, Role
from deputy.settings import Settings
from deputy.wire.invitations import Invitation
from deputy.wire.system import SystemClock

Prepare = Callable[[AsyncExitStack], Awaitable[Plan]]
WILDCARDS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  named to be told apart, not used
WIRE_PORTS: dict[Plane, int] = {"control": 8452, "cell": 8453}
ORGANISATION, OWNER = "Your organisation", "Owner"


class Group:
    """One state folder's planes, prepared for a supervisor."""

    def __init__(self, settings: Settings, say: Say, planes: Sequence[Plane]) -> None:
        self._settings = settings
        self._say = say
        self._planes = planes
        self._state = StateDir(settings.state_dir)
        self._part: Part = planes[0] if len(planes) == 1 else "all"
        self._postgres = EmbeddedPostgres(settings.state_dir, say=say, databases=planes)

    async def run_all(self) -> None:
        """Run everything on this machine over the same contracts, in few processes."""
        await self._supervised(self._all)

    async def run_control(self) -> None:
        """Run a control plane for cells that connect to it."""
        self._require_address()
        await self._supervised(self._control)

    async def run_cell(self, given: Path | None) -> None:
        """Run a cell of the control plane that invited it, for hosts that connect to it."""
        self._require_address()
        self._state.require("cell")
        self._state.prepare(self._planes)
        control = inviting.invited(self._state, given, "control")

        async def prepare(stack: AsyncExitStack) -> Plan:
            return await self._cell(stack, control)

        await self._supervised(prepare)

    def _require_address(self) -> None:
        host = self._settings.wire_host
        if host in WILDCARDS and self._settings.wire_url is None:
            raise InvalidRequestError(
                f"No other plane can find this one at {host!r}.",
                hint="Set DEPUTY_WIRE_URL to the address others use, such as wss://deputy.lan:8452",
            )

    async def _supervised(self, prepare: Prepare) -> None:
        require_idle(self._state)
        self._state.claim(self._part)
        self._state.prepare(self._planes)
        await Supervisor(self._settings, self._say, self._postgres).run(prepare)

    async def _all(self, stack: AsyncExitStack) -> Plan:
        founded = await self._founded()
        await migrate_cell(self._postgres.url(Role.OWNER, "cell"))
        handover = Handover(
            **_ids(founded),
            cell_url=self._postgres.url(Role.CELL),
            control_url=self._postgres.url(Role.CONTROL),
        )
        listening, url = self._api(stack)
        children = [
            Child("server", handover, listening),
            *self._followers(handover),
            *self._workers(handover),
        ]
        return Plan(children, f"Deputy is up at {url}", url)

    async def _control(self, stack: AsyncExitStack) -> Plan:
        founded = await self._founded()
        handover = Handover(**_ids(founded), control_url=self._postgres.url(Role.CONTROL))
        listening, url = self._wire(stack, "control")
        identity = inviting.identity(self._state, url, SystemClock())
        place = inviting.invite(
            self._state,
            "control",
            url,
            certificate=identity.certificate,
            ids=_ids(founded),
        )
        words = f"The control plane is up at {url}; to invite a cell, copy {place} to it"
        return Plan([Child("control", handover, listening)], words)

    async def _cell(self, stack: AsyncExitStack, control: Invitation) -> Plan:
        await migrate_cell(self._postgres.url(Role.OWNER, "cell"))
        wire, wire_url = self._wire(stack, "cell")
        identity = inviting.identity(self._state, wire_url, SystemClock())
        place = inviting.invite(self._state, "cell", wire_url, certificate=identity.certificate)
        # A worker enters by a door of its own: a host's token does not open it.
        hosts = Invitation(
            to="cell",
            url=wire_url,
            token=self._state.door_token("worker"),
            certificate=identity.certificate,
        )
        ids = Handover(**control.ids)
        server = ids.model_copy(update={"cell_url": self._postgres.url(Role.CELL)})
        worker = server.model_copy(update={"control": control, "hosts": hosts})
        listening, url = self._api(stack)
        children = [
            Child("server", server, listening),
            Child("switchboard", ids, wire),
            *self._followers(server),
            *self._workers(worker),
        ]
        words = f"The cell is up at {url}; to invite an execution host, copy {place} to it"
        return Plan(children, words, url)

    async def _founded(self) -> Founding:
        await migrate_control(self._postgres.url(Role.OWNER, "control"))
        async with open_control(self._state, self._postgres.url(Role.CONTROL)) as control:
            return await control.found(ORGANISATION, OWNER)

    def _workers(self, handover: Handover) -> list[Child]:
        return [Child("worker", handover) for _ in range(self._settings.workers)]

    def _followers(self, handover: Handover) -> list[Child]:
        return [Child("telemetry", handover)] if self._settings.otel_url else []

    def _api(self, stack: AsyncExitStack) -> tuple[socket.socket, str]:
        host = self._settings.api_host
        listening = listen(host, self._settings.api_port, setting="DEPUTY_API_PORT")
        stack.enter_context(listening)
        return listening, f"http://{host}:{listening.getsockname()[1]}"

    def _wire(self, stack: AsyncExitStack, plane: Plane) -> tuple[socket.socket, str]:
        host, port = self._settings.wire_host, self._settings.wire_port
        wanted = WIRE_PORTS[plane] if port is None else port
        listening = listen(host, wanted, setting="DEPUTY_WIRE_PORT")
        stack.enter_context(listening)
        url = self._settings.wire_url or f"wss://{host}:{listening.getsockname()[1]}"
        return listening, url.rstrip("/")


def _ids(founded: Founding) -> dict[str, str]:
    return {
        "org": founded.org,
        "cell": founded.cell,
        "owner": founded.owner,
        "agent": founded.agent,
    }
