"""What a wall says about itself.

Owns the plain record that travels to the host and the error of a wall that cannot stand. Must
never decide which walls are required: the host does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict, TypeVar

Value = TypeVar("Value")


class Wall(TypedDict):
    """One wall: whether it stands, by what means, and what would make it stand."""

    name: str
    stands: bool
    how: str
    cure: str | None


class WallError(Exception):
    """A wall could not be raised; the call must not run."""

    def __init__(self, wall: str, reason: str) -> None:
        super().__init__(f"{wall}: {reason}")
        self.wall = wall
        self.reason = reason


def standing(name: str, how: str) -> Wall:
    """Record a wall that stands."""
    return {"name": name, "stands": True, "how": how, "cure": None}


def missing(name: str, how: str, cure: str) -> Wall:
    """Record a wall that does not stand, and its cure."""
    return {"name": name, "stands": False, "how": how, "cure": cure}


def raised(wall: str, build: Callable[[], Value]) -> Value:
    """Build a wall; whatever goes wrong names it."""
    try:
        return build()
    except (OSError, ValueError, AssertionError, KeyError) as error:
        raise WallError(wall, f"{type(error).__name__}: {error}") from error
