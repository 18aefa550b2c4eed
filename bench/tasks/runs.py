"""Task after task through one Deputy, and a line for each.

Owns asking, having files read apart from Deputy, and the figures. Must never judge or know a task.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.tasks.asking import Handed, ask, deputy, seconds_max
from bench.tasks.verdicts import VERDICTS, Judged, judge
from deputy.execution import runtimes

ROOT = Path(__file__).parents[2]
READ_S_MAX = 180.0


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Ask every task; give how many ended with which verdict."""
    tasks = _tasks(options)
    judged: list[tuple[str, Handed, Judged]] = []
    with (
        tempfile.TemporaryDirectory(prefix="deputy-handed-") as folder,
        deputy(options.model) as client,
    ):
        for number, task in enumerate(tasks):
            files = [options.data / name for name in task["files"]]
            handed = ask(
                client,
                task["prompt"],
                files,
                Path(folder) / str(number),
                seconds=seconds_max(options.model),
            )
            answers = _read(_answers(options.data, task))
            found = judge(task, handed.outcome, handed.text, _read(handed.files), answers)
            judged.append((task["id"], handed, found))
            _tell(*judged[-1], show=options.show)
    return {
        **{v: sum(found.verdict == v for _, _, found in judged) for v in VERDICTS},
        "tasks": len(judged),
        "model": options.model,
    }


def _tasks(options: argparse.Namespace) -> list[dict[str, Any]]:
    if options.tasks is None or options.data is None:
        raise SystemExit(
            "This benchmark brings no tasks of its own. Name them: --tasks FILE (one JSON object a"
            " line) and --data DIR (where their files lie; or set DEPUTY_BENCH_DIR)."
        )
    options.data = Path(options.data)
    lines = options.tasks.read_text(encoding="utf-8").splitlines()
    tasks = [json.loads(line) for line in lines if line.strip()]
    chosen = [t for t in tasks if options.task in t["id"]][: options.runs]
    if not chosen:
        raise SystemExit(f"No task of {options.tasks} has {options.task!r} in its id.")
    return chosen


def _answers(data: Path, task: dict[str, Any]) -> list[Path]:
    """Give the files whose cells are to be equalled, beside the task's own files if need be."""
    if "answer_position" not in task["expected"]:
        return []
    beside = (data / task["files"][0]).parent
    return [beside / Path(name).name for name in task["expected"].get("answers", ())]


def _read(files: Sequence[Path]) -> list[dict[str, Any]]:
    """Have files read by the runtime's Python, which has the libraries for it."""
    if not files:
        return []
    python = runtimes.find("data") / "bin" / "python"
    done = subprocess.run(
        [str(python), "-m", "bench.tasks.readings", *(str(f.resolve()) for f in files)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=READ_S_MAX,
    )
    readings: list[dict[str, Any]] = json.loads(done.stdout)
    return readings


def _tell(task: str, handed: Handed, found: Judged, *, show: bool) -> None:
    print(
        f"{task:36} {found.verdict:18} {found.found:3} of {found.expected:3}"
        f" {handed.outcome:12} {handed.seconds:6.1f} s, {len(handed.files)} files",
        flush=True,
    )
    if show:
        print(f"    said: {handed.text[:400]!r}")
        for missing in found.missing[:12]:
            print(f"    missing: {missing}")
