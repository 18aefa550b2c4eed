"""The other commands as processes against a real server, and what they refuse."""

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deputy.assemble import StateDir
from deputy.cli.installation import how_to_start, settings
from deputy.core.errors import InvalidRequestError
from tests.agent.evidence import sample
from tests.cli.terminals import Terminal
from tests.interaction.sites import CHARLIES, Site

HEAVY = {
    "fastapi",
    "sqlalchemy",
    "rich",
    "httpx2",
    "pydantic",
    "uvicorn",
    "psycopg",
    "deputy.agent",
}


async def test_sessions_and_logs_tell_what_there_is(site: Site, terminal: Terminal) -> None:
    nothing = await terminal.run("sessions")
    assert "no session yet" in nothing.out
    session = await site.finished_session()
    listed, as_json, logged, events = await asyncio.gather(
        terminal.run("sessions"),
        terminal.run("sessions", "--json"),
        terminal.run("logs"),
        terminal.run("logs", session, "--json"),
    )
    assert session in listed.out
    assert "verified" in listed.out
    assert as_json.json["sessions"][0]["id"] == session
    assert "brief.drafted" in logged.out
    types = await site.cell.types(session)
    assert [e["type"] for e in events.json["events"]] == types


async def test_logs_go_on_with_what_happens(site: Site, terminal: Terminal) -> None:
    session = await site.finished_session()
    token = terminal.folder / "token"
    token.write_text(terminal.token)
    token.chmod(0o600)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "deputy.cli", "logs", session, "-f", "--json"),
        stdout=asyncio.subprocess.PIPE,
        env={"DEPUTY_URL": site.url, "DEPUTY_TOKEN_FILE": str(token)},
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        for _ in await site.cell.types(session):
            await process.stdout.readline()
        await site.ask(session, "And by month?")
        event = json.loads(await process.stdout.readline())
    process.terminate()
    await process.wait()
    assert event["type"] == "turn.requested"


async def test_a_result_is_accepted_discarded_and_undone(site: Site, terminal: Terminal) -> None:
    session = await site.finished_session()
    accepted = await terminal.run("accept", "last", "--by-hand", "120", "--json")
    discarded = await terminal.run("discard", sample.PDF, "--reason", "wrong colour")
    looked = await terminal.run("undo", sample.TURN)
    undone = await terminal.run("undo", sample.TURN, "--yes", "--json")
    again = await terminal.run("undo", sample.TURN, "--yes", "--json")
    back = await terminal.run("undo", sample.TURN, "--back", "--yes", "--json")
    assert accepted.json["deliverables"] == [sample.BOOK, sample.PDF]
    assert discarded.out == "discarded: summary.pdf\n"
    assert sorted(undone.json["removed"]) == ["out/report.xlsx", "out/summary.pdf"]
    assert "gone: out/report.xlsx" in looked.out
    assert "Nothing is changed yet" in looked.out
    assert (again.code, again.json["done"], again.json["moved"]) == (0, True, False)
    assert sorted(back.json["restored"]) == ["out/report.xlsx", "out/summary.pdf"]
    state = await site.cell.state(session)
    assert [n[0] for n in state.artifacts[sample.PDF].noted] == ["accepted", "discarded"]
    assert state.artifacts[sample.BOOK].by_hand_minutes == 120


async def test_a_turn_under_way_is_steered_and_stopped(site: Site, terminal: Terminal) -> None:
    session = await site.open()
    turn = (await site.ask(session))["turn"]
    steered = await terminal.run("steer", "Leave 2024 out")
    stopped = await terminal.run("stop", turn, "--reason", "enough", "--json")
    assert steered.out == "Your words were added.\n"
    assert stopped.json == {"session": session, "turn": turn, "done": True}
    found = (await site.cell.state(session)).turns[turn]
    assert (found.stop, len(found.said)) == ("enough", 2)


async def test_a_receipt_is_saved_as_a_page_or_printed(site: Site, terminal: Terminal) -> None:
    await site.finished_session()
    printed = await terminal.run("receipt", "--json")
    saved = await terminal.run("receipt", sample.TURN, "--out", "here")
    assert printed.json["outcome"] == "verified"
    assert saved.out == "here/receipt.html  (open it in a browser)\n"
    assert (terminal.folder / "here/receipt.html").read_text().startswith("<!doctype html>")


async def test_a_stranger_is_told_to_sign_in_and_another_person_finds_nothing(
    site: Site, terminal: Terminal
) -> None:
    await site.finished_session()
    stranger = await replace(terminal, token="wrong").run("sessions", "--json")
    assert (stranger.code, stranger.json["error"]["code"]) == (6, "signin.required")
    charlie = await replace(terminal, token=CHARLIES).run("accept", sample.BOOK)
    assert charlie.code == 1
    assert "There is no such deliverable." in charlie.err


async def test_where_nothing_runs_one_sentence_names_the_cure(terminal: Terminal) -> None:
    nowhere = replace(terminal, url="http://127.0.0.1:9")
    said = await nowhere.run("ask", "Count the rows")
    assert said.code == 1
    assert said.err == (
        "No Deputy answers at http://127.0.0.1:9.\nStart it there, or correct DEPUTY_URL.\n"
    )


def test_who_asks_on_the_machine_of_another_plane_is_sent_to_the_right_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPUTY_STATE_DIR", str(tmp_path))
    assert "`deputy up`" in how_to_start()
    StateDir(tmp_path).claim("control")
    assert "People reach the cell; here is a control plane" in how_to_start()
    monkeypatch.setenv("DEPUTY_STATE_DIR", str(tmp_path / "cell"))
    StateDir(tmp_path / "cell").claim("cell")
    assert "`deputy serve cell`" in how_to_start()


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("WIRE_PORT", "ninety", "should be a valid integer"),
        ("WIRE_URL", "https://deputy.lan", "it must look like wss://deputy.lan:8452"),
        ("LOG_LEVEL", "loud", "should be 'debug', 'info', 'warning' or 'error'"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(
    name: str, value: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"DEPUTY_{name}", value)
    with pytest.raises(InvalidRequestError, match=f"The setting DEPUTY_{name} cannot be used") as e:
        settings()
    assert why in e.value.message
    assert value not in e.value.message


async def test_wrong_usage_ends_with_2(terminal: Terminal) -> None:
    for args in (["ask"], ["ask", "x", "no-such-file.xlsx"], ["frobnicate"], ["undo"]):
        assert (await terminal.run(*args)).code == 2, args


async def test_a_token_that_others_can_read_is_refused_with_the_cure(
    site: Site, terminal: Terminal
) -> None:
    token = terminal.folder / "open-token"
    token.write_text(terminal.token)
    token.chmod(0o644)
    done = subprocess.run(
        [sys.executable, "-m", "deputy.cli", "sessions"],
        env={"DEPUTY_URL": site.url, "DEPUTY_TOKEN_FILE": str(token)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert f"chmod 600 {token}" in done.stderr


def test_help_needs_no_heavy_module_and_documents_every_exit_code() -> None:
    look = "import sys; from deputy.cli.main import app; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not HEAVY & set(loaded)
    told = subprocess.run(
        [sys.executable, "-m", "deputy.cli", "--help"], capture_output=True, text=True, check=True
    ).stdout
    words = " ".join(told.split())
    for code in ("0 done", "1 failed", "2 usage", "3 denied", "4 waiting", "5 over budget"):
        assert code in words
    assert "6 not signed in, 7 verification failed" in words


async def test_a_receipts_lines_are_explained(site: Site, terminal: Terminal) -> None:
    await site.finished_session()
    listed = await terminal.run("explain")
    one = await terminal.run("explain", "last", "1")
    absent = await terminal.run("explain", "last", "no such figure")
    assert "check" in listed.out
    assert one.out.startswith("1  ")
    assert absent.code == 1
    assert "No line of this receipt" in absent.err


async def test_a_brief_is_shown_with_its_history(site: Site, terminal: Terminal) -> None:
    await site.finished_session()
    shown = await terminal.run("brief", "show")
    history = await terminal.run("brief", "history", "--json")
    assert shown.out.startswith("Brief, version 1\n")
    assert [one["edited"] for one in history.json["versions"]] == [False]
    unchanged = await terminal.run("brief", "edit")
    assert "There is no changed brief" in unchanged.err
