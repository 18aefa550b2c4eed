"""Undo as a pure function: the tree without what one turn did to it, and with it again.

Owns which paths go back, which go away and which stay because others changed them since. Later
uploads stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from deputy.core.artifacts import Snapshot, TreeEntry
from deputy.core.session import Session, Turn


@dataclass(frozen=True, slots=True)
class Move:
    """A move of the working tree: the tree it gives, and what that changes."""

    tree: Snapshot
    back: tuple[TreeEntry, ...]
    """Entries that come back as they were."""
    deleted: tuple[str, ...]
    kept: tuple[str, ...]
    """Paths the turn changed that stay, because somebody changed them since."""


def without(session: Session, turn: Turn) -> Move:
    """Give the tree without a turn's work."""
    before = (turn.tree_before or Snapshot()).by_path()
    now = session.tree.by_path()
    mine = {path for path, entry in now.items() if entry.made_by in turn.calls}
    # What it deleted and nobody made again is missing now and was there before.
    gone = {path for path in _told(turn, "deleted") if path in before and path not in now}
    others = {
        path
        for path in _told(turn, "changed")
        if path not in mine and path in now and now[path] != before.get(path)
    }
    back = tuple(before[path] for path in sorted((mine | gone) & before.keys()))
    return _move(session, back, mine - before.keys(), others)


def again(session: Session, turn: Turn) -> Move:
    """Give the tree with a turn's work again, after it was undone."""
    now = session.tree.by_path()
    stood = {entry.path: entry for entry in turn.undone_from}
    left = {entry.path: entry for entry in turn.undone_to}
    touched = stood.keys() | left.keys()
    free = {path for path in touched if now.get(path) == left.get(path)}
    back = tuple(stood[path] for path in sorted(free & stood.keys()))
    return _move(session, back, free - stood.keys(), touched - free)


def _move(
    session: Session, back: tuple[TreeEntry, ...], gone: Iterable[str], kept: Iterable[str]
) -> Move:
    deleted = tuple(sorted(gone))
    return Move(session.tree.changed(back, deleted), back, deleted, tuple(sorted(kept)))


def _told(turn: Turn, what: str) -> set[str]:
    """Give the paths its calls said they changed or deleted."""
    found: set[str] = set()
    for call in turn.calls.values():
        told = call.returned.content.get(what, ()) if call.returned is not None else ()
        for one in told if isinstance(told, list | tuple) else ():
            found.add(str(one.get("path")) if isinstance(one, dict) else str(one))
    return found
