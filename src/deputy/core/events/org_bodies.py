"""The facts of an organisation's journal, kept by control.

Owns one frozen body per event type. Must never hold content of sessions: ids, names of
principals and rule texts only.
"""

from __future__ import annotations

from deputy.core.authority import RuleSet
from deputy.core.events.header import Body
from deputy.core.identity import Mandate, Principal


class OrganisationFounded(Body):
    """The organisation came to be, with its first cell."""

    name: str
    cell: str


class PrincipalAdded(Body):
    """A person, team, agent, app or service joined the directory."""

    principal: Principal


class PrincipalDeactivated(Body):
    """A principal left or was stopped; it holds no authority from now on."""

    principal: str
    reason: str = ""


class MandateGranted(Body):
    """A person lent an agent part of their permissions."""

    mandate: Mandate


class MandateRevoked(Body):
    """A mandate ended before its time."""

    mandate: str


class RuleSetEnforced(Body):
    """A rule set version decides from now on."""

    ruleset: RuleSet
