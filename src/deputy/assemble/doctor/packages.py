"""Installed packages beside their lock.

Owns reading a lock and comparing. A lock may name a package several times, for several versions of
Python: any of them is right, and a line that holds for some machines only may be absent here. Must
never import what it compares.
"""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Collection, Mapping
from pathlib import Path

from deputy.assemble.doctor.facts import Locked

LINE = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)\s*(;)?", re.M)


def installed() -> dict[str, str]:
    """Give name → version of what this interpreter has."""
    return {
        normal(one.metadata["Name"]): one.version
        for one in importlib.metadata.distributions()
        if one.metadata["Name"]
    }


def beside_lock(found: Mapping[str, str], lock: Path, *, broken: Collection[str] = ()) -> Locked:
    """Compare what is installed with a lock, if that is there; `broken` cannot be imported."""
    try:
        text = lock.read_text(encoding="utf-8")
    except OSError:
        return Locked(len(found), broken=tuple(sorted(broken)), lock_found=False)
    wanted: dict[str, set[str]] = {}
    everywhere: set[str] = set()
    for name, version, condition in LINE.findall(text):
        wanted.setdefault(normal(name), set()).add(version)
        if not condition:
            everywhere.add(normal(name))
    different = [
        f"{name} {found[name]}, wanted {' or '.join(sorted(versions))}"
        for name, versions in sorted(wanted.items())
        if name in found and found[name] not in versions
    ]
    return Locked(
        looked_at=sum(name in found for name in wanted),
        absent=tuple(sorted(everywhere - set(found))),
        different=tuple(different),
        broken=tuple(sorted(set(broken) & set(wanted))),
    )


def normal(name: str) -> str:
    """Give the one spelling of a package's name."""
    return re.sub(r"[-_.]+", "-", name).lower()
