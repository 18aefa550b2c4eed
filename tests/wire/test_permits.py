"""A permit is good for one call, one attempt, one executor, once, and only while it is young.

Owns the executor's side of the gate's promise. Must never need a real clock.
"""

from dataclasses import replace

import pytest

from deputy.core.errors import PermitError
from deputy.testing.fakes import FixedClock
from deputy.wire.permits import NONCES_MAX, PERMIT_AGE_S_MAX, Permit, PermitGuard, issue
from deputy.wire.signing import SigningKey
from tests.requirement import requirement

GATE = SigningKey.generate()
ARGS = "a" * 64


@pytest.fixture
def guard(clock: FixedClock) -> PermitGuard:
    """One executor's guard."""
    return PermitGuard("hst_1", GATE.public, clock)


def permit(guard: PermitGuard) -> Permit:
    offer = guard.offer()
    return Permit(offer.executor, offer.nonce, "call_1", 1, ARGS)


def check(guard: PermitGuard, token: str) -> None:
    guard.verify(token, call="call_1", attempt=1, args_digest=ARGS)


@requirement("R116", "R120")
def test_a_permit_is_used_up_by_its_first_use(guard: PermitGuard) -> None:
    token = issue(GATE, permit(guard))
    check(guard, token)
    with pytest.raises(PermitError, match="no open nonce"):
        check(guard, token)


@requirement("R120")
@pytest.mark.parametrize(
    "change",
    [
        {"executor": "hst_2"},
        {"call": "call_2"},
        {"attempt": 2},
        {"args_digest": "b" * 64},
    ],
)
def test_a_permit_for_anything_else_is_refused_and_burnt(
    guard: PermitGuard, change: dict[str, object]
) -> None:
    meant = permit(guard)
    with pytest.raises(PermitError, match="another call"):
        check(guard, issue(GATE, replace(meant, **change)))  # type: ignore[arg-type]
    with pytest.raises(PermitError, match="no open nonce"):
        check(guard, issue(GATE, meant))


def test_a_permit_ages_on_the_executors_own_clock(guard: PermitGuard, clock: FixedClock) -> None:
    young, old = permit(guard), permit(guard)
    clock.step(0)
    clock.advance(PERMIT_AGE_S_MAX)
    check(guard, issue(GATE, young))
    clock.advance(0.001)
    with pytest.raises(PermitError, match="older than 2 s"):
        check(guard, issue(GATE, old))


@requirement("R116")
def test_only_the_gate_can_sign(guard: PermitGuard) -> None:
    meant = permit(guard)
    for token in (issue(SigningKey.generate(), meant), "", "a.b.c"):
        with pytest.raises(PermitError):
            check(guard, token)
    statement = {"executor": "hst_1", "nonce": meant.nonce, "call": "call_1", "attempt": 1}
    disguised = GATE.sign({**statement, "args": ARGS}, kind="heartbeat")
    with pytest.raises(PermitError, match="something else was signed"):
        check(guard, disguised)
    # A refused forgery burns nothing: the true permit still works.
    check(guard, issue(GATE, meant))


def test_a_nonce_of_another_executor_opens_nothing(guard: PermitGuard, clock: FixedClock) -> None:
    other = PermitGuard("hst_2", GATE.public, clock)
    with pytest.raises(PermitError, match="no open nonce"):
        check(guard, issue(GATE, permit(other)))


def test_open_nonces_are_bounded_and_the_oldest_goes_first(guard: PermitGuard) -> None:
    first, second = permit(guard), permit(guard)
    for _ in range(NONCES_MAX - 1):
        guard.offer()
    with pytest.raises(PermitError, match="no open nonce"):
        check(guard, issue(GATE, first))
    check(guard, issue(GATE, second))
