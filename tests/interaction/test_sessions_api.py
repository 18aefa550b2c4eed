"""Sessions, files and turns through the API, over a real server and a real database."""

from deputy.core import holds
from deputy.core.events import Draft
from deputy.core.events import session_bodies as b
from deputy.core.policy import Hold
from tests.agent.evidence import sample
from tests.interaction.sites import API, Site
from tests.requirement import requirement


@requirement("R058")
async def test_a_session_is_opened_listed_and_shown_to_its_owner(site: Site) -> None:
    session = await site.open()
    await site.upload(session)
    asked = await site.ask(session, "Sales by region")
    listed = (await site.alice.get(f"{API}/sessions")).json()["sessions"]
    assert [(row["id"], row["turn"], row["status"]) for row in listed] == [
        (session, asked["turn"], "requested")
    ]
    view = (await site.alice.get(f"{API}/sessions/{session}")).json()
    assert view["uploads"][0]["path"] == "inputs/sales.xlsx"
    assert view["turns"][0]["said"][0]["parts"] == [{"kind": "typed", "text": "Sales by region"}]
    assert asked["stream"] == f"{API}/sessions/{session}/events?cursor={session}:2"


async def test_a_finished_session_is_shown_whole(site: Site) -> None:
    session = await site.finished_session()
    view = (await site.alice.get(f"{API}/sessions/{session}")).json()
    turn = view["turns"][0]
    assert (turn["status"], turn["outcome"]) == ("finished", "verified")
    assert turn["brief"]["reading"] == sample.BRIEF.reading
    assert [c["tool"] for c in turn["calls"]] == ["code.run", "deliver"]
    assert [c["verdict"] for c in turn["checks"]] == ["pass"] * 3
    assert turn["deliverables"] == [sample.BOOK, sample.PDF]
    assert {d["name"] for d in view["deliverables"]} == {"report.xlsx", "summary.pdf"}
    assert turn["receipt"].endswith(f"/turns/{sample.TURN}/receipt")


async def test_a_repeated_command_gives_the_same_answer_and_does_nothing_twice(site: Site) -> None:
    command = site.command()
    opened = [
        (await site.alice.post(f"{API}/sessions", json={"command_id": command})).json()
        for _ in range(2)
    ]
    session = opened[0]["session"]
    upload = {"data": {"command_id": site.command()}, "files": {"file": ("a.csv", b"1,2")}}
    body = {"command_id": site.command(), "parts": [{"kind": "typed", "text": "Count"}]}
    base = f"{API}/sessions/{session}"
    files = [(await site.alice.post(f"{base}/files", **upload)).json() for _ in range(2)]
    turns = [(await site.alice.post(f"{base}/turns", json=body)).json() for _ in range(2)]
    stop = {"command_id": site.command(), "reason": "enough"}
    url = f"{base}/turns/{turns[0]['turn']}/stop"
    stops = [(await site.alice.post(url, json=stop)).status_code for _ in range(2)]
    assert opened[0] == opened[1]
    assert files[0] == files[1]
    assert turns[0] == turns[1]
    assert stops == [200, 200]
    assert await site.cell.types(session) == [
        "session.opened",
        "file.uploaded",
        "turn.requested",
        "turn.stop_requested",
    ]


async def test_a_stop_repeated_after_the_turn_ended_still_answers_the_same(site: Site) -> None:
    session = await site.open()
    turn = (await site.ask(session))["turn"]
    url, body = f"{API}/sessions/{session}/turns/{turn}/stop", {"command_id": site.command()}
    assert (await site.alice.post(url, json=body)).status_code == 200
    done = b.TurnFinished(outcome="stopped", text="Stopped.", receipt="0" * 64)
    await site.record(session, Draft(done, sample.typed_by(sample.ALICE), turn=turn))
    assert (await site.alice.post(url, json=body)).status_code == 200
    late = await site.alice.post(url, json={"command_id": site.command()})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "turn.ended")


async def test_a_command_id_serves_one_command_only(site: Site) -> None:
    session = await site.open()
    turn = (await site.ask(session))["turn"]
    body = {"command_id": site.command(), "parts": [{"kind": "typed", "text": "Only 2026"}]}
    base = f"{API}/sessions/{session}/turns"
    assert (await site.alice.post(f"{base}/{turn}/steer", json=body)).status_code == 200
    again = await site.alice.post(base, json=body)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "command.reused")


async def test_another_persons_command_id_opens_nothing(site: Site) -> None:
    body = {"command_id": site.command()}
    assert (await site.alice.post(f"{API}/sessions", json=body)).status_code == 201
    taken = await site.charlie.post(f"{API}/sessions", json=body)
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "command.reused")


async def test_steering_adds_words_to_a_turn_under_way(site: Site) -> None:
    session = await site.open()
    turn = (await site.ask(session))["turn"]
    parts = [{"kind": "typed", "text": "Leave 2024 out"}, {"kind": "pasted", "text": "a note"}]
    body = {"command_id": site.command(), "parts": parts}
    url = f"{API}/sessions/{session}/turns/{turn}/steer"
    assert (await site.alice.post(url, json=body)).json() == {"done": True}
    said = (await site.alice.get(f"{API}/sessions/{session}")).json()["turns"][0]["said"]
    assert [s["label"]["integrity"] for s in said] == [2, 0]


async def test_undo_takes_a_turns_files_away_and_says_which(site: Site) -> None:
    session = await site.finished_session()
    url = f"{API}/sessions/{session}/turns/{sample.TURN}/undo"
    body = {"command_id": site.command()}
    undone = [(await site.alice.post(url, json=body)).json() for _ in range(2)]
    assert undone[0] == undone[1]
    assert sorted(undone[0]["removed"]) == ["out/report.xlsx", "out/summary.pdf"]
    view = (await site.alice.get(f"{API}/sessions/{session}")).json()
    assert [f["path"] for f in view["tree"]] == ["inputs/sales.xlsx"]
    assert view["turns"][0]["undone"]


@requirement("R123")
async def test_an_answer_binds_exactly_what_was_shown(site: Site) -> None:
    session, call = await site.open(), sample.CODE_CALL
    held = Hold(reason="Somebody looks first.", approvers=("owner",))
    decided, *_ = (d for d in sample.work() if isinstance(d.body, b.CallDecided) and d.call == call)
    holding = Draft(
        decided.body.model_copy(update={"decision": held}),
        decided.label,
        turn=decided.turn,
        step=decided.step,
        call=call,
    )
    await site.record(session, *sample.opening()[1:], *sample.work()[:5], holding)
    url = f"{API}/sessions/{session}/turns/{sample.TURN}/calls/{call}"
    card = (await site.alice.get(url)).json()
    assert card["waits"]
    assert card["shown"]["args"]["code"] == sample.CODE
    assert card["digest"] == holds.digest(holds.canonical(card["shown"]))
    answer = {"command_id": site.command(), "approve": True, "shown": "f" * 64}
    stale = await site.alice.post(f"{url}/answer", json=answer)
    assert stale.status_code == 409
    answer["shown"] = card["digest"]
    answers = [(await site.alice.post(f"{url}/answer", json=answer)).json() for _ in range(2)]
    assert answers == [{"done": True}] * 2
    after = (await site.alice.get(url)).json()
    assert (after["waits"], after["answer"]) == (False, "approve")


async def test_an_upload_comes_back_as_it_was(site: Site) -> None:
    session = await site.open()
    file = await site.upload(session, "Zahlen März.csv", b"a;b\n1;2\n")
    answer = await site.alice.get(f"{API}/sessions/{session}/files/{file}/content")
    assert answer.content == b"a;b\n1;2\n"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "Zahlen%20M%C3%A4rz.csv" in answer.headers["content-disposition"]
