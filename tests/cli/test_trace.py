"""`deputy trace`: a picture people can read, and the same numbers for programs."""

from typing import Any

from deputy.cli.tracing import BAR_CHARS, LABEL_CHARS, picture
from tests.agent.evidence import sample
from tests.cli.terminals import Terminal
from tests.interaction.sites import Site


async def test_a_turn_a_session_and_the_last_turn_give_the_same_trace(
    site: Site, terminal: Terminal
) -> None:
    nothing = await terminal.run("trace")
    assert nothing.code == 1
    session = await site.finished_session()
    shown = [
        (await terminal.run("trace", name, "--json")).json
        for name in (session, sample.TURN, "last")
    ]
    assert shown[0]["turn"] == sample.TURN
    assert shown[0] == shown[1] == shown[2]
    drawn = await terminal.run("trace")
    assert "verified" in drawn.out
    assert "waiting for a worker" in drawn.out
    assert "deliver" in drawn.out


def span(kind: str, name: str, parent: str | None, start: int, end: int, **facts: Any) -> Any:
    return {
        "kind": kind,
        "name": name,
        "parent": parent,
        "start_us": start,
        "end_us": end,
        "worked_us": 0,
        "failed": facts.get("status") == "error",
        "facts": facts,
    }


def test_a_waterfall_stays_inside_its_columns() -> None:
    spans = [
        span("turn", "t", None, 0, 3_600_000_000, outcome="not_verified"),
        span("queue", "queue 1", "t", 0, 1),
        span("step", "s", "t", 1, 3_600_000_000),
        span("model", "m", "s", 1, 2, provider="anthropic", attempts=5, status="error"),
        span("tool", "c", "s", 3_599_999_999, 3_600_000_000, tool="code.run", status="ok"),
    ]
    measures = [
        {"name": "time", "labels": {"part": "sandbox"}, "value": 3_000_000, "unit": "ms"},
        {"name": "time", "labels": {"part": "park"}, "value": 600_000, "unit": "ms"},
        {"name": "cost", "labels": {}, "value": 1_250_000, "unit": "1"},
    ]
    told = {"turn": "t", "ended": True, "spans": spans, "measures": measures}
    lines = [text for text, _ in picture(told)]
    assert lines[0] == "t: not verified, 60 min"
    drawn = lines[1:-4]
    assert all(len(line) <= LABEL_CHARS + 11 + BAR_CHARS for line in drawn)
    assert all(line[-1] in "▏▎▍▌▋▊▉█" for line in drawn[1:])
    assert any("model anthropic ×5, error" in line for line in drawn)
    assert lines[-3:] == [
        "Time:   code in the sandbox 50 min (83 %), waiting for people 10 min (16 %)",
        "Tokens: 0 read, 0 written",
        "Cost:   1.25",
    ]
