"""Inviting other planes: the certificate this plane listens with, and the files it invites with.

Owns both files and their modes. An invitation is written again at each start, so that it is never
older than the address. Must never put a private key into one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from deputy.assemble.places import SIGNS, StateDir, write_private
from deputy.core.errors import InvalidRequestError
from deputy.core.ports import Clock
from deputy.wire.invitations import Invitation, read_invitation
from deputy.wire.tls import Identity, is_for, make_identity

INVITES: Mapping[Literal["control", "cell"], str] = {"control": "cell", "cell": "execution"}
"""Which plane a listening plane invites."""


def identity(state: StateDir, url: str, clock: Clock) -> Identity:
    """Give the certificate of this plane for its address; another address gets a new one."""
    host = urlsplit(url).hostname or ""
    if _identity_file(state).exists() and is_for(known_identity(state).certificate, host):
        return known_identity(state)
    made = make_identity(host, clock.now_us())
    write_private(
        _identity_file(state), json.dumps({"certificate": made.certificate, "key": made.key})
    )
    return made


def known_identity(state: StateDir) -> Identity:
    """Give the certificate this plane made at its start."""
    return Identity(**json.loads(_identity_file(state).read_text()))


def invite(
    state: StateDir,
    to: Literal["control", "cell"],
    url: str,
    *,
    certificate: str,
    ids: Mapping[str, str] | None = None,
) -> Path:
    """Write the invitation to this plane; give its file."""
    signs = SIGNS[to]
    invited = INVITES[to]
    invitation = Invitation(
        to=to,
        url=url,
        token=state.door_token(invited),
        certificate=certificate,
        keys={signs: state.signing_key(signs).public.to_jwk()},
        ids=ids or {},
    )
    state.invitations.mkdir(mode=0o700, exist_ok=True)
    place = state.invitations / f"{invited}.json"
    write_private(place, invitation.model_dump_json(indent=1))
    return place


def invited(state: StateDir, given: Path | None, to: Literal["control", "cell"]) -> Invitation:
    """Give the invitation this plane was given, now or before; it is kept for the next start."""
    kept = state.invitations / f"to-{to}.json"
    if given is None and not kept.exists():
        raise InvalidRequestError(
            f"Nobody invited this plane to a {to} plane.",
            hint=(
                f"Copy invitations/{INVITES[to]}.json from the state folder of the {to} plane to"
                " this machine, and name it with --invitation."
            ),
            code="invitation.missing",
        )
    found = read_invitation(given or kept, to=to)
    if given is not None:
        _require_same_owners(state, kept, found)
        state.invitations.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(kept, found.model_dump_json(indent=1))
    return found


def _require_same_owners(state: StateDir, kept: Path, found: Invitation) -> None:
    """Refuse the control plane of others: its people would see none of this cell's sessions."""
    before: Invitation | None = None
    with suppress(InvalidRequestError):
        before = read_invitation(kept, to=found.to)
    if before is not None and before.ids != found.ids:
        raise InvalidRequestError(
            f"The cell in {state.root} belongs to another organisation than this invitation.",
            hint="Use an invitation of the control plane it began with, or set DEPUTY_STATE_DIR to"
            " a new folder for a new cell.",
            code="invitation.foreign",
        )


def _identity_file(state: StateDir) -> Path:
    return state.root / "secrets" / "wire.json"
