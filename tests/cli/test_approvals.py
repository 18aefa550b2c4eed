"""`deputy approvals` as processes against a real server: what waits, and answers to it."""

import asyncio

from deputy.core.budget import Amount
from deputy.core.messages import Usage
from deputy.testing.scripts import says
from tests.agent.test_turns import RUN
from tests.cli.terminals import Said, Terminal
from tests.cli.test_ask import asked
from tests.interaction.sites import Site
from tests.requirement import requirement

DEAR = Usage(input_tokens=150_000, cost_micros=30_000)


async def parked(site: Site, terminal: Terminal, *more: str) -> Said:
    """Ask for what takes two replies of which the second does not fit; a worker parks it."""
    script = [r.model_copy(update={"usage": DEAR}) for r in (RUN, says("One row."))]
    site.cell.model.replies, site.cell.model.cost = script, Amount(tokens=150_000)
    asking = asyncio.create_task(terminal.run("ask", "Count the rows", *more))
    await site.cell.work(*await asked(site))
    return await asking


@requirement("R161", "R307")
async def test_a_turn_over_its_budget_says_what_was_used_and_goes_on_when_it_is_approved(
    site: Site, terminal: Terminal
) -> None:
    said = await parked(site, terminal)
    assert said.code == 5
    for words in (
        "A limit of this turn is reached. Waiting costs nothing.",
        "may use 200,000 tokens; 150,000 are spent or reserved and the next reply may take 150,000",
        "The turn goes on and may use 400,000 tokens in all. Beyond that it asks again.",
        "Used so far: 1 reply, 150,000 tokens, 0.03 in money.",
    ):
        assert words in said.out
    listed = await terminal.run("approvals", "--json")
    (one,) = listed.json["waiting"]
    assert f"approvals approve {one['call']} -f" in said.out
    told, shown, blind, stale, odd = await asyncio.gather(
        terminal.run("approvals"),
        terminal.run("approvals", "show", one["call"]),
        terminal.run("approvals", "approve", one["call"]),
        terminal.run("approvals", "approve", one["call"], "--shown", "0" * 64),
        terminal.run("approvals", "approve", one["call"], "--shown", "abc"),
    )
    assert one["call"] in told.out
    assert "Approve: The turn goes on" in told.out
    assert "Reject:  The turn ends here." in told.out
    for seen in (told.out, shown.out):
        assert "The model's next reply" in seen
        assert "“Count the rows”" in seen
    assert "200,000 tokens; 150,000" not in said.err, "what waits is told once"
    assert f"approvals approve {one['call']} --shown {one['digest']}" in shown.out
    assert (blind.code, "Nobody saw what would be approved." in blind.err) == (2, True)
    assert (stale.code, "is not what waits now" in stale.err) == (1, True)
    assert (odd.code, "is not the digest of a card" in odd.err) == (2, True)
    going_on = asyncio.create_task(
        terminal.run("approvals", "approve", one["call"], "--shown", one["digest"], "-f")
    )
    await answered(site, one["session"])
    await site.cell.work(one["session"], one["turn"])
    done = await going_on
    assert done.code == 0
    assert "ANSWERED" in done.out
    assert "One row." in done.out
    assert "Nothing waits for you." in (await terminal.run("approvals")).out
    logged = (await terminal.run("logs", one["session"])).out
    assert "Approved" in logged
    assert "answered: One row." in logged


async def test_a_rejection_ends_the_turn_and_json_is_one_object_each(
    site: Site, terminal: Terminal
) -> None:
    said = await parked(site, terminal, "--json")
    (one,) = said.json["waiting"]
    assert (said.code, said.json["exit_code"], one["code"]) == (5, 5, "budget.exceeded")
    card = await terminal.run("approvals", "show", one["call"], "--json")
    assert card.json["digest"] == one["digest"]
    no = await terminal.run("approvals", "reject", one["call"], "--reason", "Enough.", "--json")
    assert (no.code, no.json["answer"]) == (0, "reject")
    ended = await site.cell.work(said.json["session"], said.json["turn"])
    assert ended.finished is not None
    assert (ended.finished.outcome, ended.finished.code) == ("failed", "budget.exceeded")
    again = await terminal.run("approvals", "reject", one["call"], "--json")
    assert (again.code, again.json["error"]["code"]) == (1, "not_found")


async def test_at_a_terminal_the_card_is_shown_and_asked_about(
    site: Site, terminal: Terminal
) -> None:
    await parked(site, terminal)
    (one,) = (await terminal.run("approvals", "--json")).json["waiting"]
    no = await terminal.watched("approvals", "approve", one["call"], typed=b"n\n")
    assert no.code == 1
    assert "approval.answered" not in await site.cell.types(one["session"])
    yes = await terminal.watched("approvals", "approve", one["call"], typed=b"y\n")
    assert yes.code == 0, yes.out
    assert yes.out.index("This turn may use 200,000 tokens") < yes.out.index("Approve this?")
    assert "approval.answered" in await site.cell.types(one["session"])


async def answered(site: Site, session: str) -> None:
    """Wait until somebody answered in a session."""
    async with asyncio.timeout(20):
        while "approval.answered" not in await site.cell.types(session):
            await asyncio.sleep(0.02)
