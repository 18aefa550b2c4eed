"""Workbooks of every kind and state, each opened or refused by the product in its own sandbox.

Each file has a sandbox of its own under the limits of a code call. A refusal counts when it is a
sentence with its cure; anything else that gives no table is a crash.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path

from deputy.agent.tables import finding
from deputy.execution import runtimes
from deputy.execution.sandboxes.jails import Jail
from deputy.execution.sandboxes.port import Limits, SandboxJob

SUFFIXES = {".xls", ".xlsx", ".xlsm", ".xlsb", ".ods"}
SECONDS_MAX = 60
MIB = 1 << 20


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the folder of the workbooks."""
    parser.add_argument("--dir", type=Path, default=None, help="holds the workbooks")


def run(options: argparse.Namespace) -> dict[str, float]:
    """Open every workbook; give how many were opened, refused, crashed, and the most memory."""
    folder = options.dir or Path(options.data or ".") / "calamine"
    paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise SystemExit(f"{folder} has no workbooks. Name the folder by --dir or --data.")
    return asyncio.run(_open_all(paths))


async def _open_all(paths: list[Path]) -> dict[str, float]:
    jail = Jail(runtimes.find("data"))
    figures: dict[str, float] = {"opened": 0, "refused": 0, "crashed": 0}
    peak, slowest = 0, 0.0
    try:
        for path in paths:
            begun = time.monotonic()
            state, said, memory = await _open(jail, path)
            figures[state] += 1
            peak, slowest = max(peak, memory), max(slowest, time.monotonic() - begun)
            if state != "opened":
                print(f"{state:8} {path.name}: {said}")
    finally:
        await jail.close()
    rounded = {"peak_mib": round(peak / MIB, 1), "slowest_s": round(slowest, 2)}
    return {"files": len(paths), **figures, **rounded}


async def _open(jail: Jail, path: Path) -> tuple[str, str, int]:
    limits = Limits(wall_s=SECONDS_MAX)
    job = SandboxJob("bench", 1, finding(), read_only={path.name: path.read_bytes()},
                     params={"paths": [path.name]}, limits=limits)  # fmt: skip
    done = await jail.run(job)
    memory = done.memory_peak_bytes or 0
    if done.outcome != "ok":
        return "crashed", f"{done.outcome}: {done.stderr.decode()[-500:]}", memory
    found = json.loads(done.stdout)
    reasons = [problem["reason"] for problem in found["problems"]]
    if found["tables"]:
        return "opened", "", memory
    cured = all("; " in reason for reason in reasons)
    return ("refused" if reasons and cured else "crashed"), " / ".join(reasons), memory
