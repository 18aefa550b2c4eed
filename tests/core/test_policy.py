"""The decision refuses by default, says why, and asks only where asking would help.

Owns what holds under any rule set. Must never test the starter rules: tests/control does.
"""

import pytest

from deputy.core.authority import RuleSet
from deputy.core.flow import unregistered
from deputy.core.policy import Allow, Deny, Hold, evaluate
from tests.core.extracts import AGENT, ALICE, BOB, MANDATE, STARTER, extract, question
from tests.requirement import requirement

PERMIT_ALL = '@id("all") @reason("Everything goes.") permit (principal, action, resource);'


def rules(*policies: str) -> RuleSet:
    return STARTER.model_copy(update={"policies": "\n".join(policies)})


def reason_of(decision: Allow | Deny | Hold) -> str:
    assert isinstance(decision, Deny)
    return decision.reason


@requirement("R116", "R120")
def test_without_a_mandate_the_agent_may_do_nothing() -> None:
    asked = question()
    assert "No mandate" in reason_of(evaluate(extract(mandates=()), asked))
    assert isinstance(evaluate(extract(), asked), Allow)


@requirement("R114", "R116")
def test_a_mandate_of_one_person_serves_no_other() -> None:
    for_bob = MANDATE.model_copy(update={"sub": BOB.id})
    assert "No mandate" in reason_of(evaluate(extract(mandates=(for_bob,)), question()))


@requirement("R116")
def test_a_tool_the_mandate_does_not_name_is_denied() -> None:
    assert "'shell'" in reason_of(evaluate(extract(), question("shell")))
    assert isinstance(evaluate(extract(), question("mail.draft")), Allow)


def test_a_mandate_that_ran_out_is_none() -> None:
    on_the_minute = question(now_us=MANDATE.expires_us)
    assert "No mandate" in reason_of(evaluate(extract(), on_the_minute))


@requirement("R114")
@pytest.mark.parametrize(
    ("people", "words"),
    [
        ((ALICE, AGENT.model_copy(update={"sponsor": None})), "no live sponsor"),
        ((ALICE, AGENT.model_copy(update={"sponsor": BOB.id})), "no live sponsor"),
        ((ALICE, AGENT.model_copy(update={"active": False})), "unknown, expired or stopped"),
        ((ALICE,), "unknown, expired or stopped"),
        ((ALICE.model_copy(update={"active": False}), AGENT), "not a live member"),
        ((AGENT,), "not a live member"),
        ((ALICE.model_copy(update={"kind": "service"}), AGENT), "not a live member"),
    ],
)
def test_authority_needs_a_live_person_agent_and_sponsor(people: tuple, words: str) -> None:
    assert words in reason_of(evaluate(extract(*people), question()))


@requirement("R120")
def test_no_rule_is_a_no() -> None:
    decision = evaluate(extract(ruleset=rules("")), question())
    assert "No rule permits 'code.run'" in reason_of(decision)


def test_a_forbidding_rule_wins_and_gives_its_reason() -> None:
    forbid = '@id("freeze") @reason("Year-end freeze.") forbid (principal, action, resource);'
    decision = evaluate(extract(ruleset=rules(PERMIT_ALL, forbid)), question())
    assert decision == Deny(
        reason="Year-end freeze.",
        remedies=("Ask an administrator to permit it in the rule set.",),
        rules=("freeze",),
    )


def test_nobody_is_asked_when_an_approval_would_not_help() -> None:
    held = (
        '@id("ask") @reason("Bob looks first.") @approval("finance-lead")'
        " forbid (principal, action, resource) unless { context.approved };"
    )
    frozen = '@id("freeze") @reason("Frozen.") forbid (principal, action, resource);'
    asked = evaluate(extract(ruleset=rules(PERMIT_ALL, held)), question())
    assert asked == Hold(reason="Bob looks first.", approvers=("finance-lead",), rules=("ask",))
    assert isinstance(evaluate(extract(ruleset=rules(held)), question()), Deny)
    assert "Frozen." in reason_of(
        evaluate(extract(ruleset=rules(PERMIT_ALL, held, frozen)), question())
    )
    lifted = evaluate(extract(ruleset=rules(PERMIT_ALL, held)), question(approved=True))
    assert isinstance(lifted, Allow)


@requirement("R120")
def test_a_rule_that_fails_is_a_no_whatever_else_permits() -> None:
    overflows = (
        '@id("broken") @reason("x") permit (principal, action, resource)'
        " when { context.integrity * 9223372036854775807 * 9223372036854775807 > 0 };"
    )
    decision = evaluate(extract(ruleset=rules(PERMIT_ALL, overflows)), question())
    assert "could not be evaluated" in reason_of(decision)


@pytest.mark.parametrize("broken", ["permit (", "once upon a time"])
def test_a_rule_set_that_cannot_be_read_is_a_no(broken: str) -> None:
    assert "cannot be read" in reason_of(evaluate(extract(ruleset=rules(broken)), question()))


def test_a_question_the_schema_does_not_know_is_a_no() -> None:
    narrow = STARTER.model_copy(
        update={
            "cedar_schema": STARTER.cedar_schema.replace('"pc": Long,', ""),
            "policies": PERMIT_ALL,
        }
    )
    assert isinstance(evaluate(extract(ruleset=narrow), question()), Deny)


def test_an_unregistered_tool_counts_as_irreversible_and_public() -> None:
    contract = unregistered("mystery")
    assert (contract.effect, contract.public, contract.repeatable) == ("irreversible", True, False)


def test_equal_questions_get_equal_decisions() -> None:
    asked = question("mail.send", "send")
    decisions = [evaluate(extract(), asked) for _ in range(3)]
    assert decisions[0] == decisions[1] == decisions[2]
