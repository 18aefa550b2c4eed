"""Reports of several questions, made from the joined program as the sandbox runs it."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from deputy.agent.reports import source
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
