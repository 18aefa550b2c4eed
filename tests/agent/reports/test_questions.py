"""Reports of several questions, made from the joined program as the sandbox runs it."""

from __future__ import annotations

import ast
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from deputy.agent.reports import source
from deputy.execution import runtimes
from tests.agent.reports.asking import planned, reported, table

NET = {"column": "Net sales (EUR)", "label": "Net sales", "unit": "EUR"}
REGION = {"column": "Region", "label": "Region"}
Q4: dict[str, Any] = {
    "date_column": "Order date",
    "period": {"kind": "quarter", "label": "Q4 2026 to date", "start": "2026-10-01",
               "end": "2026-11-18", "partial": True},
    "compare": {"label": "Q4 2025, same days", "start": "2025-10-01", "end": "2025-11-18"},
}  # fmt: skip


def asked(**parts: Any) -> dict[str, Any]:
    """Give a question about regions with changes."""
    return {"title": "Net sales by region", "measures": [NET], "groups": [REGION], **parts}


def test_the_example_is_answered_in_every_file(tmp_path: Path) -> None:
    plan = planned(questions=[asked(**Q4, rank={"by": "growth", "top": 3})])
    (told,) = reported(tmp_path, [plan])
    printed = told["printed"]
    assert printed["files"] == [f"out/sales.{kind}" for kind in ("xlsx", "pdf", "csv")]
    assert all(tmp_path.joinpath("0", file).stat().st_size for file in printed["files"])
    said = {one["label"]: one for one in printed["headline"]}
    assert said["Net sales"]["value"] == pytest.approx(2_336_733.61)
    assert said["Growth"]["text"] == "+5.9\u202f%"
    assert {one["question"] for one in printed["headline"]} == {0}
    rows = table(told["sheets"]["Summary"], "Region")
    assert rows["Iberia"]["Growth"] == pytest.approx(0.520272, abs=1e-6)
    assert rows["Total"]["Net sales, Q4 2025, same days"] == pytest.approx(2_206_697.85)


def test_the_program_is_one_text_without_clashes_or_imports_of_ours() -> None:
    tree = ast.parse(source())
    names: Counter[str] = Counter()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names[node.name] += 1
        elif isinstance(node, ast.Assign):
            names.update(one.id for part in node.targets for one in ast.walk(part)
                         if isinstance(one, ast.Name))  # fmt: skip
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names[node.target.id] += 1
    assert [name for name, count in names.items() if count > 1] == []
    assert "deputy." not in source()


LONG = "A very long name of a place that goes on and on & on, beyond any column of any page"
CASES: dict[str, dict[str, Any]] = {
    "a ranking of ten and their chart": {
        "groups": [{"column": "Customer", "label": "Customer"}],
        "rank": {"top": 10, "together": True}, "chart": {"top": 10}},
    "a pivot by month": {
        "groups": [REGION, {"column": "Order date", "label": "Month", "by": "month"}]},
    "six figures compared": {
        **Q4, "measures": [NET, *({"label": f"Orders {n}", "aggregate": "count"}
                                  for n in range(5))]},
    "one figure": {"groups": []},
    "a line by day": {"groups": [{"column": "Order date", "label": "Day", "by": "day"}]},
    "the last months": {"chart": {"top": 6}, "groups": [
        {"column": "Order date", "label": "Month", "by": "month"}]},
    "a very long title": {"title": LONG * 2, "measures": [{**NET, "label": LONG}]},
}  # fmt: skip


def test_each_kind_of_question_is_written_to_every_file(tmp_path: Path) -> None:
    few = [{"column": "Product", "op": "contains", "value": "chair"}]
    questions = [asked(**one, filters=few) for one in CASES.values()]
    plans = [planned(questions=[one]) for one in questions] + [planned(questions=questions)]
    told = reported(tmp_path, plans)
    for name, one in zip([*CASES, "all together"], told, strict=True):
        assert len(one.get("printed", {}).get("files", [])) == 3, (name, one.get("error"))
    names = list(told[-1]["sheets"])
    assert len(names) == len(set(names)) == len(CASES) + 2
    assert max(map(len, names)) <= 31


def test_the_leaders_of_a_ranking_are_named_together(tmp_path: Path) -> None:
    one = CASES["a ranking of ten and their chart"]
    (told,) = reported(tmp_path, [planned(questions=[asked(**one)], deliverables=["xlsx"])])
    said = {one["label"]: one for one in told["printed"]["headline"]}["The top 10 together"]
    rows = table(told["sheets"]["Summary"], "Customer")
    ten = [row["Net sales"] for row in rows.values() if row["Rank"] in range(1, 11)]
    assert said["value"] == pytest.approx(sum(ten))
    assert said["text"].endswith("% of the total")


WRONG: dict[str, dict[str, Any]] = {
    "Name one of these": {"groups": [{"column": "Continent", "label": "Continent"}]},
    "Name a column of figures": {"measures": [{"column": "Customer", "label": "C"}]},
    "Drop that condition": {"filters": [{"column": "Region", "op": "eq", "value": "Mars"}]},
    "column of dates": {"groups": [{"column": "Region", "label": "R", "by": "month"}]},
    "run down the side": {
        "groups": [REGION, {"column": "Order date", "label": "Day", "by": "day"}]},
}  # fmt: skip


def test_what_cannot_be_computed_is_told_with_its_cure(tmp_path: Path) -> None:
    plans = [planned(questions=[asked(**changes)]) for changes in WRONG.values()]
    for cure, told in zip(WRONG, reported(tmp_path, plans), strict=True):
        assert cure in told["error"]


TITLED = """
import sys
from types import SimpleNamespace as Some
sys.modules["program"] = type(sys)("program")
room = sys.modules["program"].__dict__
exec(compile(sys.stdin.read(), "program.py", "exec"), room)
for label, by, how, order in CASES:
    question = {"rank": {"order": order}}
    group, measure = {"label": label, "by": by}, {"aggregate": how}
    print(room["rank_title"](Some(group=group, question=question, rank_by="value",
                                  main_measure=measure)))
"""


def test_a_ranking_is_headed_in_the_plural_of_its_noun() -> None:
    titles = {
        ("Hour of the day", "hour", "count", "desc"): "Busiest hours of the day",
        ("Month", "month", "sum", "asc"): "Lowest months",
        ("Country of origin", None, "sum", "desc"): "Largest countries of origin",
        ("Supplier", None, "count", "desc"): "Largest suppliers",
    }
    python = runtimes.find("data") / "bin" / "python"
    code = TITLED.replace("CASES", repr(list(titles)))
    done = subprocess.run([str(python), "-c", code], input=source(), capture_output=True,
                          text=True, timeout=60, check=False)  # fmt: skip
    assert done.stdout.splitlines() == list(titles.values()), done.stderr[-1_000:]
