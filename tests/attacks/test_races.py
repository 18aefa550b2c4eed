"""Attacks by doing things at once: two answers to one question, two uploads of one name."""

from __future__ import annotations

import asyncio
from pathlib import Path

from deputy.core import holds
from deputy.core.errors import ConflictError
from deputy.core.messages import TypedPart
from deputy.testing.scripts import calls, says
from tests.agent.cells import Cell, open_cell
from tests.databases import Database

RUN = calls(("code.run", {"code": "print(1)"}))
HOLD_CODE = """
@id("look-first") @reason("Somebody looks at code first.") @approval("owner")
forbid (principal, action, resource) when { context.tool == "code.run" }
unless { context.approved };
"""


async def test_of_answers_given_at_once_one_counts_and_the_others_are_refused(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: an answer is recorded behind exactly the state it was given to."""
    async with open_cell(cell_database, tmp_path, [RUN, says("Done.")], rules=HOLD_CODE) as cell:
        session, turn = await cell.ask()
        parked = await cell.work(session, turn)
        (held,) = holds.held(parked)
        shown = holds.shown_digest(parked, held)
        given = await asyncio.gather(
            *(
                cell.sessions.answer(
                    session, turn, held.id, cell.alice, approve=approve, shown=shown
                )
                for approve in (True, False, True, False)
            ),
            return_exceptions=True,
        )
        assert given.count(None) == 1
        assert sum(isinstance(g, ConflictError) for g in given) == 3
        assert (await cell.types(session)).count("approval.answered") == 1


async def test_uploads_of_one_name_at_once_get_a_place_each(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: none of them silently replaces another in the tree."""
    async with open_cell(cell_database, tmp_path, []) as cell:
        session = await cell.sessions.open(cell.alice)
        kept = await asyncio.gather(
            *(
                cell.sessions.upload(session, cell.alice, name="a.csv", raw=b"%d" % number)
                for number in range(4)
            )
        )
        assert len({file.path for file in kept}) == 4
        assert {e.digest for e in (await cell.state(session)).tree.entries} == {
            file.digest for file in kept
        }


async def test_one_upload_command_sent_twice_at_once_is_one_file(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: the command id decides, whichever request comes through first."""
    async with open_cell(cell_database, tmp_path, []) as cell:
        session, command = await cell.sessions.open(cell.alice), cell.means.ids.new("cmd")
        kept = await asyncio.gather(
            *(
                cell.sessions.upload(session, cell.alice, name="a.csv", raw=b"1", command=command)
                for _ in range(3)
            )
        )
        assert len({file.id for file in kept}) == 1


async def test_words_added_while_a_turn_ends_are_read_before_it_ends(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: the end is recorded behind the state it follows from, or not at all."""
    async with open_cell(cell_database, tmp_path, [says("Done."), says("Done again.")]) as cell:
        session, turn = await cell.ask()
        steer_when_the_receipt_is_kept(cell, session, turn)
        done = await cell.work(session, turn)
        assert len(done.said) == 2
        assert done.finished is not None
        assert done.finished.text == "Done again."
        assert len(cell.model.asked) == 2


def steer_when_the_receipt_is_kept(cell: Cell, session: str, turn: str) -> None:
    """Add words in the last moment before the end is recorded."""
    blobs = cell.means.blobs
    put, said = blobs.put, []

    async def put_late(raw: bytes) -> str:
        if b'"outcome"' in raw and not said:
            said.append(raw)
            more = [TypedPart(text="And by month")]
            await cell.sessions.steer(session, turn, cell.alice, more)
        return await put(raw)

    blobs.put = put_late  # type: ignore[method-assign]
