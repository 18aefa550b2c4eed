"""A Deputy of its own to be asked: started, asked over its API, ended.

Owns the process group, and what a turn came to: its outcome, its words, its files. Must never look
into a file or read the database.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deputy.assemble import Running, running
from deputy.cli.client import ApiError, Client
from deputy.interaction.signin import read_owner_token
from deputy.postgres import EmbeddedPostgres

START_S_MAX, STOP_S_MAX, LOOK_EVERY_S = 60.0, 30.0, 0.3
TURN_S_MAX = {"builtin": 300.0}
MODEL_TURN_S_MAX = 2_400.0
UP = """
import sys
from deputy.assemble import up
from deputy.settings import Settings
up(Settings(), lambda line: print(line, file=sys.stderr, flush=True))
"""


@dataclass(frozen=True)
class Handed:
    """What came of a request. `outcome` is the turn's own, or `parked`, `refused`, `too_late`."""

    outcome: str
    text: str
    files: tuple[Path, ...] = ()
    seconds: float = 0.0


@contextmanager
def deputy(model: str) -> Iterator[Client]:
    """Start a Deputy with a model in a folder of its own; everything is gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="deputy-tasks-"))
    mine = {"DEPUTY_STATE_DIR": str(root), "DEPUTY_API_PORT": "0", "DEPUTY_MODEL": model}
    process = subprocess.Popen(
        [sys.executable, "-c", UP], env={**os.environ, **mine}, start_new_session=True
    )
    try:
        there = _until_running(root, process)
        client = Client(there.url, read_owner_token(there.token_path))
        try:
            yield client
        finally:
            client.close()
    finally:
        _stop(process)
        shutil.rmtree(EmbeddedPostgres(root).places.instance, ignore_errors=True)
        shutil.rmtree(root, ignore_errors=True)


def ask(client: Client, words: str, files: Sequence[Path], out: Path, *, seconds: float) -> Handed:
    """Ask with files, wait, and save what is handed over below a folder."""
    began = time.monotonic()
    try:
        session = str(client.command("/sessions")["session"])
        parts: list[dict[str, Any]] = [{"kind": "typed", "text": words}]
        parts += [{"kind": "file", "file": client.upload(session, f)["id"]} for f in files]
        turn = client.command(f"/sessions/{session}/turns", parts=parts)["turn"]
    except ApiError as refused:
        return Handed("refused", f"{refused} {refused.hint}")
    shown = _until_over(client, session, turn, began + seconds)
    files_of_turn = [
        d for d in client.get(f"/sessions/{session}")["deliverables"] if d["turn"] == turn
    ]
    saved = []
    for number, each in enumerate(files_of_turn):
        # Two files may have the same name.
        path = out / str(number) / Path(each["name"]).name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(client.bytes(f"/deliverables/{each['id']}/content"))
        saved.append(path)
    outcome = shown["outcome"] or ("parked" if shown["status"] == "parked" else "too_late")
    text = "\n".join(str(shown[k]) for k in ("text", "hint") if shown[k])
    return Handed(outcome, text, tuple(saved), round(time.monotonic() - began, 1))


def seconds_max(model: str) -> float:
    """Give how long a turn may take with a model."""
    return TURN_S_MAX.get(model, MODEL_TURN_S_MAX)


def _until_over(client: Client, session: str, turn: str, deadline: float) -> dict[str, Any]:
    """Look until a turn is finished or waits for a person; one that takes too long is stopped."""
    while True:
        turns = client.get(f"/sessions/{session}")["turns"]
        shown: dict[str, Any] = next(t for t in turns if t["id"] == turn)
        if shown["status"] in ("finished", "parked"):
            return shown
        if time.monotonic() > deadline:
            client.command(f"/sessions/{session}/turns/{turn}/stop")
            return shown
        time.sleep(LOOK_EVERY_S)


def _until_running(state: Path, process: subprocess.Popen[bytes]) -> Running:
    deadline = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"Deputy ended with {process.returncode}; see what it said above.")
        if (there := running(state)) is not None:
            return there
        time.sleep(LOOK_EVERY_S)
    raise TimeoutError(f"Deputy did not come up within {START_S_MAX:.0f} s.")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S_MAX)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
