"""Mandates: who may lend an agent part of whose permissions, and who may take them back.

Owns these entitlements and the limits of a grant. Must never look anything up: the organisation
is passed in.
"""

from __future__ import annotations

from deputy.control.directory import OWNER_ROLE, require_person
from deputy.control.organisation import Organisation
from deputy.core.errors import DeniedError, InvalidRequestError, NotFoundError
from deputy.core.identity import Actor, Mandate

TERM_DAYS_MAX = 366
TOOLS_MAX = 200
DAY_US = 86_400 * 1_000_000


def check_grant(organisation: Organisation, mandate: Mandate, *, by: Actor, now_us: int) -> None:
    """Raise unless `by` lends their own permissions, to a live agent, for a bounded time."""
    person = require_person(organisation, by)
    if mandate.sub != person.id:
        raise DeniedError(
            "Nobody can lend another person's permissions.", hint="Ask that person to grant it."
        )
    agent = organisation.live(mandate.act)
    if agent is None or agent.kind != "agent":
        raise NotFoundError(
            "A mandate is given to a live agent.", hint="Look the agent up in the directory."
        )
    if not now_us < mandate.expires_us <= now_us + TERM_DAYS_MAX * DAY_US:
        raise InvalidRequestError(
            f"A mandate ends in the future and within {TERM_DAYS_MAX} days.",
            hint="Choose an earlier end; it can be granted again.",
        )
    if not 0 < len(mandate.tools) <= TOOLS_MAX:
        raise InvalidRequestError(
            f"A mandate names 1 to {TOOLS_MAX} tools.",
            hint="Name them, or use a prefix like 'x.*'.",
        )


def check_revocation(organisation: Organisation, mandate: str, *, by: Actor) -> None:
    """Raise unless `by` may end a mandate: the person who gave it, or an owner."""
    person = require_person(organisation, by)
    found = organisation.mandates.get(mandate)
    if found is None:
        raise NotFoundError(
            "There is no mandate of this id.", hint="It may have been revoked already."
        )
    if found.sub != person.id and OWNER_ROLE not in person.roles:
        raise DeniedError(
            "A mandate is revoked by who gave it or by an owner of the organisation.",
            hint="Ask one of them.",
        )
