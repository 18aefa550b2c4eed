"""The report program: one readable Python file that turns a plan into finished files.

Owns which parts it has. Must never run any of it on the product side.
"""

from __future__ import annotations

from functools import cache

from deputy.agent.playbooks.programs import joined

PACKAGE = "deputy.agent.playbooks.reports.program"
PARTS = (
    "reading", "figures", "wording", "workbook", "styles", "summary", "sheets", "page", "plain",
    "running",
)  # fmt: skip
HEADER = '''"""Computes one report from one plan and writes it as Excel, PDF and CSV.

Runs in the sandbox with PARAMS["plan"]; prints one JSON line. It reads the source file, writes
below out/, and needs nothing else.
"""
'''


@cache
def source() -> str:
    """Give the whole program."""
    return joined(HEADER, PACKAGE, PARTS)
