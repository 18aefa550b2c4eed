"""The deliverables: for each task one that is correct, and several with one mistake each.

Owns what an author of acceptance criteria must not see. Must never read or import Deputy: what is
right or wrong follows from the request and the sources alone. A module `TASK` writes its files
with `slip` naming the mistake to make, "" for none. Runs on the `data` runtime's Python.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutant:
    """One mistake: its name, its family, and what went wrong in a sentence."""

    name: str
    family: str
    mistake: str


@dataclass(frozen=True)
class Mutations:
    """The mutants of one task. `write` puts the deliverables below a folder's `out/`."""

    task: str
    write: Callable[[Path, str], None]
    mutants: tuple[Mutant, ...]


def load() -> dict[str, Mutations]:
    """Give the mutations of every task by its name."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name != "__main__")
    found = [importlib.import_module(f"{__name__}.{name}").MUTATIONS for name in names]
    return {each.task: each for each in found}
