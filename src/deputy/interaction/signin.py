"""Sign-in: from a bearer token to the person who stands behind a request.

Owns the comparison (by digest, in constant time) and the owner's token file. Must never keep a
token itself, log one, or say whether a wrong one was close.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deputy.core.canonical import digest
from deputy.core.errors import DeputyError, NotSignedInError
from deputy.core.identity import Actor

TOKEN_BYTES = 32
TOKEN_CHARS_MAX = 512
TOKEN_PREFIX = "dpt_"  # noqa: S105 - the visible beginning, so that scanners find a leaked token
CURE = (
    "Send the header 'Authorization: Bearer TOKEN'; the owner's token lies in owner.token in"
    " Deputy's state folder, and the command line reads it by itself."
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """The people who may sign in, each by the SHA-256 of a token."""

    people: Mapping[str, Actor]

    @classmethod
    def of_owner(cls, token: str, person: str) -> SignIn:
        """Give the sign-in of a machine's one owner."""
        return cls({digest(token.encode()): Actor(sub=person)})

    def who(self, token: str) -> Actor:
        """Give the person a token stands for; raises `NotSignedInError`."""
        offered = digest(token[:TOKEN_CHARS_MAX].encode())
        found: Actor | None = None
        # Every known digest is compared, so that the time tells nothing about which one fits.
        for known, actor in self.people.items():
            if hmac.compare_digest(known, offered):
                found = actor
        if found is None or len(token) > TOKEN_CHARS_MAX:
            raise NotSignedInError("This token is not known here.", hint=CURE)
        return found


def keep_owner_token(path: Path) -> str:
    """Give the owner's token, made at the first call; the file is readable by its owner alone.

    Raises `DeputyError` if others can read the file.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return read_owner_token(path)
    token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    with os.fdopen(descriptor, "w") as file:
        file.write(token + "\n")
    return token


def read_owner_token(path: Path) -> str:
    """Give the owner's token; raises `NotSignedInError` with the cure if it cannot be read."""
    try:
        with path.open() as file:
            mode = os.fstat(file.fileno()).st_mode & 0o077
            token = file.read(TOKEN_CHARS_MAX + 1).strip()
    except OSError as error:
        raise NotSignedInError(
            f"The owner's token cannot be read: {error.strerror}.",
            hint="Run the command as the user who runs Deputy.",
        ) from error
    if mode:
        raise DeputyError(
            f"Others can read the owner's token {path}.",
            hint=f"Run: chmod 600 {path}",
            code="signin.token_exposed",
        )
    return token
