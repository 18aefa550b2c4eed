"""The same plain requests as the plan tests, from words to verified files, in the real sandbox."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deputy.agent.models.builtin import Builtin
from deputy.agent.models.permitted import Permitted
from deputy.agent.worker import Worker
from deputy.core.messages import FilePart, TypedPart
from deputy.execution import runtimes
from deputy.execution.host import ExecutionHost
from tests.agent.cells import Cell, open_cell
from tests.agent.playbooks.files import write_all
from tests.agent.playbooks.schemas import NOW_US, SALES, SPEND, TICKETS
from tests.agent.playbooks.test_plans import CASES
from tests.databases import Database
from tests.requirement import requirement

TABLES = [SALES.path, TICKETS.path, SPEND.path]
TIMEOUT_S = 600


def words_for(path: str) -> list[str]:
    """Give the phrasings tried on a table."""
    return [str(words) for table, words, _ in CASES if table.path == path]


@requirement("R083", "R301")
@pytest.mark.timeout(TIMEOUT_S)
@pytest.mark.parametrize("path", TABLES)
async def test_twelve_phrasings_of_each_table_end_as_verified_files(
    cell_database: Database, tmp_path: Path, path: str
) -> None:
    phrasings = words_for(path)
    assert len(phrasings) >= 12
    await _all_end_verified(cell_database, tmp_path, path, phrasings)


async def _all_end_verified(
    database: Database, folder: Path, path: str, phrasings: list[str]
) -> None:
    file = write_all(folder)[path]
    async with open_cell(database, folder, []) as cell:
        cell.clock.step(NOW_US)
        host = ExecutionHost(
            cell.host.name,
            gate=cell.means.gate.permits.public,
            clock=cell.clock,
            starts=folder / "starts",
            runtimes={"data": runtimes.find("data")},
        )
        model = Permitted(Builtin(cell.means.ids), cell.means.model.guard)
        worker = Worker(replace(cell.means, model=model, executor=host), cell.queue)
        try:
            ended = {words: await _ended(cell, worker, file, words) for words in phrasings}
        finally:
            await host.close()
    assert ended == dict.fromkeys(phrasings, "verified")


async def _ended(cell: Cell, worker: Worker, file: Path, words: str) -> str:
    session = await cell.sessions.open(cell.alice)
    brought = await cell.sessions.upload(session, cell.alice, name=file.name, raw=file.read_bytes())
    said = [TypedPart(text=words), FilePart(file=brought.id)]
    turn = await cell.sessions.open_turn(session, cell.alice, said)
    await worker.work(session, turn)
    done = (await cell.state(session)).turns[turn].finished
    assert done is not None
    return done.outcome if done.outcome == "verified" else f"{done.outcome}: {done.text}"
