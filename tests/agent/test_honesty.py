"""What a turn may not do: forget a failed check, weaken its brief, be answered by anyone."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from deputy.core import holds
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.errors import DeniedError
from deputy.core.events import Draft
from deputy.core.events import session_bodies as b
from deputy.core.labels import typed_by
from deputy.core.moves import HANDOVERS_MAX
from deputy.testing.scripts import calls, says
from tests.agent.cells import open_cell
from tests.agent.scripts import BRIEF, CSV
from tests.agent.test_turns import HOLD_CODE, RUN
from tests.databases import Database
from tests.requirement import requirement

START = calls(("brief.write", BRIEF), ("code.run", {"code": "write()"}))
DELIVER = calls(("deliver", {"files": [CSV]}))
LEAD_HOLD = HOLD_CODE.replace('"owner"', '"finance-lead"')


def failing(call: CodeCall) -> CodeResult:
    """Write the file; fail every check."""
    if requests := call.params.get("requests"):
        failed = [{**r, "verdict": "fail", "detail": "It does not open."} for r in requests]
        return CodeResult(outcome="ok", stdout=json.dumps({"results": failed}).encode())
    return CodeResult(outcome="ok", changed={CSV: b"rows\n1\n"})


@requirement("R301")
async def test_a_failed_check_is_not_forgotten_when_a_later_delivery_cannot_be_made(
    cell_database: Database, tmp_path: Path
) -> None:
    wrong = calls(("deliver", {"files": ["out/nowhere.csv"]}))
    script = [START, DELIVER, wrong, says("It is done.")]
    async with open_cell(cell_database, tmp_path, script, result=failing) as cell:
        session, turn = await cell.ask()
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert done.finished.outcome == "not_verified"
        (artifact,) = (await cell.state(session)).artifacts.values()
        assert artifact.name == "NOT VERIFIED - rows.csv"
        assert not artifact.verified


@requirement("R301")
async def test_failing_deliveries_end_by_themselves_as_not_verified(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [START, DELIVER], result=failing) as cell:
        done = await cell.work(*await cell.ask())
        assert len(done.handovers) == HANDOVERS_MAX
        assert done.finished is not None
        assert done.finished.outcome == "not_verified"


@requirement("R301")
async def test_many_deliveries_in_one_reply_pass_no_limit(
    cell_database: Database, tmp_path: Path
) -> None:
    many = calls(*[("deliver", {"files": [CSV]})] * (HANDOVERS_MAX + 2))
    async with open_cell(cell_database, tmp_path, [START, many], result=failing) as cell:
        done = await cell.work(*await cell.ask())
        assert len(done.handovers) == HANDOVERS_MAX
        assert done.finished is not None
        assert done.finished.outcome == "not_verified"


@requirement("R301")
async def test_a_criterion_that_was_checked_cannot_be_taken_out_of_the_brief(
    cell_database: Database, tmp_path: Path
) -> None:
    weaker = calls(("brief.write", {**BRIEF, "criteria": []}))
    script = [START, DELIVER, weaker, says("It is done.")]
    async with open_cell(cell_database, tmp_path, script, result=failing) as cell:
        done = await cell.work(*await cell.ask())
        assert done.brief_version == 1
        refused = [c.returned for c in done.calls.values() if c.tool == "brief.write"][-1]
        assert refused is not None
        assert "must stay as it is" in refused.content["reason"]


async def test_a_call_that_waits_for_somebody_else_cannot_be_answered_by_its_requester(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [RUN], rules=LEAD_HOLD) as cell:
        session, turn = await cell.ask()
        parked = await cell.work(session, turn)
        (call,) = holds.held(parked)
        with pytest.raises(DeniedError, match="somebody else"):
            await cell.sessions.answer(
                session,
                turn,
                call.id,
                cell.alice,
                approve=True,
                shown=holds.shown_digest(parked, call),
            )


async def test_an_answer_given_while_the_turn_parks_still_wakes_it(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [RUN, says("Done.")], rules=HOLD_CODE) as cell:
        session, turn = await cell.ask()
        parked = await cell.work(session, turn)
        (call,) = holds.held(parked)
        # The turn looks as if it were still running to whoever answers now.
        async with cell.journal.transaction() as connection:
            claim = Draft(b.TurnClaimed(worker="wrk"), typed_by(cell.alice.sub), turn=turn)
            await cell.journal.append(connection, session, [claim], by=cell.alice, claim=True)
        await cell.sessions.answer(
            session, turn, call.id, cell.alice, approve=True, shown=holds.shown_digest(parked, call)
        )
        jobs = await cell.queue.app.job_manager.list_jobs_async(status="todo")
        assert turn in [job.task_kwargs["turn"] for job in jobs]


async def test_time_in_which_nobody_worked_does_not_use_up_the_turn(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [says("Hello.")]) as cell:
        session, turn = await cell.ask()
        cell.authority.silent = True
        cell.clock.advance(10)
        await cell.work(session, turn)
        cell.clock.advance(86_400)
        cell.authority.silent = False
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert done.finished.outcome == "answered"
        assert done.working_us < 60 * 1_000_000


@requirement("R301")
async def test_an_unverified_workbook_is_handed_over_with_the_warning_inside(
    cell_database: Database, tmp_path: Path
) -> None:
    book = "out/rows.xlsx"
    brief = json.loads(json.dumps(BRIEF).replace(CSV, book))
    start = calls(("brief.write", brief), ("code.run", {"code": "write()"}))

    def host(call: CodeCall) -> CodeResult:
        if not (requests := call.params.get("requests")):
            return CodeResult(outcome="ok", changed={book: b"rows"})
        told = [{**r, "verdict": "fail", "detail": "No."} for r in requests]
        place = call.params["stamps"]["places"][book]
        raw = b"NOT VERIFIED rows"
        stamped = {book: sha256(raw).hexdigest()}
        said = json.dumps({"results": told, "stamped": stamped, "passed": False}).encode()
        return CodeResult(outcome="ok", stdout=said, changed={place: raw})

    script = [start, calls(("deliver", {"files": [book]})), says("It failed.")]
    async with open_cell(cell_database, tmp_path, script, result=host) as cell:
        session, turn = await cell.ask()
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert done.finished.outcome == "not_verified"
        state = await cell.state(session)
        (artifact,) = state.artifacts.values()
        assert await cell.means.blobs.get(artifact.digest) == b"NOT VERIFIED rows"
        assert artifact.name == "NOT VERIFIED - rows.xlsx"
        assert set(state.tree.by_path()) == {book}, "the working tree keeps the file itself"


@requirement("R018", "R314")
async def test_a_declined_turn_ends_so_and_names_the_better_tool(
    cell_database: Database, tmp_path: Path
) -> None:
    why = {"reason": "This would move money.", "instead": "Better: your bank."}
    async with open_cell(cell_database, tmp_path, [calls(("decline", why))]) as cell:
        done = await cell.work(*await cell.ask("Pay these invoices."))
        assert done.finished is not None
        assert (done.finished.outcome, done.finished.code) == ("declined", "request.unfit")
        assert (done.finished.text, done.finished.hint) == (why["reason"], why["instead"])
        receipt = json.loads(await cell.means.blobs.get(done.finished.receipt))
    assert receipt["advice"]["kind"] == "ledger"


@requirement("R301")
async def test_files_that_failed_are_not_verified_and_never_declined(
    cell_database: Database, tmp_path: Path
) -> None:
    late = calls(("decline", {"reason": "Too hard.", "instead": "Somebody else."}))
    script = [START, DELIVER, late, says("I could not mend it.")]
    async with open_cell(cell_database, tmp_path, script, result=failing) as cell:
        done = await cell.work(*await cell.ask())
        assert done.finished is not None
        assert done.finished.outcome == "not_verified"
