"""The state of an organisation: a fold over its journal.

Owns what the directory, the mandates and the rule set in force *are* at a given event, as frozen
values, and the part of them a cell may decide by. Must never read or write anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

from deputy.core.authority import AuthorityExtract, RuleSet
from deputy.core.errors import ConflictError
from deputy.core.events import GENESIS, Erased, Event
from deputy.core.events import org_bodies as b
from deputy.core.identity import Mandate, Principal


@dataclass(frozen=True, slots=True)
class Organisation:
    """People, agents, what they may do, and by which rules."""

    id: str = ""
    seq: int = 0
    head: str = GENESIS
    name: str = ""
    cell: str = ""
    principals: Mapping[str, Principal] = field(default_factory=dict)
    mandates: Mapping[str, Mandate] = field(default_factory=dict)
    """Those not revoked; one may have run out, which its `expires_us` tells."""
    ruleset: RuleSet | None = None

    def live(self, id: str) -> Principal | None:
        """Give a principal that holds authority today, or None."""
        found = self.principals.get(id)
        return found if found is not None and found.active else None

    def extract(self) -> AuthorityExtract:
        """Give what a cell needs to decide by itself. Equal facts give equal bytes."""
        if self.ruleset is None:
            raise ConflictError(
                "This organisation has no rule set in force.",
                hint="Start Deputy with `deputy up`: it founds the organisation.",
                code="organisation.unfounded",
            )
        return AuthorityExtract(
            org=self.id,
            cell=self.cell,
            principals=tuple(p for _, p in sorted(self.principals.items())),
            mandates=tuple(m for _, m in sorted(self.mandates.items())),
            ruleset=self.ruleset,
        )


def fold(events: Iterable[Event], state: Organisation | None = None) -> Organisation:
    """Give the state after `events`, which follow `state` (or begin the journal)."""
    return reduce(_step, events, state if state is not None else Organisation())


def _step(state: Organisation, event: Event) -> Organisation:
    header = event.header
    state = replace(state, id=header.journal, seq=header.seq, head=event.hash)
    change = None if isinstance(event.body, Erased) else _CHANGES.get(type(event.body))
    if change is None:
        return state
    after: Organisation = change(state, event.body)
    return after


def _founded(state: Organisation, body: b.OrganisationFounded) -> Organisation:
    return replace(state, name=body.name, cell=body.cell)


def _added(state: Organisation, body: b.PrincipalAdded) -> Organisation:
    return _with_principal(state, body.principal)


def _deactivated(state: Organisation, body: b.PrincipalDeactivated) -> Organisation:
    known = state.principals.get(body.principal)
    if known is None:
        return state
    return _with_principal(state, known.model_copy(update={"active": False}))


def _granted(state: Organisation, body: b.MandateGranted) -> Organisation:
    return replace(state, mandates={**state.mandates, body.mandate.id: body.mandate})


def _revoked(state: Organisation, body: b.MandateRevoked) -> Organisation:
    kept = {m.id: m for m in state.mandates.values() if m.id != body.mandate}
    return replace(state, mandates=kept)


def _enforced(state: Organisation, body: b.RuleSetEnforced) -> Organisation:
    return replace(state, ruleset=body.ruleset)


def _with_principal(state: Organisation, principal: Principal) -> Organisation:
    return replace(state, principals={**state.principals, principal.id: principal})


_CHANGES: dict[type, Any] = {
    b.OrganisationFounded: _founded,
    b.PrincipalAdded: _added,
    b.PrincipalDeactivated: _deactivated,
    b.MandateGranted: _granted,
    b.MandateRevoked: _revoked,
    b.RuleSetEnforced: _enforced,
}
