"""Where the Python environments lie that sandboxed code runs on.

Owns finding one by name. Must never build or change one: script/setup does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from deputy.core.errors import NotFoundError

STAMP = "deputy.stamp"
SYSTEM_HOME = Path("/var/lib/deputy")


def find(name: str, override: Path | None = None) -> Path:
    """Give the directory of a runtime (a virtual environment), resolved.

    Looks at the override alone if there is one; else beside this interpreter, where script/setup
    links it, then for the newest complete one of that name in the machine's or the user's data
    directory. Raises `NotFoundError`.
    """
    if override is not None:
        candidates = [override]
    else:
        candidates = [Path(sys.prefix) / "runtimes" / name, *_built(name)]
    for candidate in candidates:
        if (candidate / "bin" / "python").exists():
            return candidate.resolve()
    where = override or _home() / "runtimes"
    raise NotFoundError(
        f"The runtime '{name}' was not found in {where}.", hint="Run script/setup to build it."
    )


def _built(name: str) -> list[Path]:
    stamps = (_home() / "runtimes").glob(f"{name}-*/{STAMP}")
    newest = sorted(stamps, key=lambda stamp: stamp.stat().st_mtime, reverse=True)
    return [stamp.parent for stamp in newest]


def _home() -> Path:
    if os.geteuid() == 0:
        return SYSTEM_HOME
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "deputy"
