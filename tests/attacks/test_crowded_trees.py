"""Attacks on a session's files: too many of them, or names that shut the session's owner out."""

from __future__ import annotations

from pathlib import Path

import pytest

from deputy.agent.tools import tool
from deputy.core import artifacts
from deputy.core.calls import CodeCall, CodeLimits, CodeResult
from deputy.core.errors import LimitExceededError
from deputy.testing.scripts import calls, says
from tests.agent.cells import open_cell
from tests.databases import Database

RUN = calls(("code.run", {"code": "print(1)", "inputs": []}))
MANY = {f"out/{number}.txt": b"x" for number in range(20)}


async def test_a_full_tree_refuses_more_files_and_stays_readable(
    cell_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wall: room is asked for before a file is recorded; what is recorded is always read."""
    monkeypatch.setattr(artifacts, "TREE_ENTRIES_MAX", 15)
    flood = CodeResult(outcome="ok", changed=MANY)
    async with open_cell(
        cell_database, tmp_path, [RUN, says("Done.")], result=lambda _: flood
    ) as cell:
        session, turn = await cell.ask()
        done = await cell.work(session, turn)
        (call,) = done.calls.values()
        assert call.returned is not None
        assert len(call.returned.content["changed"]) == 15
        assert len(call.returned.content["refused"]) == 5
        with pytest.raises(LimitExceededError, match="15 files at most"):
            await cell.sessions.upload(session, cell.alice, name="a.csv", raw=b"1")
        assert len((await cell.state(session)).tree.entries) == 15


async def test_code_cannot_take_the_place_of_uploads_or_put_a_file_under_a_file(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: a tree in which a path is both file and folder could never be laid out again."""
    left = [{"inputs": b"mine", "out/a": b"file"}, {"out/a/b": b"below", "out": b"over"}]

    def run(call: CodeCall) -> CodeResult:
        return CodeResult(outcome="ok", changed=left.pop(0))

    async with open_cell(cell_database, tmp_path, [RUN, RUN, says("Done.")], result=run) as cell:
        session, turn = await cell.ask()
        await cell.work(session, turn)
        kept = await cell.sessions.upload(session, cell.alice, name="a.csv", raw=b"1")
        assert kept.path == "inputs/a.csv"
        assert set((await cell.state(session)).tree.by_path()) == {"out/a", "inputs/a.csv"}


async def test_an_upload_never_takes_the_name_of_one_that_code_deleted(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: a name stands for one upload, so that checks never read another file under it."""
    delete = calls(("code.run", {"code": "remove()"}))
    gone = CodeResult(outcome="ok", deleted=("inputs/a.csv",))
    async with open_cell(
        cell_database, tmp_path, [delete, says("Done.")], result=lambda _: gone
    ) as cell:
        session = await cell.sessions.open(cell.alice)
        first = await cell.sessions.upload(session, cell.alice, name="a.csv", raw=b"1")
        await cell.work(*await cell.ask(session=session))
        assert (await cell.state(session)).tree.entries == ()
        second = await cell.sessions.upload(session, cell.alice, name="a.csv", raw=b"2")
        assert (first.path, second.path) == ("inputs/a.csv", "inputs/a (2).csv")


async def test_a_call_too_large_for_the_host_is_told_to_the_model_and_not_tried_again(
    cell_database: Database, tmp_path: Path
) -> None:
    """Wall: what a host refuses for its size fails one call, not the turn and not the platform."""

    def refuse(call: CodeCall) -> CodeResult:
        raise LimitExceededError("9,999 files do not fit into this call.")

    async with open_cell(cell_database, tmp_path, [RUN, says("Done.")], result=refuse) as cell:
        done = await cell.work(*await cell.ask())
        (call,) = done.calls.values()
        assert call.returned is not None
        assert (call.attempts, call.returned.status) == (1, "error")
        assert done.finished is not None
        assert done.finished.outcome == "answered"


async def test_a_tree_larger_than_a_call_may_hold_is_refused_before_a_byte_is_read(
    cell_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wall: otherwise it would kill one worker after the other, before any start is counted."""
    monkeypatch.setattr(tool, "LIMITS", CodeLimits(tree_bytes=10))
    asks = calls(("code.run", {"code": "print(1)"}))
    async with open_cell(cell_database, tmp_path, [asks, says("Done.")]) as cell:
        session = await cell.sessions.open(cell.alice)
        for name in ("a.csv", "b.csv"):
            await cell.sessions.upload(session, cell.alice, name=name, raw=b"123456")
        monkeypatch.setattr(type(cell.means.blobs), "get", None)
        done = await cell.work(*await cell.ask(session=session))
        (call,) = done.calls.values()
        assert call.returned is not None
        assert (call.attempts, call.returned.status) == (0, "error")
        assert cell.host.started == []
        assert done.finished is not None
        assert done.finished.outcome == "answered"
