"""What the starter rules permit, hold and deny, and which rule sets are accepted at all.

Owns the promise a new organisation begins with. Must never pass because a rule failed: each case
names the rule that decided.
"""

import pytest

from deputy.control import rulesets
from deputy.core.errors import InvalidRequestError
from deputy.core.flow import Effect
from deputy.core.labels import PLATFORM, uploaded_by
from deputy.core.policy import Allow, Deny, Hold, evaluate
from tests.core.extracts import ALICE, BOB, MANDATE, STARTER, extract, question
from tests.requirement import requirement

UNTRUSTED = uploaded_by(ALICE.id)
PRIVATE: tuple[Effect, ...] = ("read", "private_reversible")
BEYOND: tuple[Effect, ...] = ("shared_reversible", "send", "irreversible")
FOR_BOB = extract(mandates=(MANDATE, MANDATE.model_copy(update={"sub": BOB.id})))


def test_the_starter_rules_fit_their_schema_and_give_their_reasons() -> None:
    rulesets.check(STARTER)


@requirement("R116", "R120")
@pytest.mark.parametrize("effect", PRIVATE)
@pytest.mark.parametrize("label", [PLATFORM, UNTRUSTED])
def test_private_work_for_the_owner_needs_no_approval(effect: Effect, label: object) -> None:
    for act in (question().actor.act, None):
        asked = question("model.reply", effect, label=label, pc=label)  # type: ignore[arg-type]
        if act is None:
            asked = asked.model_copy(update={"actor": asked.actor.model_copy(update={"act": None})})
        assert evaluate(extract(), asked) == Allow(rules=("private-work",))


@requirement("R116")
@pytest.mark.parametrize("effect", BEYOND)
def test_what_reaches_further_waits_for_the_owner(effect: Effect) -> None:
    held = evaluate(extract(), question("mail.send", effect))
    assert isinstance(held, Hold)
    assert (held.approvers, held.rules) == (("owner",), ("ask-first",))
    assert "before it happens" in held.reason
    answered = evaluate(extract(), question("mail.send", effect, approved=True))
    assert answered == Allow(rules=("effects-beyond",))


@requirement("R116")
@pytest.mark.parametrize("effect", BEYOND)
@pytest.mark.parametrize("approved", [False, True])
def test_untrusted_words_reach_nobody_outside_approved_or_not(
    effect: Effect, approved: bool
) -> None:
    for labels in ({"label": UNTRUSTED}, {"pc": UNTRUSTED}):
        asked = question("mail.send", effect, public=True, approved=approved, **labels)  # type: ignore[arg-type]
        denied = evaluate(extract(), asked)
        assert isinstance(denied, Deny)
        assert denied.rules == ("untrusted-to-public",)
        assert "strangers" in denied.reason


def test_a_public_effect_of_trusted_words_is_held() -> None:
    assert isinstance(evaluate(extract(), question("mail.send", "send", public=True)), Hold)


@requirement("R061", "R120")
@pytest.mark.parametrize("effect", PRIVATE + BEYOND)
def test_nobody_works_in_another_persons_session(effect: Effect) -> None:
    denied = evaluate(FOR_BOB, question("mail.read", effect, sub=BOB))
    assert isinstance(denied, Deny)
    assert "No rule permits" in denied.reason
    assert not isinstance(evaluate(FOR_BOB, question("x", effect, sub=BOB, approved=True)), Allow)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("permit (principal, action, resource) when { context.mood == 1 };", "schema"),
        ("permit (", "schema"),
        ("permit (principal, action, resource);", "no name or no reason"),
        ('@id("a") permit (principal, action, resource);', "no name or no reason"),
        ('@id("a") @reason("b") permit (principal, action, resource);' * 2, "same name"),
        ("//" + "x" * rulesets.TEXT_CHARS_MAX, "characters"),
    ],
)
def test_a_rule_set_that_could_not_explain_itself_is_refused(text: str, words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        rulesets.check(STARTER.model_copy(update={"policies": text}))
