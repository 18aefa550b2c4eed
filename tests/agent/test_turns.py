"""Turns at work on a real journal: order of facts, stopping, steering, parking, faults."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from deputy.agent.turns import TurnWork
from deputy.core import holds
from deputy.core.budget import Amount, Limit, TurnLimits
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.errors import ConflictError, LeaseLostError, NotFoundError, PermitError
from deputy.core.messages import PastedPart, TypedPart, Usage
from deputy.core.moves import ATTEMPTS_MAX
from deputy.core.policy import Allow, Deny, Hold, Raise
from deputy.testing.scripts import calls, says
from tests.agent.cells import Cell, open_cell
from tests.databases import Database
from tests.requirement import requirement

RUN = calls(("code.run", {"code": "print(1)"}), text="I count.")
HOLD_CODE = """
@id("look-first") @reason("Somebody looks at code first.") @approval("owner")
forbid (principal, action, resource) when { context.tool == "code.run" }
unless { context.approved };
"""


@requirement("R128", "R131", "R136")
async def test_every_act_has_a_decision_before_it_and_an_outcome_after_it(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [RUN, says("One row.")]) as cell:
        session, turn = await cell.ask()
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert (done.finished.outcome, done.finished.text) == ("answered", "One row.")
        types = (await cell.types(session))[1:]
    assert types == [
        "turn.requested",
        "turn.claimed",
        "call.decided",
        "call.started",
        "model.replied",
        "call.decided",
        "call.started",
        "call.returned",
        "snapshot.taken",
        "call.decided",
        "call.started",
        "model.replied",
        "turn.finished",
    ]


async def test_the_receipt_of_a_finished_turn_is_kept_by_its_digest(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [says("Hello.")]) as cell:
        done = await cell.work(*await cell.ask())
        assert done.finished is not None
        assert b'"outcome":"answered"' in await cell.means.blobs.get(done.finished.receipt)


async def test_a_command_given_twice_opens_one_turn(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [says("Hello.")]) as cell:
        command, part = cell.means.ids.new("cmd"), TypedPart(text="Count")
        session = await cell.sessions.open(cell.alice)
        first = await cell.sessions.open_turn(session, cell.alice, [part], command=command)
        again = await cell.sessions.open_turn(session, cell.alice, [part], command=command)
        assert first == again
        assert (await cell.types(session)).count("turn.requested") == 1


@requirement("R061")
async def test_a_session_does_not_exist_for_anyone_but_its_owner(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [says("Hello.")]) as cell:
        session, turn = await cell.ask()
        with pytest.raises(NotFoundError):
            await cell.sessions.state(session, cell.charlie)
        with pytest.raises(NotFoundError):
            await cell.sessions.stop(session, turn, cell.charlie)
        assert await cell.sessions.list(cell.charlie) == ()


async def test_a_revoked_mandate_denies_the_next_act_in_words(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [RUN]) as cell:
        cell.authority.revoke_all()
        await cell.means.gate.close()
        await cell.means.gate.open()
        done = await cell.work(*await cell.ask())
        assert done.finished is not None
        assert done.finished.outcome == "failed"
        assert "No mandate in force" in done.finished.text
        assert cell.host.started == []


@requirement("R060", "R067")
async def test_a_held_call_parks_the_turn_until_its_owner_answers(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [RUN, says("One row.")], rules=HOLD_CODE) as cell:
        session, turn = await cell.ask()
        parked = await cell.work(session, turn)
        assert parked.status == "parked"
        (call,) = holds.held(parked)
        assert isinstance(call.decision, Hold)
        cell.clock.advance(21 * 86_400)
        await cell.sessions.answer(
            session, turn, call.id, cell.alice, approve=True, shown=holds.shown_digest(parked, call)
        )
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert done.finished.outcome == "answered"
        assert isinstance(done.calls[call.id].decision, Allow)
        assert done.calls[call.id].answered_by == cell.alice.sub
        assert done.working_us < 60 * 1_000_000, "a parked turn does not age"


async def test_a_rejected_call_is_told_to_the_model_and_never_starts(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(
        cell_database, tmp_path, [RUN, says("As you wish.")], rules=HOLD_CODE
    ) as cell:
        session, turn = await cell.ask()
        parked = await cell.work(session, turn)
        (call,) = holds.held(parked)
        shown = holds.shown_digest(parked, call)
        with pytest.raises(ConflictError):
            await cell.sessions.answer(
                session, turn, call.id, cell.alice, approve=True, shown="0" * 64
            )
        await cell.sessions.answer(
            session, turn, call.id, cell.alice, approve=False, shown=shown, reason="Not today"
        )
        await cell.work(session, turn)
        assert cell.host.started == []
        last = cell.model.asked[-1].messages[-1]
        assert last.role == "result"
        assert last.content["reason"] == "Not today"


async def test_an_unregistered_tool_is_held_because_it_could_do_anything(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [calls(("mail.send", {"to": "x"}))]) as cell:
        parked = await cell.work(*await cell.ask())
        (call,) = parked.calls.values()
        assert isinstance(call.decision, Deny | Hold)
        assert cell.host.started == []


async def test_stop_kills_running_code_and_ends_the_turn(
    cell_database: Database, tmp_path: Path
) -> None:
    running = asyncio.Event()

    async def forever(call: CodeCall) -> CodeResult:
        running.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with open_cell(cell_database, tmp_path, [RUN], result=forever) as cell:  # type: ignore[arg-type]
        session, turn = await cell.ask()
        work = asyncio.create_task(cell.work(session, turn))
        await running.wait()
        await cell.sessions.stop(session, turn, cell.alice, reason="wrong file")
        done = await work
        assert done.finished is not None
        assert (done.finished.outcome, done.finished.text) == ("stopped", "Stopped: wrong file.")
        with pytest.raises(ConflictError):
            await cell.sessions.stop(session, turn, cell.alice)


async def test_words_added_under_way_reach_the_next_model_call(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [RUN, says("Done."), says("As CSV.")]) as cell:
        session, turn = await cell.ask()
        steered = False
        original = cell.host.result

        def steer_once(call: CodeCall) -> CodeResult:
            nonlocal steered
            steered = True
            return original(call)  # type: ignore[return-value]

        cell.host.result = steer_once
        await cell.sessions.steer(session, turn, cell.alice, [PastedPart(text="as CSV, please")])
        await cell.work(session, turn)
        assert steered
        users = [m for m in cell.model.asked[-1].messages if m.role == "user"]
        assert users[-1].pasted == ("as CSV, please",)
        assert users[-1].label.integrity == 0


@requirement("R055", "R161", "R313")
@pytest.mark.parametrize(
    ("limits", "said", "raised"),
    [
        (TurnLimits(steps=2), "This turn may take 2 steps; it took 2", ("steps", 4)),
        (TurnLimits(tokens=700), "This turn may use 700 tokens; 600 are", ("tokens", 1_400)),
        (TurnLimits(cost_micros=5), "This turn may cost 0.000005 in", ("cost_micros", 10)),
        (TurnLimits(seconds=4), "This turn may work for 4 seconds; it worked", ("seconds", 8)),
    ],
    ids=["steps", "tokens", "money", "seconds"],
)
async def test_a_limit_that_is_reached_parks_the_turn_and_its_owner_may_raise_it_once(
    cell_database: Database,
    tmp_path: Path,
    limits: TurnLimits,
    said: str,
    raised: tuple[Limit, int],
) -> None:
    used = Usage(input_tokens=300, cost_micros=2)
    script = [r.model_copy(update={"usage": used}) for r in (RUN, RUN, RUN, RUN, says("Done."))]
    slow = CodeResult(outcome="ok", duration_s=2.0)
    async with open_cell(cell_database, tmp_path, script, result=lambda _: slow) as cell:
        cell.model.cost = Amount(tokens=400, cost_micros=3)
        session, turn = await cell.ask(limits=limits)
        parked = await cell.work(session, turn)
        (call,) = holds.held(parked)
        assert isinstance(call.decision, Hold)
        assert call.decision.reason.startswith(said)
        assert call.decision.raises == Raise(limit=raised[0], to=raised[1])
        assert (parked.status, len(cell.model.asked)) == ("parked", 2)
        cell.clock.advance(21 * 86_400)
        still = await cell.work(session, turn)
        assert (still.status, still.spent, still.working_us) == (
            "parked",
            parked.spent,
            parked.working_us,
        )
        await cell.answer(session, turn, approve=True)
        again = await cell.work(session, turn)
        assert again.limits.of(raised[0]) == raised[1]
        assert (again.status, len(cell.model.asked)) == ("parked", 4), "a second overrun asks again"
        await cell.answer(session, turn, approve=True)
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert (done.finished.outcome, len(done.steps)) == ("answered", 5)
        receipt = json.loads(await cell.means.blobs.get(done.finished.receipt))
        assert [a["answer"] for a in receipt["approvals"]] == ["approve", "approve"]
        assert receipt["limits"][raised[0]] == raised[1] + (limits.of(raised[0]) or 0)


@requirement("R161")
async def test_a_turn_whose_owner_grants_no_more_ends_in_words(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [RUN]) as cell:
        session, turn = await cell.ask(limits=TurnLimits(steps=1))
        await cell.work(session, turn)
        await cell.answer(session, turn, approve=False)
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert (done.finished.outcome, done.finished.code) == ("failed", "budget.exceeded")
        assert done.finished.text.startswith("No more was granted. This turn may take 1 step")
        assert len(cell.model.asked) == 1


async def test_answers_at_once_raise_a_limit_once(cell_database: Database, tmp_path: Path) -> None:
    async with open_cell(cell_database, tmp_path, [RUN, says("Done.")]) as cell:
        session, turn = await cell.ask(limits=TurnLimits(steps=1))
        await cell.work(session, turn)
        given = await asyncio.gather(
            *(cell.answer(session, turn, approve=True) for _ in range(3)), return_exceptions=True
        )
        assert sorted(type(one) is ConflictError for one in given) == [False, True, True]
        assert (await cell.state(session)).turns[turn].limits.steps == 2
        assert (await cell.types(session)).count("approval.answered") == 1


@requirement("R161")
async def test_a_rule_and_a_limit_ask_apart_and_neither_answer_lifts_the_other(
    cell_database: Database, tmp_path: Path
) -> None:
    rules = HOLD_CODE.replace("code.run", "model.reply")
    async with open_cell(cell_database, tmp_path, [says("Done.")], rules=rules) as cell:
        cell.model.cost = Amount(tokens=160)
        session, turn = await cell.ask(limits=TurnLimits(tokens=100))
        (by_rule,) = holds.held(await cell.work(session, turn))
        await cell.answer(session, turn, approve=True)
        (by_limit,) = holds.held(await cell.work(session, turn))
        asked = [call.decision for call in (by_rule, by_limit)]
        assert [isinstance(d, Hold) and d.raises is not None for d in asked] == [False, True]
        assert (by_limit.id, cell.model.asked) == (by_rule.id, [])
        await cell.answer(session, turn, approve=True)
        done = await cell.work(session, turn)
        assert done.finished is not None
        assert done.finished.outcome == "answered"
        receipt = json.loads(await cell.means.blobs.get(done.finished.receipt))
        assert [a["call"] for a in receipt["approvals"]] == [by_rule.id] * 2


async def test_nobody_is_asked_for_what_could_never_fit(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [RUN]) as cell:
        cell.model.cost = Amount(tokens=2_000)
        done = await cell.work(*await cell.ask(limits=TurnLimits(tokens=999)))
        assert done.finished is not None
        assert (done.finished.outcome, done.finished.code) == ("failed", "budget.exceeded")
        assert "may use 999 tokens" in done.finished.text
        assert "would not be enough either" in done.finished.text
        assert cell.model.asked == []


async def test_a_worker_that_lost_its_lease_writes_nothing_more(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [RUN, says("Done.")]) as cell:
        session, turn = await cell.ask()
        async with (
            TurnWork.claimed(cell.means, session, turn) as first,
            TurnWork.claimed(cell.means, session, turn) as second,
        ):
            assert first is not None
            assert second is not None
            before = await cell.types(session)
            with pytest.raises(LeaseLostError):
                await first.think(None)
            assert await cell.types(session) == before
            await second.think(None)


async def test_a_call_that_never_comes_back_is_not_started_for_ever(
    cell_database: Database, tmp_path: Path
) -> None:
    def refuse(call: CodeCall) -> CodeResult:
        raise PermitError("The permit is for another call.")

    async with open_cell(cell_database, tmp_path, [RUN], result=refuse) as cell:
        session, turn = await cell.ask()
        for _ in range(ATTEMPTS_MAX + 1):
            done = await cell.work(session, turn)
        assert done.finished is not None
        assert done.finished.code == "call.unfinished"


async def test_a_request_without_words_is_refused_with_the_cure(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_cell(cell_database, tmp_path, [says("Hello.")]) as cell:
        session = await cell.sessions.open(cell.alice)
        with pytest.raises(Exception, match="Say which result you need"):
            await cell.sessions.open_turn(session, cell.alice, [])
        with pytest.raises(Exception, match="is empty"):
            await cell.sessions.upload(session, cell.alice, name="a.csv", raw=b"")


async def test_undo_brings_back_the_tree_and_keeps_later_uploads(
    cell_database: Database, tmp_path: Path
) -> None:
    def write(call: CodeCall) -> CodeResult:
        return CodeResult(outcome="ok", changed={"out/a.txt": b"new", "inputs/old.csv": b"edited"})

    async with open_cell(cell_database, tmp_path, [RUN, says("Done.")], result=write) as cell:
        session = await cell.sessions.open(cell.alice)
        await cell.sessions.upload(session, cell.alice, name="old.csv", raw=b"a,b\n")
        _, turn = await cell.ask(session=session)
        await cell.work(session, turn)
        await cell.sessions.upload(session, cell.alice, name="later.csv", raw=b"c\n")
        changed = (await cell.state(session)).tree.by_path()
        assert set(changed) == {"inputs/later.csv", "inputs/old.csv", "out/a.txt"}
        await cell.sessions.undo(session, turn, cell.alice)
        back = (await cell.state(session)).tree.by_path()
        assert set(back) == {"inputs/later.csv", "inputs/old.csv"}
        assert await cell.means.blobs.get(back["inputs/old.csv"].digest) == b"a,b\n"
        head = (await cell.state(session)).seq
        await cell.sessions.undo(session, turn, cell.alice)
        assert (await cell.state(session)).seq == head, "what is undone is not undone again"
        await cell.sessions.undo(session, turn, cell.alice, back=True)
        state = await cell.state(session)
        assert {**state.tree.by_path()} == changed
        assert not state.turns[turn].undone


async def test_everything_code_leaves_carries_the_label_of_what_it_saw(
    cell_database: Database, tmp_path: Path
) -> None:
    def write(call: CodeCall) -> CodeResult:
        return CodeResult(outcome="ok", stdout=b"x", changed={"out/a.txt": b"new"})

    async with open_cell(cell_database, tmp_path, [RUN, says("Done.")], result=write) as cell:
        session = await cell.sessions.open(cell.alice)
        file = await cell.sessions.upload(session, cell.alice, name="m.csv", raw=b"a\n")
        _, turn = await cell.ask(session=session)
        await cell.work(session, turn)
        state: Cell = cell
        made = (await state.state(session)).tree.by_path()["out/a.txt"]
        assert made.label.integrity == 0
        assert set(file.label.readers) <= set(made.label.readers)
        assert set(file.label.origins) <= set(made.label.origins)


async def test_a_file_no_tree_may_hold_is_refused_and_the_model_is_told(
    cell_database: Database, tmp_path: Path
) -> None:
    def write(call: CodeCall) -> CodeResult:
        return CodeResult(outcome="ok", changed={"../escape": b"x", "out/a\u202e.txt": b"y"})

    async with open_cell(cell_database, tmp_path, [RUN, says("Done.")], result=write) as cell:
        session, turn = await cell.ask()
        done = await cell.work(session, turn)
        assert (await cell.state(session)).tree.entries == ()
        (call,) = done.calls.values()
        assert call.returned is not None
        assert len(call.returned.content["refused"]) == 2


async def test_one_turn_of_a_session_runs_at_a_time_and_the_next_follows_by_itself(
    cell_database: Database, tmp_path: Path
) -> None:
    running: list[str] = []
    most = 0

    async def slow(call: CodeCall) -> CodeResult:
        nonlocal most
        running.append(call.call)
        most = max(most, len(running))
        await asyncio.sleep(0)
        running.remove(call.call)
        return CodeResult(outcome="ok")

    async with open_cell(cell_database, tmp_path, [RUN, says("Done.")], result=slow) as cell:  # type: ignore[arg-type]
        session, first = await cell.ask()
        _, second = await cell.ask(session=session)
        worker = asyncio.create_task(cell.worker.run())
        try:
            async with asyncio.timeout(30):
                while not all(
                    t.status == "finished" for t in (await cell.state(session)).turns.values()
                ):
                    await asyncio.sleep(0.02)
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
        types = [
            (e.header.type, e.header.turn)
            for e in await cell.journal.read(session)
            if e.header.type in ("turn.claimed", "turn.finished")
        ]
        assert types == [
            ("turn.claimed", first),
            ("turn.finished", first),
            ("turn.claimed", second),
            ("turn.finished", second),
        ]
        assert most == 1
