"""Runs the proofs: each sample must pass, each mutant fail, each equivalent copy pass.

Owns the folders the proofs work in. Must never judge a file itself.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deputy.agent.checks.proofs.proof import Change, Proof
from deputy.agent.checks.sandboxed.running import verdict_of

SECONDS_EACH = 30.0


def prove(proofs: Sequence[Proof], checks: dict[str, Any]) -> str:
    """Give a JSON line with every case: check, name, what it had to say, what it said."""
    cases = []
    home = Path.cwd()
    for proof in proofs:
        with tempfile.TemporaryDirectory() as made:
            sample = Path(made, "sample")
            sample.mkdir()
            proof.sample(sample)
            sound = {"the sample": _as_it_is} if proof.sound else {}
            wanted = {"pass": {**sound, **proof.invariances},
                      "fail": proof.mutators, "error": proof.errors}  # fmt: skip
            for verdict, changes in wanted.items():
                for name, change in changes.items():
                    told = _case(Path(made, "case"), sample, proof, change, checks)
                    cases.append({"check": proof.check, "case": name, "wanted": verdict,
                                  "verdict": told[0], "detail": told[1]})  # fmt: skip
            os.chdir(home)
    return json.dumps({"cases": cases})


def _as_it_is(folder: Path) -> None:
    """Change nothing."""


def _case(folder: Path, sample: Path, proof: Proof, change: Change,
          checks: dict[str, Any]) -> tuple[str, str]:  # fmt: skip
    os.chdir(sample)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(sample, folder)
    change(folder)
    os.chdir(folder)
    forget()
    request = {"check": proof.check, "target": proof.target, "params": dict(proof.params)}
    return verdict_of(request, checks, SECONDS_EACH)


def forget() -> None:
    """Drop what was kept of files, since the next ones bear the same names."""
    for name, module in list(sys.modules.items()):
        if name.startswith("deputy.agent.checks."):
            for kept in vars(module).values():
                if hasattr(kept, "cache_clear"):
                    kept.cache_clear()
