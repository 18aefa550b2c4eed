"""Sign-in: from a bearer token to the person who stands behind a request.

Owns the comparison (by digest, in constant time) and reading the owner's token file. Must never
keep a token itself, log one, or say whether a wrong one was close.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deputy.core.canonical import digest
from deputy.core.errors import DeputyError, NotSignedInError
from deputy.core.identity import Actor

TOKEN_CHARS_MAX = 512
CURE = (
    "Send the header 'Authorization: Bearer TOKEN'; the owner's token lies in owner.token in"
    " Deputy's state folder, and the command line reads it by itself."
)


class SignIn(Protocol):
    """Whatever can name the person behind a token."""

    def who(self, token: str) -> Actor:
        """Give the person a token stands for; raises `NotSignedInError`."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The people who may sign in, each by the SHA-256 of a token."""

    people: Mapping[str, Actor]

    @classmethod
    def of(cls, tokens: Mapping[str, str]) -> Tokens:
        """Give the sign-in of people by their tokens; only digests are kept."""
        return cls({digest(t.encode()): Actor(sub=person) for t, person in tokens.items()})

    def who(self, token: str) -> Actor:
        """Give the person a token stands for; raises `NotSignedInError`."""
        offered = digest(token.encode("utf-8", "replace"))
        found: Actor | None = None
        # Every known digest is compared, so that the time tells nothing about which one fits.
        for known, actor in self.people.items():
            if hmac.compare_digest(known, offered):
                found = actor
        if found is None:
            raise NotSignedInError("This token is not known here.", hint=CURE)
        return found


class OwnerToken:
    """The sign-in of a machine's one owner."""

    def __init__(self, token: str, person: str) -> None:
        self._tokens = Tokens.of({token: person})

    def who(self, token: str) -> Actor:
        """Give the owner; raises `NotSignedInError` for any other token."""
        return self._tokens.who(token)


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
