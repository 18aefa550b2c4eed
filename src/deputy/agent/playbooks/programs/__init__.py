"""Programs the playbooks run in the sandbox, kept as real files and sent as one text.

Owns which parts each has. Must never import them: they run elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from deputy.agent import programs, tables


def probe_text() -> str:
    """Give the program that reads which tables and columns the attached files have."""
    return tables.finding()


def joined(header: str, package: str, parts: Sequence[str]) -> str:
    """Give one program from the modules of one package."""
    return programs.joined(header, [f"{package}.{part}" for part in parts])
