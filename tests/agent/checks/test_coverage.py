"""What it takes to be verified: a check that looks at what a file says.

Owns the rule by which a brief speaks for a file.
"""

from __future__ import annotations

from typing import Any

import pytest

from deputy.agent import checks
from deputy.agent.tools.deliver import is_verified
from deputy.core.brief import Brief, CheckResult, Criterion


def brief(*stated: tuple[str, str]) -> Brief:
    criteria = tuple(
        Criterion(id=str(number), text="Right", check=check, target=path)
        for number, (check, path) in enumerate(stated)
    )
    return Brief(goal="Sums", deliverables=(), criteria=criteria)


def ran(made: Brief, verdict: Any = "pass") -> list[CheckResult]:
    return [
        CheckResult(id=c.id, check=c.check, target=c.target, text="", verdict=verdict)
        for c in made.criteria
    ]


@pytest.mark.parametrize("check", ["file.opens", "code.check", "workbook.no_error_cells"])
def test_a_file_that_only_opens_or_that_its_maker_checked_is_not_verified(check: str) -> None:
    made = brief((check, "out/a.xlsx"))
    assert not is_verified(made, ["out/a.xlsx"], ran(made))


def test_a_file_whose_figures_were_computed_again_is_verified() -> None:
    made = brief(("figures.in_tables", "out/a.xlsx"), ("code.check", "out/a.xlsx"))
    assert is_verified(made, ["out/a.xlsx"], ran(made))
    assert not is_verified(made, ["out/a.xlsx"], ran(made, "error"))
    assert not is_verified(made, ["out/a.xlsx", "out/b.csv"], ran(made))


def test_a_model_is_told_which_criterion_is_missing() -> None:
    (told,) = checks.told_missing(brief(), ["out/a.pdf"])
    assert "figures.in_text" in told
    assert "code.check" not in told
    (picture,) = checks.told_missing(brief(), ["out/a.png"])
    assert "cannot be verified" in picture


def test_every_kind_of_check_is_described_within_what_a_model_can_read() -> None:
    assert len(checks.described()) < 14_000
    assert len(checks.all_checks()) >= 25
