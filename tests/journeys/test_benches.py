"""Every benchmark runs and ends with one line of figures."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import bench

ROOT = Path(__file__).parents[2]
BRING_NO_DATA = ("csv_ingest", "tasks", "workbooks")
NAMES = sorted(
    m.name
    for m in pkgutil.iter_modules(bench.__path__)
    if m.name not in ("__main__", *BRING_NO_DATA)
)


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_ends_with_its_figures_as_one_json_object(name: str) -> None:
    done = run(name, "--runs", "1")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["bench"] == name
    assert told["figures"]
    assert any(isinstance(value, int | float) for value in told["figures"].values())


@pytest.mark.parametrize("name", BRING_NO_DATA)
def test_a_benchmark_without_data_says_how_it_gets_some(name: str) -> None:
    done = run(name)
    assert done.returncode == 1
    assert "--data" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_task_from_outside_is_asked_and_judged(tmp_path: Path) -> None:
    rows = ["region,amount", "North,10.50", "South,4.25", "North,1.00", "West,7.75"]
    (tmp_path / "sales.csv").write_text("\n".join(rows) + "\n")
    right = {
        "id": "right",
        "prompt": "Total amount by region as Excel",
        "files": ["sales.csv"],
        "deliverable": "xlsx",
        "checker": "sums",
        "expected": {"by_region": {"North": 11.5, "South": 4.25, "West": 7.75}},
    }
    wrong = {**right, "id": "wrong", "expected": {"by_region": {"North": 10.5}}}
    poem = {**right, "id": "poem", "prompt": "Write a poem about autumn"}
    lines = "\n".join(json.dumps(task) for task in (right, wrong, poem))
    (tmp_path / "tasks.jsonl").write_text(lines)
    done = run("tasks", "--tasks", str(tmp_path / "tasks.jsonl"), "--data", str(tmp_path))
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])["figures"]
    assert figures["correct"] == 1, done.stdout
    assert figures["wrong_but_verified"] == 1
    assert figures["declined"] == 1


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
