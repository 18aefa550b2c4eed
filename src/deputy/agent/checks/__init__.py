"""Named checks: what the platform runs on a deliverable before it may be called done.

Owns which checks exist, which always run, and how their answers are taken. Must never trust what
a sandbox prints, nor share code with what produced the file.
"""

from __future__ import annotations

from deputy.agent.checks.coverage import told_missing, unproven
from deputy.agent.checks.registry import (
    FLOOR,
    NamedCheck,
    all_checks,
    described,
    fits,
    floor,
    followed_by,
    is_own_code,
    parse,
    program,
    substantial,
)

__all__ = [
    "FLOOR",
    "NamedCheck",
    "all_checks",
    "described",
    "fits",
    "floor",
    "followed_by",
    "is_own_code",
    "parse",
    "program",
    "substantial",
    "told_missing",
    "unproven",
]
