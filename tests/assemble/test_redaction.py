"""The filters of a support file: what has no known shape stays out."""

import json

import pytest

from deputy.assemble.doctor import redaction
from deputy.assemble.doctor.redaction import LEFT_OUT

SECRET = "Bonus of Ms Smith"
TIME = "2026-01-01T00:00:00.000000Z"
TURN = "trn_0000000000000000000000000A"


def test_a_log_line_keeps_time_level_event_class_code_and_ids() -> None:
    line = {
        "timestamp": TIME,
        "level": "warning",
        "event": "the turn rests",
        "turn": TURN,
        "kind": "ZeroDivisionError",
        "code": "gate.unavailable",
        "seconds": 5,
        "fault": SECRET,
        "exception": SECRET,
        "path": SECRET,
    }
    assert redaction.log_line(json.dumps(line)) == {
        "time": TIME,
        "level": "warning",
        "event": "the turn rests",
        "kind": "ZeroDivisionError",
        "code": "gate.unavailable",
        "turn": TURN,
        "seconds": 5,
    }


@pytest.mark.parametrize(
    "field", ["event", "level", "kind", "code", "turn", "session", "reason", "seconds", "logger"]
)
def test_a_secret_in_any_field_of_a_log_line_stays_out(field: str) -> None:
    sound = {"timestamp": TIME, "level": "info", "event": "stream.deaf"}
    kept = redaction.log_line(json.dumps({**sound, field: SECRET}))
    assert kept is not None
    assert "Smith" not in json.dumps(kept)


def test_what_is_no_log_line_stays_out() -> None:
    for line in ("", SECRET, json.dumps(SECRET), json.dumps({"timestamp": SECRET}), "{"):
        assert redaction.log_line(line) is None


def test_a_librarys_words_stay_out() -> None:
    line = {"timestamp": TIME, "level": "error", "logger": "uvicorn.error", "event": SECRET}
    kept = redaction.log_line(json.dumps(line))
    assert kept is not None
    assert (kept["library"], kept["event"]) == ("uvicorn", LEFT_OUT)


def test_postgres_sentences_that_may_quote_stay_out() -> None:
    head = "2026-11-21 01:00:24.216 UTC [28665]"
    ready = f"{head} LOG:  database system is ready to accept connections"
    assert redaction.postgres_line(ready) is not None
    for said in (
        f"{head} ERROR:  duplicate key value: ({SECRET})",
        f"{head} STATEMENT:  SELECT '{SECRET}'",
        f"{head} LOG:  database system is ready to accept connections {SECRET}",
        f'{head} FATAL:  could not open file "/home/{SECRET}"',
        SECRET,
    ):
        assert "Smith" not in (redaction.postgres_line(said) or "")


def test_a_trace_that_says_more_than_a_trace_is_cut_down() -> None:
    span = {"kind": "tool", "name": SECRET, "start_us": 1, "facts": {"tool": SECRET}, SECRET: 1}
    told = {
        "session": SECRET,
        "turn": TURN,
        "ended": True,
        "spans": [span, SECRET, {**span, "facts": {SECRET: SECRET, "tool": "code.run"}}],
        "measures": [{"name": "turns", "labels": {"outcome": SECRET}, "value": 1}],
        "events": {"turn.finished": 1, SECRET: 2},
        "text": SECRET,
    }
    kept = redaction.trace(told)
    assert "Smith" not in json.dumps(kept)
    assert kept["turn"] == TURN
    assert kept["events"] == {"turn.finished": 1}
    assert kept["spans"][2]["facts"] == {"tool": "code.run"}
    assert redaction.trace({"spans": 5, "events": SECRET})["spans"] == []


def test_homes_are_shortened() -> None:
    assert redaction.shortened("/root/x and /home/alice/y", "/root") == "~/x and ~/y"
    assert redaction.shortened("/a", "/") == "/a"


def test_the_source_names_events_and_codes() -> None:
    found = redaction.spoken()
    assert "a turn failed unexpectedly" in found.events
    assert {"gate.denied", "sandbox.lost"} <= found.codes
    assert SECRET not in found.events | found.codes
