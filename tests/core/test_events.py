"""Headers, chains, bodies and upcasters: what is recorded stays readable and cannot be rewritten.

Owns the properties of the chain and the corpus of stored journals. Must never regenerate a
corpus file: old bytes are for ever.
"""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from deputy.core.canonical import canonical, commitment, digest
from deputy.core.errors import JournalError
from deputy.core.events import (
    GENESIS,
    TYPES,
    Body,
    Event,
    Header,
    body_bytes,
    lift,
    load_body,
    name_of,
    parse_header,
    registry,
    verify_body,
    verify_chain,
)
from deputy.core.events import session_bodies as b
from deputy.core.folds import fold
from deputy.core.labels import PLATFORM
from tests.core.chains import ALICE, Chain
from tests.requirement import requirement

CORPUS = sorted(Path(__file__).with_name("corpus").glob("*.json"))


def chain_of(length: int) -> Chain:
    chain = Chain()
    for n in range(length):
        chain.clock.advance(1)
        chain.say(b.TurnStopRequested(reason=f"reason {n}"), "trn_00000000000000000000000000")
    return chain


def edited(raws: list[bytes], at: int, data: st.DataObject) -> list[bytes]:
    header = json.loads(raws[at])
    field = data.draw(st.sampled_from(["time", "sub", "type", "commitment", "turn"]))
    header[field] = header[field] + 1 if field == "time" else "f" * 64
    return [*raws[:at], canonical(header), *raws[at + 1 :]]


def cut(raws: list[bytes], at: int, data: st.DataObject) -> list[bytes]:
    return raws[:at] + raws[at + 1 :]


def inserted(raws: list[bytes], at: int, data: st.DataObject) -> list[bytes]:
    return [*raws[:at], raws[data.draw(st.integers(0, len(raws) - 1))], *raws[at:]]


def reordered(raws: list[bytes], at: int, data: st.DataObject) -> list[bytes]:
    other = data.draw(st.integers(0, len(raws) - 1).filter(lambda n: n != at))
    raws = raws.copy()
    raws[at], raws[other] = raws[other], raws[at]
    return raws


def truncated(raws: list[bytes], at: int, data: st.DataObject) -> list[bytes]:
    return raws[:at]


def renumbered(raws: list[bytes], at: int, data: st.DataObject) -> list[bytes]:
    """Cut an entry out and forge all that follow, hashes and numbers included."""
    kept = [json.loads(raw) for raw in raws[:at] + raws[at + 1 :]]
    forged: list[bytes] = []
    for seq, header in enumerate(kept, start=1):
        header |= {"seq": seq, "prev": digest(forged[-1]) if forged else GENESIS}
        forged.append(canonical(header))
    return forged


@requirement("R128", "R132", "R303")
@pytest.mark.parametrize("attack", [edited, cut, inserted, reordered, truncated, renumbered])
@given(length=st.integers(2, 8), data=st.data())
@settings(max_examples=30)
def test_no_rewriting_passes_against_an_outside_checkpoint(
    attack: Callable[[list[bytes], int, st.DataObject], list[bytes]],
    length: int,
    data: st.DataObject,
) -> None:
    raws = [e.raw for e in chain_of(length).events]
    checkpoint = (length, verify_chain(raws))
    verify_chain(raws, checkpoint=checkpoint)
    changed = attack(raws, data.draw(st.integers(0, length - 1)), data)
    with pytest.raises(JournalError):
        verify_chain(changed, checkpoint=checkpoint)


def test_a_checkpoint_in_the_middle_holds_while_the_journal_grows() -> None:
    chain = chain_of(3)
    noted = (3, chain.events[-1].hash)
    chain.say(b.TurnStopRequested())
    assert verify_chain([e.raw for e in chain.events], checkpoint=noted) == chain.events[-1].hash
    assert verify_chain([]) == GENESIS
    with pytest.raises(JournalError, match="entry 3"):
        verify_chain([], checkpoint=noted)


@requirement("R132")
def test_a_body_is_held_to_its_commitment_and_may_be_erased() -> None:
    chain = chain_of(3)
    raws = [e.raw for e in chain.events]
    before = verify_chain(raws)
    event, salt = chain.events[1], chain.salts[1]
    raw = body_bytes(b.TurnStopRequested(reason="reason 1"))
    verify_body(event.header, salt, raw)
    for other_salt, other in ((salt, raw + b" "), (bytes(32), raw)):
        with pytest.raises(JournalError, match="entry 2 is not the one"):
            verify_body(event.header, other_salt, other)
    # Without body and salt the headers alone still verify, and tell nothing of what was said.
    erased = chain.without(2)
    assert verify_chain([e.raw for e in erased]) == before
    assert all(b"reason" not in raw for raw in raws)


def test_equal_bodies_have_unequal_commitments() -> None:
    chain = Chain()
    chain.say(b.TurnStopRequested(reason="yes"))
    chain.say(b.TurnStopRequested(reason="yes"))
    assert chain.events[0].header.commitment != chain.events[1].header.commitment


def test_a_header_survives_its_own_bytes() -> None:
    for event in chain_of(4).events:
        assert parse_header(event.raw) == event.header
        assert event.header.to_bytes() == event.raw


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b'"x"', b"\xff", b"{}", b'{"v":1}', b"nan", b'{"v":2,"journal":"x"}']
)
def test_bytes_that_are_no_header_are_refused(raw: bytes) -> None:
    with pytest.raises(JournalError, match="cannot be read"):
        parse_header(raw)


def test_a_header_holds_no_words() -> None:
    """Only opaque ids, numbers and closed names: nothing in it ever needs erasing."""
    known = chain_of(1).events[0].header.model_dump()
    assert set(known) == {
        "v", "journal", "seq", "type", "version", "time", "sub", "act", "turn", "step", "call",
        "command", "cause", "epoch", "label", "key_id", "alg", "prev", "commitment",
    }  # fmt: skip
    with pytest.raises(ValidationError):
        Header.model_validate({**known, "title": "Q3 figures of Tailspin"})


class Shout(Body):
    """A body of a third version, for the upcasters' test."""

    words: str
    volume: int
    by: str


TEST_TYPES: dict[str, tuple[int, type[Body]]] = {"shout.heard": (3, Shout)}
TEST_UPCASTERS: dict[tuple[str, int], registry.Upcaster] = {
    ("shout.heard", 1): lambda old: {"words": old["text"], "volume": 1},
    ("shout.heard", 2): lambda old: {**old, "by": "nobody"},
}


@pytest.mark.parametrize(
    ("version", "stored"),
    [
        (1, {"text": "hey"}),
        (2, {"words": "hey", "volume": 1}),
        (3, {"words": "hey", "volume": 1, "by": "nobody"}),
    ],
)
def test_old_bodies_are_lifted_step_by_step(version: int, stored: dict[str, Any]) -> None:
    kept = dict(stored)
    lifted = lift("shout.heard", version, stored, types=TEST_TYPES, upcasters=TEST_UPCASTERS)
    assert lifted == Shout(words="hey", volume=1, by="nobody")
    assert stored == kept


def test_what_cannot_be_lifted_is_refused_with_its_cure() -> None:
    with pytest.raises(JournalError, match="upgrade this one"):
        lift("shout.heard", 1, {})
    with pytest.raises(JournalError, match="cannot be read"):
        lift("shout.heard", 3, {"words": 1}, types=TEST_TYPES, upcasters=TEST_UPCASTERS)
    with pytest.raises(JournalError, match="not a JSON object"):
        load_body(b"[1]")


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(1 - 2**53, 2**53 - 1))
def test_a_number_is_read_back_as_it_was_recorded(number: float) -> None:
    stored = body_bytes(b.CallReturned(tool="x", status="ok", content={"sum": number}))
    loaded = load_body(stored)
    assert loaded["content"]["sum"] == number
    # What was read can be recorded again: whole floats beyond 2^53 stay floats.
    assert canonical(loaded) == stored


def test_every_type_has_one_name_and_every_old_version_an_upcaster() -> None:
    bodies = [body for _, body in TYPES.values()]
    assert len(set(bodies)) == len(bodies)
    for name, (version, body) in TYPES.items():
        noun, dot, verb = name.partition(".")
        assert noun
        assert dot
        assert verb.replace("_", "").isalpha()
        assert body.__doc__
        for old in range(1, version):
            assert (name, old) in registry.UPCASTERS
    assert name_of(b.TurnSteered(parts=())) == ("turn.steered", 1)


def events_of(path: Path) -> list[Event]:
    stored = json.loads(path.read_text())
    found: list[Event] = []
    for entry in stored["entries"]:
        raw, salt, body = (base64.b64decode(entry[k]) for k in ("header", "salt", "body"))
        header = parse_header(raw)
        assert commitment(salt, body) == header.commitment
        found.append(Event(header, lift(header.type, header.version, load_body(body)), raw))
    assert verify_chain(e.raw for e in found) == stored["head"]
    return found


@requirement("R132")
@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.stem)
def test_journals_of_earlier_versions_are_read_and_fold_to_the_same_state(path: Path) -> None:
    events = events_of(path)
    state = fold(events)
    expected = json.loads(path.read_text())["state"]
    told = {
        "owner": state.owner,
        "files": sorted(f.name for f in state.files.values()),
        "tree": sorted(e.path for e in state.tree.entries),
        "turns": [
            {
                "status": t.status,
                "outcome": t.finished.outcome if t.finished else None,
                "steps": len(t.steps),
                "calls": sorted(c.tool for c in t.calls.values()),
                "tokens": t.spent.tokens,
                "checks": sorted(c.verdict for c in t.checks),
                "delivered": len(t.delivered),
                "words": [p.text for s in t.said for p in s.parts if p.kind == "typed"],
            }
            for t in state.turns.values()
        ],
        "noted": sorted(n[0] for a in state.artifacts.values() for n in a.noted),
        "minutes": sorted(a.by_hand_minutes or 0 for a in state.artifacts.values()),
    }
    assert told == expected


def test_the_corpus_holds_every_type_of_a_session() -> None:
    kept = {e.header.type for path in CORPUS for e in events_of(path)}
    session = {n for n, (_, body) in TYPES.items() if body.__module__ == b.__name__}
    assert session - kept == set(), "add a new corpus file that holds the new types"


def test_a_label_of_the_platform_is_neutral_in_every_header() -> None:
    chain = Chain()
    chain.say(b.TurnStopRequested(), label=PLATFORM)
    assert json.loads(chain.events[0].raw)["label"] == {
        "integrity": 2,
        "origins": [],
        "readers": [],
    }
    assert chain.events[0].header.sub == ALICE
