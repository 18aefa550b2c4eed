"""An API process that is killed with -9 at one boundary of a command.

Run as `python -m tests.interaction.killed_server DESCRIPTOR` with a JSON object on standard input;
the listening socket is inherited, as a supervisor hands it on.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deputy.agent.approvals import OwnerApproves
from deputy.agent.sessions import Sessions
from deputy.interaction.api.app import Services, create_app
from deputy.interaction.server import Server
from deputy.interaction.signin import Tokens
from deputy.interaction.stream import Tail
from deputy.journals.engines import libpq_url
from tests.agent.boundaries import StruckJournal
from tests.agent.cells import open_cell
from tests.agent.evidence import sample
from tests.databases import Database
from tests.interaction.sites import ALICES


async def main(order: dict[str, Any]) -> None:
    """Serve until the boundary is reached."""
    database, folder = Database("", "", order["url"]), Path(order["folder"])
    async with open_cell(database, folder, [], start=order["start"]) as cell:
        journal: Any = StruckJournal(cell.journal, 1, order["when"], _die)
        sessions = Sessions(
            journal,
            cell.means.blobs,
            cell.queue,
            OwnerApproves(),
            cell.means.ids,
            states=cell.means.states,
            agent=sample.AGENT,
        )
        tail = Tail(libpq_url(database.role))
        services = Services(
            sessions=sessions,
            blobs=cell.means.blobs,
            signin=Tokens.of({ALICES: cell.alice.sub}),
            tail=tail,
            ready=_ready,
            version="0.0.test",
        )
        with socket.socket(fileno=int(sys.argv[1])) as listening:
            await Server(create_app(services), tail).serve(sockets=[listening])


async def _ready() -> Mapping[str, str]:
    return {}


async def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(json.load(sys.stdin)))
