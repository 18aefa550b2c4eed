"""The tasks: what a person asked, the files they brought, the names of the files they get.

Owns what an author of acceptance criteria may see. Must never import `mutations`, so that nobody
who writes criteria learns which mistakes will be tried. Runs on the `data` runtime's Python.
"""

from __future__ import annotations

import csv
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Task:
    """One task. `write` puts the sources into a folder that stands for `inputs/`."""

    name: str
    request: str
    files: tuple[str, ...]
    """Paths of what is to be handed over, as a brief names them."""
    write: Callable[[Path], None]


def load() -> dict[str, Task]:
    """Give every task by its name."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name != "__main__")
    tasks = [importlib.import_module(f"{__name__}.{name}").TASK for name in names]
    return {task.name: task for task in tasks}


def write_csv(
    path: Path,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> None:
    """Write a table as a delimited text file with lines that end as on most systems."""
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def money(cents: int) -> str:
    """Give an amount of cents with a decimal point and no separator."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
