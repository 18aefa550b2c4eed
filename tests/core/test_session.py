"""The fold and the next move, over turns played out at random.

Owns what must hold for every history: total, deterministic, resumable. Must never name one
history that the loop could not write.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from deputy.core.events import session_bodies as b
from deputy.core.folds import fold
from deputy.core.labels import PLATFORM
from deputy.core.messages import TypedPart
from deputy.core.moves import ATTEMPTS_MAX, HANDOVERS_MAX, Finish, Leave, next_move
from deputy.core.session import Session
from tests.core.chains import ALICE, Chain, play
from tests.requirement import requirement


@st.composite
def histories(draw: st.DrawFn) -> tuple[Chain, str]:
    """Turns played out by chance, crashes, steers, stops and approvals included."""
    random = draw(st.randoms(use_true_random=False))
    return play(random.randrange)


@given(histories())
@settings(max_examples=60)
def test_every_turn_has_exactly_one_next_move_and_always_the_same(
    played: tuple[Chain, str],
) -> None:
    chain, turn = played
    for length in range(2, len(chain.events) + 1):
        state = fold(chain.events[:length])
        moves = {repr(next_move(state.turns[turn])) for _ in range(2)}
        assert len(moves) == 1


@requirement("R129")
@given(histories(), st.data())
@settings(max_examples=60)
def test_a_fold_in_pieces_is_the_fold_of_the_whole(
    played: tuple[Chain, str], data: st.DataObject
) -> None:
    events = played[0].events
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=4)))
    state: Session | None = None
    for begin, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        state = fold(events[begin:end], state)
    assert state == fold(events)


@given(histories())
@settings(max_examples=60)
def test_a_turn_ends_within_its_limits(played: tuple[Chain, str]) -> None:
    chain, name = played
    turn = fold(chain.events).turns[name]
    assert sum(step.model.attempts > 0 for step in turn.steps) <= turn.limits.steps
    assert len(turn.handovers) <= HANDOVERS_MAX
    assert all(call.attempts <= ATTEMPTS_MAX for call in turn.calls.values())
    move = next_move(turn)
    if isinstance(move, Finish):
        assert move.outcome != "verified" or turn.delivered
    assert (move == Leave()) == (turn.status == "finished")


@given(histories(), st.data())
@settings(max_examples=80)
def test_erasing_any_bodies_never_stops_the_fold(
    played: tuple[Chain, str], data: st.DataObject
) -> None:
    chain, _ = played
    seqs = data.draw(st.sets(st.integers(1, len(chain.events))))
    state = fold(chain.without(*seqs))
    assert (state.seq, state.head) == (len(chain.events), chain.events[-1].hash)
    assert set(state.erased) == seqs
    for found in state.turns.values():
        next_move(found)


@requirement("R061")
def test_events_of_one_turn_leave_other_turns_alone() -> None:
    chain = Chain()
    chain.say(b.SessionOpened(owner=ALICE, agent="agt_00000000000000000000000000"))
    first, second = chain.ids.new("trn"), chain.ids.new("trn")
    for turn in (first, second):
        chain.say(b.TurnRequested(parts=(TypedPart(text="hello"),)), turn)
    before = fold(chain.events).turns[second]
    chain.say(b.TurnStopRequested(), first)
    chain.say(b.TurnSteered(parts=()), "trn_00000000000000000000000000")
    state = fold(chain.events)
    assert state.turns[second] == before
    assert state.turns[first].stop == "stopped by its requester"
    assert set(state.turns) == {first, second}


def test_undoing_a_turn_is_a_fact_like_any_other() -> None:
    chain = Chain()
    turn = chain.ids.new("trn")
    chain.say(b.TurnRequested(parts=(TypedPart(text="hello"),)), turn)
    chain.say(b.WorkspaceMoved(to="0" * 64, undone_turn=turn), label=PLATFORM)
    state = fold(chain.events)
    assert state.turns[turn].undone
    assert state.tree_digest == "0" * 64
