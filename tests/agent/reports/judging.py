"""Makes reports of many plans and runs the checks on them, in one process of the data runtime.

Owns what a brief of a plan would hold. Must never import the program or a check: both run as users
get them, from their sources; each report in a process of its own, so nothing is remembered.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deputy.agent import checks
from deputy.agent.checks import registry
from deputy.agent.plans import Plan
from deputy.agent.reports import source
from deputy.execution import runtimes

SECONDS_MAX = 1_500
ADDED = ("sum", "count", "missing")
OF_QUESTIONS = ("figures.in_tables", "figures.in_text", "workbook.chart_equals_table")
OF_FILES = ("workbook.nothing_hidden", "pdf.pages")
RUNNER = Path(__file__).with_name("judging_runner.txt")


def requests_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Give what a brief of this plan would ask of its files, and the floor."""
    asked = [one.model_dump(mode="json") for one in Plan.model_validate(plan).asked()]
    made = [_request("csv", "sources.read_whole", {"asked": one}) for one in asked]
    for kind in plan["deliverables"]:
        path = f"out/report.{kind}"
        made += [_request(kind, name, {}) for name in (*checks.floor(path), *OF_FILES)
                 if checks.fits(name, path)]  # fmt: skip
        if all(_adds_up(one["question"]) for one in asked) and kind != "pdf":
            made.append(_request(kind, "totals.add_up", {"asked": asked[0], "others": asked[1:]}))
        for one in asked:
            others = [other for other in asked if other is not one]
            made += [_request(kind, name, {"asked": one, "others": others})
                     for name in OF_QUESTIONS if checks.fits(name, path) and
                     (name != OF_QUESTIONS[2] or one["question"]["groups"])]  # fmt: skip
    return [{**one, "id": str(number)} for number, one in enumerate(made)]


def _request(kind: str, check: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"check": check, "target": f"out/report.{kind}", "params": params}


def _adds_up(question: dict[str, Any]) -> bool:
    return bool(question["groups"]) and any(
        one["aggregate"] in ADDED for one in question["measures"]
    )


def judged(folder: Path, drawn: Sequence[dict[str, Any]], *,
           mutants: bool = False) -> list[dict[str, Any]]:  # fmt: skip
    """Make each report and check it; gives verdicts, or the error of the report."""
    package = registry.PACKAGE
    told = {
        "code": source(), "mutants": mutants, "package": package,
        "jobs": [{**one, "requests": requests_of(one["plan"])} for one in drawn],
        "texts": registry.ordered_sources(),
        "modules": {one.name: f"{package}.{one.module}" for one in checks.all_checks().values()},
    }  # fmt: skip
    python = runtimes.find("data") / "bin" / "python"
    done = subprocess.run(
        [str(python), "-W", "ignore", "-c", RUNNER.read_text("utf-8")],
        input=json.dumps(told).encode(), capture_output=True, cwd=folder, timeout=SECONDS_MAX,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-3_000:]
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
