"""`deputy doctor`: what this machine has, what is missing, and the cure for each.

Owns the list of findings. Looks only; must never mend, and never print a secret.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deputy.assemble.models import chosen_model
from deputy.assemble.places import StateDir, running
from deputy.core.errors import DeputyError
from deputy.execution.runtimes import find
from deputy.execution.sandboxes.jails import ALWAYS_REQUIRED, Jail
from deputy.postgres.binaries import installed_binaries
from deputy.settings import Settings
from deputy.wire.system import SystemIds

FREE_BYTES_MIN = 2 << 30
RUNTIME = "data"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is in order, what was seen, and the cure if not.

    What is not `needed` may be missing; its cure is told all the same.
    """

    name: str
    ok: bool
    what: str
    cure: str = ""
    needed: bool = True


def examine(settings: Settings) -> list[Finding]:
    """Look at everything Deputy needs here."""
    looks = (_python, _state, _space, _postgres, _model, _process)
    return [look(settings) for look in looks] + list(_runtime_and_walls(settings))


def _python(settings: Settings) -> Finding:
    version = ".".join(str(n) for n in sys.version_info[:3])
    return Finding("Python", sys.version_info >= (3, 11), version, "Install Python 3.11 or newer.")


def _state(settings: Settings) -> Finding:
    root = settings.state_dir
    if not root.exists():
        return Finding("State folder", True, f"{root} is made at the first start")
    mode = root.stat().st_mode & 0o777
    sound = mode == 0o700 and os.access(root, os.W_OK)
    loose = [p.name for p in _secrets(StateDir(root)) if p.stat().st_mode & 0o077]
    cure = f"Run: chmod 700 {root}; chmod 600 its secret files."
    what = f"{root}, mode {mode:o}" + (f", readable by others: {', '.join(loose)}" if loose else "")
    return Finding("State folder", sound and not loose, what, cure)


def _secrets(state: StateDir) -> Iterator[Path]:
    yield from (p for p in (state.root / "secrets").glob("*") if p.is_file())
    if state.owner_token.exists():
        yield state.owner_token


def _space(settings: Settings) -> Finding:
    there = next(p for p in (settings.state_dir, *settings.state_dir.parents) if p.exists())
    free = shutil.disk_usage(there).free
    return Finding(
        "Disk space",
        free >= FREE_BYTES_MIN,
        f"{free >> 30} GiB free",
        f"Free at least {FREE_BYTES_MIN >> 30} GiB, or set DEPUTY_STATE_DIR to a larger disk.",
    )


def _postgres(settings: Settings) -> Finding:
    try:
        found = installed_binaries()
    except DeputyError as error:
        return Finding("PostgreSQL", False, error.message, error.hint)
    return Finding("PostgreSQL", found.postgres.exists(), "embedded", "Run script/setup again.")


def _model(settings: Settings) -> Finding:
    try:
        model = chosen_model(settings, SystemIds())
    except DeputyError as error:
        return Finding("Model", False, error.message, error.hint)
    return Finding("Model", True, f"{model.name}, {model.place} the boundary")


def _process(settings: Settings) -> Finding:
    there = running(settings.state_dir)
    return Finding("Deputy", True, f"up at {there.url}" if there else "not running")


def _runtime_and_walls(settings: Settings) -> Iterator[Finding]:
    folder = settings.runtime_dir
    try:
        runtime = find(RUNTIME, folder / RUNTIME if folder else None)
    except DeputyError as error:
        yield Finding("Runtime", False, error.message, error.hint)
        return
    yield Finding("Runtime", True, f"{RUNTIME} at {runtime}")
    yield from _guarded("Sandbox", lambda: _walls(runtime))


def _walls(runtime: Path) -> Iterator[Finding]:
    for wall in Jail(runtime).probe().walls:
        name, needed = f"Wall: {wall.name.replace('_', ' ')}", wall.name in ALWAYS_REQUIRED
        yield Finding(name, wall.stands, wall.how, wall.cure or "", needed)


def _guarded(name: str, look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(look())
    except DeputyError as error:
        return [Finding(name, False, error.message, error.hint)]
