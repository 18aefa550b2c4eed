"""The model an operator chose, from settings and a key file.

Owns reading the key. Must never take a key from the environment, keep it anywhere but in the
model's own access, or name what the file holds.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from deputy.agent import models
from deputy.agent.models.providers.access import Access, read_price
from deputy.core.errors import InvalidRequestError
from deputy.core.ports import Ids, Model
from deputy.settings import Settings

KEY_BYTES_MAX = 4_096


def chosen_model(settings: Settings, ids: Ids) -> Model:
    """Give the model of these settings; raises `InvalidRequestError` naming the cure."""
    access = Access(
        url=settings.model_url,
        key=read_key(settings.model_key_file) if settings.model_key_file else None,
        place=settings.model_place,
        price=read_price(settings.model_price) if settings.model_price else None,
    )
    return models.find(settings.model, ids, access)


def read_key(path: Path) -> str:
    """Give the key a file holds; only its owner may be able to read it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}", "Correct the path.") from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise _unusable(path, "is no file", "Name a plain file.")
        if mode & 0o077:
            raise _unusable(path, "can be read by others", f"Run: chmod 600 {path}")
        raw = os.read(descriptor, KEY_BYTES_MAX + 1)
    finally:
        os.close(descriptor)
    key = raw.decode("ascii", "replace").strip()
    if not key or len(raw) > KEY_BYTES_MAX or not all("!" <= c <= "~" for c in key):
        raise _unusable(path, "holds no key", "Write the key alone on one line into it.")
    return key


def _unusable(path: Path, why: str, cure: str) -> InvalidRequestError:
    return InvalidRequestError(f"The key file {path} {why}.", hint=cure, code="model.key_unusable")
