"""What is found weak in a brief, and how two versions are told apart."""

import pytest

from deputy.agent.briefs import challenge, differences
from deputy.core.brief import Brief, Criterion, Deliverable
from tests.requirement import requirement

FILE = Deliverable(path="out/r.xlsx", media_type="x", title="Sales by region")
OPENS = Criterion(id="c1", text="It opens.", check="file.opens", target=FILE.path)
TOTALS = Criterion(
    id="c2", text="The totals agree.", check="figures.in_tables", target=FILE.path, params={}
)
GOOD = Brief(goal="Sales by region", deliverables=(FILE,), criteria=(OPENS, TOTALS))


def kinds(brief: Brief, words: str = "Sales by region", **how: bool) -> list[str]:
    return [f.kind for f in challenge(brief, words, has_files=True, **how)]


@requirement("R016")
@pytest.mark.parametrize(
    ("change", "words", "kind"),
    [
        ({"deliverables": (), "criteria": ()}, "Sales by region", "no_deliverable"),
        ({"criteria": ()}, "Sales by region", "no_criterion"),
        ({"criteria": (OPENS,)}, "Sales by region", "no_content"),
        ({}, "Sales by region in the last quarter", "period"),
        ({}, "Sales by region as PDF", "format"),
        ({"assumptions": ("Returns are excluded.",)}, "Sales by region", "assumption"),
        ({}, "Sales by region, and it must be 100 % correct", "unfit"),
        (
            {"criteria": (OPENS, TOTALS, OPENS.model_copy(update={"target": "out/x.csv"}))},
            "Sales by region",
            "no_target",
        ),
    ],
)
def test_a_weak_brief_is_told_what_is_weak(
    change: dict[str, object], words: str, kind: str
) -> None:
    assert kind in kinds(GOOD.model_copy(update=change), words)


def test_a_sound_brief_is_left_alone() -> None:
    assert kinds(GOOD) == []
    assert (
        kinds(GOOD.model_copy(update={"reading": "Quarter 3"}), "Sales in the last quarter") == []
    )
    assert kinds(GOOD, "Sales by region from this PDF") == []


def test_every_change_of_a_brief_is_told() -> None:
    after = GOOD.model_copy(
        update={
            "goal": "Sales by country",
            "criteria": (TOTALS.model_copy(update={"text": "The sums agree."}),),
            "assumptions": ("Net.",),
            "receipt_inside": True,
        }
    )
    assert differences(GOOD, GOOD) == ()
    assert differences(None, GOOD) == ()
    assert differences(GOOD, after) == (
        "goal: “Sales by region” became “Sales by country”",
        "criterion removed: It opens.",
        "criterion changed: The sums agree.",
        "assumption added: Net.",
        "receipt inside the files: yes",
    )
