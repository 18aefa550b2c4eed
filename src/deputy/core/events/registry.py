"""Event types by name and version, and the upcasters that lift old bodies.

Owns the closed mapping from stored (type, version) to today's body class. Upcasters are pure
functions from the old JSON object to the next version's. Must never drop a type: journals are for
ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from deputy.core.errors import JournalError
from deputy.core.events import org_bodies as org
from deputy.core.events import session_bodies as ses
from deputy.core.events.header import Body

Upcaster = Callable[[Mapping[str, Any]], dict[str, Any]]

TYPES: dict[str, tuple[int, type[Body]]] = {
    "approval.answered": (1, ses.ApprovalAnswered),
    "artifact.delivered": (1, ses.ArtifactDelivered),
    "baseline.stated": (1, ses.BaselineStated),
    "body.erased": (1, ses.BodyErased),
    "brief.drafted": (2, ses.BriefDrafted),
    "brief.edited": (1, ses.BriefEdited),
    "call.decided": (2, ses.CallDecided),
    "call.returned": (1, ses.CallReturned),
    "call.started": (1, ses.CallStarted),
    "check.ran": (1, ses.CheckRan),
    "deliverable.noted": (1, ses.DeliverableNoted),
    "file.uploaded": (1, ses.FileUploaded),
    "mandate.granted": (1, org.MandateGranted),
    "mandate.revoked": (1, org.MandateRevoked),
    "model.replied": (2, ses.ModelReplied),
    "organisation.founded": (1, org.OrganisationFounded),
    "principal.added": (1, org.PrincipalAdded),
    "principal.deactivated": (1, org.PrincipalDeactivated),
    "ruleset.enforced": (1, org.RuleSetEnforced),
    "session.opened": (1, ses.SessionOpened),
    "snapshot.taken": (1, ses.SnapshotTaken),
    "turn.claimed": (1, ses.TurnClaimed),
    "turn.finished": (2, ses.TurnFinished),
    "turn.parked": (1, ses.TurnParked),
    "turn.requested": (3, ses.TurnRequested),
    "turn.rested": (1, ses.TurnRested),
    "turn.steered": (1, ses.TurnSteered),
    "turn.stop_requested": (1, ses.TurnStopRequested),
    "workspace.moved": (2, ses.WorkspaceMoved),
}

UPCASTERS: dict[tuple[str, int], Upcaster] = {
    ("brief.drafted", 1): dict,  # Version 2 added `receipt_inside`; nothing old asked for it.
    ("call.decided", 1): dict,  # Version 2 added `code` and `raises` to holds; no rule sets either.
    ("model.replied", 1): dict,  # Version 2 added `flaw` to calls; nothing old has one.
    ("turn.finished", 1): dict,  # Version 2 added the outcome `declined`; nothing old has it.
    ("turn.requested", 1): dict,  # Version 2 added `cost_micros` to limits; nothing old had it.
    ("turn.requested", 2): dict,  # Version 3 added `unattended` and `receipt_inside`.
    ("workspace.moved", 1): dict,  # Version 2 added `redone_turn`; nothing old took an undo back.
}
"""From (type, old version): lifts one version up."""

_NAMES = {body: (name, version) for name, (version, body) in TYPES.items()}


def name_of(body: Body) -> tuple[str, int]:
    """Give the type name and version a body is stored under."""
    return _NAMES[type(body)]


def lift(
    type: str,
    version: int,
    stored: Mapping[str, Any],
    *,
    types: Mapping[str, tuple[int, type[Body]]] = TYPES,
    upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
) -> Body:
    """Give today's body of a stored one; raises `JournalError` for types nobody knows."""
    if type not in types:
        raise JournalError(
            f"This Deputy does not know events of type {type!r}.",
            hint="The journal was written by a newer version: upgrade this one.",
        )
    current, body = types[type]
    value = dict(stored)
    for step in range(version, current):
        value = upcasters[(type, step)](value)
    try:
        return body.model_validate(value)
    except ValidationError as error:
        raise JournalError(f"A stored {type} v{version} cannot be read: {error}") from error
