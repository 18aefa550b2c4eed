"""Who answers held calls: the session's owner.

Owns the approvals port in its simplest true form. Roles beyond `owner` have nobody until the
directory routes them, and then nobody is asked in their place.
"""

from __future__ import annotations

from dataclasses import dataclass

from deputy.core.session import Call, Session, Turn


@dataclass(frozen=True, slots=True)
class Waiting:
    """A held call that waits for somebody's answer."""

    session: str
    turn: Turn
    call: Call


class OwnerApproves:
    """Routes the role `owner` to the owner of the session."""

    async def approvers(self, roles: tuple[str, ...], *, session: Session) -> tuple[str, ...]:
        """Give the owner if that role may answer; else nobody."""
        return (session.owner,) if "owner" in roles else ()
