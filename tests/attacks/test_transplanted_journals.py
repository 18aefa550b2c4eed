"""Attacks on stored journals by somebody who may write every table: whole transplants."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from deputy.core.errors import JournalError
from deputy.core.messages import TypedPart
from deputy.journals import journal as journals
from deputy.journals.engines import libpq_url
from deputy.testing.scripts import says
from tests.agent.cells import open_cell
from tests.databases import Database


async def test_one_sessions_journal_never_passes_for_anothers(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: a header names its journal, and reading compares it with the one asked for."""
    async with open_cell(cell_database, tmp_path, [says("Done.")]) as cell:
        mine, turn = await cell.ask("Mine")
        other = await cell.sessions.open(cell.charlie)
        await cell.work(mine, turn)
        with psycopg.connect(libpq_url(cell_database.owner)) as connection:
            connection.execute("ALTER TABLE cell.events DISABLE TRIGGER ALL")
            connection.execute("DELETE FROM cell.events WHERE journal = %s", (other,))
            connection.execute(
                "INSERT INTO cell.events SELECT %s, seq, type, command, header FROM cell.events"
                " WHERE journal = %s",
                (other, mine),
            )
        with pytest.raises(JournalError, match="recorded elsewhere"):
            await cell.journal.read(other)


async def test_a_command_id_planted_on_an_entry_is_found_out(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: a planted id would make a later command look as if it had been given already."""
    async with open_cell(cell_database, tmp_path, [says("Done.")]) as cell:
        session, _ = await cell.ask()
        with psycopg.connect(libpq_url(cell_database.owner)) as connection:
            connection.execute("ALTER TABLE cell.events DISABLE TRIGGER ALL")
            connection.execute(
                "UPDATE cell.events SET command = %s WHERE journal = %s AND seq = 2",
                (cell.means.ids.new("cmd"), session),
            )
        with pytest.raises(JournalError, match="recorded elsewhere"):
            await cell.journal.read(session)


async def test_a_journal_longer_than_one_read_is_read_whole(
    cell_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wall: a stop behind very many events is still seen; nothing is cut off in silence."""
    monkeypatch.setattr(journals, "EVENTS_PER_READ_MAX", 3)
    async with open_cell(cell_database, tmp_path, [says("Done.")]) as cell:
        session, turn = await cell.ask()
        for number in range(8):
            more = [TypedPart(text=f"More {number}")]
            await cell.sessions.steer(session, turn, cell.alice, more)
        await cell.sessions.stop(session, turn, cell.alice)
        seq, known = await cell.journal.head(session)
        read = await cell.journal.read(session)
        assert (len(read), read[-1].hash) == (seq, known)
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert done.finished.outcome == "stopped"
