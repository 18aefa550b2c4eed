"""Deputy's checks over the correct deliverables and their mutants.

Owns having the files built, running the checks as a hand-over does, and the figures. Must never
judge a file itself or know what a mutant's mistake is before it was judged.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deputy.agent import checks
from deputy.agent.tools import deliver
from deputy.core.artifacts import UPLOADS_FOLDER
from deputy.core.brief import Brief, CheckResult
from deputy.execution import runtimes
from deputy.execution.sandboxes.jails import Jail
from deputy.execution.sandboxes.port import SandboxJob

ROOT = Path(__file__).parents[2]
BRIEFS = Path(__file__).parent / "briefs"
BUILD_S_MAX = 300.0
CLOCK_S = 1_750_000_000
CORRECT = "correct"


@dataclass
class Judged:
    """One task: what the checks said of the correct deliverable and of each mutant."""

    name: str
    correct: tuple[CheckResult, ...]
    refused: bool
    """Whether the correct deliverable would not be called verified."""
    mutants: dict[str, tuple[CheckResult, ...]] = field(default_factory=dict)

    def noticed(self, mutant: str) -> list[CheckResult]:
        """Give the checks that pass on the correct deliverable and not on the mutant."""
        passed = {r.id for r in self.correct if r.verdict == "pass"}
        return [r for r in self.mutants[mutant] if r.id in passed and r.verdict != "pass"]


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Build everything, judge it, and give the figures."""
    with tempfile.TemporaryDirectory(prefix="deputy-mutants-") as folder:
        index = _build(Path(folder), options)
        judged = asyncio.run(_judge_all(Path(folder), index))
    return _report(index, judged, show=getattr(options, "show", False))


def _build(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Have the files written by the runtime's Python, which has the libraries for it."""
    python = runtimes.find("data") / "bin" / "python"
    tasks = [options.task] if getattr(options, "task", None) else []
    if options.runs == 1:
        tasks = [path.stem for path in sorted(BRIEFS.glob("*.json"))[:1]]
    subprocess.run(
        [str(python), "-m", "bench.mutants.mutations", str(folder), *tasks],
        cwd=ROOT,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        timeout=BUILD_S_MAX,
    )
    index: dict[str, Any] = json.loads((folder / "index.json").read_text())
    return index


def _brief(task: str) -> Brief | None:
    path = BRIEFS / f"{task}.json"
    return Brief.model_validate_json(path.read_bytes()) if path.exists() else None


async def _judge_all(folder: Path, index: dict[str, Any]) -> list[Judged]:
    jail = Jail(runtimes.find("data"))
    try:
        found = [(name, _brief(name)) for name in sorted(index)]
        judging = [
            _judge(jail, folder / name, brief, index[name]) for name, brief in found if brief
        ]
        return list(await asyncio.gather(*judging))
    finally:
        await jail.close()


async def _judge(jail: Jail, folder: Path, brief: Brief, told: dict[str, Any]) -> Judged:
    files = told["files"]
    correct = await _checked(jail, folder, CORRECT, brief, files)
    judged = Judged(folder.name, correct, not deliver.is_verified(brief, files, correct))
    names = [mutant["name"] for mutant in told["mutants"]]
    ran = await asyncio.gather(*(_checked(jail, folder, n, brief, files) for n in names))
    judged.mutants.update(zip(names, ran, strict=True))
    return judged


async def _checked(
    jail: Jail, folder: Path, variant: str, brief: Brief, files: Sequence[str]
) -> tuple[CheckResult, ...]:
    """Run the checks over one variant as the tool that hands over does."""
    requests = deliver._requests(brief, files)
    code, params = checks.program(requests)
    tree = {path: (folder / variant / path).read_bytes() for path in files}
    for source in sorted((folder / UPLOADS_FOLDER).iterdir()):
        tree[f"{UPLOADS_FOLDER}/{source.name}"] = source.read_bytes()
    job = SandboxJob(
        call_id=f"{folder.name}.{variant}",
        attempt=1,
        code=code,
        read_only=tree,
        params=params,
        clock_s=CLOCK_S,
    )
    result = await jail.run(job)
    return checks.parse(result.stdout, requests)


def _report(index: dict[str, Any], judged: Sequence[Judged], *, show: bool) -> dict[str, Any]:
    families: dict[str, list[int]] = {}
    escaped, by_error = [], 0
    for task in judged:
        print(f"{task.name}: {'REFUSED' if task.refused else 'accepted'}")
        if show or task.refused:
            _show(task.correct, everything=show)
        for mutant in index[task.name]["mutants"]:
            name, noticed = mutant["name"], task.noticed(mutant["name"])
            print(f"  {'caught' if noticed else 'ESCAPED':8} {name}: {mutant['mistake']}")
            if show:
                _show(noticed, everything=True)
            if not noticed:
                escaped.append(f"{task.name}.{name}")
            by_error += bool(noticed) and all(r.verdict == "error" for r in noticed)
            counted = families.setdefault(mutant["family"], [0, 0])
            counted[0] += bool(noticed)
            counted[1] += 1
    caught, tried = (sum(f[n] for f in families.values()) for n in (0, 1))
    return {
        "mutants": tried,
        "caught": caught,
        "caught_rate": round(caught / tried, 4) if tried else 0.0,
        "caught_by_error_alone": by_error,
        "families": {f: f"{c} of {n}" for f, (c, n) in sorted(families.items())},
        "tasks": len(judged),
        "tasks_without_brief": len(index) - len(judged),
        "correct_refused": sum(task.refused for task in judged),
        "escaped": escaped,
    }


def _show(results: Sequence[CheckResult], *, everything: bool) -> None:
    for r in results:
        if everything or r.verdict != "pass":
            print(f"      {r.verdict} {r.id} {r.check} {r.target}: {r.detail}")
