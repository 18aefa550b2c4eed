"""Failures are classified and told with a cure; repair is tried, and bounded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deputy.agent import repairs
from deputy.core.brief import CheckResult
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.moves import SAME_FAULTS_MAX
from deputy.testing.scripts import calls, says
from tests.agent.cells import open_cell
from tests.agent.scripts import BRIEF, CSV
from tests.databases import Database
from tests.requirement import requirement

RUN = calls(("code.run", {"code": "write()"}))
DELIVER = calls(("deliver", {"files": [CSV]}))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"outcome": "memory_limit"}, "limit.memory"),
        ({"outcome": "error", "exception": "ModuleNotFoundError"}, "library.missing"),
        ({"outcome": "error", "exception": "KeyError", "line": 3}, "layout.unknown"),
        ({"outcome": "error", "exception": "FileNotFoundError"}, "input.missing"),
        ({"outcome": "error", "exception": "other", "line": 7}, "code.error"),
    ],
)
def test_code_that_failed_is_told_why_and_what_mends_it(
    content: dict[str, object], kind: str
) -> None:
    fault = repairs.of_code(content)
    assert fault is not None
    assert fault.kind == kind
    assert fault.cure
    assert repairs.of_code({"outcome": "ok"}) is None


@pytest.mark.parametrize(
    ("check", "verdict", "detail", "kind"),
    [
        ("figures.in_tables", "fail", "12 is not 13", "figure.wrong"),
        ("figures.in_tables", "fail", "The column is not found.", "layout.unknown"),
        ("file.opens", "fail", "There is no file out/x.csv.", "file.missing"),
        ("file.opens", "fail", "It is cut off.", "form.wrong"),
        ("file.opens", "error", "It took too long.", "check.unable"),
    ],
)
def test_a_check_that_failed_is_told_in_a_class(
    check: str, verdict: str, detail: str, kind: str
) -> None:
    result = CheckResult.model_validate(
        {"id": "c", "check": check, "target": CSV, "text": "t", "verdict": verdict,
         "detail": detail}
    )  # fmt: skip
    fault = repairs.of_check(result)
    assert fault is not None
    assert fault.kind == kind
    assert repairs.of_check(result.model_copy(update={"verdict": "pass"})) is None


@requirement("R006", "R301")
async def test_a_model_reads_the_class_repairs_and_ends_verified(
    cell_database: Database, tmp_path: Path
) -> None:
    runs = iter(["KeyError", "", ""])
    verdicts = iter(["fail", "pass"])

    def host(call: CodeCall) -> CodeResult:
        if requests := call.params.get("requests"):
            verdict = next(verdicts)
            told = [{**r, "verdict": verdict, "detail": "12 is not 13"} for r in requests]
            return CodeResult(outcome="ok", stdout=json.dumps({"results": told}).encode())
        if exception := next(runs):
            return CodeResult(outcome="error", exception=exception, line=2)
        return CodeResult(outcome="ok", changed={CSV: b"rows\n1\n"})

    brief = calls(("brief.write", BRIEF))
    script = [brief, RUN, RUN, DELIVER, RUN, DELIVER, says("One row.")]
    async with open_cell(cell_database, tmp_path, script, result=host) as cell:
        done = await cell.work(*await cell.ask())
        assert done.finished is not None
        assert done.finished.outcome == "verified"
        told = [c.returned.content for c in done.calls.values() if c.returned]
    assert told[1]["fault"]["kind"] == "layout.unknown"
    assert [fault["kind"] for fault in told[3]["faults"]][:1] == ["form.wrong"]


async def test_code_that_fails_for_ever_in_the_same_way_ends_its_turn(
    cell_database: Database, tmp_path: Path
) -> None:
    def host(call: CodeCall) -> CodeResult:
        return CodeResult(outcome="memory_limit")

    async with open_cell(cell_database, tmp_path, [RUN], result=host) as cell:
        done = await cell.work(*await cell.ask())
        assert done.finished is not None
        assert (done.finished.outcome, done.finished.code) == ("failed", "code.unrepaired")
        assert "limit.memory" in done.finished.text
        assert len(done.calls) == SAME_FAULTS_MAX
