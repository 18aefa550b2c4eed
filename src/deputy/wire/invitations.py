"""Invitations: what a plane must hold to dial another one, as one small file.

Owns their shape. An invitation carries an address, a token that opens one door, the only
certificate to trust, and the public keys by which the other side's statements are verified. Must
never carry a private key or a database address.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from deputy.core.errors import InvalidRequestError
from deputy.core.messages import Value
from deputy.wire.signing import VerifyKey

INVITATION_BYTES_MAX = 64 << 10


class Invitation(Value):
    """The way to one door of a listening plane. Whoever holds the file may enter."""

    to: Literal["control", "cell"]
    url: str = Field(pattern="^wss://")
    token: str = Field(min_length=32)
    certificate: str
    keys: Mapping[str, Mapping[str, Any]] = {}
    """Public keys as JWK, by what they sign: `control` or `gate`."""
    ids: Mapping[str, str] = {}
    """From control: `org`, `cell`, `owner`, `agent`."""

    def key(self, signs: str) -> VerifyKey:
        """Give a public key by what it signs; raises `InvalidRequestError` without it."""
        if signs not in self.keys:
            raise InvalidRequestError(
                f"The invitation of the {self.to} plane holds no {signs} key.",
                hint="Copy it again from the state folder of that plane.",
                code="invitation.unusable",
            )
        return VerifyKey(dict(self.keys[signs]))


def read_invitation(path: Path, *, to: Literal["control", "cell"]) -> Invitation:
    """Read an invitation file; raises `InvalidRequestError` naming the cure."""
    kind = {"control": "cell.json", "cell": "execution.json"}[to]
    try:
        mode = path.stat().st_mode
        raw = path.read_bytes()
    except PermissionError:
        raise InvalidRequestError(
            f"This user may not read the invitation {path}.",
            hint=f"Give it to the user that runs this plane: chown USER {path}",
            code="invitation.unusable",
        ) from None
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}", kind) from None
    if mode & 0o077:
        raise InvalidRequestError(
            f"Others can read the invitation {path}.",
            hint=f"Run: chmod 600 {path}",
            code="invitation.exposed",
        )
    try:
        found = Invitation.model_validate_json(raw[:INVITATION_BYTES_MAX])
    except ValidationError:
        raise _unusable(path, "is no invitation", kind) from None
    if found.to != to:
        raise _unusable(path, f"leads to a {found.to} plane, not to a {to} plane", kind)
    return found


def _unusable(path: Path, why: str, kind: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"{path} {why}.",
        hint=f"Copy invitations/{kind} from the state folder of the plane that invites.",
        code="invitation.unusable",
    )
