"""`deputy ask`: say what you need, watch it being made, get the files.

Owns the conversation from words to saved results and the exit code of its outcome. Starts
nothing itself. Must never call a result good that its receipt does not.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from deputy.cli.client import Client
    from deputy.cli.results import Saved
    from deputy.cli.screen import Screen

OUTCOME_EXITS = {
    "verified": 0,
    "answered": 0,
    "not_verified": 7,
    "declined": 1,
    "failed": 1,
    "stopped": 1,
}
CODE_EXITS = {
    "gate.denied": 3,
    "budget.exceeded": 5,
}
PARKED_EXIT = 4
INTERRUPTED_EXIT = 130


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(ask)


def ask(
    words: Annotated[str, typer.Argument(help="What you need; '-' reads it from the input.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files to work on.", exists=True, dir_okay=False, readable=True),
    ] = None,
    session: Annotated[
        str | None, typer.Option(help="Go on in this session instead of a new one.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results.", file_okay=False)
    ] = None,
    by_hand: Annotated[
        int | None, typer.Option(min=1, help="Minutes this takes by hand, as you say.")
    ] = None,
    unattended: Annotated[
        bool, typer.Option("--unattended", help="Nobody watches: questions wait in `approvals`.")
    ] = False,
    receipt_inside: Annotated[
        bool, typer.Option("--receipt-inside", help="Put the receipt into the files too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Ask for a result and wait for it."""
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen

    screen = Screen(as_json=as_json)
    parts = _parts(words)
    _require_sendable(files or [], session)
    client = connect()
    try:
        how = {"unattended": unattended or None, "receipt_inside": receipt_inside or None}
        done = request(client, screen, parts, files or [], session, by_hand, **how)
        raise typer.Exit(report(client, screen, done, out))
    finally:
        client.close()


def _require_sendable(files: list[Path], session: str | None) -> None:
    """Refuse what the server would refuse, before anything is sent."""
    from deputy.core import ids
    from deputy.core.artifacts import FILE_BYTES_MAX
    from deputy.core.errors import InvalidRequestError, LimitExceededError

    if session is not None:
        ids.check("ses", session)
    most = FILE_BYTES_MAX >> 20
    for file in files:
        if not (size := file.stat().st_size):
            raise InvalidRequestError(
                f"The file '{file.name}' is empty: it has no bytes at all.",
                hint="Bring one that holds data. If it should, save or export it again.",
                code="file.empty",
            )
        if size > FILE_BYTES_MAX:
            raise LimitExceededError(
                f"The file '{file.name}' has {size >> 20} MiB; {most} MiB is the limit.",
                hint="Split it, or leave out what is not needed.",
            )


def request(
    client: Client,
    screen: Screen,
    parts: list[dict[str, str]],
    files: list[Path],
    session: str | None = None,
    by_hand: int | None = None,
    **how: Any,
) -> dict[str, Any]:
    """Ask and follow the work until the turn ends or waits; give the turn as the API shows it.

    `how` are further fields of the request; None leaves one out.
    """
    if session is None:
        session = str(client.command("/sessions", title=parts[0]["text"][:200])["session"])
    for file in files:
        screen.progress(f"Bringing {file.name}", "soft")
        parts = [*parts, {"kind": "file", "file": str(client.upload(session, file)["id"])}]
    asked = client.command(
        f"/sessions/{session}/turns", parts=parts, by_hand_minutes=by_hand, **how
    )
    cursor = str(asked["stream"]).partition("cursor=")[2]
    return see_through(client, screen, session, str(asked["turn"]), cursor)


def see_through(
    client: Client, screen: Screen, session: str, turn: str, cursor: str
) -> dict[str, Any]:
    """Follow a turn from a cursor until it ends or waits; give it as the API shows it."""
    from deputy.cli.screen import program

    began = time.monotonic()
    try:
        watch(client, screen, turn, cursor)
    except KeyboardInterrupt:
        screen.progress("")
        screen.progress("Deputy goes on working.", "strong")
        screen.progress(
            f"Watch it: {program()} logs {session} -f    Stop it: {program()} stop {turn}"
        )
        raise typer.Exit(INTERRUPTED_EXIT) from None
    view = client.get(f"/sessions/{session}")
    shown = next(t for t in view["turns"] if t["id"] == turn)
    mine = [d for d in view["deliverables"] if d["turn"] == turn]
    return {
        **shown,
        "session": session,
        "files": mine,
        "seconds": round(time.monotonic() - began, 1),
    }


def watch(client: Client, screen: Screen, turn: str, cursor: str) -> None:
    """Tell a turn's events until it ends or waits for a person."""
    from deputy.cli.narration import Narrator

    narrator, last = Narrator(), None
    with screen.moving("Waiting for a worker"):
        for event in client.follow(cursor):
            if event.get("turn") != turn:
                continue
            if event["type"] == "turn.parked":
                # What it waits for is told in full by whoever reports this turn.
                return
            for line in narrator.tell(event):
                if line == last and event["type"] == "turn.rested":
                    # It still waits for the same: to be told so once is enough.
                    continue
                if line.done:
                    last = line
                    screen.progress(line.text, line.style, mark=line.mark)
                else:
                    screen.doing(line.text)
            if event["type"] == "turn.finished":
                return


def report(client: Client, screen: Screen, turn: Mapping[str, Any], out: Path | None) -> int:
    """Save what was handed over, say how it went and what to do next; give the exit code."""
    from deputy.cli.results import fetch, folder_of, save

    if turn["status"] != "finished":
        return _waiting(client, screen, turn)
    folder = out or folder_of(turn["id"])
    saved = fetch(client, list(turn["files"]), folder)
    receipt: dict[str, Any] = client.get(_receipt(turn))
    page = client.bytes(f"{_receipt(turn)}.html")
    kept = save(folder, "receipt.html", page) if saved else None
    code = exit_code(receipt["outcome"], turn["code"])
    if screen.as_json:
        screen.result(_as_json(turn, receipt, saved, kept, code))
    else:
        _tell(screen, turn, receipt, saved, kept)
    return code


def exit_code(outcome: str, code: str | None) -> int:
    """Give the exit code of an outcome; a failure's own code refines it."""
    exit_ = OUTCOME_EXITS.get(outcome, 1)
    return CODE_EXITS.get(code or "", exit_) if outcome == "failed" else exit_


def _receipt(turn: Mapping[str, Any]) -> str:
    return f"/sessions/{turn['session']}/turns/{turn['id']}/receipt"


def _waiting(client: Client, screen: Screen, turn: Mapping[str, Any]) -> int:
    """Say who must answer what, and what was used so far; give the exit code."""
    from deputy.cli.narration import titled
    from deputy.cli.screen import program

    address = f"/sessions/{turn['session']}/turns/{turn['id']}/calls"
    cards = [client.get(f"{address}/{call}") for call in turn["waiting"]]
    over = any(card["code"] == "budget.exceeded" for card in cards)
    code = CODE_EXITS["budget.exceeded"] if over else PARKED_EXIT
    if screen.as_json:
        screen.result(_waiting_as_json(turn, cards, code))
        return code
    asked = any(card["code"] == "question.asked" for card in cards)
    said = "This waits for a person."
    if over or asked:
        said = "A limit of this turn is reached." if over else "This waits for your answer."
    screen.line(f"{said} Waiting costs nothing.", "strong")
    for card in cards:
        shown = card["shown"]
        people = ", ".join(card["waits_for"])
        screen.line(f"{titled(shown['tool'])}: {shown['reason']} Asked: {people}.", mark="!")
        for advice in _how_to_answer(shown, card["code"]):
            screen.line(f"  {advice}")
    if over:
        screen.line(f"Used so far: {_used(turn)}.")
    screen.line(f"Watch for the answer: {program()} logs {turn['session']} -f")
    return code


def _how_to_answer(shown: Mapping[str, Any], code: str) -> list[str]:
    from deputy.cli.screen import program

    call, reject = shown["call"], f"{program()} approvals reject {shown['call']}"
    if code == "question.asked":
        options = [f"{one}" for one in shown["args"].get("options", ())]
        given = [f"For example: {' | '.join(options)}"] if options else []
        return [*given, f'{program()} approvals answer {call} "…" -f   and get the result', reject]
    return [
        f"Approve: {shown['approving']}",
        f"{program()} approvals approve {call} -f   and get the result",
        reject,
    ]


def _used(turn: Mapping[str, Any]) -> str:
    replies = sum(1 for step in turn["steps"] if step["model"])
    spent = turn["spent"]
    cost = f", {spent['cost_micros'] / 1_000_000:.2f} in money" if spent["cost_micros"] else ""
    plural = "y" if replies == 1 else "ies"
    return f"{replies} repl{plural}, {spent['tokens']:,} tokens{cost}"


def _waiting_as_json(
    turn: Mapping[str, Any], cards: list[dict[str, Any]], code: int
) -> dict[str, Any]:
    return {
        "session": turn["session"],
        "turn": turn["id"],
        "status": turn["status"],
        "outcome": None,
        "waiting": [
            {
                "call": card["shown"]["call"],
                "tool": card["shown"]["tool"],
                "code": card["code"],
                "reason": card["shown"]["reason"],
                "approving": card["shown"]["approving"],
                "waits_for": card["waits_for"],
                "digest": card["digest"],
            }
            for card in cards
        ],
        "spent": turn["spent"],
        "limits": turn["limits"],
        "exit_code": code,
    }


def _tell(
    screen: Screen,
    turn: Mapping[str, Any],
    receipt: Mapping[str, Any],
    saved: list[Saved],
    kept: Path | None,
) -> None:
    from deputy.cli.screen import size

    verdicts = {
        "verified": ("VERIFIED", "good"),
        "not_verified": ("NOT VERIFIED: look before you use it", "bad"),
        "answered": ("ANSWERED", "plain"),
        "declined": ("DECLINED: something else serves this better", "bad"),
        "failed": ("FAILED", "bad"),
        "stopped": ("STOPPED", "bad"),
    }
    title, style = verdicts.get(receipt["outcome"], (receipt["outcome"], "bad"))
    passed = sum(c["verdict"] == "pass" for c in receipt["checks"])
    tally = f", {passed} of {len(receipt['checks'])} checks passed" if receipt["checks"] else ""
    screen.line("")
    screen.line(f"{title}{tally}, in {turn['seconds']:.0f} s", style, mark="●")
    if receipt["outcome"] == "not_verified":
        screen.line(str(receipt.get("verdict", "")), "bad", mark="!")
    if receipt["text"]:
        screen.line(receipt["text"])
    if turn["hint"]:
        screen.line(turn["hint"], "strong")
    if receipt["outcome"] == "not_verified":
        for sentence in receipt["not_checked"]:
            screen.line(sentence, "bad", mark="!")
    if saved:
        screen.line("")
        screen.line("Your files", "strong")
        for file in saved:
            note = "" if file.verified else ", not verified"
            screen.line(f"  {file.path}  ({size(file.size)}{note})")
        screen.line(f"  {kept}  (the receipt: open it in a browser)")
    screen.line("")
    screen.line("What next", "strong")
    for advice in _next(turn, saved):
        screen.line(f"  {advice}")


def _next(turn: Mapping[str, Any], saved: list[Saved]) -> list[str]:
    from deputy.cli.screen import program

    deputy = program()
    go_on = f'{deputy} ask --session {turn["session"]} "…"'
    if not saved:
        return [f"{go_on}   say it differently, or ask for more"]
    return [
        f"{go_on}   change it or ask for more",
        f"{deputy} accept {turn['id']}   it is good",
        f"{deputy} discard {turn['id']}   it is of no use",
        f"{deputy} undo {turn['id']}   take its working files back",
    ]


def _as_json(
    turn: Mapping[str, Any],
    receipt: Mapping[str, Any],
    saved: list[Saved],
    kept: Path | None,
    code: int,
) -> dict[str, Any]:
    return {
        "session": turn["session"],
        "turn": turn["id"],
        "status": turn["status"],
        "outcome": receipt["outcome"],
        "verdict": receipt.get("verdict", ""),
        "text": receipt["text"],
        "code": turn["code"],
        "hint": turn["hint"],
        "seconds": turn["seconds"],
        "files": [
            {
                "artifact": f.artifact,
                "name": f.name,
                "path": str(f.path),
                "sha256": f.sha256,
                "size": f.size,
                "verified": f.verified,
            }
            for f in saved
        ],
        "receipt": {"page": str(kept) if kept else None, "address": turn["receipt"]},
        "checks": receipt["checks"],
        "not_checked": receipt["not_checked"],
        "assumptions": receipt["assumptions"],
        "next": _next(turn, saved),
        "exit_code": code,
    }


def _parts(words: str) -> list[dict[str, str]]:
    from deputy.core.errors import InvalidRequestError

    # What comes through a pipe was not typed here: it is data, whoever sent it.
    piped = words == "-" and not sys.stdin.isatty()
    text = sys.stdin.read() if words == "-" else words
    if not text.strip():
        raise InvalidRequestError(
            "The request has no words.",
            hint="Say which result you need, for example: sales by region as Excel.",
        )
    return [{"kind": "pasted" if piped else "typed", "text": text}]
