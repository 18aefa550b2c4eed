"""Every named check fails on each of its mutators and passes on each of its invariances.

Owns the one run of all proofs, in one process of the data runtime.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from deputy.agent import checks
from deputy.agent.checks.proving import Case, cases_of, proof_program
from tests.agent.reports.making import run
from tests.requirement import requirement


@cache
def proved(folder: Path) -> tuple[Case, ...]:
    done = run(folder, *proof_program())
    assert done.returncode == 0, done.stderr.decode()[-3_000:]
    return cases_of(done.stdout)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, ...]:
    return proved(tmp_path_factory.mktemp("proofs"))


@requirement("R301")
def test_every_check_says_what_its_proofs_want_of_it(cases: tuple[Case, ...]) -> None:
    wrong = [case for case in cases if case.verdict != case.wanted]
    assert not wrong, "\n".join(
        f"{c.check}, {c.case}: {c.verdict}, not {c.wanted}: {c.detail}" for c in wrong
    )


def test_every_check_ships_mutators_and_invariances(cases: tuple[Case, ...]) -> None:
    for check in checks.all_checks():
        mine = [case for case in cases if case.check == check]
        assert any(case.wanted == "fail" for case in mine), f"{check} has no mutator"
        assert sum(case.wanted == "pass" for case in mine) > 1, f"{check} has no invariance"
