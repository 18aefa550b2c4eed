"""Traces and measures: what they tell of a turn, and that they tell nothing else.

Owns the promise that no word of a body gets into a trace. Must never name a field that is safe:
every field is filled with a secret.
"""

import ast
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deputy.agent.telemetry import Measure, Trace, added, measured, traced, vocabulary
from deputy.agent.telemetry.vocabulary import CODES
from deputy.core.events import Event
from deputy.core.events import session_bodies as b
from deputy.core.folds import fold
from tests.agent.evidence import sample
from tests.agent.telemetry.poison import poisoned
from tests.core.chains import Chain, play
from tests.core.test_events import CORPUS, events_of
from tests.requirement import requirement

SOURCE = Path(__file__).parents[3] / "src/deputy"


def told(events: list[Event], turn: str) -> tuple[Trace, tuple[Measure, ...]]:
    trace = traced(events, turn, vocabulary())
    assert trace is not None
    return trace, measured(trace)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Chain, str]:
    random = draw(st.randoms(use_true_random=False))
    return play(random.randrange)


@requirement("R148", "R214")
@given(histories(), st.text(alphabet="abcdefghijklmnop", min_size=12, max_size=20))
@settings(max_examples=60, deadline=None)
def test_no_word_of_any_body_gets_into_a_trace(played: tuple[Chain, str], word: str) -> None:
    chain, turn = played
    numbers = count()
    full = poisoned(chain.events, lambda: f"{word}{next(numbers)}")
    assert next(numbers) > len(full)
    assert word not in repr(told(full, turn))


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.stem)
def test_no_word_of_an_old_journal_gets_into_a_trace(path: Path) -> None:
    events = events_of(path)
    full = poisoned(events, lambda: "xanadu")
    for turn in fold(events).turns:
        assert "xanadu" not in repr(told(full, turn))


@given(histories(), st.data())
@settings(max_examples=60, deadline=None)
def test_every_history_has_a_sound_trace(played: tuple[Chain, str], data: st.DataObject) -> None:
    chain, turn = played
    length = data.draw(st.integers(2, len(chain.events)))
    gone = data.draw(st.sets(st.integers(1, length)))
    trace, measures = told(chain.without(*gone)[:length], turn)
    names = {span.name for span in trace.spans}
    assert len(names) == len(trace.spans)
    for span in trace.spans:
        assert span.end_us >= span.start_us
        assert span.worked_us >= 0
        assert span.parent in names or span is trace.root
        assert all(isinstance(value, int | str) for value in span.facts.values())
    assert sum(m.value for m in measures if m.name == "turns") == 1


@given(histories())
@settings(max_examples=40, deadline=None)
def test_the_sums_of_a_trace_are_those_of_the_fold(played: tuple[Chain, str]) -> None:
    chain, turn = played
    folded = fold(chain.events).turns[turn]
    trace, measures = told(chain.events, turn)
    sums = {(m.name, dict(m.labels).get("kind")): m.value for m in measures}
    assert trace.ended == (folded.status == "finished")
    assert sums.get(("steps", None), 0) == len(folded.steps)
    tokens = sum(value for (name, _), value in sums.items() if name == "tokens")
    assert tokens == folded.spent.tokens
    started = sum(m.value for m in measures if m.name == "calls")
    assert started >= len(folded.steps)


def test_times_add_up_to_the_whole_turn() -> None:
    trace, measures = told(slow_turn(), sample.TURN)
    parts = {dict(m.labels)["part"]: m.value for m in measures if m.name == "time"}
    whole = trace.root.end_us - trace.root.start_us
    assert parts["queue"] == 1_000
    assert parts["model"] > 0
    assert abs(sum(parts.values()) * 1_000 - whole) < 5_000


def slow_turn() -> list[Event]:
    """The sample's turn, with a second between all its facts."""
    events = sample.chained([*sample.opening(), *sample.work(), sample.finished("verified")])
    requested = next(n for n, e in enumerate(events) if e.header.type == "turn.requested")
    kinds = [e.header.type for e in events]
    if "turn.claimed" not in kinds:
        claim = replace(
            events[requested],
            header=events[requested].header.model_copy(update={"type": "turn.claimed"}),
            body=b.TurnClaimed(worker="wrk_00000000000000000000000000"),
        )
        events.insert(requested + 1, claim)
    return [
        replace(e, header=e.header.model_copy(update={"time": sample.START_US + n * 1_000_000}))
        for n, e in enumerate(events)
    ]


def test_a_name_nobody_registered_is_called_other() -> None:
    words = vocabulary()
    assert words.tool("code.run") == "code.run"
    assert words.tool("mail.to.alice@example.org") == "other"
    assert words.provider("builtin:tables") == "builtin"
    assert words.provider("secret-model") == "other"


def test_measures_of_turns_add_up() -> None:
    once = told(slow_turn(), sample.TURN)[1]
    twice = added([*once, *once])
    assert {(m.name, m.labels): m.value for m in twice} == {
        (m.name, m.labels): 2 * m.value for m in once
    }


def test_what_people_do_later_does_not_lengthen_a_turn() -> None:
    events = slow_turn()
    before = told(events, sample.TURN)
    late = events[-1]
    header = late.header.model_copy(
        update={"time": late.header.time + 10**12, "type": "deliverable.noted"}
    )
    noted = replace(late, header=header, body=b.DeliverableNoted(artifact="art", what="opened"))
    assert told([*events, noted], sample.TURN) == before


def test_every_code_a_decision_or_an_end_can_carry_is_a_known_word() -> None:
    found = set()
    for path in [*(SOURCE / "core").rglob("*.py"), *(SOURCE / "agent").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Finish", "Deny"):
                told = [k.value for k in node.keywords if k.arg == "code"] + node.args[2:3]
                found |= {v.value for v in told if isinstance(v, ast.Constant)}
    assert found
    assert found <= CODES
