"""`deputy brief`: look at a turn's brief, change it, see what changed.

Owns the commands. A change to a turn under way is told to the agent; after the end it is a new
request that begins with the changed brief. Must never change a brief nobody looked at.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deputy.cli.sessions import when
from deputy.cli.turns import LAST, AsJson, TurnName, find_turn

if TYPE_CHECKING:
    from deputy.cli.client import Client
    from deputy.cli.screen import Screen

group = typer.Typer(help="What a turn is to deliver, and how it is checked.", rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="brief")


@group.command()
def show(turn: TurnName = LAST, as_json: AsJson = False) -> None:
    """Show a turn's brief and what is weak in it."""
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen

    screen, client = Screen(as_json=as_json), connect()
    session, found = find_turn(client, turn)
    view = client.get(_address(session, found))
    if as_json:
        screen.result({"session": session, "turn": found, **view})
    elif view["brief"] is None:
        screen.line("This turn has no brief.")
    else:
        _tell(screen, view)


@group.command()
def history(turn: TurnName = LAST, as_json: AsJson = False) -> None:
    """Show who wrote each version of a brief, and what changed in it."""
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen

    screen, client = Screen(as_json=as_json), connect()
    session, found = find_turn(client, turn)
    view = client.get(_address(session, found))
    if as_json:
        screen.result({"session": session, "turn": found, "versions": view["versions"]})
        return
    if not view["versions"]:
        screen.line("This turn has no brief.")
    for one in view["versions"]:
        who = f"edited by {one['by']}" if one["edited"] else "drafted by the agent"
        screen.line(f"Version {one['version']}, {who}, {when(one['at_us'])} UTC", "strong")
        for change in one["changes"]:
            screen.line(f"  {change}")


@group.command()
def edit(
    turn: TurnName = LAST,
    file: Annotated[
        Path | None, typer.Option(help="The whole brief as JSON; else your editor opens it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change a brief: told to the agent at work, or asked for anew after the end."""
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen

    screen, client = Screen(as_json=as_json), connect()
    session, found = find_turn(client, turn)
    view = client.get(_address(session, found))
    changed = _changed(view, file)
    if changed == view["brief"]:
        screen.line("Nothing was changed.")
        return
    if not view["editable"]:
        raise typer.Exit(_again(client, screen, session, found, changed))
    sent = {"version": view["version"], "brief": changed}
    view = client.command(_address(session, found), method="PUT", **sent)
    if as_json:
        screen.result({"session": session, "turn": found, **view})
        return
    screen.line(f"The brief is at version {view['version']}; the agent is told.", "strong")
    for change in view["versions"][-1]["changes"]:
        screen.line(f"  {change}")


def _changed(view: Mapping[str, Any], file: Path | None) -> dict[str, Any]:
    """Give the brief as its requester wants it."""
    from deputy.core.errors import InvalidRequestError

    text = json.dumps(view["brief"], ensure_ascii=False, indent=2)
    if file is not None:
        written: str | None = file.read_text("utf-8")
    elif sys.stdin.isatty() and view["brief"] is not None:
        written = _edited(text)
    else:
        written = None
    try:
        found = json.loads(written) if written is not None else None
    except ValueError as error:
        raise InvalidRequestError(
            f"What was written is not JSON: {error}.", hint="Change it again; nothing was sent."
        ) from error
    if not isinstance(found, dict):
        raise InvalidRequestError(
            "There is no changed brief.",
            hint="Write one: deputy brief show --json, change `brief`, then edit --file FILE.",
        )
    return found


def _edited(text: str) -> str:
    """Give a text as its reader's own editor leaves it."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "brief.json"
        path.write_text(text, "utf-8")
        subprocess.run([*shlex.split(editor), str(path)], check=True)
        return path.read_text("utf-8")


def _again(
    client: Client, screen: Screen, session: str, turn: str, brief: Mapping[str, Any]
) -> int:
    """Ask for the same once more, beginning with the changed brief; give the exit code."""
    from deputy.cli.asking import report, see_through

    view = client.get(f"/sessions/{session}")
    before = next(t for t in view["turns"] if t["id"] == turn)
    parts = [part for said in before["said"] for part in said["parts"]]
    screen.progress("This turn has ended: it is asked for once more with your brief.", "strong")
    asked = client.command(f"/sessions/{session}/turns", parts=parts, brief=brief)
    cursor = str(asked["stream"]).partition("cursor=")[2]
    done = see_through(client, screen, session, str(asked["turn"]), cursor)
    return report(client, screen, done, None)


def _address(session: str, turn: str) -> str:
    return f"/sessions/{session}/turns/{turn}/brief"


def _tell(screen: Screen, view: Mapping[str, Any]) -> None:
    brief = view["brief"]
    screen.line(f"Brief, version {view['version']}", "strong")
    screen.line(f"Goal: {brief['goal']}")
    if brief["reading"]:
        screen.line(f"Read as: {brief['reading']}")
    for title, lines in (
        ("Files", [f"{d['path']}: {d['title']}" for d in brief["deliverables"]]),
        ("Checked by", [f"{c['text']} ({c['check']})" for c in brief["criteria"]]),
        ("Assumed", brief["assumptions"]),
        ("Edge cases", brief["edge_cases"]),
        ("Left out on purpose", brief["out_of_scope"]),
    ):
        if lines:
            screen.line(title, "strong")
            for line in lines:
                screen.line(f"  {line}")
    for finding in view["findings"]:
        screen.line(finding, "bad", mark="!")
