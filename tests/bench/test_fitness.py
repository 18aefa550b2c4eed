"""The cases of fitness are complete, and only an alternative that belongs to a case counts."""

from __future__ import annotations

from types import SimpleNamespace

from bench.fitness import ALTERNATIVES, cases, names


def test_there_are_forty_unfit_requests_of_every_family_and_eighty_look_alikes() -> None:
    assert len(cases("unfit")) == 40
    assert len(cases("fit")) == 80
    assert {case["family"] for case in cases("unfit")} == set(ALTERNATIVES)
    words = [case["words"] for name in ("unfit", "fit") for case in cases(name)]
    assert len(set(words)) == 120


def test_only_the_alternative_that_belongs_to_a_request_counts() -> None:
    advice = SimpleNamespace(kind="screens", instead="an RPA tool", reason="It is always the same.")
    assert names(advice, "rpa")
    assert not names(advice, "scheduler")
    assert not names(None, "rpa")
