"""`deputy doctor`: what this machine has, what is missing, and the cure for each.

Owns the way from looking (`looks`) over plain facts (`facts`) to findings (`findings`). Looks only;
must never mend, and never print a secret.
"""

from __future__ import annotations

from deputy.assemble.doctor.findings import Finding, judged
from deputy.assemble.doctor.looks import look
from deputy.settings import Settings

__all__ = ["Finding", "examine"]


def examine(settings: Settings) -> list[Finding]:
    """Look at everything Deputy needs here."""
    return judged(look(settings))
