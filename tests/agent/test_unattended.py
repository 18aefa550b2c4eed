"""Turns that nobody watches, and briefs that people change while work goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deputy.core import holds
from deputy.core.brief import Brief
from deputy.core.errors import ConflictError, InvalidRequestError
from deputy.core.messages import BriefMessage, TypedPart
from deputy.testing.scripts import calls, says
from tests.agent.cells import Cell, open_cell
from tests.agent.scripts import BRIEF, CSV, REPLIES, worked
from tests.databases import Database
from tests.requirement import requirement

QUESTION = {"question": "Net or gross?", "options": ["net", "gross"], "changes": "figure"}
ASKS = calls(("ask", QUESTION))


async def asked(cell: Cell, **how: Any) -> tuple[str, str]:
    session = await cell.sessions.open(cell.alice)
    parts = [TypedPart(text="Sales by region")]
    return session, await cell.sessions.open_turn(session, cell.alice, parts, **how)


@requirement("R016")
async def test_an_unattended_question_waits_for_its_owners_words_and_the_turn_goes_on(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [ASKS, says("Net it is.")]) as cell:
        session, turn = await asked(cell, unattended=True)
        parked = await cell.work(session, turn)
        (held,) = holds.held(parked)
        assert (parked.status, held.decision.reason) == ("parked", "Net or gross?")  # type: ignore[union-attr]
        (waiting,), _ = await cell.sessions.waiting(cell.alice)
        assert waiting.call.id == held.id
        shown = holds.shown_digest(parked, held)
        answer = {"approve": True, "shown": shown}
        with pytest.raises(InvalidRequestError, match="in words"):
            await cell.sessions.answer(session, turn, held.id, cell.alice, **answer)
        await cell.sessions.answer(
            session, turn, held.id, cell.alice, **answer, reason="net of tax"
        )
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert (done.finished.outcome, done.finished.text) == ("answered", "Net it is.")
        told = done.calls[held.id].returned
        assert told is not None
        assert told.content["answer"] == "net of tax"


async def test_an_attended_question_and_a_harmless_one_wait_for_nobody(
    cell_database: Database, tmp_path: Path
) -> None:
    harmless = calls(("ask", {**QUESTION, "changes": "nothing"}))
    async with open_cell(cell_database, tmp_path, [ASKS, harmless, says("So?")]) as cell:
        done = await cell.work(*await asked(cell))
        told = [c.returned.content["advice"] for c in done.calls.values() if c.returned]
        assert done.status == "finished"
        assert "as your answer" in told[0]
        cell.model.replies = [harmless, says("Done.")]
        done = await cell.work(*await asked(cell, unattended=True))
        (told,) = [c.returned.content["advice"] for c in done.calls.values() if c.returned]
        assert (done.status, "as an assumption" in told) == ("finished", True)


async def test_a_brief_edited_by_its_requester_is_told_and_binds_the_model(
    cell_database: Database, tmp_path: Path
) -> None:
    edited = Brief.model_validate({**BRIEF, "assumptions": ["net of tax"]})
    rewrites = calls(("brief.write", {**BRIEF, "goal": "Something else"}))
    script = [rewrites, says("I keep to it.")]
    async with open_cell(cell_database, tmp_path, script) as cell:
        session, turn = await asked(cell, brief=edited)
        with pytest.raises(ConflictError, match="version 1"):
            await cell.sessions.edit_brief(session, turn, cell.alice, edited, version=0)
        goal = edited.model_copy(update={"goal": "Count the rows, net"})
        assert await cell.sessions.edit_brief(session, turn, cell.alice, goal, version=1) == 2
        done = await cell.work(session, turn)
        (refused,) = (c.returned for c in done.calls.values())
        assert refused is not None
        assert "stay as they are" in refused.content["reason"]
        assert [v.edited for v in done.briefs] == [True, True]
        seen = [m for m in cell.model.asked[0].messages if isinstance(m, BriefMessage)]
        assert [m.brief["goal"] for m in seen] == ["Count the rows", "Count the rows, net"]


async def test_the_brief_of_an_ended_turn_and_one_that_cannot_be_checked_are_not_taken(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, REPLIES, result=worked) as cell:
        session, turn = await asked(cell)
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert done.finished.outcome == "verified"
        own = Brief.model_validate(BRIEF)
        with pytest.raises(ConflictError, match="ended"):
            await cell.sessions.edit_brief(session, turn, cell.alice, own, version=1)
        bad = {"id": "x", "text": "It is nice", "check": "is.nice", "target": CSV}
        with pytest.raises(ConflictError, match="no check"):
            await asked(cell, brief=Brief.model_validate({**BRIEF, "criteria": [bad]}))
