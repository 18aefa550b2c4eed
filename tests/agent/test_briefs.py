"""What a model is told of checks, and a brief that could never be checked is refused at once.

Owns the tools' side of a brief. Must never run a check.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from deputy.agent import checks
from deputy.agent.tools import discover
from deputy.agent.tools.code_run import LIBRARIES
from deputy.testing.scripts import calls, says
from tests.agent import scripts
from tests.agent.cells import open_cell
from tests.databases import Database

IMPORTED_AS = {"pillow": "PIL", "python-docx": "docx", "python-pptx": "pptx"}
IMPORTED_AS |= {"vl-convert-python": "vl_convert"}
ASKED: dict[str, Any] = {
    "source": {"path": "inputs/a.csv"},
    "question": {"title": "N", "measures": [{"column": "n", "label": "N"}]},
}
UNNAMED = {"source": {"path": "inputs/a.csv"}, "question": {"title": "N", "measures": [{}]}}


def criterion(**changes: Any) -> dict[str, Any]:
    return {"id": "c1", "text": "Right", "check": "file.opens", "target": scripts.CSV, **changes}


def test_a_model_is_told_every_check_with_its_kinds_and_what_it_takes() -> None:
    told = discover()["brief.write"].spec.purpose
    for check in checks.all_checks().values():
        assert f"- {check.name} ({' '.join(check.applies_to)}): {check.title}." in told


def test_a_model_is_told_every_library_of_the_runtime() -> None:
    wanted = (Path(__file__).parents[2] / "runtimes/data.in").read_text().splitlines()
    named = [re.split("[<>=~ ]", line)[0] for line in wanted if line and line[0] != "#"]
    imported = {IMPORTED_AS.get(name, name.replace("-", "_")) for name in named}
    assert set(LIBRARIES) == imported


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            criterion(check="file.sings"),
            "Checks for it are: answers.rest_on_quotes, ",
        ),
        (criterion(check="pdf.one_page"), "is no check for"),
        (criterion(check="figures.in_tables"), "needs asked in its params"),
        (criterion(params={"asked": UNNAMED}), "question.measures.0.label: Field required"),
    ],
)
async def test_a_criterion_no_check_can_decide_is_refused_before_any_work(
    cell_database: Database, tmp_path: Path, wrong: dict[str, Any], told: str
) -> None:
    replies = [calls(("brief.write", {**scripts.BRIEF, "criteria": [wrong]})), says("Done.")]
    async with open_cell(cell_database, tmp_path, replies) as cell:
        done = await cell.work(*await cell.ask())
        (call,) = done.calls.values()
        assert call.returned is not None
        assert (call.returned.status, done.brief) == ("error", None)
        assert told in call.returned.content["reason"]


async def test_a_plan_in_a_brief_is_kept_whole(cell_database: Database, tmp_path: Path) -> None:
    """A check reads the brief alone: what the model left out stands there as what it means."""
    planned = criterion(check="figures.in_tables", params={"asked": ASKED})
    replies = [calls(("brief.write", {**scripts.BRIEF, "criteria": [planned]})), says("Done.")]
    async with open_cell(cell_database, tmp_path, replies) as cell:
        session = await cell.sessions.open(cell.alice)
        await cell.sessions.upload(session, cell.alice, name="a.csv", raw=b"n\n1\n")
        done = await cell.work(*await cell.ask(session=session))
        assert done.brief is not None
        asked = done.brief.criteria[0].params["asked"]
        question = asked["question"]
        assert (question["filters"], question["rank"]) == ([], None)
        assert asked["source"]["skip_footer"] == 0


async def test_a_file_without_a_criterion_is_named(cell_database: Database, tmp_path: Path) -> None:
    brief = {**scripts.BRIEF, "criteria": []}
    replies = [
        calls(("brief.write", brief), ("code.run", {"code": "write()"})),
        calls(("deliver", {"files": [scripts.CSV]})),
        says("Done."),
    ]
    async with open_cell(cell_database, tmp_path, replies, result=scripts.worked) as cell:
        done = await cell.work(*await cell.ask())
        written, _, delivered = (c.returned for c in done.calls.values())
        assert written is not None
        assert delivered is not None
        assert written.content["without_criterion"] == [scripts.CSV]
        assert delivered.content["without_criterion"] == [scripts.CSV]
        assert delivered.content["verified"] is False
