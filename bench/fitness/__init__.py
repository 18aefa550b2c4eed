"""Requests that something else serves better, and look-alikes that Deputy should take.

The cases were written without a look at what decides. An unfit request counts as redirected when
the advice names the alternative that belongs to it; a fit one must get no advice at all. Round
`first` may be used to make the decision better; round `second` only measures. `--show` prints
what came out otherwise in the first.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# What the advice must name, by family.
ALTERNATIVES = {
    "lookup": r"\bfaq|\bbot\b|chatbot|workflow|search|lookup|look-up|knowledge base",
    "realtime": r"micro-?service|rules? engine|\bservice\b|stream processing|real-?time system",
    "core": r"certified|core (banking )?system|\berp\b|accounting system|payments? system|banking",
    "zero-error": r"human|person|people|hand-?written|full tests|certified|expert|review",
    "safety": r"human|hand-?written|engineer|full tests|certified",
    "rpa": r"\brpa\b|robotic|screen robot",
    "scheduler": r"schedul",
    "criterion": r"criteri|which|what|result|\bdone\b|question|goal|say ",
}
Advise = Callable[..., Any]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Take whether to show what came out otherwise."""
    parser.add_argument("--show", action="store_true", help="show every case that came out wrong")


def run(options: argparse.Namespace) -> dict[str, float]:
    """Run the benchmark; give its figures."""
    advise = found_advise()
    if advise is None:
        print("Nothing decides yet: deputy.agent.fitness.advise is not there.", file=sys.stderr)
        return {"unfit": len(cases("first", "unfit")), "fit": len(cases("first", "fit"))}
    first = _measured(advise, "first", show=options.show)
    second = _measured(advise, "second", show=False)
    return {**first, **{f"second_{key}": value for key, value in second.items()}}


def _measured(advise: Advise, name: str, *, show: bool) -> dict[str, float]:
    unfit, fit = cases(name, "unfit"), cases(name, "fit")
    told = [(case, advise(case["words"], has_files=case["files"])) for case in unfit]
    missed = [(case, advice) for case, advice in told if not names(advice, case["family"])]
    refused = [
        (case, advice)
        for case in fit
        if (advice := advise(case["words"], has_files=case["files"])) is not None
    ]
    print(f"round {name}")
    _report(unfit, missed, fit, refused, show=show)
    redirected = len(unfit) - len(missed)
    return {
        "unfit": len(unfit),
        "redirected": redirected,
        "redirected_rate": round(redirected / len(unfit), 3),
        "fit": len(fit),
        "refused_fit": len(refused),
    }


def found_advise() -> Advise | None:
    """Give the product's function that decides, or None where there is none."""
    try:
        advise: Advise = importlib.import_module("deputy.agent.fitness").advise
    except (ModuleNotFoundError, AttributeError):
        return None
    return advise


def cases(name: str, kind: str) -> list[dict[str, Any]]:
    """Give the cases of a round (`first` or `second`) and a kind (`unfit` or `fit`)."""
    found: list[dict[str, Any]] = json.loads((HERE / name / f"{kind}.json").read_text())
    return found


def names(advice: Any, family: str) -> bool:
    """Say whether an advice names the alternative of a family."""
    if advice is None:
        return False
    told = f"{advice.instead} {advice.reason if family == 'criterion' else ''}"
    return re.search(ALTERNATIVES[family], told.casefold()) is not None


def _report(
    unfit: list[dict[str, Any]],
    missed: list[tuple[dict[str, Any], Any]],
    fit: list[dict[str, Any]],
    refused: list[tuple[dict[str, Any], Any]],
    *,
    show: bool,
) -> None:
    print(f"{'':12} {'cases':>6} {'right':>6}")
    for family in ALTERNATIVES:
        mine = sum(case["family"] == family for case in unfit)
        wrong = sum(case["family"] == family for case, _ in missed)
        print(f"{family:12} {mine:6} {mine - wrong:6}")
    print(f"{'fit':12} {len(fit):6} {len(fit) - len(refused):6}")
    for case, advice in (*missed, *refused) if show else ():
        said = f"{advice.kind}: {advice.instead}" if advice else "taken"
        print(f"\n{case.get('family', 'fit')}: {case['words']}\n  {said}")
