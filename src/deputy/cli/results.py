"""Results on disk: where delivered files go, and that nothing there is ever overwritten.

Owns the folder of a turn's results and the proof that a file arrived as it was delivered.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deputy.cli.client import Client
from deputy.core.artifacts import clean_name
from deputy.core.canonical import digest
from deputy.core.errors import DeputyError

FOLDER = "deputy-results"
SHORT_CHARS = 8
COPIES_MAX = 1_000


class ArrivedBrokenError(DeputyError):
    """A downloaded file is not the one that was delivered."""

    code = "download.broken"
    exit_code = 7


@dataclass(frozen=True, slots=True)
class Saved:
    """One delivered file and where it lies now."""

    artifact: str
    name: str
    path: Path
    sha256: str
    size: int
    verified: bool


def folder_of(turn: str) -> Path:
    """Give the default folder of a turn's results."""
    return Path(FOLDER) / turn[-SHORT_CHARS:].lower()


def fetch(client: Client, deliverables: list[Mapping[str, Any]], folder: Path) -> list[Saved]:
    """Download a turn's deliverables; raises `ArrivedBrokenError`."""
    return [_fetch(client, deliverable, folder) for deliverable in deliverables]


def save(folder: Path, name: str, raw: bytes) -> Path:
    """Write a new file, numbered if the name is taken; give where it lies."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in _names(folder, clean_name(name)):
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            except FileExistsError:
                continue
            with os.fdopen(descriptor, "wb") as file:
                file.write(raw)
            return path
    except OSError as error:
        raise DeputyError(
            f"The result cannot be written to {folder}: {error.strerror}.",
            hint="Name another folder with --out; the result is kept and can be fetched again.",
        ) from error
    raise DeputyError(f"{folder} holds too many files of that name.", hint="Name another --out.")


def _fetch(client: Client, deliverable: Mapping[str, Any], folder: Path) -> Saved:
    raw = client.bytes(f"/deliverables/{deliverable['id']}/content")
    if digest(raw) != deliverable["sha256"]:
        raise ArrivedBrokenError(
            f"{deliverable['name']} did not arrive as it was delivered.", hint="Try again."
        )
    path = save(folder, str(deliverable["name"]), raw)
    return Saved(
        artifact=str(deliverable["id"]),
        name=str(deliverable["name"]),
        path=path,
        sha256=str(deliverable["sha256"]),
        size=len(raw),
        verified=bool(deliverable["verified"]),
    )


def _names(folder: Path, name: str) -> Iterator[Path]:
    stem, dot, suffix = name.rpartition(".")
    for number in range(1, COPIES_MAX):
        numbered = f"{stem or suffix} ({number}){dot}{suffix if stem else ''}"
        yield folder / (name if number == 1 else numbered)
