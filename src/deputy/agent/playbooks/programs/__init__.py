"""Programs the playbooks run in the sandbox, kept as real files.

Owns reading their text. Must never import them: they run elsewhere.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def probe() -> str:
    """Give the program that reads which tables and columns the attached files have."""
    return files(__package__).joinpath("probe.py").read_text("utf-8")
