"""`deputy explain`: what a line of a receipt rests on.

Owns the command and its words. Must never say more than the receipt does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deputy.cli.turns import LAST, AsJson, TurnName, find_turn

if TYPE_CHECKING:
    from deputy.cli.screen import Screen

DIGEST_CHARS = 12
VERDICTS = {"pass": "passed", "fail": "FAILED", "error": "COULD NOT RUN"}
HOW = {
    "recomputation": "the figures were computed again from the source",
    "inspection": "the file was looked at",
    "own code": "the agent's own code looked at it",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(explain)


def explain(
    turn: TurnName = LAST,
    what: Annotated[
        str | None, typer.Argument(help="A line's number, a check, or a figure; else all lines.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what the lines of a turn's receipt rest on."""
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen, program
    from deputy.core.errors import NotFoundError

    screen, client = Screen(as_json=as_json), connect()
    session, found = find_turn(client, turn)
    asked = {"what": what} if what is not None else {}
    lines = client.get(f"/sessions/{session}/turns/{found}/explanation", **asked)["lines"]
    if as_json:
        screen.result({"session": session, "turn": found, "lines": lines})
        return
    if not lines:
        raise NotFoundError(
            f"No line of this receipt speaks of {what!r}." if what else "It has no lines.",
            hint=f"All lines: {program()} explain {found}",
        )
    if what is None:
        for line in lines:
            screen.line(f"{line['line']:>3}  {line['kind']:<11}  {_headline(line)}")
        screen.line("")
        screen.line(f"What one rests on: {program()} explain {found} NUMBER")
        return
    for line in lines:
        _tell(screen, line)


def _headline(line: Mapping[str, Any]) -> str:
    verdict = f"{VERDICTS.get(line['verdict'], line['verdict'])}: " if "verdict" in line else ""
    return f"{verdict}{line['says']}"


def _tell(screen: Screen, line: Mapping[str, Any]) -> None:
    screen.line(f"{line['line']}  {_headline(line)}", "strong")
    for name, value in (
        ("Found", line.get("detail")),
        ("How", HOW.get(line.get("how", ""))),
        ("Proves", line.get("proves")),
        ("Does not say", line.get("does_not_say")),
        ("Check", line.get("check")),
        ("Asked by", line.get("asked_by")),
        ("From", line.get("from")),
        ("Checks", "; ".join(line.get("checks", ()))),
        ("SHA-256", line.get("sha256")),
    ):
        if value:
            screen.line(f"  {name}: {value}")
    for setting in line.get("params", ()):
        screen.line(f"  Setting: {setting}")
    for source in line.get("sources", ()):
        screen.line(f"  Source: {source['name']} ({source['sha256'][:DIGEST_CHARS]})")
    _tell_origin(screen, line)


def _tell_origin(screen: Screen, line: Mapping[str, Any]) -> None:
    file = line.get("file") or {}
    if "run" in file:
        read = ", ".join(file["read"] or ()) or "all files"
        code = file["code_sha256"][:DIGEST_CHARS]
        screen.line(f"  Made by: run {file['run']} of the code ({code}), which read {read}")
    decision = line.get("decision")
    if decision:
        rules = ", ".join(decision["rules"]) or "no rule named"
        screen.line(f"  Permitted: {decision['verdict']} by {rules}")
    label = line.get("label") or (decision or {}).get("label")
    if label:
        readers = ", ".join(label["readers"]) or "everyone"
        screen.line(f"  Label: {label['trust']}, readable by {readers}")
    screen.line("")
