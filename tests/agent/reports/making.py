"""Makes real reports for the tests, with the data runtime's own Python.

Owns the plans the tests use and how a program is run on a folder. Must never import the report
program: it runs as users get it, from its joined source.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from deputy.agent import checks
from deputy.agent.plans import Plan, Question
from deputy.agent.reports import source
from deputy.core.brief import CheckResult
from deputy.execution import runtimes

EXAMPLE = Path(__file__).parents[3] / "examples" / "sales.xlsx"
SECONDS_MAX = 100
RUNNER = (
    "import json, sys\n"
    "PARAMS = json.loads(sys.argv[1])\n"
    "code = sys.stdin.read()\n"
    "exec(compile(code, 'program.py', 'exec'), {'PARAMS': PARAMS, '__name__': '__main__'})\n"
)
ALWAYS = ("pdf.one_page", "csv.well_formed", "workbook.nothing_hidden")
QUESTION: dict[str, Any] = {
    "title": "Net sales by region",
    "measures": [{"column": "Net sales (EUR)", "label": "Net sales (EUR)", "unit": "EUR"}],
    "groups": [{"column": "Region", "label": "Region"}],
    "date_column": "Order date",
    "period": {"kind": "quarter", "label": "Q4 2026 to date", "start": "2026-10-01",
               "end": "2026-11-18", "partial": True},
    "compare": {"label": "Q4 2025, same days", "start": "2025-10-01", "end": "2025-11-18"},
    "rank": {"by": "growth", "top": 3},
}  # fmt: skip
SALES: dict[str, Any] = {
    "source": {"path": "sales.xlsx", "sheet": "Orders"},
    "deliverables": ["xlsx", "pdf", "csv"],
    "title": "Net sales by region", "stem": "sales-by-region",
    "assumptions": ["This quarter ends with the last day in the data."],
}  # fmt: skip


def plan(**changes: Any) -> dict[str, Any]:
    """Give the sales plan with changes of its question or its source, as the sandbox gets it."""
    question = {**QUESTION, **{k: v for k, v in changes.items() if k in Question.model_fields}}
    whole = {k: v for k, v in changes.items() if k not in Question.model_fields}
    made = {**SALES, **whole, "questions": [question]}
    return Plan.model_validate(made).model_dump(mode="json")


def run(folder: Path, code: str, params: dict[str, Any]) -> subprocess.CompletedProcess[bytes]:
    """Run a program in `folder` with the data runtime's Python."""
    python = runtimes.find("data") / "bin" / "python"
    return subprocess.run(
        [str(python), "-c", RUNNER, json.dumps(params)], input=code.encode(),
        capture_output=True, cwd=folder, timeout=SECONDS_MAX, check=False,
    )  # fmt: skip


def report(folder: Path, made: dict[str, Any]) -> dict[str, Any]:
    """Make a report; gives the JSON line it prints."""
    done = run(folder, source(), {"plan": made})
    assert done.returncode == 0, done.stderr.decode()[-2_000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def judge(folder: Path, made: dict[str, Any], *asked: tuple[str, str]) -> list[CheckResult]:
    """Run named checks on files of `folder` as the platform does."""
    requests = [
        {
            "id": f"c{number}",
            "check": check,
            "target": target,
            "params": {"asked": question_of(made)},
        }
        for number, (check, target) in enumerate(asked)
    ]
    code, params = checks.program(requests)
    done = run(folder, code, params)
    return list(checks.parse(done.stdout, requests))


def question_of(made: dict[str, Any]) -> dict[str, Any]:
    """Give a plan's question with the rows it is answered from."""
    return Plan.model_validate(made).asked()[0].model_dump(mode="json")


def every_check(made: dict[str, Any]) -> list[tuple[str, str]]:
    """Give every check that any report of a plan must pass: the floor and what reads the plan."""
    return [
        (check.name, path)
        for kind in made["deliverables"]
        for path in (f"out/{made['stem']}.{kind}",)
        for check in checks.all_checks().values()
        if checks.fits(check.name, path)
        and (check.name in (*checks.floor(path), *ALWAYS) or "asked" in check.takes)
    ]  # fmt: skip
