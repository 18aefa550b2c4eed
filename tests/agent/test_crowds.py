"""Many turns at the same time in one worker."""

import asyncio
from pathlib import Path

from deputy.core.calls import CodeCall, CodeResult
from deputy.journals.engines import CONNECTIONS_MAX
from deputy.testing.scripts import calls, says
from tests.agent.cells import done, open_cell
from tests.databases import Database

TURNS = CONNECTIONS_MAX - 1
REPLIES = [calls(("code.run", {"code": "print(1)"})), says("One.")]


async def test_turns_that_keep_all_connections_but_one_all_come_to_their_end(
    cell_database: Database, tmp_path: Path
) -> None:
    everyone = asyncio.Barrier(TURNS)

    async def together(call: CodeCall) -> CodeResult:
        # Nobody's code ends before everybody's runs: all of them keep their connection.
        await everyone.wait()
        return done(call)

    async with open_cell(cell_database, tmp_path, REPLIES) as cell:
        cell.host.result = together
        asked = [await cell.ask() for _ in range(TURNS)]
        turns = await asyncio.gather(*(cell.work(*each) for each in asked))
    assert [turn.status for turn in turns] == ["finished"] * TURNS
