"""Files as values: tree entries, snapshots, artifacts.

Owns git's model (blob, tree, ref) as data and the rule for acceptable paths. Must never touch a
file system.
"""

from __future__ import annotations

import mimetypes
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePosixPath

from pydantic import Field

from deputy.core.canonical import canonical, digest
from deputy.core.errors import InvalidRequestError, LimitExceededError
from deputy.core.labels import Label
from deputy.core.messages import Value

PATH_BYTES_MAX = 1_024
NAME_BYTES_MAX = 255
TREE_ENTRIES_MAX = 10_000
FILE_BYTES_MAX = 256 << 20
UPLOADS_FOLDER = "inputs"

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".xls": "application/vnd.ms-excel",
    ".xlsb": "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class TreeEntry(Value):
    """One file of a tree: where, which bytes, whose, made by which call."""

    path: str
    digest: str
    size: int = Field(ge=0)
    mode: int = 0o644
    label: Label
    made_by: str | None = None


class Snapshot(Value):
    """One immutable tree, entries sorted by path. Its digest is that of its canonical JSON.

    Whoever adds to a tree keeps `TREE_ENTRIES_MAX`; a recorded tree is always read.
    """

    entries: tuple[TreeEntry, ...] = ()

    def by_path(self) -> Mapping[str, TreeEntry]:
        """Index the entries by path."""
        return {entry.path: entry for entry in self.entries}

    def digest(self) -> str:
        """Give the content address of this tree."""
        return digest(canonical(self.model_dump(mode="json")))

    def changed(self, new: Iterable[TreeEntry], deleted: Iterable[str]) -> Snapshot:
        """Give the tree after `new` entries replaced theirs and `deleted` paths went."""
        tree = dict(self.by_path())
        for path in deleted:
            tree.pop(path, None)
        tree.update({entry.path: entry for entry in new})
        return Snapshot(entries=tuple(tree[path] for path in sorted(tree)))


def clean_name(name: str) -> str:
    """Give a file name that is safe to show and to store, from whatever a client sent.

    Letters are composed (NFC): two names that look the same are the same.
    """
    name = unicodedata.normalize("NFC", name)
    kept = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in name).strip()
    kept = kept.lstrip(".").strip() or "file"
    while len(kept.encode()) > NAME_BYTES_MAX - 20:
        stem, dot, suffix = kept.rpartition(".")
        kept = stem[:-1] + dot + suffix if stem and len(suffix) < 20 else kept[:-1]
    return kept


def check_path(path: str) -> str:
    """Give `path` back if it is a clean relative path; else raise `InvalidRequestError`."""
    pure = PurePosixPath(path)
    sound = (
        path
        and str(pure) == path
        and pure.parts
        and not pure.is_absolute()
        and ".." not in pure.parts
        and len(path.encode("utf-8", "surrogatepass")) <= PATH_BYTES_MAX
        and all(len(p.encode("utf-8", "surrogatepass")) <= NAME_BYTES_MAX for p in pure.parts)
        and path.isprintable()
    )
    if not sound:
        raise InvalidRequestError(
            f"{path[:80]!r} is no usable file path.",
            hint="Use a relative path of printable characters without '..'.",
            code="path.malformed",
        )
    return path


def check_place(path: str, taken: Collection[str], folders: Collection[str]) -> str:
    """Give `path` back if a tree of these files and folders has room for it, or else raise."""
    parents = folders_of(path)
    if path in folders or any(parent in taken for parent in parents):
        raise InvalidRequestError(
            f"{path[:80]!r} would be both a file and a folder.",
            hint="Choose another name.",
            code="path.taken",
        )
    if path not in taken and len(taken) >= TREE_ENTRIES_MAX:
        raise LimitExceededError(
            f"A session holds {TREE_ENTRIES_MAX:,} files at most.",
            hint="Put many small files into one, or go on in a new session.",
        )
    return path


def folders_of(path: str) -> tuple[str, ...]:
    """Give the folders a path lies in, outermost last."""
    return tuple(str(parent) for parent in PurePosixPath(path).parents)[:-1]


def media_type(path: str) -> str:
    """Give the media type a path's ending stands for; `application/octet-stream` if unknown."""
    suffix = PurePosixPath(path).suffix.lower()
    guessed = MEDIA_TYPES.get(suffix) or mimetypes.types_map.get(suffix)
    return guessed or "application/octet-stream"
