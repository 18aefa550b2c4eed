"""Programs the playbooks run in the sandbox, kept as real files and sent as one text.

Owns which parts each has. Must never import them: they run elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from deputy.agent import programs

PROBE = '''"""Reads which tables and columns the attached files have; prints one JSON line.

Runs in the sandbox with PARAMS["paths"]; it changes no file.
"""
'''


@cache
def probe_text() -> str:
    """Give the program that reads which tables and columns the attached files have."""
    return programs.joined(PROBE, ("deputy.agent.tables.refusals", f"{__name__}.probe"))


def joined(header: str, package: str, parts: Sequence[str]) -> str:
    """Give one program from the modules of one package."""
    return programs.joined(header, [f"{package}.{part}" for part in parts])
