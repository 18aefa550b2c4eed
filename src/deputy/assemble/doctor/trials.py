"""Trials: what can only be known by doing it once.

Owns one run in the sandbox, one start of PostgreSQL's program for its version, and one question to
a running Deputy. Must never leave a process.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx2

from deputy.assemble.doctor.facts import Locked, Sandbox, Trouble
from deputy.assemble.doctor.packages import beside_lock, normal
from deputy.core.calls import WallReport
from deputy.core.errors import DeputyError
from deputy.execution.errors import SandboxRefusedError
from deputy.execution.runtimes import find
from deputy.execution.sandboxes.jails import ALWAYS_REQUIRED, Jail
from deputy.execution.sandboxes.port import Limits, SandboxJob, SandboxResult
from deputy.postgres.binaries import installed_binaries
from deputy.settings import Settings

RUNTIME = "data"
TRIAL_S_MAX = 60.0
VERSION_S_MAX = 10.0
ANSWER_S_MAX = 3.0
COMPONENT_CHARS_MAX = 200

IMPORT_ALL = """
import importlib, importlib.metadata, json
tops, found, broken = {}, {}, []
for top, names in importlib.metadata.packages_distributions().items():
    for name in names:
        if top.isidentifier() and not top.startswith("_"):
            tops.setdefault(name, []).append(top)
for one in importlib.metadata.distributions():
    found[one.metadata["Name"]] = one.version
for name, modules in tops.items():
    lost = 0
    for module in modules:
        try:
            importlib.import_module(module)
        except BaseException:
            lost += 1
    if lost == len(modules):
        broken.append(name)
print(json.dumps([found, broken]))
"""
"""Imports the whole runtime. A package is broken if nothing of it can be imported: some carry
parts that want a neighbour nobody asked for."""


def sandbox(settings: Settings, lock: Path, *, no_exec: Callable[[Path], bool]) -> Sandbox:
    """Find the runtime and import all of it in one sandbox."""
    folder, required = settings.runtime_dir, frozenset(ALWAYS_REQUIRED)
    try:
        runtime = find(RUNTIME, folder / RUNTIME if folder else None)
    except DeputyError as error:
        return Sandbox(trouble=Trouble(error.message, error.hint))
    name, bare = f"{RUNTIME} at {runtime}", no_exec(runtime)
    began = time.monotonic()
    try:
        with concurrent.futures.ThreadPoolExecutor(1) as aside:
            result = aside.submit(asyncio.run, _import_all(runtime)).result()
    except SandboxRefusedError as error:
        wall = WallReport(error.wall, False, error.message, error.hint)
        return Sandbox(name, (wall,), required, no_exec=bare)
    except (DeputyError, TimeoutError) as error:
        words = error.message if isinstance(error, DeputyError) else "no answer in time"
        cure = error.hint if isinstance(error, DeputyError) else "Look at the machine's load."
        return Sandbox(name, (), required, no_exec=bare, trouble=Trouble(words, cure))
    walls, took_ms = result.report.walls, int((time.monotonic() - began) * 1_000)
    packages = _packages(result, lock)
    if packages is None:
        trouble = Trouble(f"ended with {result.outcome}", "Run script/setup again.")
        return Sandbox(name, walls, required, no_exec=bare, trouble=trouble)
    return Sandbox(name, walls, required, packages, took_ms, bare)


def programs_version() -> tuple[str, Path]:
    """Give what PostgreSQL's program says of itself, nothing if it cannot be run, and its folder.

    Raises `DeputyError` if it is not installed.
    """
    programs = installed_binaries()
    try:
        said = subprocess.run(
            [programs.postgres, "--version"],
            capture_output=True,
            text=True,
            timeout=VERSION_S_MAX,
            env={"LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return "", programs.folder
    return said.stdout.strip() if said.returncode == 0 else "", programs.folder


def readiness(url: str) -> tuple[tuple[str, str], ...]:
    """Ask a running Deputy for its parts; nothing if it does not answer."""
    try:
        answer = httpx2.get(f"{url}/readyz", timeout=ANSWER_S_MAX, trust_env=False)
        parts = answer.json()["components"]
        return tuple((str(k), str(v)[:COMPONENT_CHARS_MAX]) for k, v in parts.items())
    except (httpx2.HTTPError, ValueError, KeyError, AttributeError):
        return ()


async def _import_all(runtime: Path) -> SandboxResult:
    jail = Jail(runtime, preload=())
    try:
        async with asyncio.timeout(TRIAL_S_MAX):
            limits = Limits(wall_s=TRIAL_S_MAX)
            return await jail.run(SandboxJob("doctor", 1, IMPORT_ALL, limits=limits))
    finally:
        await jail.close()


def _packages(result: SandboxResult, lock: Path) -> Locked | None:
    if result.outcome != "ok":
        return None
    try:
        found, broken = json.loads(result.stdout.splitlines()[-1])
    except (ValueError, IndexError, TypeError):
        return None
    versions = {normal(str(name)): str(version) for name, version in found.items()}
    return beside_lock(versions, lock, broken=[normal(str(name)) for name in broken])
