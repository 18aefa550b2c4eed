"""A whole Deputy in a process group of its own: supervisor, database, server, worker, sandbox."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deputy.assemble import Running, running
from deputy.cli.client import Client
from deputy.interaction.signin import read_owner_token
from deputy.postgres import EmbeddedPostgres

START_S_MAX = 60.0
STOP_S_MAX = 30.0
LOOK_EVERY_S = 0.05
UP = """
import sys
from deputy.assemble import up
from deputy.settings import Settings
up(Settings(), lambda line: print(line, file=sys.stderr, flush=True))
"""


@dataclass
class Installation:
    """One Deputy that runs, its owner's client, and its state folder."""

    state: Path
    process: subprocess.Popen[bytes]
    client: Client

    def children(self, kind: str) -> list[int]:
        """Give the process ids of a kind of child: `server` or `worker`."""
        entries = [e for e in Path("/proc").iterdir() if e.name.isdigit()]
        return [int(e.name) for e in entries if _is_child(e, self.process.pid, kind)]


@contextmanager
def install(state: Path | None = None) -> Iterator[Installation]:
    """Start a Deputy on a state folder (a new one by default); everything is gone afterwards."""
    root = state or Path(tempfile.mkdtemp(prefix="deputy-journey-"))
    try:
        with start(root) as found:
            yield found
    finally:
        shutil.rmtree(EmbeddedPostgres(root).places.instance, ignore_errors=True)
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def start(state: Path) -> Iterator[Installation]:
    """Start a Deputy on a state folder that may have been used before."""
    process = begin(state)
    try:
        there = _until_running(state, process)
        client = Client(there.url, read_owner_token(there.token_path))
        try:
            yield Installation(state, process, client)
        finally:
            client.close()
    finally:
        _stop(process)


def begin(state: Path) -> subprocess.Popen[bytes]:
    """Begin to start a Deputy; whoever begins one ends it."""
    environment = {**os.environ, "DEPUTY_STATE_DIR": str(state), "DEPUTY_API_PORT": "0"}
    return subprocess.Popen([sys.executable, "-c", UP], env=environment, start_new_session=True)


def finished(client: Client, session: str, turn: str) -> dict[str, Any]:
    """Follow a turn to its end; give it as the API shows it."""
    for event in client.follow(f"{session}:0"):
        if event.get("turn") == turn and event.get("type") in ("turn.finished", "turn.parked"):
            break
    shown = client.get(f"/sessions/{session}")
    return next(dict(t) for t in shown["turns"] if t["id"] == turn)


def _until_running(state: Path, process: subprocess.Popen[bytes]) -> Running:
    deadline = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline:
        assert process.poll() is None, f"Deputy ended with {process.returncode}"
        if (there := running(state)) is not None:
            return there
        time.sleep(LOOK_EVERY_S)
    raise AssertionError("Deputy did not come up")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S_MAX)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _is_child(entry: Path, parent: int, kind: str) -> bool:
    try:
        words = (entry / "cmdline").read_bytes().split(b"\0")
        status = (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return int(status[1]) == parent and b"deputy.assemble" in words and kind.encode() in words
