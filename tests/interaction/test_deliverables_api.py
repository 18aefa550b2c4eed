"""Deliverables and receipts through the API: bytes as stored, downloads noted, pages harmless."""

import json

from deputy.core.canonical import digest
from tests.agent.evidence import sample
from tests.interaction.sites import API, Site
from tests.requirement import requirement


@requirement("R301")
async def test_a_receipt_is_served_as_the_exact_bytes_the_journal_names(site: Site) -> None:
    session = await site.finished_session()
    base = f"{API}/sessions/{session}/turns/{sample.TURN}"
    answer = await site.alice.get(f"{base}/receipt")
    assert answer.headers["content-type"] == "application/json"
    turn = (await site.cell.state(session)).turns[sample.TURN]
    assert turn.finished is not None
    assert digest(answer.content) == turn.finished.receipt
    page = await site.alice.get(f"{base}/receipt.html")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "VERIFIED" in page.text
    assert json.loads(answer.content)["turn"] == sample.TURN


async def test_a_turn_under_way_has_no_receipt_yet(site: Site) -> None:
    session = await site.open()
    turn = (await site.ask(session))["turn"]
    answer = await site.alice.get(f"{API}/sessions/{session}/turns/{turn}/receipt")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "receipt.not_yet")


async def test_a_download_is_an_attachment_and_is_noted(site: Site) -> None:
    await site.finished_session()
    address = f"{API}/deliverables/{sample.BOOK}"
    answer = await site.alice.get(f"{address}/content")
    assert answer.content == sample.OUT["out/report.xlsx"]
    assert answer.headers["content-disposition"].startswith('attachment; filename="report.xlsx"')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert "no-store" in answer.headers["cache-control"]
    shown = (await site.alice.get(address)).json()
    assert [n["what"] for n in shown["noted"]] == ["downloaded"]
    assert shown["sha256"] == digest(answer.content)


@requirement("R022", "R178")
async def test_what_a_receiver_does_is_recorded_once_a_command(site: Site) -> None:
    session = await site.finished_session()
    address = f"{API}/deliverables/{sample.BOOK}"
    for what in ("opened", "review_begun", "review_ended", "accepted", "reworked", "discarded"):
        body = {"command_id": site.command(), "what": what, "reason": "because"}
        for _ in range(2):
            assert (await site.alice.post(f"{address}/events", json=body)).status_code == 200
    hand = {"command_id": site.command(), "by_hand_minutes": 240}
    assert (await site.alice.post(f"{address}/events", json=hand)).status_code == 200
    shown = (await site.alice.get(address)).json()
    assert len(shown["noted"]) == 6
    assert shown["by_hand_minutes"] == 240
    assert (await site.cell.types(session)).count("deliverable.noted") == 6


async def test_a_note_says_one_thing(site: Site) -> None:
    await site.finished_session()
    for body in ({}, {"what": "opened", "by_hand_minutes": 3}, {"what": "eaten"}):
        answer = await site.alice.post(
            f"{API}/deliverables/{sample.BOOK}/events",
            json={"command_id": site.command(), **body},
        )
        assert answer.status_code == 422
