"""The brief of a plan: goal, deliverables, and criteria a business person understands.

Owns which named check proves which promise. Must never promise what no check covers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deputy.agent.plans import MEDIA_TYPES, Asked, Kind, Plan, Question, Source
from deputy.agent.playbooks.language.outcomes import Planned
from deputy.agent.playbooks.schema import Column, Table

GOAL_CHARS_MAX = 2_000
CASES_MAX = 12
LEFT_OUT_MAX = 20

_NAMES: dict[Kind, str] = {"xlsx": "Excel workbook", "pdf": "PDF", "csv": "CSV file"}
_OPENS = ("file.opens", "The {name} opens without an error.")
_ALWAYS: dict[Kind, tuple[tuple[str, str], ...]] = {
    "xlsx": (
        _OPENS,
        ("workbook.no_error_cells", "No cell of the workbook shows an error."),
        (
            "workbook.formulas_recompute",
            "Every formula shows the figure that an independent calculation gives.",
        ),
    ),
    "pdf": (_OPENS, ("pdf.one_page", "The PDF has one page.")),
    "csv": (_OPENS, ("csv.no_formulas", "No cell of the CSV file is read as a formula.")),
}
_FIGURES: dict[Kind, str] = {
    "xlsx": "figures.in_tables", "csv": "figures.in_tables", "pdf": "figures.in_text"
}  # fmt: skip


def brief_of(said: str, planned: Planned, tables: Sequence[Table]) -> dict[str, Any]:
    """Give the arguments of `brief.write`."""
    plan = planned.plan
    return {
        "goal": said[:GOAL_CHARS_MAX] or plan.title,
        "reading": planned.reading,
        "deliverables": [
            {"path": path, "media_type": MEDIA_TYPES[kind], "title": plan.title}
            for kind, path in zip(plan.deliverables, plan.paths(), strict=True)
        ],
        "criteria": _criteria(planned, tables),
        "assumptions": list(plan.assumptions),
        "edge_cases": _edge_cases(plan, tables),
        "out_of_scope": [
            *(f"Left out at your word: “{phrase}”." for phrase in planned.left_out),
            "Reasons for the changes, and any forecast.",
        ],
    }


def _criteria(planned: Planned, tables: Sequence[Table]) -> list[dict[str, Any]]:
    found = []
    plan = planned.plan
    asked = plan.asked()
    for kind, path in zip(plan.deliverables, plan.paths(), strict=True):
        for check, text in _ALWAYS[kind]:
            if check == "pdf.one_page" and not planned.one_page:
                continue
            found.append(_criterion(kind, check, text.format(name=_NAMES[kind]), path, {}))
        if kind == "xlsx":
            found.append(_charts(plan, path))
        for place, one in enumerate(asked, start=1):
            params = {"asked": one.model_dump(mode="json")}
            text = f"{_spoken(one.question, plan)} equals a second calculation from your file."
            found.append(_criterion(kind, _FIGURES[kind], text, path, params, place))
    found.append(_whole(plan, asked[0], tables))
    return found


def _criterion(
    kind: Kind, check: str, text: str, path: str, params: dict[str, Any], place: int | None = None
) -> dict[str, Any]:
    name = check.partition(".")[2].replace("_", "-")
    return {
        "id": f"{kind}-{name}" + (f"-{place}" if place is not None else ""),
        "text": text,
        "check": check,
        "target": path,
        "params": params,
    }


def _spoken(question: Question, plan: Plan) -> str:
    """Say what one question's figures are: "Spend by entity", each title once."""
    titles = [one.title for one in plan.questions]
    again = titles.count(question.title) > 1
    place = f" (question {plan.questions.index(question) + 1})" if again else ""
    return f"{question.title}{place}"


def _charts(plan: Plan, path: str) -> dict[str, Any]:
    """Charts show their tables; one figure alone has nothing to draw."""
    wished = next((one for one in plan.questions if one.chart and one.chart.top), None)
    drawn = any(one.groups for one in plan.questions)
    text = "The charts show exactly the figures of their tables."
    params: dict[str, Any] = {} if drawn else {"charts_min": 0}
    if not drawn:
        text = "A chart in the workbook shows exactly the figures of its table."
    if wished is not None and wished.chart is not None and wished.rank is not None:
        text = (
            f"The charts show exactly the figures of their tables, one of them the top "
            f"{wished.chart.top} of {wished.title}."
        )
    return _criterion("xlsx", "workbook.chart_equals_table", text, path, params)


def _whole(plan: Plan, asked: Asked, tables: Sequence[Table]) -> dict[str, Any]:
    """An independent look at the source: no row missed, no total counted."""
    params: dict[str, Any] = {"asked": asked.model_dump(mode="json")}
    left = _left_out(plan, tables)
    if left:
        params["left_out"] = left
    text = "Your file was read whole: no data row was missed and no totals row was counted."
    return _criterion(plan.deliverables[0], "sources.read_whole", text, plan.paths()[0], params)


def _left_out(plan: Plan, tables: Sequence[Table]) -> list[str]:
    """Name the sheets of the same files that the request does not mean."""
    used = {(one.path, one.sheet) for one in _sources(plan)}
    paths = {path for path, _ in used}
    left = [
        table.sheet
        for table in tables
        if table.sheet and table.path in paths and (table.path, table.sheet) not in used
    ]
    return left[:LEFT_OUT_MAX]


def _sources(plan: Plan) -> list[Source]:
    return [plan.source, *plan.more, *([plan.join.source] if plan.join is not None else [])]


def _edge_cases(plan: Plan, tables: Sequence[Table]) -> list[str]:
    sources = {(one.path, one.sheet) for one in _sources(plan)}
    used = [table for table in tables if (table.path, table.sheet) in sources]
    cases: list[str] = []
    for one in plan.questions:
        if one.compare is not None:
            cases.append("A group without figures in the earlier period has no growth rate.")
        if one.period is not None and one.period.kind != "all":
            cases.append("Rows without a readable date are left out.")
        if any(measure.aggregate == "ratio" for measure in one.measures):
            cases.append("A group whose denominator is zero has no ratio.")
        for measure in one.measures:
            cases += _of_column(_column(used, measure.column))
    for table in used:
        if table.header_row:
            cases.append(f"The headings stand in row {table.header_row + 1}.")
    return list(dict.fromkeys(cases))[:CASES_MAX]


def _column(tables: Sequence[Table], name: str | None) -> Column | None:
    return next((found for table in tables if (found := table.column(name)) is not None), None)


def _of_column(column: Column | None) -> list[str]:
    if column is None or not (isinstance(column.low, float | int) and column.low < 0):
        return []
    return [f"{column.name} holds negative values; they are counted as they stand."]
