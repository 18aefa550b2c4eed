"""`deputy demo`: one real question about a real workbook, from start to files.

Owns the show that `script/demo` ends with. It uses a Deputy that runs already, or starts one for
itself and leaves nothing running. Speaks to it through the public API alone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from deputy.cli.screen import Screen

WORDS = (
    "Summarise this quarter's sales by region, compare with the same period last year, identify"
    " the three fastest-growing regions; I need an Excel report with a chart and a one-page PDF"
)
WORKBOOK = Path("examples/sales.xlsx")
START_S_MAX = 120.0
STOP_S_MAX = 30.0
LOOK_S = 0.05


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(hidden=True)(demo)


def demo(
    keep: Annotated[bool, typer.Option(help="Leave Deputy running afterwards.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for the results.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Ask a real question about the example workbook and show what comes of it."""
    from deputy.cli.asking import report, request
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen
    from deputy.core.errors import NotFoundError

    screen = Screen(as_json=as_json)
    if not WORKBOOK.is_file():
        raise NotFoundError(
            f"{WORKBOOK} is not here.", hint="Run script/demo from a clone of Deputy."
        )
    with _running(screen, keep=keep) as stays:
        client = connect()
        screen.progress("")
        screen.progress(f"“{WORDS}.”", "strong")
        screen.progress("")
        done = request(client, screen, [{"kind": "typed", "text": WORDS}], [WORKBOOK])
        code = report(client, screen, done, out)
        client.close()
    if not stays:
        screen.progress("")
        screen.progress("Deputy is stopped again; your session is kept.", "strong")
        screen.progress("Run it with script/server in another terminal, then go on as above.")
    raise typer.Exit(code if done["outcome"] == "verified" else code or 7)


@contextmanager
def _running(screen: Screen, *, keep: bool) -> Iterator[bool]:
    """Have a Deputy: the one there is, or one of our own. Give whether it stays afterwards."""
    from deputy.cli.installation import here

    if here() is not None:
        screen.progress("Deputy is running already; asking it.", "soft")
        yield True
        return
    child = _start(screen)
    try:
        _await(child)
        yield keep
        if keep:
            screen.progress("")
            screen.progress(f"Deputy goes on running; stop it with: kill {child.pid}", "strong")
    finally:
        if not keep or child.poll() is not None:
            _end(child)


def _start(screen: Screen) -> subprocess.Popen[Any]:
    screen.progress("Starting Deputy", "soft")
    # A session of its own: Ctrl-C here ends the demo first, and the demo ends Deputy.
    return subprocess.Popen(
        [sys.executable, "-m", "deputy.cli", "up", "--port", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=None if os.environ.get("DEPUTY_DEMO_VERBOSE") else subprocess.DEVNULL,
        start_new_session=True,
    )


def _await(child: subprocess.Popen[Any]) -> None:
    from deputy.cli.client import Client, connect
    from deputy.cli.installation import here
    from deputy.core.errors import DeputyError

    deadline, state = time.monotonic() + START_S_MAX, "it has not said where it listens"
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise DeputyError(
                "Deputy ended while it was starting.", hint="See why: .venv/bin/deputy up"
            )
        if here() is not None:
            client: Client = connect()
            state = client.ready()
            client.close()
            if state == "ok":
                return
        time.sleep(LOOK_S)
    raise DeputyError(f"Deputy did not become ready: {state}.", hint="See why: deputy doctor")


def _end(child: subprocess.Popen[Any]) -> None:
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
    try:
        child.wait(STOP_S_MAX)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
