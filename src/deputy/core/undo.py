"""Undo as a pure function: the tree without what one turn did to it.

Owns which paths go back. Files that others changed since, and later uploads, stay as they are.
"""

from __future__ import annotations

from deputy.core.artifacts import Snapshot, TreeEntry
from deputy.core.session import Session, Turn


def without(
    session: Session, turn: Turn
) -> tuple[Snapshot, tuple[TreeEntry, ...], tuple[str, ...]]:
    """Give the tree without a turn's work, the entries that come back, the paths that go."""
    before = (turn.tree_before or Snapshot()).by_path()
    now = session.tree.by_path()
    mine = {path for path, entry in now.items() if entry.made_by in turn.calls}
    # A path the turn deleted and nobody made again is missing now and was there before.
    gone = {path for path in before if path not in now}
    back = tuple(before[path] for path in sorted((mine | gone) & before.keys()))
    deleted = tuple(sorted(mine - before.keys()))
    return session.tree.changed(back, deleted), back, deleted
