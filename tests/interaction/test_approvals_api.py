"""What waits for a person, over all their sessions, through the API."""

from pathlib import Path

from deputy.agent.store import rows
from deputy.core.budget import Amount, TurnLimits
from deputy.testing.scripts import says
from tests.agent.test_honesty import LEAD_HOLD
from tests.agent.test_turns import HOLD_CODE, RUN
from tests.databases import Database
from tests.interaction.sites import API, Site, open_site
from tests.requirement import requirement


@requirement("R161", "R307")
async def test_what_waits_is_listed_with_its_reason_and_consequences_until_it_is_answered(
    site: Site,
) -> None:
    cell = site.cell
    cell.model.replies, cell.model.cost = [RUN, says("Done.")], Amount(tokens=60)
    assert (await site.alice.get(f"{API}/approvals")).json() == {"waiting": [], "more": False}
    places = []
    for _ in range(3):
        places.append(await cell.ask(limits=TurnLimits(steps=1)))
        await cell.work(*places[-1])
        cell.clock.advance(60)
    listed = (await site.alice.get(f"{API}/approvals")).json()
    assert [(one["session"], one["turn"]) for one in listed["waiting"]] == places
    assert [one["since_us"] for one in listed["waiting"]] == sorted(
        one["since_us"] for one in listed["waiting"]
    )
    first = listed["waiting"][0]
    assert first["code"] == "budget.exceeded"
    assert first["reason"] == "This turn may take 1 step; it took 1 and wants 1 more."
    assert first["approving"] == (
        "The turn goes on and may use 2 steps in all. Beyond that it asks again."
    )
    few = (await site.alice.get(f"{API}/approvals?limit=1")).json()
    assert (len(few["waiting"]), few["more"]) == (1, True)
    assert (await site.charlie.get(f"{API}/approvals")).json()["waiting"] == []
    card = f"{API}/sessions/{first['session']}/turns/{first['turn']}/calls/{first['call']}"
    shown = (await site.alice.get(card)).json()
    assert (shown["digest"], shown["code"], shown["waits_for"]) == (
        first["digest"],
        "budget.exceeded",
        ["owner"],
    )
    answer = {"command_id": site.command(), "approve": True, "shown": first["digest"]}
    stranger = await site.charlie.post(f"{card}/answer", json=answer)
    assert stranger.status_code == 404
    assert (await site.alice.post(f"{card}/answer", json=answer)).status_code == 200
    left = (await site.alice.get(f"{API}/approvals")).json()["waiting"]
    assert [one["turn"] for one in left] == [turn for _, turn in places[1:]]


async def test_what_waits_for_somebody_else_is_not_on_my_list(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_site(cell_database, tmp_path, rules=LEAD_HOLD) as site:
        site.cell.model.replies = [RUN]
        assert (await site.cell.work(*await site.cell.ask())).status == "parked"
        assert (await site.alice.get(f"{API}/approvals")).json()["waiting"] == []


async def test_a_call_that_is_answered_waits_for_a_worker_whatever_became_of_its_job(
    cell_database: Database, tmp_path: Path
) -> None:
    async with open_site(cell_database, tmp_path, rules=HOLD_CODE) as site:
        cell = site.cell
        cell.model.replies = [RUN, says("Done.")]
        session, turn = await cell.ask()
        await cell.work(session, turn)
        await cell.answer(session, turn, approve=True)
        async with cell.journal.transaction() as connection:
            # The queue may be emptied at any time: the journal knows what is open.
            await rows.use_queue(connection)
            await connection.exec_driver_sql("DELETE FROM queue.procrastinate_jobs")
        async with cell.journal.transaction() as connection:
            assert await cell.queue.requeue_lost(connection) == 1
        assert (await cell.work(session, turn)).status == "finished"
