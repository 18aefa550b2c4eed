"""Asking for a result: a finished, checked file with a receipt, and everything around it."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import zipfile
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deputy.cli.client import ApiError
from deputy.journals.engines import libpq_url
from deputy.postgres import EmbeddedPostgres, Role
from tests.journeys.installations import Installation, finished, install, start
from tests.requirement import requirement

EXAMPLE = Path(__file__).parents[2] / "examples" / "sales.xlsx"
QUESTION = (
    "Summarise this quarter's sales by region, compare with the same period last year, identify"
    " the three fastest-growing regions; I need an Excel report with a chart and a one-page PDF"
)


def ask(
    deputy: Installation, words: str, *files: Path, session: str = "", **how: Any
) -> tuple[str, str]:
    """Open a session if none is named, bring files, ask; give (session, turn)."""
    client = deputy.client
    session = session or client.command("/sessions")["session"]
    brought = [client.upload(session, file)["id"] for file in files]
    parts: list[dict[str, Any]] = [{"kind": "typed", "text": words}]
    parts += [{"kind": "file", "file": file} for file in brought]
    return session, client.command(f"/sessions/{session}/turns", parts=parts, **how)["turn"]


@requirement("R001", "R003", "R007", "R009", "R083", "R301", "R316")
def test_a_question_about_a_workbook_is_answered_with_checked_files(deputy: Installation) -> None:
    session, turn = ask(deputy, QUESTION, EXAMPLE)
    shown = finished(deputy.client, session, turn)
    assert shown["outcome"] == "verified", shown
    artifacts = deputy.client.get(f"/sessions/{session}")["deliverables"]
    assert {Path(a["name"]).suffix for a in artifacts} == {".xlsx", ".pdf"}
    receipt = deputy.client.get(f"/sessions/{session}/turns/{turn}/receipt")
    assert {c["verdict"] for c in receipt["checks"]} == {"pass"}
    for artifact in artifacts:
        content = deputy.client.bytes(f"/deliverables/{artifact['id']}/content")
        digest = hashlib.sha256(content).hexdigest()
        assert digest in {d["sha256"] for d in receipt["deliverables"]}


@pytest.mark.slow
@requirement("R301")
def test_a_receipt_that_is_wanted_stands_in_the_files_that_are_handed_over(
    deputy: Installation, tmp_path: Path
) -> None:
    small = tmp_path / "sales.csv"
    small.write_text("Region,Sales\nNorth,3\nSouth,4\nNorth,5\n")
    session, turn = ask(deputy, "Total sales by region as Excel", small, receipt_inside=True)
    shown = finished(deputy.client, session, turn)
    assert shown["outcome"] == "verified", shown
    receipt = deputy.client.get(f"/sessions/{session}/turns/{turn}/receipt")
    told = {Path(d["name"]).suffix: d for d in receipt["deliverables"]}
    assert told[".xlsx"]["receipt_inside"], receipt["checks"]
    content = deputy.client.bytes(f"/deliverables/{told['.xlsx']['artifact']}/content")
    assert hashlib.sha256(content).hexdigest() == told[".xlsx"]["sha256"]
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert b"Checked, and passed" in book.read("xl/worksheets/deputy_words.xml")


def test_a_request_beyond_the_built_in_model_is_declined_in_words(deputy: Installation) -> None:
    session, turn = ask(deputy, "Write a poem about autumn", EXAMPLE)
    shown = finished(deputy.client, session, turn)
    assert shown["outcome"] == "answered"
    assert shown["text"]
    assert deputy.client.get(f"/sessions/{session}")["deliverables"] == []


def test_a_follow_up_uses_what_was_asked_before(deputy: Installation) -> None:
    session, turn = ask(deputy, "Net sales by region this year as Excel", EXAMPLE)
    assert finished(deputy.client, session, turn)["outcome"] == "verified"
    _, second = ask(deputy, "Now by category instead", session=session)
    assert finished(deputy.client, session, second)["outcome"] == "verified"


@requirement("R130")
def test_undo_takes_a_turns_files_out_of_the_tree(deputy: Installation) -> None:
    session, turn = ask(deputy, "Net sales by region as CSV", EXAMPLE)
    assert finished(deputy.client, session, turn)["outcome"] == "verified"
    before = deputy.client.get(f"/sessions/{session}")["tree"]
    deputy.client.command(f"/sessions/{session}/turns/{turn}/undo")
    after = deputy.client.get(f"/sessions/{session}")["tree"]
    assert {f["path"] for f in before} - {f["path"] for f in after}
    assert {f["path"] for f in after} == {f"inputs/{EXAMPLE.name}"}


def test_a_file_that_is_no_workbook_gets_a_clear_answer(
    deputy: Installation, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"this is no workbook")
    session, turn = ask(deputy, "Sales by region as Excel", broken)
    shown = finished(deputy.client, session, turn)
    assert shown["outcome"] in ("answered", "failed")
    assert "broken.xlsx" in shown["text"]


def test_an_empty_file_is_refused_with_the_cure(deputy: Installation, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()
    with pytest.raises(ApiError, match="is empty"):
        ask(deputy, "Sales by region as Excel", empty)


@requirement("R067")
def test_a_killed_worker_is_replaced_and_its_turn_goes_on() -> None:
    with install() as deputy:
        session, turn = ask(deputy, QUESTION, EXAMPLE)
        for event in deputy.client.follow(f"{session}:0"):
            if event.get("type") == "call.started":
                break
        (worker,) = deputy.children("worker")
        os.kill(worker, signal.SIGSTOP)
        with _database(deputy) as connection:
            # Nobody can tell from its silence that this worker is gone: only its end shows it.
            connection.execute("UPDATE queue.procrastinate_workers SET last_heartbeat = 'infinity'")
        os.kill(worker, signal.SIGKILL)
        assert finished(deputy.client, session, turn)["outcome"] == "verified"


def _database(deputy: Installation) -> psycopg.Connection[tuple[object, ...]]:
    url = EmbeddedPostgres(deputy.state).url(Role.OWNER, "cell")
    return psycopg.connect(libpq_url(url), autocommit=True)


@requirement("R067")
def test_a_killed_group_goes_on_at_the_next_start_without_repair(tmp_path: Path) -> None:
    with install() as deputy:
        session, turn = ask(deputy, QUESTION, EXAMPLE)
        os.killpg(deputy.process.pid, signal.SIGKILL)
        deputy.process.wait()
        with start(deputy.state) as again:
            assert finished(again.client, session, turn)["outcome"] == "verified"
