"""What may leave in a support file: allow-listed fields of allow-listed shapes, and nothing else.

Owns the filters. Everything is left out unless a rule here lets it in: a number, an id, a time, a
word of a closed set, or the name of an event or a code as it stands in Deputy's own source. Pure
but for reading that source.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import deputy
from deputy.agent.telemetry.measures import UNITS
from deputy.agent.telemetry.vocabulary import (
    CODE_OUTCOMES,
    CODES,
    EFFECTS,
    TURN_OUTCOMES,
    vocabulary,
)
from deputy.core.events import TYPES
from deputy.interaction.api.models import MeasureView, SpanView

LEFT_OUT: Final = "(left out)"
ID: Final = re.compile(r"[a-z]{3,5}_[0-7][0-9A-HJKMNP-TV-Z]{25}")
WAIT: Final = re.compile(r"(queue|park) \d{1,6}")
TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
KIND: Final = re.compile(r"[A-Z][A-Za-z0-9]{0,60}(Error|Exception|Timeout|Warning|Failure)")
REASON: Final = re.compile(r"timeout|unreachable|status \d{3}")
LEVELS: Final = frozenset({"debug", "info", "warning", "error", "critical", "exception"})
LIBRARIES: Final = frozenset(
    {"alembic", "asyncio", "httpx2", "procrastinate", "psycopg", "sqlalchemy", "uvicorn"}
)
ID_FIELDS: Final = ("session", "turn", "step", "call", "worker", "journal")
NUMBER_FIELDS: Final = ("seconds", "spans", "dropped", "abandoned", "lost", "code", "seq")
FACT: Final = re.compile(r"[a-z]{1,12}(_[a-z]{1,12}){0,2}")
STATES: Final = frozenset({"waiting", "sent", "dropped"})
PLAIN: Final = frozenset(
    {"turn", "queue", "park", "step", "model", "tool", "inside", "outside", "allow", "deny", "hold"}
    | {"ok", "error", "denied", "open", "none", "other", "input", "output", "sandbox", "platform"}
    | {"preparation"}
)
"""Kinds of spans, places, verdicts, statuses, kinds of tokens, parts of time."""

# What PostgreSQL says of itself. Everything else may quote what a statement held.
POSTGRES: Final = re.compile(
    r"starting PostgreSQL \d+\.\d+\b"
    r"|database system (is ready to accept connections|is shut down|is shutting down"
    r"|was shut down|was interrupted|was not properly shut down)"
    r"|checkpoint (starting|complete)"
    r"|received (fast|smart|immediate) shutdown request"
    r"|redo (starts|done|is not required)"
    r"|all server processes terminated"
    r"|terminating (any other active server processes|connection due to administrator command)"
    r"|could not (write|extend|fsync|open|create) file"
    r"|out of (memory|shared memory)"
    r"|no space left on device"
    r"|remaining connection slots are reserved"
    r"|sorry, too many clients already"
    r"|server process \(PID \d+\) (was terminated by signal \d+|exited with exit code \d+)"
    r"|autovacuum launcher (started|shutting down)"
    r"|canceling statement due to (statement timeout|user request|lock timeout)"
    r"|deadlock detected"
    r"|aborting any active transactions"
    r"|shutting down\b"
)
POSTGRES_LINE: Final = re.compile(
    r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC) \[\d+\] (?:[a-z_]+@[a-z_]+ )?"
    r"(DEBUG|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|HINT|DETAIL|CONTEXT|STATEMENT):  (.*)"
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """The names of events Deputy logs, and the codes of its errors, as its source has them."""

    events: frozenset[str]
    codes: frozenset[str]


@cache
def spoken() -> Spoken:
    """Read them from the source: a text that is put together while it runs is not among them."""
    events: set[str] = set()
    codes = set(CODES)
    for path in sorted(Path(deputy.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="log" | "_log"), attr=level),
                    args=[ast.Constant(value=str(event)), *_],
                ) if level in LEVELS:
                    events.add(event)
                case (
                    ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code)))
                    | ast.keyword(arg="code", value=ast.Constant(value=str(code)))
                ):
                    codes.add(code)
    return Spoken(frozenset(events), frozenset(codes))


@cache
def _words() -> frozenset[str]:
    """Give the words a trace may hold as values."""
    known = vocabulary()
    closed = (CODES, EFFECTS, CODE_OUTCOMES, TURN_OUTCOMES, UNITS, UNITS.values(), PLAIN)
    return frozenset().union(known.tools, known.providers, *closed)


def trace(told: Mapping[str, Any]) -> dict[str, Any]:
    """Give a trace as the API told it, if it is one; every value that has no place is left out."""
    return {
        "session": _value(told.get("session")),
        "turn": _value(told.get("turn")),
        "ended": told.get("ended") is True,
        "spans": [_flat(span) for span in _list(told.get("spans"))],
        "measures": [_flat(measure) for measure in _list(told.get("measures"))],
        "events": counts(told.get("events")),
    }


def counts(told: Any) -> dict[str, int]:
    """Give numbers by the type of an event or the state of an export."""
    if not isinstance(told, Mapping):
        return {}
    return {
        str(name): count
        for name, count in told.items()
        if (name in TYPES or name in STATES) and isinstance(count, int)
    }


def log_line(line: str) -> dict[str, Any] | None:
    """Give what of a line of Deputy's log may leave: time, level, event, class, code, ids."""
    try:
        told = json.loads(line)
    except ValueError:
        return None
    if not isinstance(told, dict) or not TIME.fullmatch(str(told.get("timestamp", ""))):
        return None
    level, event = str(told.get("level")), told.get("event")
    kept: dict[str, Any] = {
        "time": told["timestamp"],
        "level": level if level in LEVELS else "other",
        "event": event if event in spoken().events else LEFT_OUT,
    }
    if (library := str(told.get("logger", "")).partition(".")[0]) in LIBRARIES:
        kept |= {"library": library, "event": LEFT_OUT}
    kept |= dict(_shaped(told))
    return kept


def _shaped(told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if KIND.fullmatch(str(told.get("kind", ""))):
        yield "kind", told["kind"]
    if isinstance(told.get("code"), str) and told["code"] in spoken().codes:
        yield "code", told["code"]
    if REASON.fullmatch(str(told.get("reason", ""))):
        yield "reason", told["reason"]
    for name in ID_FIELDS:
        if ID.fullmatch(str(told.get(name, ""))):
            yield name, told[name]
    for name in NUMBER_FIELDS:
        if isinstance(told.get(name), int | float):
            yield name, told[name]


def postgres_line(line: str) -> str | None:
    """Give a line of PostgreSQL's log as far as it is one of its own sentences."""
    found = POSTGRES_LINE.fullmatch(line.rstrip("\n"))
    if found is None:
        return None
    said = POSTGRES.match(found[3])
    return f"{found[1]} {found[2]}: {said[0] if said else LEFT_OUT}"


def shortened(text: str, home: str) -> str:
    """Put ~ for a home folder, this user's and any other's."""
    if len(home) > 1:
        text = text.replace(home, "~")
    return re.sub(r"/home/[^/\s,;:]+", "~", text)


def _flat(told: Any) -> dict[str, Any]:
    """Give a span or a measure with its facts or labels, value by value."""
    if not isinstance(told, Mapping):
        return {}
    return {
        name: {k: _value(v) for k, v in value.items() if FACT.fullmatch(str(k))}
        if isinstance(value, Mapping)
        else _value(value)
        for name, value in told.items()
        if name in SpanView.model_fields or name in MeasureView.model_fields
    }


def _value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    sound = ID.fullmatch(text) or WAIT.fullmatch(text) or text in _words()
    return text if sound else LEFT_OUT


def _list(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else []
