"""`deputy sessions` and `deputy logs`: what there is, and what happened.

Owns both commands. With `--json`, `logs` prints one object holding the events; followed with
`-f` it prints one object per line. Must never print more than the API shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from deputy.cli.client import Client
    from deputy.cli.screen import Screen

STATES = {"requested": "waiting", "running": "working", "parked": "waits for a person"}
OUTCOMES = {
    "verified": "verified",
    "not_verified": "not verified",
    "answered": "answered",
    "declined": "declined",
    "failed": "failed",
    "stopped": "stopped",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("sessions")(list_sessions)
    app.command("logs")(logs)


def list_sessions(
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List your sessions, the last moved first."""
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen

    screen = Screen(as_json=as_json)
    found = connect().get("/sessions", limit=limit)
    if as_json:
        screen.result(found)
    elif not found["sessions"]:
        screen.line('There is no session yet. Begin one: deputy ask "what you need" FILE')
    else:
        rows = [
            (s["id"], when(s["moved_us"]), _state(s), s["turn"] or "") for s in found["sessions"]
        ]
        screen.table(("Session", "Moved (UTC)", "State", "Last turn"), rows)


def logs(
    session: Annotated[
        str | None, typer.Argument(help="The session; the last one if left out.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what happens.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what happened in a session."""
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen

    screen, client = Screen(as_json=as_json), connect()
    if session is None:
        session = last_session(client)
    events = _events(client, session, follow)
    if as_json and not follow:
        screen.result({"session": session, "events": list(events)})
        return
    try:
        _print(screen, events)
    except KeyboardInterrupt:
        raise typer.Exit from None


def last_session(client: Client) -> str:
    """Give the session that moved last; raises `NotFoundError` if there is none."""
    from deputy.core.errors import NotFoundError

    found = client.get("/sessions", limit=1)["sessions"]
    if not found:
        raise NotFoundError("There is no session yet.", hint='Begin one: deputy ask "…" FILE')
    return str(found[0]["id"])


def _events(client: Client, session: str, follow: bool) -> Iterator[Mapping[str, Any]]:
    head = int(client.get(f"/sessions/{session}")["seq"])
    for event in client.follow(f"{session}:0"):
        yield event
        if not follow and event["seq"] >= head:
            return


def _print(screen: Screen, events: Iterator[Mapping[str, Any]]) -> None:
    from deputy.cli.narration import Narrator

    narrator = Narrator()
    for event in events:
        if screen.as_json:
            screen.result(dict(event))
            continue
        told = "; ".join(line.text for line in narrator.tell(event) if line.done) or _ending(event)
        at = when(event["time_us"], "%H:%M:%S") if "time_us" in event else "--:--:--"
        screen.line(f"{at}  {event['seq']:>4}  {event['type']:<20}  {told}".rstrip())


def _ending(event: Mapping[str, Any]) -> str:
    """Give how a turn ended, in its own last words; nothing for any other event."""
    body = event.get("body")
    if event["type"] != "turn.finished" or not body:
        return ""
    words = " ".join(str(body.get("text") or "").split())
    return f"{OUTCOMES.get(body['outcome'], body['outcome'])}: {words}".rstrip(": ")


def _state(session: Mapping[str, Any]) -> str:
    if session["outcome"]:
        return OUTCOMES.get(session["outcome"], str(session["outcome"]))
    return STATES.get(session["status"] or "", "empty")


def when(us: int, form: str = "%Y-%m-%d %H:%M") -> str:
    """Give a time (UTC µs) in UTC."""
    return datetime.fromtimestamp(us / 1_000_000, UTC).strftime(form)
