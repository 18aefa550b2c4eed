"""Traces through the API: whose they are, what they show, and what never."""

from typing import Any

from deputy.interaction.api.models import TraceView
from tests.agent.evidence import sample
from tests.interaction.sites import API, Site


async def test_a_trace_shows_where_the_time_went_and_nothing_of_the_content(site: Site) -> None:
    session = await site.finished_session()
    answer = await site.alice.get(f"{API}/sessions/{session}/turns/{sample.TURN}/trace")
    told: dict[str, Any] = answer.json()
    assert TraceView.model_validate(told).ended
    kinds = {span["kind"] for span in told["spans"]}
    assert {"turn", "queue", "step", "model", "tool"} <= kinds
    assert told["spans"][0]["facts"]["outcome"] == "verified"
    assert told["events"]["turn.finished"] == 1
    for content in ("report", "sales", "region", sample.TEXT):
        assert content not in answer.text.lower()


async def test_a_trace_is_its_owners_alone(site: Site) -> None:
    session = await site.finished_session()
    address = f"{API}/sessions/{session}/turns"
    stranger = await site.charlie.get(f"{address}/{sample.TURN}/trace")
    assert stranger.status_code == 404
    missing = await site.alice.get(f"{address}/{sample.some_id('trn', 99)}/trace")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")


async def test_a_turn_that_waits_is_traced_too(site: Site) -> None:
    session = await site.open()
    turn = (await site.ask(session))["turn"]
    told = (await site.alice.get(f"{API}/sessions/{session}/turns/{turn}/trace")).json()
    assert not told["ended"]
    assert [span["kind"] for span in told["spans"]] == ["turn", "queue"]
