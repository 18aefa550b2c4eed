"""What script/setup says when something is missing; each answer is one sentence with the cure."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def set_up(clone: Path, *arguments: str, python: str) -> subprocess.CompletedProcess[str]:
    (clone / "script").mkdir(exist_ok=True)
    shutil.copy(ROOT / "script/setup", clone / "script/setup")
    return subprocess.run(
        ["bash", clone / "script/setup", *arguments],
        env={**os.environ, "PYTHON": python},
        capture_output=True,
        text=True,
        timeout=30,
    )


def interpreter(folder: Path, body: str) -> str:
    """Write a program that stands in for an interpreter lacking something."""
    path = folder / "python"
    path.write_text(f'#!/bin/sh\n{body}\nexec {sys.executable} "$@"\n')
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("body", "cure"),
    [
        ('case "$*" in *ensurepip*) exit 1 ;; esac', "apt-get install python3-venv"),
        ('case "$*" in *version_info*) exit 0 ;; esac', "Python 3.11 or newer"),
    ],
)
def test_what_python_lacks_is_named_with_its_cure(tmp_path: Path, body: str, cure: str) -> None:
    done = set_up(tmp_path, python=interpreter(tmp_path, body))
    assert done.returncode == 1
    assert cure in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / ".venv").exists()


def test_a_missing_python_is_named_with_its_cure(tmp_path: Path) -> None:
    done = set_up(tmp_path, python="/nonexistent/python")
    assert done.returncode == 1
    assert "apt-get install python3 python3-venv" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_unknown_option_is_a_mistake_in_usage(tmp_path: Path) -> None:
    assert set_up(tmp_path, "--fast", python=sys.executable).returncode == 2


def test_no_lock_names_a_package_index_or_a_path() -> None:
    locks = [*ROOT.glob("requirements*.lock"), *ROOT.glob("runtimes/*.lock")]
    assert len(locks) >= 3
    for lock in locks:
        text = lock.read_text()
        assert "://" not in text, lock
        assert "--index" not in text, lock
        assert "--find-links" not in text, lock
        pins = [line for line in text.splitlines() if "==" in line and not line.startswith("#")]
        assert text.count("--hash=sha256:") >= len(pins), lock
