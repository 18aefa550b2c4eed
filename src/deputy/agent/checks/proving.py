"""Joins all checks with their proofs into one program, for tests and for a platform's self test.

Owns the program's text and the reading of its answer. Must never import a check or a proof.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from deputy.agent.checks import registry

PACKAGE = "deputy.agent.checks.proofs"
BOOTSTRAP = '''"""Proves the named checks on samples of their own. Written by Deputy."""

import os
import sys

sys.path[:] = [place for place in sys.path if place not in ("", os.getcwd())]

import types

TEXTS = {texts}
CHECKS = {checks}


def load(name, text):
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(compile(text, name.replace(".", "/") + ".py", "exec"), module.__dict__)
    return module


loaded = [load(name, text) for name, text in TEXTS.items()]
proofs = [proof for module in loaded for proof in getattr(module, "PROOFS", ())]
wanted = PARAMS.get("checks")
proofs = [proof for proof in proofs if not wanted or proof.check in wanted]
loaders = {{check: (lambda name=name: sys.modules[name]) for check, name in CHECKS.items()}}
print(sys.modules[{package!r} + ".proving"].prove(proofs, loaders))
'''


@dataclass(frozen=True)
class Case:
    """One case of a proof: what the check had to say and what it said."""

    check: str
    case: str
    wanted: str
    verdict: str
    detail: str


def proof_program(checks: Sequence[str] = ()) -> tuple[str, dict[str, Any]]:
    """Give code and parameters of a program that runs the proofs of these checks, or of all."""
    known = registry.all_checks().values()
    texts = {f"{registry.PACKAGE}.{name}": text for name, text in registry.ordered_sources()}
    proofs = {
        entry.name.removesuffix(".py"): entry.read_text("utf-8")
        for entry in files(PACKAGE).iterdir()
        if entry.name.endswith(".py") and entry.name != "__init__.py"
    }
    for name in sorted(proofs, key=lambda one: (one != "proof", one)):
        texts[f"{PACKAGE}.{name}"] = proofs[name]
    modules = {check.name: f"{registry.PACKAGE}.{check.module}" for check in known}
    code = BOOTSTRAP.format(texts=repr(texts), checks=repr(modules), package=PACKAGE)
    return code, {"checks": list(checks)}


def cases_of(stdout: bytes) -> tuple[Case, ...]:
    """Read what the program printed."""
    return tuple(Case(**one) for one in json.loads(stdout)["cases"])
