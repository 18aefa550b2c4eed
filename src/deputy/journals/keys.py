"""Data keys: one per journal and owner, wrapped by a master key.

Owns wrapping (AES-256-GCM) and sealing of bodies. Destroying a data key erases every body it
sealed. Must never write the master key anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from deputy.core.canonical import digest
from deputy.core.errors import JournalError
from deputy.core.ports import Ids

KEY_BYTES = 32
NONCE_BYTES = 12


@dataclass(slots=True)
class KeyRing:
    """The master key and the data keys unwrapped so far."""

    master: bytes
    ids: Ids
    _open: dict[str, AESGCM] = field(default_factory=dict)

    @property
    def master_id(self) -> str:
        """Name the master key without telling it."""
        return digest(b"deputy master key id" + self.master)[:16]

    def new_wrapped(self, key_id: str) -> bytes:
        """Make a data key; give it wrapped, bound to its id."""
        key, nonce = self.ids.random_bytes(KEY_BYTES), self.ids.random_bytes(NONCE_BYTES)
        self._open[key_id] = AESGCM(key)
        return nonce + AESGCM(self.master).encrypt(nonce, key, key_id.encode())

    def open(self, key_id: str, wrapped: bytes) -> None:
        """Unwrap a stored data key; raises `JournalError` under a wrong master key."""
        if key_id in self._open:
            return
        try:
            key = AESGCM(self.master).decrypt(
                wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], key_id.encode()
            )
        except InvalidTag as error:
            raise JournalError(
                "A data key does not open under this master key.",
                hint="Restore the master key file that belongs to this database.",
            ) from error
        self._open[key_id] = AESGCM(key)

    def forget(self, key_id: str) -> None:
        """Drop an unwrapped key from memory."""
        self._open.pop(key_id, None)

    def seal(self, key_id: str, place: str, body: bytes) -> tuple[bytes, bytes]:
        """Encrypt a body for one place `journal/seq`; give (nonce, ciphertext)."""
        nonce = self.ids.random_bytes(NONCE_BYTES)
        return nonce, self._open[key_id].encrypt(nonce, body, place.encode())

    def unseal(self, key_id: str, place: str, nonce: bytes, ciphertext: bytes) -> bytes:
        """Decrypt a body; raises `JournalError` if it was moved or changed."""
        try:
            return self._open[key_id].decrypt(nonce, ciphertext, place.encode())
        except InvalidTag as error:
            raise JournalError(f"The body of {place} was changed or moved.") from error
