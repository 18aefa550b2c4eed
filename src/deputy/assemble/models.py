"""The model an operator chose, from settings and a key file.

Owns reading the key. Must never take a key from the environment, keep it anywhere but in the
model's own access, or name what the file holds.
"""

from __future__ import annotations

from pathlib import Path

from deputy.agent import models
from deputy.agent.models.providers.access import Access, read_price
from deputy.assemble.private_files import read_private, unusable
from deputy.core.ports import Ids, Model
from deputy.settings import Settings

KEY_BYTES_MAX = 4_096
UNUSABLE = "model.key_unusable"


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
    raw = read_private(path, KEY_BYTES_MAX, code=UNUSABLE)
    key = raw.decode("ascii", "replace").strip()
    if not key or len(raw) > KEY_BYTES_MAX or not all("!" <= c <= "~" for c in key):
        cure = "Write the key alone on one line into it."
        raise unusable(path, "holds no key", cure, code=UNUSABLE)
    return key
