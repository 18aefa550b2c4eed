"""The registry: what exists, what always runs, and how strictly answers are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deputy.agent import checks
from tests.agent.reports.making import run
from tests.requirement import requirement

ASKED = [
    {"id": "a", "check": "file.opens", "target": "out/x.csv", "params": {}},
    {"id": "b", "check": "csv.no_formulas", "target": "out/x.csv", "params": {}},
]


def answer(number: int, verdict: Any = "pass", **changes: Any) -> dict[str, Any]:
    asked = ASKED[number]
    said = {"id": asked["id"], "check": asked["check"], "target": asked["target"]}
    return {**said, "verdict": verdict, "detail": "fine", **changes}


def verdicts(*results: Any) -> list[str]:
    return [one.verdict for one in checks.parse(json.dumps({"results": results}).encode(), ASKED)]


def test_every_check_states_its_name_title_and_kinds() -> None:
    found = checks.all_checks()
    assert set(found) >= {name for names in checks.FLOOR.values() for name in names}
    for name, check in found.items():
        assert check.name == name
        assert check.title
        assert check.limits
        assert check.kind in ("recomputes", "inspects", "own code")
        assert all(suffix == "*" or suffix.startswith(".") for suffix in check.applies_to)


def test_the_floor_goes_by_the_kind_of_file() -> None:
    assert checks.floor("out/Report.XLSX") == (
        "file.opens", "workbook.no_error_cells", "workbook.formulas_recompute",
        "workbook.no_outside_links",
    )  # fmt: skip
    assert checks.floor("out/page.pdf") == ("file.opens", "pdf.no_actions")
    assert checks.floor("out/readme.md") == ("file.opens",)


@requirement("R301")
def test_answers_are_taken_when_each_is_given_once() -> None:
    assert verdicts(answer(0), answer(1, "fail")) == ["pass", "fail"]


@pytest.mark.parametrize(
    "results",
    [
        [],
        [answer(1)],
        [answer(0), answer(0), answer(1)],
        [answer(0, "passed"), answer(1)],
        [answer(0, True), answer(1)],
        [answer(0, detail=None), answer(1)],
        [answer(0, id="z"), answer(1)],
        ["pass", answer(1)],
    ],
)
def test_a_missing_doubled_or_garbled_answer_is_an_error(results: list[Any]) -> None:
    assert verdicts(*results)[0] == "error"


@pytest.mark.parametrize(
    "stdout",
    [b"", b"null", b"[]", b'{"results": 7}', b"\xff\xfe", b"[" * 100_000, b"{}\n{}",
     b'{"results": []} trailing', b" " * 2_000_000],
)  # fmt: skip
def test_output_that_is_not_one_json_line_counts_as_no_answer(stdout: bytes) -> None:
    assert [one.verdict for one in checks.parse(stdout, ASKED)] == ["error", "error"]


def test_a_forged_second_line_spoils_all_answers() -> None:
    line = json.dumps({"results": [answer(0), answer(1)]}).encode()
    assert [one.verdict for one in checks.parse(line + b"\n" + line, ASKED)] == ["error"] * 2


def test_details_are_shortened_and_stripped_of_control_signs() -> None:
    said = answer(0, detail="\x1b[31mred\x07" + "x" * 5_000)
    first, _ = checks.parse(json.dumps({"results": [said]}).encode(), ASKED)
    assert "\x1b" not in first.detail
    assert len(first.detail) <= 1_000


def test_a_check_nobody_knows_is_an_error_and_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    asked = [
        {"id": "1", "check": "file.sings", "target": "t.csv", "params": {}},
        {"id": "2", "check": "file.opens", "target": "t.csv", "params": {}},
        {"id": "3", "check": "figures.in_tables", "target": "t.csv", "params": {}},
        {"id": "4", "check": "csv.no_formulas", "target": "t.csv", "params": {}},
    ]
    code, params = checks.program(asked)
    done = run(tmp_path, code, params)
    assert [one.verdict for one in checks.parse(done.stdout, asked)] == [
        "error", "pass", "error", "pass",
    ]  # fmt: skip


def test_a_check_that_takes_too_long_is_an_error(tmp_path: Path) -> None:
    text = "a,b\n" + "1,2\n" * 3_000_000
    (tmp_path / "long.csv").write_text(text)
    asked = [{"id": "1", "check": "file.opens", "target": "long.csv", "params": {}}]
    code, params = checks.program(asked, seconds=0.1)
    code = code.replace("SECONDS_LEAST = 1.0", "SECONDS_LEAST = 0.1")
    (result,) = checks.parse(run(tmp_path, code, params).stdout, asked)
    assert result.verdict == "error"
    assert "longer" in result.detail
