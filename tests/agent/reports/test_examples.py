"""The example workbook is what its script writes, and holds what the demo asks about."""

from __future__ import annotations

import subprocess
from pathlib import Path

from deputy.execution import runtimes
from tests.agent.reports.making import EXAMPLE

BYTES_MAX = 600_000


def test_the_script_writes_the_committed_workbook_again(tmp_path: Path) -> None:
    python = runtimes.find("data") / "bin" / "python"
    script = EXAMPLE.with_name("make_sales.py")
    again = tmp_path / "sales.xlsx"
    subprocess.run([python, script, again], check=True, capture_output=True)
    assert again.read_bytes() == EXAMPLE.read_bytes()
    assert EXAMPLE.stat().st_size <= BYTES_MAX
