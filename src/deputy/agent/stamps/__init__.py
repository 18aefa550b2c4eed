"""Words of the platform inside deliverables: the receipt when wanted, a warning when due.

Owns what is written into a file and how the check program is told to. The file is changed in the
sandbox by platform code, never here. Must never open a deliverable.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from deputy.agent.checks import all_checks
from deputy.core.brief import Brief

FOLDER = "stamped-by-deputy"
SUFFIXES = (".xlsx", ".xlsm", ".pdf")
LINES_MAX = 80
LINE_CHARS_MAX = 400
PARTS = ("workbooks", "pages", "stamping")
PROGRAM = '''"""Runs the checks, writes the platform's words into the files, checks those again.

Written by Deputy, not by the agent.
"""

import sys
import types

CHECKS = {checks!r}
PARTS = {parts!r}

for name, text in PARTS.items():
    module = types.ModuleType("stamps." + name)
    sys.modules[module.__name__] = module
    exec(compile(text, name + ".py", "exec"), module.__dict__)
print(sys.modules["stamps.stamping"].run(PARAMS, CHECKS), flush=True)
'''

Line = tuple[str, str]
"""(`title`, `head` or `text`, the words)."""


def around(
    code: str,
    params: Mapping[str, Any],
    *,
    receipts: Mapping[str, Sequence[Line]],
    banners: Mapping[str, Sequence[Line]],
    verifiable: bool = True,
) -> tuple[str, dict[str, Any]]:
    """Give the check program with the words to write: a receipt where all passes, else a banner.

    Both are keyed by path. Without any the program stays as it is. What is not `verifiable` gets
    banners even where all passes.
    """
    if not receipts and not banners:
        return code, dict(params)
    # Two rounds of checks share the time of one call.
    seconds = float(params["seconds"]) / (2.5 if receipts else 1.1)
    stamps = {
        "verifiable": verifiable,
        "receipts": {path: list(lines) for path, lines in receipts.items()},
        "banners": {path: list(lines) for path, lines in banners.items()},
        "places": {
            path: f"{FOLDER}/{number}{PurePosixPath(path).suffix.lower()}"
            for number, path in enumerate(sorted({*receipts, *banners}))
        },
    }
    program = PROGRAM.format(checks=code, parts=_sources())
    return program, {**params, "seconds": seconds, "stamps": stamps}


def taken(
    params: Mapping[str, Any], stdout: bytes, changed: Mapping[str, bytes], *, verified: bool
) -> dict[str, bytes]:
    """Give the stamped files by the path of what was stamped; none that the program did not name.

    A receipt counts only if the program says that its files passed once more, and only for what
    is verified; a banner only for what is not. Only the bytes that the program itself names by
    their SHA-256 count, in its first line: the agent's own code runs after it.
    """
    places = params.get("stamps", {}).get("places", {})
    try:
        told = json.loads(stdout.strip().splitlines()[0])
        named, passed = told["stamped"], told["passed"]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return {}
    if not isinstance(named, dict) or passed is not verified:
        return {}
    there = {path: changed[at] for path, at in places.items() if at in changed}
    return {p: raw for p, raw in there.items() if sha256(raw).hexdigest() == named.get(p)}


def stampable(path: str) -> bool:
    """Say whether words can be put into files of this kind."""
    return PurePosixPath(path).suffix.lower() in SUFFIXES


def receipt_lines(brief: Brief, path: str, *, turn: str, never: Sequence[str]) -> list[Line]:
    """Give the receipt as it stands in a file all of whose checks passed."""
    mine = [c for c in brief.criteria if c.target == path]
    known = all_checks()
    lines: list[Line] = [("title", "Receipt"), ("text", f"Asked for: {brief.goal}")]
    if brief.reading:
        lines.append(("text", f"Read as: {brief.reading}"))
    lines.append(("head", "Checked, and passed"))
    for criterion in mine:
        lines.append(("text", criterion.text))
        check = known.get(criterion.check)
        if check is not None and check.limits:
            lines.append(("text", f"   Does not say: {check.limits}."))
    if brief.assumptions:
        lines.append(("head", "Assumptions made for you"))
        lines += [("text", sentence) for sentence in brief.assumptions]
    lines.append(("head", "Not checked"))
    lines += [("text", sentence) for sentence in never]
    lines.append(("head", "The whole receipt"))
    lines.append(("text", f"Deputy keeps it with inputs, code, rules and cost: turn {turn}"))
    return _bounded(lines)


def banner_lines(brief: Brief, path: str, *, turn: str) -> list[Line]:
    """Give the warning of a file that is not verified."""
    return _bounded(
        [
            ("title", "NOT VERIFIED"),
            ("text", "Do not rely on this file before somebody has looked at it."),
            ("text", "A check did not pass, or none looked at what it says. The receipt that came"),
            ("text", f"with it says which: Deputy keeps it under turn {turn}"),
            ("head", "What was asked for"),
            ("text", brief.goal),
        ]
    )


def _bounded(lines: Sequence[Line]) -> list[Line]:
    return [(kind, words[:LINE_CHARS_MAX]) for kind, words in lines[:LINES_MAX]]


@cache
def _sources() -> dict[str, str]:
    """Give the text of every module that runs in the sandbox, each after what it needs."""
    folder = files("deputy.agent.stamps.sandboxed")
    return {name: folder.joinpath(f"{name}.py").read_text("utf-8") for name in PARTS}
