"""Control behind a network that stands still: decisions stop in time and go on by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from deputy.agent.blobs import LocalBlobs
from deputy.agent.gate import Gate
from deputy.core.authority import HEARTBEAT_AGE_S_MAX
from deputy.core.ports import Authority
from deputy.wire.control import CELLS_DOOR, RemoteAuthority, serve_cell
from deputy.wire.links import Door, Link
from deputy.wire.system import SystemClock
from tests.agent.cells import Cell, open_cell
from tests.databases import Database
from tests.wire.planes import TOKEN, planes, proxied_to

FORGOTTEN, THAWED = "forgotten", "thawed"
GOES_ON_S_MAX = 6.0


@pytest.mark.slow
@pytest.mark.parametrize("how", [FORGOTTEN, THAWED])
async def test_decisions_stop_while_control_is_frozen_and_go_on_after_it_without_repair(
    cell_database: Database, tmp_path: Path, how: str
) -> None:
    async with open_cell(cell_database, tmp_path, []) as cell:

        async def door(link: Link) -> None:
            await serve_cell(link, cell.authority)

        async with (
            planes([Door(CELLS_DOOR, TOKEN, door)]) as invitation,
            proxied_to(invitation) as (to, proxy),
        ):
            remote = RemoteAuthority(to)
            gate = listening_gate(cell, remote, tmp_path)
            await gate.open()
            try:
                await until(lambda: gate.hears, 5)
                proxy.freeze()
                began = monotonic()
                await until(lambda: not gate.hears, 10)
                assert monotonic() - began < HEARTBEAT_AGE_S_MAX + 0.5
                # Links that were tried meanwhile and hang are of no account.
                await asyncio.sleep(5)
                assert not gate.hears
                began = monotonic()
                if how == FORGOTTEN:
                    proxy.forget()
                else:
                    proxy.thaw()
                await until(lambda: gate.hears, 20)
                assert monotonic() - began < GOES_ON_S_MAX
            finally:
                await gate.close()
                await remote.close()


def listening_gate(cell: Cell, authority: Authority, folder: Path) -> Gate:
    """Make a gate of a cell that asks over a link, on real time."""
    return Gate(
        cell=cell.authority.current.cell,
        control=cell.authority.key.public,
        permits=cell.means.gate.permits,
        authority=authority,
        blobs=LocalBlobs(folder / "gate"),
        clock=SystemClock(),
    )


async def until(holds: Callable[[], bool], within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while not holds():
            await asyncio.sleep(0.01)
