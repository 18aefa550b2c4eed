"""Whole turns on a real cell, answered by a provider on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import structlog.testing
from sqlalchemy import select

from deputy.agent.models.permitted import Permitted
from deputy.agent.store import timers
from deputy.agent.worker import Worker
from deputy.core.canonical import canonical
from deputy.core.folds import fold
from deputy.core.messages import ModelReply
from deputy.core.moves import ATTEMPTS_MAX
from deputy.core.session import MODEL_TOOL, Turn
from tests.agent import scripts
from tests.agent.cells import Cell, open_cell
from tests.agent.models.desks import (
    WIRES,
    Answer,
    Desk,
    OpenAIWire,
    Wire,
    broken,
    open_desk,
    refused,
)
from tests.agent.models.test_providers import KEY, both, model_at
from tests.databases import Database
from tests.requirement import requirement

OPENAI = OpenAIWire()


def spoken(wire: Wire, reply: ModelReply) -> Answer:
    """Give a written reply as a provider sends it."""
    asked = [(c.tool.replace(".", "_"), canonical(c.args).decode()) for c in reply.calls]
    return wire.says(reply.text, *asked)


@asynccontextmanager
async def answered_by(
    wire: Wire, database: Database, folder: Path, *answers: Answer
) -> AsyncIterator[tuple[Cell, Desk]]:
    """Open a cell whose worker asks a provider on loopback."""
    async with (
        open_desk(*answers) as desk,
        open_cell(database, folder, [], result=scripts.worked) as cell,
    ):
        permitted = Permitted(model_at(desk, wire), cell.means.model.guard)  # type: ignore[arg-type]
        cell.means = replace(cell.means, model=permitted)
        cell.worker = Worker(cell.means, cell.queue)
        yield cell, desk


def ended(turn: Turn) -> tuple[str, str | None]:
    assert turn.finished is not None
    return turn.finished.outcome, turn.finished.code


@both
@requirement("R028", "R030", "R142")
async def test_a_turn_runs_code_and_hands_over_checked_files_by_a_providers_model(
    wire: Wire, cell_database: Database, tmp_path: Path
) -> None:
    answers = [spoken(wire, reply) for reply in scripts.REPLIES]
    with structlog.testing.capture_logs() as logs:
        async with answered_by(wire, cell_database, tmp_path, *answers) as (cell, desk):
            session, turn = await cell.ask()
            done = await cell.work(session, turn)
            assert ended(done) == ("verified", None)
            assert len(desk.asked) == len(scripts.REPLIES)
            assert "One row" not in wire.words(desk.asked[0])
            assert done.spent.tokens == 4 * 1_200
            assert done.spent.cost_micros == 4 * (1_000 * 2 + 200 * 10)
            assert done.finished is not None
            receipt = await cell.means.blobs.get(done.finished.receipt)
            named = f'"name":"{wire.scheme}:desk","place":"outside","replies":4,"tokens":4800'
            assert named.encode() in receipt
            events = await cell.journal.read(session)
            told = [e.body.model_dump_json() for e in events]  # type: ignore[union-attr]
            assert {c for c in done.calls if c in receipt.decode()} == set(done.calls)
    written = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    everything = written + receipt + f"{told}{events!r}{logs}{cell.means!r}".encode()
    assert KEY.encode() not in everything


@requirement("R028")
async def test_a_flawed_call_is_told_to_the_model_and_never_asked_of_the_gate(
    cell_database: Database, tmp_path: Path
) -> None:
    half = OPENAI.says("I look.", ("code_run", '{"code": "pri'), ("mail_send", '{"to": "x"}'))
    whole = OPENAI.says("Again.", ("code_run", '{"code": "print(1)"}'))
    answers = (half, whole, OPENAI.says("One row."))
    async with answered_by(OPENAI, cell_database, tmp_path, *answers) as (cell, desk):
        session, turn = await cell.ask()
        done = await cell.work(session, turn)
        assert ended(done) == ("answered", None)
        first, unknown, second = done.calls.values()
        for flawed in (first, unknown):
            assert flawed.decision is None
            assert flawed.attempts == 0
            assert flawed.returned is not None
            assert flawed.returned.status == "error"
        assert second.attempts == 1
        assert len(cell.host.started) == 1
        words = OPENAI.words(desk.asked[1])
        assert "could not be read, so nothing ran" in words
        assert "There is no tool called 'mail_send'" in words
        events = await cell.journal.read(session)
        assert fold(events).turns[turn] == done


async def test_a_turn_outlives_a_long_outage_of_its_provider(
    cell_database: Database, tmp_path: Path
) -> None:
    down = [refused(503, "overloaded_error")] * 4 * (ATTEMPTS_MAX + 2)
    async with answered_by(OPENAI, cell_database, tmp_path, *down, OPENAI.says("Back.")) as (
        cell,
        _desk,
    ):
        session, turn = await cell.ask()
        for _ in range(ATTEMPTS_MAX + 2):
            resting = await cell.work(session, turn)
            assert resting.status == "running"
            async with cell.journal.engine.connect() as connection:
                due = (await connection.execute(select(timers.c.due_us))).scalar_one()
            assert due > cell.clock.now_us()
            cell.clock.advance(301)
        done = await cell.work(session, turn)
        assert ended(done) == ("answered", None)
        (step,) = done.steps
        assert step.model.attempts == step.model.failures + 1 == ATTEMPTS_MAX + 3
        events = await cell.journal.read(session)
        lost = [e for e in events if e.header.type == "call.returned"]
        assert {e.body.tool for e in lost} == {MODEL_TOOL}  # type: ignore[union-attr]
        assert done.working_us < 60 * 1_000_000, "a turn that rests does not age"


async def test_a_refused_key_ends_the_turn_with_its_cure_and_without_the_key(
    cell_database: Database, tmp_path: Path
) -> None:
    answer = refused(401, "invalid_api_key", f"Incorrect key: {KEY}")
    with structlog.testing.capture_logs() as logs:
        async with answered_by(OPENAI, cell_database, tmp_path, answer) as (cell, desk):
            session, turn = await cell.ask()
            done = await cell.work(session, turn)
            assert ended(done) == ("failed", "model.refused")
            assert done.finished is not None
            assert "DEPUTY_MODEL_KEY_FILE" in (done.finished.hint or "")
            assert len(desk.asked) == 1
            receipt = await cell.means.blobs.get(done.finished.receipt)
            events = await cell.journal.read(session)
    assert KEY not in f"{receipt!r}{events!r}{logs}"


@pytest.mark.parametrize("wire", WIRES, ids=lambda w: w.scheme)
async def test_a_cut_stream_leaves_no_half_reply_in_the_journal(
    wire: Wire, cell_database: Database, tmp_path: Path
) -> None:
    whole = wire.says("There is one row.")
    answers = (broken(whole, "cut"), broken(whole, "closed"), whole)
    async with answered_by(wire, cell_database, tmp_path, *answers) as (cell, _):
        session, turn = await cell.ask()
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert done.finished.text == "There is one row."
        assert (await cell.types(session)).count("model.replied") == 1
