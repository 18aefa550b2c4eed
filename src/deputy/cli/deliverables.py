"""Commands on what was handed over: accept, discard.

Owns them. What they record is what Deputy's worth is measured by later; they change no file.
"""

from __future__ import annotations

from typing import Annotated

import typer

from deputy.cli.turns import AsJson, deliverables_of

What = Annotated[str, typer.Argument(help="A turn's or a deliverable's id, or 'last'.")]
Why = Annotated[str, typer.Option(help="Why, in your words.")]
ByHand = Annotated[int | None, typer.Option(min=1, help="Minutes it takes by hand.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(accept)
    app.command()(discard)


def accept(what: What, reason: Why = "", by_hand: ByHand = None, as_json: AsJson = False) -> None:
    """Say that a result is good."""
    _note(what, "accepted", reason, by_hand, as_json)


def discard(what: What, reason: Why = "", as_json: AsJson = False) -> None:
    """Say that a result is of no use."""
    _note(what, "discarded", reason, None, as_json)


def _note(name: str, what: str, reason: str, by_hand: int | None, as_json: bool) -> None:
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen

    client, screen = connect(), Screen(as_json=as_json)
    found = deliverables_of(client, name)
    for deliverable in found:
        address = f"/deliverables/{deliverable['id']}/events"
        client.command(address, what=what, reason=reason)
        if by_hand is not None:
            client.command(address, by_hand_minutes=by_hand)
    if as_json:
        screen.result({"what": what, "deliverables": [d["id"] for d in found]})
        return
    for deliverable in found:
        screen.line(f"{what}: {deliverable['name']}")
