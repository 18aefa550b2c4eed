"""Comparing folded states of two runs of the same work.

Owns what may differ between an undisturbed run and one that was killed and taken over: ids, times
and retry counts, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel

from deputy.core.session import Session

_ID = re.compile(r"[a-z]{3,5}_[0-7][0-9A-HJKMNP-TV-Z]{25}")
_MAY_DIFFER = frozenset(
    {
        "attempts",
        "authority",
        "claims",
        "committed",
        "epoch",
        "executor",
        "failures",
        "head",
        "receipt",
        "seed",
        "seq",
        "replied_seq",
        "tree_digest",
    }
)


def comparable(session: Session) -> Any:
    """Give a session as plain data: ids numbered in order of appearance, no times, no retries."""
    return _Comparer().plain(session)


class _Comparer:
    def __init__(self) -> None:
        self._numbers: dict[str, str] = {}

    def plain(self, value: Any) -> Any:
        if isinstance(value, BaseModel):
            return self._named({name: getattr(value, name) for name in type(value).model_fields})
        if is_dataclass(value) and not isinstance(value, type):
            return self._named({f.name: getattr(value, f.name) for f in fields(value)})
        if isinstance(value, Mapping):
            return {self.plain(k): self.plain(v) for k, v in value.items()}
        if isinstance(value, tuple | list):
            return [self.plain(v) for v in value]
        if isinstance(value, str):
            return _ID.sub(self._number, value)
        return value

    def _named(self, values: dict[str, Any]) -> dict[str, Any]:
        kept = {k: v for k, v in values.items() if k not in _MAY_DIFFER and not k.endswith("_us")}
        return {k: self.plain(v) for k, v in kept.items()}

    def _number(self, found: re.Match[str]) -> str:
        prefix = found[0].partition("_")[0]
        return self._numbers.setdefault(found[0], f"{prefix}#{len(self._numbers)}")
