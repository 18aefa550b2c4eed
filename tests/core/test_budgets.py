"""A turn's budget over every history: what is reserved and spent stays within what was granted.

Owns the properties of limits, allotments and approvals, and their words. Must never count a use
that no event records.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deputy.core import holds
from deputy.core.allotments import refusal
from deputy.core.budget import CEILINGS, LIMITS, OVER_BUDGET, Amount, TurnLimits
from deputy.core.events import Event
from deputy.core.events import session_bodies as b
from deputy.core.folds import fold
from deputy.core.identity import Actor
from deputy.core.moves import Finish, Park, Think, next_move
from deputy.core.policy import Deny, Hold, Raise
from deputy.core.session import MODEL_TOOL, Call, Step, Turn
from tests.core.chains import ALICE, Chain, about
from tests.core.test_session import histories
from tests.requirement import requirement

CALL = Call("call_1", "stp_1", MODEL_TOOL, {})


def turn_of(limits: TurnLimits, **state: object) -> Turn:
    """A turn with these limits in some state."""
    turn = Turn("trn_1", Actor(sub=ALICE), 0, (), limits, limits, 0)
    return replace(turn, **state)  # type: ignore[arg-type]


def steps(count: int) -> tuple[Step, ...]:
    """Steps whose models were asked."""
    return tuple(Step(f"stp_{n}", replace(CALL, attempts=1)) for n in range(count))


@requirement("R161")
@given(histories())
@settings(max_examples=150)
def test_reserved_and_spent_never_pass_what_was_granted_whatever_crashes(
    played: tuple[Chain, str],
) -> None:
    chain, name = played
    for length in range(3, len(chain.events) + 1):
        turn = fold(chain.events[:length]).turns[name]
        settled, limits = _at_most(chain.events[:length]), turn.limits
        assert turn.spent.plus(turn.committed) == settled
        assert settled.tokens <= limits.tokens
        assert limits.cost_micros is None or settled.cost_micros <= limits.cost_micros
        assert sum(step.model.attempts > 0 for step in turn.steps) <= limits.steps


def _at_most(events: Sequence[Event]) -> Amount:
    """Add up the most that models can have used: what they told, else what was reserved."""
    reserved: dict[str, Amount] = {}
    open_: dict[str, list[Amount]] = defaultdict(list)
    told = Amount()
    for event in events:
        call = event.header.call or ""
        match event.body:
            case b.CallDecided(tool=tool, reserved=most) if tool == MODEL_TOOL:
                reserved[call] = most
            case b.CallStarted(tool=tool) if tool == MODEL_TOOL:
                open_[call].append(reserved[call])
            case b.CallReturned(tool=tool) if tool == MODEL_TOOL:
                open_[call].pop()
            case b.CallReturned(spent=spent):
                told = told.plus(spent)
            case b.ModelReplied(reply=reply):
                open_[call].pop()
                told = told.plus(
                    Amount(tokens=reply.usage.input_tokens, cost_micros=reply.usage.cost_micros)
                )
            case _:
                pass
    return reduce(Amount.plus, (most for left in open_.values() for most in left), told)


@given(histories())
@settings(max_examples=100)
def test_a_limit_rises_only_with_an_approval_and_by_one_allotment(
    played: tuple[Chain, str],
) -> None:
    chain, name = played
    states = [fold(chain.events[:n]).turns[name] for n in range(2, len(chain.events) + 1)]
    for (before, after), event in zip(pairwise(states), chain.events[2:], strict=True):
        if after.limits == before.limits:
            continue
        assert isinstance(event.body, b.ApprovalAnswered)
        assert event.body.answer == "approve"
        (rose,) = (one for one in LIMITS if after.limits.of(one) != before.limits.of(one))
        old, new, more = (t.of(rose) for t in (before.limits, after.limits, before.allotment))
        assert old is not None
        assert more is not None
        assert new == min(old + more, CEILINGS[rose])


@given(histories())
@settings(max_examples=100)
def test_work_time_is_what_was_measured_however_the_clock_is_stepped(
    played: tuple[Chain, str],
) -> None:
    chain, name = played
    assert fold(chain.events).turns[name].working_us == sum(map(_measured_us, chain.events))


def _measured_us(event: Event) -> int:
    match event.body:
        case b.ModelReplied(duration_ms=ms) | b.CallReturned(spent=Amount(sandbox_ms=ms)):
            return ms * 1_000
        case _:
            return 0


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_the_owner_is_asked_exactly_if_one_more_allotment_is_enough(
    spent: int, reserved: int, most: int, limit: int
) -> None:
    model = replace(CALL, committed=Amount(tokens=reserved))
    turn = turn_of(
        TurnLimits(tokens=limit), spent=Amount(tokens=spent), steps=(Step("stp_0", model),)
    )
    said = refusal(turn, CALL, Amount(tokens=most))
    used = spent + reserved
    assert (said is None) == (used + most <= limit)
    assert isinstance(said, Hold) == (limit < used + most <= 2 * limit)
    if isinstance(said, Hold):
        assert said.raises == Raise(limit="tokens", to=2 * limit)


@pytest.mark.parametrize(
    ("turn", "most", "words"),
    [
        (
            turn_of(TurnLimits(steps=2), steps=steps(2)),
            Amount(),
            "This turn may take 2 steps; it took 2 and wants 1 more.",
        ),
        (
            turn_of(TurnLimits(seconds=60), working_us=60_900_000),
            Amount(),
            "This turn may work for 60 seconds; it worked for 60 and is not done.",
        ),
        (
            turn_of(TurnLimits(tokens=9_000), spent=Amount(tokens=8_000)),
            Amount(tokens=2_000),
            "This turn may use 9,000 tokens; 8,000 are spent or reserved and the next reply may"
            " take 2,000.",
        ),
        (
            turn_of(TurnLimits(cost_micros=500_000), spent=Amount(cost_micros=450_000)),
            Amount(cost_micros=100_001),
            "This turn may cost 0.50 in the currency of your budgets; 0.45 is spent or reserved and"
            " the next reply may cost 0.100001.",
        ),
    ],
    ids=["steps", "seconds", "tokens", "money"],
)
def test_the_card_names_limit_use_and_need_and_what_either_answer_does(
    turn: Turn, most: Amount, words: str
) -> None:
    said = refusal(turn, CALL, most)
    assert isinstance(said, Hold)
    assert (said.reason, said.code, said.approvers) == (words, OVER_BUDGET, ("owner",))
    card = holds.shown(turn, replace(CALL, decision=said))
    assert "may use" in card["approving"]
    assert card["rejecting"] == "The turn ends here."


def test_what_no_approval_could_make_fit_is_denied_in_words_instead_of_asked_for_ever() -> None:
    small = refusal(turn_of(TurnLimits(tokens=999)), CALL, Amount(tokens=2_000))
    assert isinstance(small, Deny)
    assert "One more allotment, 1,998 tokens in all, would not be enough" in small.reason
    full = turn_of(TurnLimits(steps=50), steps=steps(50))
    said = refusal(full, CALL, Amount())
    assert isinstance(said, Deny)
    assert "No turn may go beyond 50 steps, whoever approves it." in said.reason


def test_an_attempt_after_one_that_vanished_is_the_same_step_and_keeps_its_reserve() -> None:
    vanished = replace(CALL, attempts=1, committed=Amount(tokens=60))
    turn = turn_of(TurnLimits(steps=1, tokens=100), steps=(Step("stp_1", vanished),))
    assert refusal(turn, vanished, Amount(tokens=40)) is None
    assert isinstance(refusal(turn, vanished, Amount(tokens=41)), Hold)


@pytest.mark.parametrize("answer", ["approve", "reject"])
def test_raising_a_limit_lifts_no_rule_and_a_rejection_ends_the_turn_over_budget(
    answer: Literal["approve", "reject"],
) -> None:
    chain = Chain()
    turn, step, call = (chain.ids.new(prefix) for prefix in ("trn", "stp", "call"))
    chain.say(b.SessionOpened(owner=ALICE, agent="agt_00000000000000000000000000"))
    chain.say(b.TurnRequested(parts=(), limits=TurnLimits(tokens=10)), turn)
    asked = Raise(limit="tokens", to=20)
    hold = Hold(reason="Enough.", approvers=("owner",), code=OVER_BUDGET, raises=asked)
    decided = b.CallDecided(
        tool=MODEL_TOOL, effect="read", args_digest="0" * 64, decision=hold, authority="1" * 64
    )
    chain.add(about(turn, step, call, decided))
    assert isinstance(next_move(fold(chain.events).turns[turn]), Park)
    other: Literal["approve", "reject"] = "reject" if answer == "approve" else "approve"
    for one in (answer, other):  # The first answer is the answer, however many come at once.
        chain.add(about(turn, step, call, b.ApprovalAnswered(answer=one, shown="2" * 64)))
    after = fold(chain.events).turns[turn]
    move = next_move(after)
    assert not after.steps[-1].model.approved
    if answer == "approve":
        assert (isinstance(move, Think), after.limits.tokens) == (True, 20)
    else:
        assert isinstance(move, Finish)
        assert (move.outcome, move.code, after.limits.tokens) == ("failed", OVER_BUDGET, 10)
