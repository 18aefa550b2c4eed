"""The decision: may this principal, under this mandate, do this, with inputs of this label?

Owns the question, the three answers and their computation (mandates, then Cedar). Must never act,
wait or look anything up: everything it reads is passed in, so that a decision can be recomputed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal

import cedarpy
from pydantic import Field

from deputy.core.authority import AuthorityExtract, RuleSet
from deputy.core.budget import Limit
from deputy.core.flow import ToolContract
from deputy.core.identity import Actor
from deputy.core.labels import Label
from deputy.core.messages import Value

REASONS_MAX = 20

Reason = Annotated[str, Field(min_length=1, max_length=1_000)]


class Question(Value):
    """Everything one decision reads. `label` covers the arguments, `pc` the whole context."""

    actor: Actor
    tool: str
    contract: ToolContract
    session: str
    owner: str
    turn: str
    call: str
    args_digest: str
    label: Label
    pc: Label
    now_us: int
    approved: bool = False


class Allow(Value):
    """Go ahead. `rules` name the policies that permit it."""

    verdict: Literal["allow"] = "allow"
    rules: tuple[str, ...] = ()


class Deny(Value):
    """No, and why, and what would help."""

    verdict: Literal["deny"] = "deny"
    reason: Reason
    remedies: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    code: str = "gate.denied"


class Raise(Value):
    """One limit of a turn, and the number an approval raises it to."""

    limit: Limit
    to: int = Field(ge=1)


class Hold(Value):
    """Not yet: a person in one of the named roles must answer first.

    With `raises` a limit asks, not a rule: approving raises it and lifts no rule.
    """

    verdict: Literal["hold"] = "hold"
    reason: Reason
    approvers: tuple[str, ...] = Field(min_length=1)
    rules: tuple[str, ...] = ()
    code: str = "gate.held"
    raises: Raise | None = None


Decision = Annotated[Allow | Deny | Hold, Field(discriminator="verdict")]


def evaluate(extract: AuthorityExtract, question: Question) -> Allow | Deny | Hold:
    """Decide one question under one extract. Equal inputs give equal decisions."""
    refused = _refused_by_identity(extract, question)
    if refused is not None:
        return refused
    try:
        rules = _compile(extract.ruleset)
    except ValueError as error:
        return Deny(
            reason=f"The rule set in force cannot be read: {str(error)[:500]}",
            remedies=("An administrator can enforce an earlier version.",),
        )
    now = _cedar(rules, question, approved=question.approved)
    if now.allowed:
        return Allow(rules=now.rules)
    # Someone with no permit at all must not be told to ask: ask only if asking would help.
    at_best = now if question.approved else _cedar(rules, question, approved=True)
    if at_best.allowed:
        notes = rules.notes_of(now)
        return Hold(
            reason=_first(notes, "reason") or "A rule asks for a person's approval.",
            approvers=tuple(sorted({n["approval"] for n in notes if "approval" in n}))
            or ("owner",),
            rules=now.rules,
        )
    if at_best.broken:
        return Deny(
            reason="A rule could not be evaluated here, so nothing is permitted.",
            remedies=("An administrator can correct the rule set.",),
            rules=at_best.rules,
        )
    # Named are the rules that no approval would lift.
    notes = rules.notes_of(at_best)
    return Deny(
        reason=_first(notes, "reason") or f"No rule permits '{question.tool}' here.",
        remedies=("Ask an administrator to permit it in the rule set.",),
        rules=at_best.rules,
    )


def _refused_by_identity(extract: AuthorityExtract, question: Question) -> Deny | None:
    person = extract.principal(question.actor.sub)
    if person is None or person.kind != "person":
        return Deny(
            reason="The person this turn works for is not a live member of the organisation.",
            remedies=("An administrator can reinstate the person or name a successor.",),
        )
    if question.actor.act is None:
        return None
    agent = extract.principal(question.actor.act)
    if agent is None:
        return Deny(
            reason="This agent is unknown, expired or stopped.",
            remedies=("Its sponsor can reinstate it.",),
        )
    if agent.sponsor is None or extract.principal(agent.sponsor) is None:
        return Deny(
            reason="This agent has no live sponsor.",
            remedies=("An administrator can name a new sponsor.",),
        )
    mandates = extract.mandates_for(question.actor.sub, question.actor.act)
    if not any(m.allows(question.tool, now_us=question.now_us) for m in mandates):
        return Deny(
            reason=f"No mandate in force lets this agent use '{question.tool}' for this person.",
            remedies=("The person can grant a mandate that names the tool.",),
        )
    return None


@dataclass(frozen=True, slots=True)
class _Rules:
    policies: Any
    schema: Any
    notes: dict[str, dict[str, str]]

    def notes_of(self, answer: _Answer) -> list[dict[str, str]]:
        return [self.notes[name] for name in answer.rules if name in self.notes]


@dataclass(frozen=True, slots=True)
class _Answer:
    allowed: bool
    rules: tuple[str, ...]
    broken: bool = False


@lru_cache(maxsize=8)
def _compile(ruleset: RuleSet) -> _Rules:
    policies = cedarpy.PolicySet.from_str(ruleset.policies)
    parsed = json.loads(cedarpy.policies_to_json_str(ruleset.policies))
    annotated = [p.get("annotations", {}) for p in parsed["staticPolicies"].values()]
    notes = {str(a["id"]): {k: str(v) for k, v in a.items()} for a in annotated if "id" in a}
    return _Rules(policies, cedarpy.Schema.from_str(ruleset.cedar_schema), notes)


def _cedar(rules: _Rules, question: Question, *, approved: bool) -> _Answer:
    kind = "Agent" if question.actor.act else "Person"
    principal = {
        "type": f"Deputy::{kind}",
        "id": question.actor.act or question.actor.sub,
    }
    session = {"type": "Deputy::Session", "id": question.session}
    answer = cedarpy.is_authorized(
        {
            "principal": principal,
            "action": {"type": "Deputy::Action", "id": question.contract.effect},
            "resource": session,
            "context": {
                "tool": question.tool,
                "sub": question.actor.sub,
                "integrity": int(question.label.integrity),
                "pc": int(question.pc.integrity),
                "public": question.contract.public,
                "approved": approved,
            },
        },
        rules.policies,
        [
            {"uid": principal, "attrs": {}, "parents": []},
            {"uid": session, "attrs": {"owner": question.owner}, "parents": []},
        ],
        rules.schema,
    )
    named = answer.diagnostics.id_annotations_by_reason
    matched = tuple(sorted(named.get(r) or r for r in answer.diagnostics.reasons))
    # An engine error is never a yes, whatever else matched.
    broken = bool(answer.diagnostics.errors)
    return _Answer(bool(answer.allowed) and not broken, matched, broken)


def _first(notes: list[dict[str, str]], key: str) -> str | None:
    return next((n[key] for n in notes if n.get(key)), None)
