"""The brief of a plan: goal, deliverables, and criteria a business person understands.

Owns which named check proves which promise. Must never promise what no check covers.
"""

from __future__ import annotations

from typing import Any

from deputy.agent.playbooks.outcomes import Planned
from deputy.agent.playbooks.plan import MEDIA_TYPES, Kind, Plan
from deputy.agent.playbooks.schema import Table

GOAL_CHARS_MAX = 2_000

_OPENS = ("file.opens", "The {name} opens without an error.")
_CRITERIA: dict[Kind, tuple[tuple[str, str], ...]] = {
    "xlsx": (
        _OPENS,
        ("workbook.no_error_cells", "No cell of the workbook shows an error."),
        (
            "workbook.formulas_recompute",
            "Every formula shows the figure that an independent calculation gives.",
        ),
        ("workbook.chart_equals_table", "The chart shows exactly the figures of the table."),
        (
            "table.totals_reconcile",
            "Every figure and the total equal a second calculation from your file.",
        ),
    ),
    "pdf": (
        _OPENS,
        ("pdf.one_page", "The PDF has one page."),
        ("pdf.figures_match", "The figures in the PDF equal a second calculation from your file."),
    ),
    "csv": (
        _OPENS,
        (
            "table.totals_reconcile",
            "Every figure in the CSV file equals a second calculation from your file.",
        ),
    ),
}
_NAMES: dict[Kind, str] = {"xlsx": "Excel workbook", "pdf": "PDF", "csv": "CSV file"}
_CHART_IF_ANY = "A chart in the workbook shows exactly the figures of its table."
_WITH_PLAN = frozenset({"table.totals_reconcile", "pdf.figures_match"})


def brief_of(said: str, planned: Planned, table: Table | None) -> dict[str, Any]:
    """Give the arguments of `brief.write`."""
    plan = planned.plan
    return {
        "goal": said[:GOAL_CHARS_MAX] or plan.title,
        "reading": planned.reading,
        "deliverables": [
            {"path": path, "media_type": MEDIA_TYPES[kind], "title": plan.title}
            for kind, path in zip(plan.deliverables, plan.paths(), strict=True)
        ],
        "criteria": _criteria(plan),
        "assumptions": list(plan.assumptions),
        "edge_cases": _edge_cases(plan, table),
        "out_of_scope": [
            *(f"Left out at your word: “{phrase}”." for phrase in planned.left_out),
            "Reasons for the changes, and any forecast.",
        ],
    }


def _criteria(plan: Plan) -> list[dict[str, Any]]:
    found = []
    for kind, path in zip(plan.deliverables, plan.paths(), strict=True):
        for check, text in _CRITERIA[kind]:
            params: dict[str, Any] = {"pages_max": 1} if check == "pdf.one_page" else {}
            if check == "workbook.chart_equals_table" and plan.group is None:
                # One figure alone has nothing to draw; its course over time may be drawn.
                text, params = _CHART_IF_ANY, {"charts_min": 0}
            if check in _WITH_PLAN:
                params = {"plan": plan.model_dump(mode="json")}
            found.append(
                {
                    "id": f"{kind}-{check.partition('.')[2].replace('_', '-')}",
                    "text": text.format(name=_NAMES[kind]),
                    "check": check,
                    "target": path,
                    "params": params,
                }
            )
    return found


def _edge_cases(plan: Plan, table: Table | None) -> list[str]:
    cases = []
    if plan.compare is not None:
        cases.append("A group without figures in the earlier period has no growth rate.")
    if plan.period is not None and plan.period.kind != "all":
        cases.append("Rows without a readable date are left out.")
    measure = table.column(plan.measure.column) if table is not None else None
    if measure is not None and isinstance(measure.low, float | int) and measure.low < 0:
        cases.append(f"{measure.name} holds negative values; they are counted as they stand.")
    if table is not None and table.header_row:
        cases.append(f"The headings stand in row {table.header_row + 1}.")
    return cases
