"""Journals whose bodies are full of secrets.

Owns putting a secret wherever a body has room for words. Must never change a header: headers hold
no content by their own contract.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from deputy.core.events import Body, Erased, Event


def poisoned(events: Iterable[Event], secret: Callable[[], str]) -> list[Event]:
    """Give the events with a secret in every field of every body that takes one."""
    return [
        e if isinstance(e.body, Erased) else replace(e, body=_filled(e.body, secret))
        for e in events
    ]


def _filled(body: Body, secret: Callable[[], str]) -> Body:
    stored = body.model_dump(mode="json")
    for place in list(_places(stored)):
        kept = _swap(stored, place, secret())
        try:
            type(body).model_validate(stored)
        except ValidationError:
            _swap(stored, place, kept)
    return type(body).model_validate(stored)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterable[tuple[Any, ...]]:
    """Give the way to every text, and to a new key in every mapping and list."""
    if isinstance(value, str) or value is None:
        yield path
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _places(below, (*path, key))
        yield (*path, "note")
        yield (*path, "outcome")
    elif isinstance(value, list):
        for n, below in enumerate(value):
            yield from _places(below, (*path, n))


_NOTHING = object()


def _swap(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    for key in path[:-1]:
        value = value[key]
    last = path[-1]
    old = value.get(last, _NOTHING) if isinstance(value, dict) else value[last]
    if new is _NOTHING:
        del value[last]
    else:
        value[last] = new
    return old
