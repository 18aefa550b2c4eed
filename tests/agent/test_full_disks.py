"""A turn on a full disk: it waits, says for what, and goes on by itself once there is space."""

from __future__ import annotations

from pathlib import Path

from deputy.agent.worker import BACKOFF_S
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.errors import HostLostError, SandboxUnavailableError
from deputy.core.moves import ATTEMPTS_MAX
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


@requirement("R067")
async def test_a_turn_outwaits_a_host_that_can_record_no_start_however_often_it_is_tried(
    cell_database: Database, tmp_path: Path
) -> None:
    full = iter(range(3 * ATTEMPTS_MAX))

    def on_a_full_disk(call: CodeCall) -> CodeResult:
        if next(full, None) is not None:
            raise SandboxUnavailableError("No space left.", hint="Free space.", code="host.full")
        return worked(call)

    async with open_cell(cell_database, tmp_path, REPLIES, result=on_a_full_disk) as cell:
        session, turn = await cell.ask()
        for _ in range(3 * ATTEMPTS_MAX):
            waiting = await cell.work(session, turn)
            assert waiting.rests is not None
            assert (waiting.rests.code, waiting.rests.hint) == ("host.full", "Free space.")
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert done.finished.outcome == "verified"


async def test_a_call_that_loses_every_host_is_given_up(
    cell_database: Database, tmp_path: Path
) -> None:
    def lost(call: CodeCall) -> CodeResult:
        raise HostLostError("The host went away.", hint="It is started again.")

    async with open_cell(cell_database, tmp_path, REPLIES, result=lost) as cell:
        session, turn = await cell.ask()
        for _ in range(ATTEMPTS_MAX):
            assert (await cell.work(session, turn)).finished is None
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert done.finished.code == "call.unfinished"


async def _undisturbed(database: Database, folder: Path) -> object:
    async with open_cell(database, folder, REPLIES, result=worked, start=10**8) as cell:
        session, turn = await cell.ask()
        await cell.work(session, turn)
        return comparable(await cell.state(session))
