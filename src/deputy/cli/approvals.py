"""`deputy approvals`: what waits for you, and your answers.

Owns the commands and what a card looks like. An answer names the digest of the card that was
shown. Must never approve what nobody was shown.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deputy.cli.narration import titled
from deputy.cli.sessions import when

if TYPE_CHECKING:
    from deputy.cli.client import Client
    from deputy.cli.screen import Screen

ARGS_CHARS_MAX = 4_000
WORDS_CHARS_MAX = 200

CallName = Annotated[str, typer.Argument(help="The call's id.")]
Reason = Annotated[str, typer.Option(help="Why, for the record; the agent is told it.")]
Shown = Annotated[
    str | None, typer.Option(help="The digest of the card you saw; without it you are shown it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

group = typer.Typer(help="What waits for you, and your answers.", rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="approvals")


@group.callback(invoke_without_command=True)
def list_waiting(context: typer.Context, as_json: AsJson = False) -> None:
    """List what waits for you: without a command, or answer with one."""
    if context.invoked_subcommand is not None:
        return
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen, program

    screen, client = Screen(as_json=as_json), connect()
    found = client.get("/approvals")
    if as_json:
        screen.result(found)
        return
    if not found["waiting"]:
        screen.line("Nothing waits for you.")
        return
    for one in found["waiting"]:
        screen.line(f"{one['call']}  since {when(one['since_us'])} UTC", "strong")
        screen.line(f"  {titled(one['tool'])}, for: {_asked_for(client, one)}")
        screen.line(f"  {one['reason']}")
        if one["code"] == "question.asked":
            screen.line(f'  {program()} approvals answer {one["call"]} "…"')
            continue
        screen.line(f"  Approve: {one['approving']}")
        screen.line(f"  Reject:  {one['rejecting']}")
    if found["more"]:
        screen.line("More waits than is listed here.", "soft")
    screen.line("")
    screen.line(f"Look at one: {program()} approvals show CALL    Answer: approve or reject CALL")


@group.command()
def show(call: CallName, as_json: AsJson = False) -> None:
    """Show a call that waits: exactly what your answer would be about."""
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen, program

    screen, client = Screen(as_json=as_json), connect()
    place, card = _card(client, call)
    if as_json:
        screen.result({**place, **card})
        return
    _tell(screen, card, _asked_for(client, place))
    for answer in ("approve", "reject"):
        screen.line(f"{program()} approvals {answer} {call} --shown {card['digest']}")


@group.command()
def approve(
    call: CallName,
    reason: Reason = "",
    shown: Shown = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Watch the turn go on and save its files.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Allow a call that waits, as it was shown."""
    from deputy.cli.asking import report, see_through
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen
    from deputy.core.errors import InvalidRequestError

    screen, client = Screen(as_json=as_json), connect()
    place, card = _card(client, call)
    if shown is None:
        if as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise InvalidRequestError(
                "Nobody saw what would be approved.",
                hint="Look first: deputy approvals show CALL. Then add --shown with its digest.",
            )
        _tell(screen, card, _asked_for(client, place))
        typer.confirm("Approve this?", abort=True)
    session, turn = place["session"], place["turn"]
    seq = client.get(f"/sessions/{session}")["seq"]
    _answer(client, place, shown or card["digest"], reason, approving=True)
    if not follow:
        _said(screen, place, "approve")
        return
    done = see_through(client, screen, session, turn, f"{session}:{seq}")
    raise typer.Exit(report(client, screen, done, None))


@group.command()
def answer(
    call: CallName,
    words: Annotated[str, typer.Argument(help="Your answer; the agent is given it.")],
    shown: Shown = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Watch the turn go on and save its files.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Answer a question in words; its turn goes on with them."""
    from deputy.cli.asking import report, see_through
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen
    from deputy.core.errors import InvalidRequestError

    screen, client = Screen(as_json=as_json), connect()
    place, card = _card(client, call)
    if card["code"] != "question.asked":
        raise InvalidRequestError(
            "This waits for leave, not for words.", hint=f"deputy approvals show {call}"
        )
    screen.line(f"{card['shown']['reason']}", "strong")
    seq = client.get(f"/sessions/{place['session']}")["seq"]
    _answer(client, place, shown or card["digest"], words, approving=True)
    if not follow:
        _said(screen, place, "answer")
        return
    cursor = f"{place['session']}:{seq}"
    done = see_through(client, screen, place["session"], place["turn"], cursor)
    raise typer.Exit(report(client, screen, done, None))


@group.command()
def reject(
    call: CallName, reason: Reason = "", shown: Shown = None, as_json: AsJson = False
) -> None:
    """Refuse a call that waits; nothing of it is done."""
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen

    screen, client = Screen(as_json=as_json), connect()
    place, card = _card(client, call)
    _answer(client, place, shown or card["digest"], reason, approving=False)
    _said(screen, place, "reject")


def _card(client: Client, call: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Give where a waiting call is and its card; raises `NotFoundError`."""
    from deputy.core import ids
    from deputy.core.errors import NotFoundError

    ids.check("call", call)
    for one in client.get("/approvals")["waiting"]:
        if one["call"] == call:
            place = {name: str(one[name]) for name in ("session", "turn", "call")}
            return place, client.get(_address(place))
    raise NotFoundError(
        "No call of this id waits for you.", hint="List what does: deputy approvals"
    )


def _address(place: Mapping[str, str]) -> str:
    return f"/sessions/{place['session']}/turns/{place['turn']}/calls/{place['call']}"


def _asked_for(client: Client, place: Mapping[str, str]) -> str:
    """Give the beginning of the words that the waiting turn began with."""
    for turn in client.get(f"/sessions/{place['session']}")["turns"]:
        if turn["id"] == place["turn"] and turn["said"]:
            parts = turn["said"][0]["parts"]
            words = " ".join(" ".join(p.get("text") or "" for p in parts).split())
            return f"“{words[:WORDS_CHARS_MAX]}{'…' if len(words) > WORDS_CHARS_MAX else ''}”"
    return place["turn"]


def _tell(screen: Screen, card: Mapping[str, Any], asked_for: str) -> None:
    import json

    shown = card["shown"]
    screen.line(f"{titled(shown['tool'])}, waiting since {when(card['since_us'])} UTC", "strong")
    screen.line(f"For:     {asked_for}")
    screen.line(f"Why:     {shown['reason']}")
    screen.line(f"Approve: {shown['approving']}")
    screen.line(f"Reject:  {shown['rejecting']}")
    if shown["args"]:
        args = json.dumps(shown["args"], ensure_ascii=False, indent=2)
        screen.line("With exactly these arguments:")
        screen.line(args[:ARGS_CHARS_MAX])
        if len(args) > ARGS_CHARS_MAX:
            screen.line("The rest is shown with --json.", "bad", mark="!")
    screen.line("")


def _answer(
    client: Client, place: Mapping[str, str], shown: str, reason: str, *, approving: bool
) -> None:
    from deputy.core.errors import InvalidRequestError

    if not re.fullmatch("[0-9a-f]{64}", shown):
        raise InvalidRequestError(
            "What --shown names is not the digest of a card.",
            hint=f"It is what this prints: deputy approvals show {place['call']}",
        )
    client.command(f"{_address(place)}/answer", approve=approving, shown=shown, reason=reason)


def _said(screen: Screen, place: Mapping[str, str], answer: str) -> None:
    from deputy.cli.screen import program

    if screen.as_json:
        screen.result({**place, "answer": answer})
        return
    said = {"approve": "Approved.", "answer": "Answered."}.get(answer, "Rejected.")
    screen.line(said, "strong")
    screen.line(f"Watch what happens: {program()} logs {place['session']} -f")
