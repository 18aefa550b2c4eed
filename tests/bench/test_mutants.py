"""The mutants are many, of many families, and made apart from whoever writes the criteria."""

from __future__ import annotations

import ast
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deputy.execution import runtimes

ROOT = Path(__file__).parents[2]
MUTANTS = ROOT / "bench" / "mutants"
MUTANTS_MIN, TASKS_MIN, FAMILIES_MIN = 72, 14, 25


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mutants")
    python = runtimes.find("data") / "bin" / "python"
    code = [str(python), "-m", "bench.mutants.mutations", str(folder)]
    subprocess.run(code, cwd=ROOT, check=True, timeout=60)
    return folder


@pytest.fixture(scope="module")
def index(built: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((built / "index.json").read_text())
    return told


def test_there_are_many_mistakes_of_many_families(index: dict[str, Any]) -> None:
    mutants = [m for task in index.values() for m in task["mutants"]]
    assert len(index) >= TASKS_MIN
    assert len(mutants) >= MUTANTS_MIN
    assert len({m["family"] for m in mutants}) >= FAMILIES_MIN
    assert all(len(task["mutants"]) >= 4 for task in index.values())


def test_every_task_has_sources_a_correct_deliverable_and_mutants_that_differ(
    built: Path, index: dict[str, Any]
) -> None:
    for name, task in index.items():
        assert any((built / name / "inputs").iterdir())
        for file in task["files"]:
            made = {v: (built / name / v / file).read_bytes() for v in variants(task)}
            assert len(set(made.values())) == len(made), name


def variants(task: dict[str, Any]) -> list[str]:
    return ["correct", *(m["name"] for m in task["mutants"])]


def test_what_authors_of_criteria_read_never_names_the_mutations() -> None:
    for path in (MUTANTS / "tasks").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            named = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            named += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any("mutations" in name or "deputy" in name for name in named), path


def test_the_mutants_know_nothing_of_deputy() -> None:
    for path in (MUTANTS / "mutations").glob("*.py"):
        assert "import deputy" not in path.read_text()
        assert "from deputy" not in path.read_text()
