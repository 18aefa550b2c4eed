"""What "done means checked" is worth: plausible deliverables that are wrong, and who notices.

Each task of `tasks` has one correct deliverable and several with one mistake each (`mutations`).
The acceptance criteria (`briefs/TASK.json`) were written from the requests and the sources alone.
Every deliverable passes through the checks as at a hand-over: the criteria of the brief and the
floor, in the real sandbox. A mistake is caught when a check that passes on the correct
deliverable does not pass on the mutant.
`--show` prints what each check said. `--task NAME` tries one task. `--runs 1` tries the first one.
"""

from __future__ import annotations

import argparse
from typing import Any


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what can be said to this benchmark alone."""
    parser.add_argument("--show", action="store_true", help="print what each check said")
    parser.add_argument("--task", default=None, help="one task instead of all")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Run the benchmark; give its figures."""
    # `tasks` and `mutations` also run where Deputy is not installed.
    from bench.mutants.verdicts import measure

    return measure(options)
