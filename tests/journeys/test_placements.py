"""Six journeys, the same in every placement: one process, one group over HTTP, planes apart."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deputy.cli.client import Client
from tests.journeys.installations import Installation, finished
from tests.journeys.placements import one_process, split_client
from tests.requirement import requirement

EXAMPLE = Path(__file__).parents[2] / "examples" / "sales.xlsx"
QUESTION = "Net sales by region this year as Excel"


@pytest.fixture(
    scope="module",
    params=["one process", "over HTTP", pytest.param("planes apart", marks=pytest.mark.slow)],
)
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client of one Deputy in one placement."""
    if request.param == "over HTTP":
        deputy: Installation = request.getfixturevalue("deputy")
        yield deputy.client
        return
    placement = one_process if request.param == "one process" else split_client
    with placement() as found:
        yield found


def ask(client: Client, words: str, *files: Path, **more: Any) -> tuple[str, str]:
    session = client.command("/sessions")["session"]
    parts: list[dict[str, Any]] = [{"kind": "typed", "text": words}]
    parts += [{"kind": "file", "file": client.upload(session, f)["id"]} for f in files]
    return session, client.command(f"/sessions/{session}/turns", parts=parts, **more)["turn"]


def names(client: Client, session: str) -> list[str]:
    return [Path(a["name"]).suffix for a in client.get(f"/sessions/{session}")["deliverables"]]


def until(client: Client, session: str, kind: str) -> None:
    with contextlib.closing(client.follow(f"{session}:0")) as events:  # type: ignore[type-var]
        next(event for event in events if event.get("type") == kind)


@requirement("R001", "R316")
def test_asking_gives_a_checked_file_and_its_receipt(client: Client) -> None:
    session, turn = ask(client, QUESTION, EXAMPLE)
    assert finished(client, session, turn)["outcome"] == "verified"
    assert names(client, session) == [".xlsx"]
    receipt = client.get(f"/sessions/{session}/turns/{turn}/receipt")
    assert {c["verdict"] for c in receipt["checks"]} == {"pass"}


def test_a_bad_file_is_named_and_the_session_goes_on(client: Client, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"this is no workbook")
    session, turn = ask(client, QUESTION, broken)
    shown = finished(client, session, turn)
    assert shown["outcome"] != "verified"
    assert "broken.xlsx" in shown["text"]
    good = client.upload(session, EXAMPLE)["id"]
    parts = [{"kind": "typed", "text": QUESTION}, {"kind": "file", "file": good}]
    again = client.command(f"/sessions/{session}/turns", parts=parts)["turn"]
    assert finished(client, session, again)["outcome"] == "verified"


def test_a_stop_ends_the_turn_and_nothing_is_handed_over(client: Client) -> None:
    session, turn = ask(client, QUESTION, EXAMPLE)
    until(client, session, "call.started")
    client.command(f"/sessions/{session}/turns/{turn}/stop", reason="I changed my mind")
    shown = finished(client, session, turn)
    assert shown["outcome"] == "stopped"
    assert "I changed my mind" in shown["text"]
    assert names(client, session) == []


def test_words_added_on_the_way_change_what_is_delivered(client: Client) -> None:
    session, turn = ask(client, "Net sales by region this year as CSV", EXAMPLE)
    parts = [{"kind": "typed", "text": "As Excel please"}]
    client.command(f"/sessions/{session}/turns/{turn}/steer", parts=parts)
    assert finished(client, session, turn)["outcome"] == "verified"
    assert ".xlsx" in names(client, session)


def test_a_turn_parks_at_its_limit_and_goes_on_when_its_owner_agrees(client: Client) -> None:
    session, turn = ask(client, QUESTION, EXAMPLE, limits={"steps": 2})
    parked = finished(client, session, turn)
    assert parked["status"] == "parked"
    while parked["status"] == "parked":
        (call,) = parked["waiting"]
        place = f"/sessions/{session}/turns/{turn}/calls/{call}"
        card = client.get(place)
        seen = client.get(f"/sessions/{session}")["seq"]
        client.command(f"{place}/answer", approve=True, shown=card["digest"], reason="Go on.")
        parked = _after(client, session, turn, seen)
    assert parked["outcome"] == "verified"


def _after(client: Client, session: str, turn: str, seen: int) -> dict[str, Any]:
    for event in client.follow(f"{session}:{seen}"):
        if event.get("type") in ("turn.finished", "turn.parked"):
            break
    shown = client.get(f"/sessions/{session}")
    return next(dict(t) for t in shown["turns"] if t["id"] == turn)


def test_undo_takes_back_what_a_turn_did(client: Client) -> None:
    session, turn = ask(client, QUESTION, EXAMPLE)
    assert finished(client, session, turn)["outcome"] == "verified"
    client.command(f"/sessions/{session}/turns/{turn}/undo")
    tree = client.get(f"/sessions/{session}")["tree"]
    assert {file["path"] for file in tree} == {f"inputs/{EXAMPLE.name}"}
