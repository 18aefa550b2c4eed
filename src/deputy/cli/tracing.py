"""`deputy trace`: where the time and money of a turn went, as a waterfall.

Owns the command and its picture. Must never compute what the API did not tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from deputy.cli.client import Client

LABEL_CHARS = 30
BAR_CHARS = 38
EIGHTHS = " ▏▎▍▌▋▊▉█"
PARTS = {
    "sandbox": "code in the sandbox",
    "preparation": "preparing the sandbox",
    "model": "models",
    "platform": "Deputy itself",
    "queue": "waiting for a worker",
    "park": "waiting for people",
}

Span = Mapping[str, Any]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(trace)


def trace(
    what: Annotated[
        str, typer.Argument(help="A turn's id, a session's id for its last turn, or 'last'.")
    ] = "last",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show where a turn's time and money went; nothing in it tells what it was about."""
    from deputy.cli.client import connect
    from deputy.cli.screen import Screen

    screen, client = Screen(as_json=as_json), connect()
    session, turn = _find(client, what)
    told = client.get(f"/sessions/{session}/turns/{turn}/trace")
    if as_json:
        screen.result(told)
        return
    for text, style in picture(told):
        screen.line(text, style)


def picture(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the lines of a trace as (text, style)."""
    spans: Sequence[Span] = told["spans"]
    root = spans[0]
    start, whole = root["start_us"], max(1, root["end_us"] - root["start_us"])
    yield _headline(told, root), "strong"
    yield f"{'':{LABEL_CHARS + 10}} 0{_time(whole):>{BAR_CHARS - 1}}", "soft"
    for span, label in _rows(spans):
        took = span["end_us"] - span["start_us"]
        bar = _bar(span["start_us"] - start, took, whole)
        style = "bad" if span["failed"] else "soft" if span["kind"] == "step" else "plain"
        yield f"{label:{LABEL_CHARS}} {_time(took):>9} {bar}".rstrip(), style
    yield "", "plain"
    yield from ((line, "plain") for line in _sums(told))


def _find(client: Client, what: str) -> tuple[str, str]:
    from deputy.cli.turns import find_turn
    from deputy.core.errors import NotFoundError

    if not what.startswith("ses_"):
        return find_turn(client, what)
    turns = client.get(f"/sessions/{what}")["turns"]
    if not turns:
        raise NotFoundError("Nothing was asked in this session yet.", hint="List: deputy sessions")
    return what, str(turns[-1]["id"])


def _headline(told: Mapping[str, Any], root: Span) -> str:
    ended = str(root["facts"].get("outcome", "open")).replace("_", " ")
    code = root["facts"].get("code")
    why = f" ({code})" if code and ended in ("failed", "stopped") else ""
    state = f"{ended}{why}" if told["ended"] else "still open"
    return f"{told['turn']}: {state}, {_time(root['end_us'] - root['start_us'])}"


def _rows(spans: Sequence[Span]) -> Iterator[tuple[Span, str]]:
    """Give spans in the order they began, each step before its calls, with their labels."""
    below: dict[str | None, list[Span]] = {}
    for span in spans:
        below.setdefault(span["parent"], []).append(span)
    number = 0
    for span in sorted(below.get(spans[0]["name"], []), key=lambda s: s["start_us"]):
        number += span["kind"] == "step"
        yield span, _label(span, number)
        for call in sorted(below.get(span["name"], []), key=lambda s: s["start_us"]):
            yield call, f"  {_label(call, number)}"


def _label(span: Span, number: int) -> str:
    facts = span["facts"]
    match span["kind"]:
        case "step":
            return f"step {number}"
        case "queue":
            return "waiting for a worker"
        case "park":
            return "waiting for people"
        case "model":
            return _noted(f"model {facts.get('provider', '')}".strip(), facts)
        case _:
            return _noted(str(facts.get("tool", "a call")), facts)


def _noted(name: str, facts: Mapping[str, Any]) -> str:
    status = str(facts.get("status", "open"))
    attempts = facts.get("attempts", 1)
    again = f" ×{attempts}" if attempts > 1 else ""
    return f"{name}{again}" if status == "ok" else f"{name}{again}, {status}"


def _bar(offset: int, took: int, whole: int) -> str:
    """Draw a stretch of a whole, at least a sliver wide."""
    begin = min(BAR_CHARS - 1, offset * BAR_CHARS // whole)
    eighths = max(1, min(took * BAR_CHARS * 8 // whole, (BAR_CHARS - begin) * 8))
    full, rest = divmod(eighths, 8)
    return " " * begin + "█" * full + EIGHTHS[rest].strip()


def _sums(told: Mapping[str, Any]) -> Iterator[str]:
    measures = told["measures"]
    times = {m["labels"]["part"]: m["value"] for m in measures if m["name"] == "time"}
    whole = max(1, sum(times.values()))
    shares = sorted(((ms, PARTS[part]) for part, ms in times.items() if ms), reverse=True)
    told_times = (f"{what} {_time(ms * 1_000)} ({ms * 100 // whole} %)" for ms, what in shares)
    yield f"Time:   {', '.join(told_times) or 'less than a millisecond'}"
    tokens = {m["labels"]["kind"]: m["value"] for m in measures if m["name"] == "tokens"}
    cost = sum(m["value"] for m in measures if m["name"] == "cost")
    yield f"Tokens: {tokens.get('input', 0):,} read, {tokens.get('output', 0):,} written"
    yield f"Cost:   {cost / 1_000_000:,.6f}".rstrip("0").rstrip(".")


def _time(us: int) -> str:
    if us < 1_000_000:
        return f"{us / 1_000:,.0f} ms"
    if us < 120_000_000:
        return f"{us / 1_000_000:,.1f} s"
    return f"{us / 60_000_000:,.0f} min" if us < 7_200_000_000 else f"{us / 3.6e9:,.1f} h"
