"""The cases of fitness are complete, and only an alternative that belongs to a case counts."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bench.fitness import ALTERNATIVES, cases, names


@pytest.mark.parametrize(("name", "unfit", "fit"), [("first", 40, 80), ("second", 24, 48)])
def test_each_round_has_unfit_requests_of_every_family_and_twice_as_many_look_alikes(
    name: str, unfit: int, fit: int
) -> None:
    assert len(cases(name, "unfit")) == unfit
    assert len(cases(name, "fit")) == fit
    assert {case["family"] for case in cases(name, "unfit")} == set(ALTERNATIVES)
    words = [case["words"] for kind in ("unfit", "fit") for case in cases(name, kind)]
    assert len(set(words)) == unfit + fit


def test_only_the_alternative_that_belongs_to_a_request_counts() -> None:
    advice = SimpleNamespace(kind="screens", instead="an RPA tool", reason="It is always the same.")
    assert names(advice, "rpa")
    assert not names(advice, "scheduler")
    assert not names(None, "rpa")
