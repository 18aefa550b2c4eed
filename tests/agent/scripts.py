"""One written-down turn that uses every tool: brief, code, checks, a file handed over, words."""

from __future__ import annotations

import json

from deputy.core.calls import CodeCall, CodeResult
from deputy.testing.scripts import calls, says

CSV = "out/rows.csv"
BRIEF = {
    "goal": "Count the rows",
    "deliverables": [{"path": CSV, "media_type": "text/csv", "title": "Rows"}],
    "criteria": [
        {
            "id": "c1",
            "text": "The rows are a number",
            "check": "values.in_range",
            "target": CSV,
            "params": {"column": "rows", "min": 0},
        }
    ],
}
REPLIES = [
    calls(("code.run", {"code": "print('schema')"}), text="I look at the table."),
    calls(("brief.write", BRIEF), ("code.run", {"code": "write()"}), text="I count the rows."),
    calls(("deliver", {"files": [CSV], "summary": "One row."})),
    says("There is one row."),
]


def worked(call: CodeCall) -> CodeResult:
    """Answer a code call: write the file when asked to, pass every check."""
    if requests := call.params.get("requests"):
        passed = [{**r, "verdict": "pass", "detail": "It opens."} for r in requests]
        return CodeResult(outcome="ok", stdout=json.dumps({"results": passed}).encode())
    if "write" in call.code:
        return CodeResult(outcome="ok", changed={CSV: b"rows\n1\n"})
    return CodeResult(outcome="ok", stdout=b"{}")
