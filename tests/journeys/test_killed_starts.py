"""A Deputy that is killed while it starts, again and again: the next start needs no repair."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from deputy.postgres import EmbeddedPostgres
from tests.journeys.installations import LOOK_EVERY_S, START_S_MAX, begin, finished, start
from tests.journeys.test_ask import EXAMPLE, ask
from tests.requirement import requirement

CHILDREN_MIN = 8


@pytest.fixture
def state() -> Iterator[Path]:
    """A state folder nobody used yet; nothing of it stays."""
    folder = Path(tempfile.mkdtemp(prefix="deputy-journey-"))
    yield folder
    shutil.rmtree(EmbeddedPostgres(folder).places.instance, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
@requirement("R067")
def test_a_group_killed_at_any_point_of_its_start_is_followed_by_one_that_works(
    state: Path,
) -> None:
    places = EmbeddedPostgres(state).places
    moments: list[Callable[[], bool]] = [
        (state / "secrets").exists,
        places.draft.exists,
        places.data.exists,
        (places.data / "postmaster.pid").exists,
        (state / "running.json").exists,
    ]
    for moment in moments:
        kill_at(moment, state)
    leave_rubbish(state)
    with start(state) as deputy:
        session, turn = ask(deputy, "Net sales by region as CSV", EXAMPLE)
        assert finished(deputy.client, session, turn)["outcome"] == "verified"
        everyone = family(deputy.process.pid)
        assert len(everyone) > CHILDREN_MIN, "supervisor, database, server, worker, sandbox"
        os.killpg(deputy.process.pid, signal.SIGKILL)
        deputy.process.wait()
        assert_gone(everyone)


def kill_at(moment: Callable[[], bool], state: Path) -> None:
    """Start, and kill the whole group as soon as something is there."""
    process = begin(state)
    try:
        deadline = time.monotonic() + START_S_MAX
        while not moment():
            assert process.poll() is None, f"Deputy ended with {process.returncode}"
            assert time.monotonic() < deadline, "it never came so far"
            time.sleep(LOOK_EVERY_S / 10)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def leave_rubbish(state: Path) -> None:
    """Leave what a machine may find after a power cut: half notes, and drafts of dead writers."""
    other = subprocess.Popen(["sleep", "600"])
    try:
        note = {"url": "http://127.0.0.1:1", "pid": other.pid, "started": "1"}
        (state / "running.json").write_text(json.dumps(note))
        (state / "running.new").write_text('{"url": "http')
        (state / "host").mkdir(exist_ok=True)
        with (state / "host" / "started.log").open("ab") as record:
            record.write(b"call_00000000000000000000000000 1\ncall_000")
        (state / "secrets" / f"cell.master.{os.getpid()}").write_bytes(b"half")
    finally:
        other.kill()
        other.wait()


def assert_gone(processes: set[int]) -> None:
    """Wait until none of these lives: sandboxes and database follow their parents."""
    deadline = time.monotonic() + START_S_MAX
    while left := processes & parents().keys():
        assert time.monotonic() < deadline, f"still there: {left}"
        time.sleep(LOOK_EVERY_S)


def family(process: int) -> set[int]:
    """Give a process and all that descend from it."""
    found, known = {process}, parents()
    while more := {pid for pid, parent in known.items() if parent in found} - found:
        found |= more
    return found


def parents() -> dict[int, int]:
    """Give each live process's parent."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if fields[0] != "Z":
                    found[int(entry.name)] = int(fields[1])
    return found
