"""A small disk for tests that fill it: mounted by root, a reason to skip for everybody else.

Owns mounting and filling. Must never leave a mount behind.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CHUNK_BYTES = 64 << 10
FILLER = "filler"


@contextmanager
def small_disk(folder: Path, *, mib: int = 4) -> Iterator[Path]:
    """Mount a file system of so many MiB on an empty folder."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=755", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        yield folder
    finally:
        # Whoever still closes a file there keeps it for a moment.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Take every byte that is left on the disk of a folder."""
    with (folder / FILLER).open("ab", buffering=0) as file:
        size = CHUNK_BYTES
        while size:
            try:
                # A write that no longer fits whole takes what is left.
                file.write(bytes(size))
            except OSError:
                size //= 2


def free(folder: Path) -> None:
    """Give the space back."""
    (folder / FILLER).unlink()
