"""Asks one real Deputy, a session a request, a few at a time, over the API as a client would.

Owns starting it, bringing files, waiting no longer than a limit, and fetching what was delivered.
Must never know what is right.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deputy.assemble import running
from deputy.cli.client import Client
from deputy.interaction.signin import read_owner_token
from tests.journeys.installations import Installation, install

AT_ONCE = 2
TURN_S_MAX = 240.0
LOOK_EVERY_S = 0.2
OPEN_S_MAX = 60
OPENER = Path(__file__).parent / "opening.py"


@dataclass(frozen=True)
class Asked:
    """What came of asking: how the turn ended, its words, its reading, and files as opened."""

    outcome: str
    text: str
    reading: tuple[str, ...]
    files: tuple[dict[str, Any], ...]
    wall_s: float


def asked(asking: Sequence[tuple[str, Sequence[Path]]], python: Path) -> Iterator[Asked]:
    """Ask words with files, in order; `python` is one that can open what is delivered."""
    with install() as deputy, ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(lambda one: _ask(deputy, one[0], one[1], python), asking)


def _ask(deputy: Installation, words: str, files: Sequence[Path], python: Path) -> Asked:
    there = running(deputy.state)
    assert there is not None, "Deputy has ended"
    client = Client(there.url, read_owner_token(there.token_path))
    try:
        return _answered(client, words, files, python)
    finally:
        client.close()


def _answered(client: Client, words: str, files: Sequence[Path], python: Path) -> Asked:
    begin = time.monotonic()
    session = client.command("/sessions")["session"]
    brought = [client.upload(session, file)["id"] for file in files]
    parts: list[dict[str, Any]] = [{"kind": "typed", "text": words}]
    parts += [{"kind": "file", "file": file} for file in brought]
    turn = client.command(f"/sessions/{session}/turns", parts=parts)["turn"]
    shown, outcome = _ended(client, session, turn, begin + TURN_S_MAX)
    delivered = [d for d in shown["deliverables"] if d["turn"] == turn]
    ended = next(t for t in shown["turns"] if t["id"] == turn)
    brief = ended["brief"] or {"goal": "", "reading": ""}
    return Asked(
        outcome,
        ended["text"] or ended["hint"] or "",
        (brief["goal"], brief["reading"], *brief.get("assumptions", ())),
        _fetched(client, delivered, python),
        time.monotonic() - begin,
    )


def _ended(client: Client, session: str, turn: str, deadline: float) -> tuple[dict[str, Any], str]:
    """Wait for the end of a turn; a question that waits for a person is an answer, too."""
    while True:
        shown = client.get(f"/sessions/{session}")
        state = next(t for t in shown["turns"] if t["id"] == turn)
        if state["status"] == "finished":
            return shown, str(state["outcome"])
        if state["status"] == "parked":
            return shown, "answered"
        if time.monotonic() > deadline:
            client.command(f"/sessions/{session}/turns/{turn}/stop")
            return shown, "late"
        time.sleep(LOOK_EVERY_S)


def _fetched(
    client: Client, delivered: Sequence[dict[str, Any]], python: Path
) -> tuple[dict[str, Any], ...]:
    if not delivered:
        return ()
    with tempfile.TemporaryDirectory(prefix="deputy-delivered-") as folder:
        paths = []
        for number, one in enumerate(delivered):
            path = Path(folder) / f"{number}-{Path(one['name']).name}"
            path.write_bytes(client.bytes(f"/deliverables/{one['id']}/content"))
            paths.append(path)
        done = subprocess.run(
            [python, OPENER, *paths], capture_output=True, check=True, timeout=OPEN_S_MAX
        )
    return tuple(json.loads(done.stdout))
