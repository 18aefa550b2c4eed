"""A turn on a full disk: it waits, says for what, and goes on by itself once there is space."""

from __future__ import annotations

from pathlib import Path

from deputy.agent.worker import BACKOFF_S
from deputy.core.calls import CodeCall, CodeResult
from deputy.testing.comparing import comparable
from tests.agent.cells import open_cell
from tests.agent.scripts import REPLIES, worked
from tests.databases import Database
from tests.disks import fill, free, small_disk
from tests.requirement import requirement


@requirement("R067")
async def test_a_turn_on_a_full_disk_says_so_and_goes_on_when_there_is_space(
    cell_database: Database, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "blobs") as disk:
        moments = iter([lambda: fill(disk)])

        def while_it_fills(call: CodeCall) -> CodeResult:
            if "write" in call.code:
                next(moments, lambda: None)()
            return worked(call)

        async with open_cell(cell_database, tmp_path, REPLIES, result=while_it_fills) as cell:
            session, turn = await cell.ask()
            waiting = await cell.work(session, turn)
            assert waiting.status == "running"
            assert waiting.rests is not None
            assert waiting.rests.code == "blobs.disk_full"
            assert "Free space" in waiting.rests.hint
            free(disk)
            cell.clock.advance(BACKOFF_S[0])
            done = await cell.work(session, turn)
            assert done.finished is not None
            assert (done.finished.outcome, done.rests) == ("verified", None)
            assert len(done.delivered) == 1
            after = comparable(await cell.state(session))
        free_state = await _undisturbed(cell_database, tmp_path / "calm")
    assert after == free_state


async def _undisturbed(database: Database, folder: Path) -> object:
    async with open_cell(database, folder, REPLIES, result=worked, start=10**8) as cell:
        session, turn = await cell.ask()
        await cell.work(session, turn)
        return comparable(await cell.state(session))
