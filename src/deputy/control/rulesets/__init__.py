"""Rule sets: Cedar policies as text, checked before they may decide.

Owns the starter rules a new organisation begins with, and what makes a rule set acceptable. Must
never decide anything: `core.policy` does, in the cell.
"""

from __future__ import annotations

import json
from importlib import resources

import cedarpy

from deputy.core.authority import RuleSet
from deputy.core.errors import InvalidRequestError

TEXT_CHARS_MAX = 200_000


def starter(id: str) -> RuleSet:
    """Give version 1 of a new organisation's rules."""
    return RuleSet(
        id=id, version=1, policies=_text("starter.cedar"), cedar_schema=_text("starter.cedarschema")
    )


def check(ruleset: RuleSet) -> None:
    """Raise `InvalidRequestError` unless every rule fits the schema and says what it is for."""
    if len(ruleset.policies) + len(ruleset.cedar_schema) > TEXT_CHARS_MAX:
        raise _refusal(
            f"A rule set may have {TEXT_CHARS_MAX:,} characters.", "Split or shorten it."
        )
    found = cedarpy.validate_policies(ruleset.policies, ruleset.cedar_schema)
    if not found.validation_passed:
        first = found.errors[0]
        raise _refusal(f"A rule does not fit the schema: {first.error}", "Correct it, then retry.")
    parsed = json.loads(cedarpy.policies_to_json_str(ruleset.policies))
    notes = [policy.get("annotations", {}) for policy in parsed["staticPolicies"].values()]
    if any(not note.get("id") or not note.get("reason") for note in notes):
        raise _refusal(
            "A rule has no name or no reason.", 'Give each one @id("…") and @reason("…").'
        )
    if len({note["id"] for note in notes}) < len(notes):
        raise _refusal("Two rules have the same name.", "Give each rule an @id of its own.")


def _refusal(message: str, hint: str) -> InvalidRequestError:
    return InvalidRequestError(message, hint=hint, code="ruleset.invalid")


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
