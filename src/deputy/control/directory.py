"""The directory: who belongs to the organisation, and who may end that.

Owns the entitlement to stop a principal. Must never look anything up: the organisation is passed
in.
"""

from __future__ import annotations

from deputy.control.organisation import Organisation
from deputy.core.errors import DeniedError, NotFoundError
from deputy.core.identity import Actor, Principal

OWNER_ROLE = "owner"


def require_person(organisation: Organisation, by: Actor) -> Principal:
    """Give the live person who acts in their own name; raises `DeniedError` otherwise.

    An agent never changes who may do what, whatever mandate it holds.
    """
    person = organisation.live(by.sub)
    if by.act is not None or person is None or person.kind != "person":
        raise DeniedError(
            "Only a live member of the organisation, in person, changes who may do what.",
            hint="Sign in yourself instead of asking an agent.",
        )
    return person


def check_deactivation(organisation: Organisation, principal: str, *, by: Actor) -> None:
    """Raise unless `by` may stop `principal`: an owner anyone, a sponsor their own agent."""
    person = require_person(organisation, by)
    target = organisation.live(principal)
    if target is None:
        raise NotFoundError(
            "There is no live principal of this id.", hint="It may have been stopped already."
        )
    if OWNER_ROLE not in person.roles and target.sponsor != person.id:
        raise DeniedError(
            f"'{target.name}' is stopped by an owner of the organisation or by its sponsor.",
            hint="Ask one of them.",
        )
    owners = [p for p in organisation.principals.values() if p.active and OWNER_ROLE in p.roles]
    if owners == [target]:
        raise DeniedError(
            "The last owner of an organisation cannot be stopped.",
            hint="Give another person the role 'owner' first.",
        )
