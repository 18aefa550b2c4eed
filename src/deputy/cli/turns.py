"""Commands on one turn: steer, stop, undo, receipt.

Owns them, and how a turn is named: by its id, or as `last`. Must never guess between two.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from deputy.cli.client import Client
    from deputy.cli.screen import Screen

LAST = "last"
SESSIONS_SEARCHED_MAX = 200

TurnName = Annotated[str, typer.Argument(help="A turn's id, or 'last'.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (steer, stop, undo, receipt):
        app.command()(command)


def steer(
    words: Annotated[str, typer.Argument(help="What to add or change.")],
    turn: TurnName = LAST,
    as_json: AsJson = False,
) -> None:
    """Add words to a turn under way."""
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen

    client = connect()
    session, found = find_turn(client, turn)
    parts = [{"kind": "typed", "text": words}]
    client.command(f"/sessions/{session}/turns/{found}/steer", parts=parts)
    _said(Screen(as_json=as_json), session, found, "Your words were added.")


def stop(
    turn: TurnName = LAST,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    as_json: AsJson = False,
) -> None:
    """End a turn: running code is killed, nothing further is started."""
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen

    client = connect()
    session, found = find_turn(client, turn)
    client.command(f"/sessions/{session}/turns/{found}/stop", reason=reason)
    _said(Screen(as_json=as_json), session, found, "Stopping.")


def undo(
    turn: Annotated[str, typer.Argument(help="A turn's id, or 'last'.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    back: Annotated[bool, typer.Option("--back", help="Take an undo back.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what taking a finished turn's working files back changes, and do it."""
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen

    client, screen = connect(), Screen(as_json=as_json)
    session, found = find_turn(client, turn)
    address = f"/sessions/{session}/turns/{found}/undo"
    preview = client.get(address, back=back)
    if not as_json:
        _preview(screen, preview, back)
    if preview["done"] or not (yes or _agreed(as_json)):
        if as_json:
            screen.result({"session": session, "turn": found, "moved": False, **preview})
        elif not preview["done"]:
            screen.line("Nothing is changed yet. Add --yes to do it.", "strong")
        return
    undone = client.command(address, back=back)
    if as_json:
        kept = preview["kept"]
        screen.result({"session": session, "turn": found, "moved": True, **undone, "kept": kept})
        return
    screen.line("Done." if back else "The working files are as they were before that turn.")
    screen.line("Files you downloaded stay where they are.", "soft")


def _agreed(as_json: bool) -> bool:
    """Ask the person at the terminal, if there is one."""
    watched = not as_json and sys.stdin.isatty() and sys.stdout.isatty()
    return watched and typer.confirm("Do this?")


def _preview(screen: Screen, preview: Mapping[str, Any], back: bool) -> None:
    if preview["done"]:
        screen.line("Nothing to do: this turn " + ("is not undone." if back else "is undone."))
    for path in preview["restored"]:
        screen.line(f"  back: {path}")
    for path in preview["removed"]:
        screen.line(f"  gone: {path}")
    for path in preview["kept"]:
        screen.line(f"  stays, changed since: {path}")


def receipt(
    turn: TurnName = LAST,
    out: Annotated[
        Path | None, typer.Option(help="Folder to save the page in.", file_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Save a turn's receipt as a page; with --json print it."""
    from deputy.cli.client import connect
    from deputy.cli.results import folder_of, save
    from deputy.cli.screen import Screen

    client, screen = connect(), Screen(as_json=as_json)
    session, found = find_turn(client, turn)
    address = f"/sessions/{session}/turns/{found}/receipt"
    if as_json:
        screen.result(client.get(address))
        return
    page = client.bytes(f"{address}.html")
    kept = save(out or folder_of(found), "receipt.html", page)
    screen.line(f"{kept}  (open it in a browser)")


def find_turn(client: Client, name: str) -> tuple[str, str]:
    """Give (session, turn) of a turn of one's own; raises `NotFoundError`."""
    from deputy.core.errors import NotFoundError

    listed = client.get("/sessions", limit=SESSIONS_SEARCHED_MAX)["sessions"]
    for row in listed:
        if row["turn"] == name or (name == LAST and row["turn"] is not None):
            return str(row["id"]), str(row["turn"])
    for row in listed if name != LAST else ():
        view = client.get(f"/sessions/{row['id']}")
        if any(t["id"] == name for t in view["turns"]):
            return str(row["id"]), name
    raise NotFoundError("There is no such turn.", hint="List what there is: deputy sessions")


def deliverables_of(client: Client, name: str) -> list[Mapping[str, Any]]:
    """Give the deliverables meant by an artifact's id, a turn's id or `last`."""
    from deputy.core.errors import NotFoundError

    if name.startswith("art_"):
        return [client.get(f"/deliverables/{name}")]
    session, turn = find_turn(client, name)
    view = client.get(f"/sessions/{session}")
    found = [d for d in view["deliverables"] if d["turn"] == turn]
    if not found:
        raise NotFoundError("That turn handed nothing over.", hint="List: deputy sessions")
    return found


def _said(screen: Any, session: str, turn: str, text: str) -> None:
    if screen.as_json:
        screen.result({"session": session, "turn": turn, "done": True})
    else:
        screen.line(text)
