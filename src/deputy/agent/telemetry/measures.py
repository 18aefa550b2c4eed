"""The measures of a turn: numbers that can be added up over turns.

Owns their names, units and labels. Must never hold a label that is not a word of a closed set, or
an id: an id would make every turn a series of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from deputy.agent.telemetry.spans import Span, Trace
from deputy.agent.telemetry.vocabulary import OTHER

UNITS: Final = {
    "turns": "{turn}",
    "steps": "{step}",
    "calls": "{call}",
    "decisions": "{decision}",
    "tokens": "{token}",
    "cost": "{millionth}",
    "time": "ms",
}
"""Measure → unit, in the notation of UCUM that OpenTelemetry uses."""

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """One number; `labels` are (label, word) in the order of the labels."""

    name: str
    labels: Labels
    value: int


def measured(trace: Trace) -> tuple[Measure, ...]:
    """Give the measures of one turn.

    The parts of `time` add up to the whole turn: waiting for a worker, waiting for people, models,
    code in the sandbox, the preparation around it (starting the sandbox, files in and out), and
    what the platform itself took.
    """
    sums: Counter[tuple[str, Labels]] = Counter()
    root = trace.root
    outcome = str(root.facts.get("outcome", OTHER)) if trace.ended else "open"
    sums["turns", (("outcome", outcome),)] += 1
    for kind in ("input", "output", "tool"):
        sums["tokens", (("kind", kind),)] += _number(root, f"{kind}_tokens")
    sums["cost", ()] += _number(root, "cost_micros")
    for span in trace.spans:
        if span.kind == "step":
            sums["steps", ()] += 1
        elif span.kind in ("model", "tool"):
            _count_call(sums, span)
    for part, micros in _times(trace).items():
        sums["time", (("part", part),)] += micros // 1_000
    return tuple(Measure(name, labels, value) for (name, labels), value in sorted(sums.items()))


def added(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    """Add up measures of several turns."""
    sums: Counter[tuple[str, Labels]] = Counter()
    for one in measures:
        sums[one.name, one.labels] += one.value
    return tuple(Measure(name, labels, value) for (name, labels), value in sorted(sums.items()))


def _count_call(sums: Counter[tuple[str, Labels]], span: Span) -> None:
    tool, status = str(span.facts.get("tool", OTHER)), str(span.facts.get("status", "open"))
    sums["calls", (("status", status), ("tool", tool))] += 1
    for verdict in ("allow", "deny", "hold"):
        count = _number(span, f"decided_{verdict}")
        code = str(span.facts.get("code", "none")) if verdict == "deny" else "none"
        if count:
            sums["decisions", (("code", code), ("verdict", verdict))] += count


def _times(trace: Trace) -> dict[str, int]:
    """Give the parts of a turn's time in µs."""
    root, spans = trace.root, trace.spans
    whole = root.end_us - root.start_us
    queue = sum(s.end_us - s.start_us for s in spans if s.kind == "queue")
    park = sum(s.end_us - s.start_us for s in spans if s.kind == "park")
    model = sum(s.worked_us for s in spans if s.kind == "model")
    inside = [s for s in spans if s.kind == "tool" and "sandbox_ms" in s.facts]
    sandbox = sum(_number(s, "sandbox_ms") for s in inside) * 1_000
    preparation = max(0, sum(s.worked_us for s in inside) - sandbox)
    platform = max(0, whole - queue - park - model - sandbox - preparation)
    return {
        "model": model,
        "park": park,
        "platform": platform,
        "preparation": preparation,
        "queue": queue,
        "sandbox": sandbox,
    }


def _number(span: Span, fact: str) -> int:
    value = span.facts.get(fact, 0)
    return value if isinstance(value, int) else 0
