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
NAMES = sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if m.name != "__main__")


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_ends_with_its_figures_as_one_json_object(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", name, "--runs", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["bench"] == name
    assert told["figures"]
    assert any(isinstance(value, int | float) for value in told["figures"].values())
