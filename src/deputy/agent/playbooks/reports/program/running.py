"""Runs the report: reads the plan, computes, writes the files asked for, prints one JSON line.

Owns the order of work and what is printed. Must never reach outside the working folder.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from deputy.agent.playbooks.reports.program.figures import Figures, compute
from deputy.agent.playbooks.reports.program.page import write_page
from deputy.agent.playbooks.reports.program.plain import write_csv
from deputy.agent.playbooks.reports.program.sheets import write_workbook
from deputy.agent.playbooks.reports.program.wording import (
    growth_text,
    headings,
    headline,
    rank_heading,
    row_notes,
    sentence_list,
    unit_of,
)

OUT = Path("out")


def run(params: dict[str, Any]) -> dict[str, Any]:
    """Write every file of `params["plan"]` and give what is to be printed."""
    plan = params["plan"]
    figures = compute(plan)
    created = _created(params, figures)
    OUT.mkdir(exist_ok=True)
    files = []
    for kind in plan["deliverables"]:
        path = OUT / f"{plan['stem']}.{kind}"
        if kind == "xlsx":
            write_workbook(figures, path, created)
        elif kind == "pdf":
            write_page(figures, path, created)
        else:
            write_csv(figures, path)
        files.append(path.as_posix())
    used = int((figures.rows.current | figures.rows.compare).sum())
    return {"headline": _headline(figures), "rows": used, "files": files,
            "notes": row_notes(figures)}  # fmt: skip


def _created(params: dict[str, Any], figures: Figures) -> dt.date:
    """The day the files say they were made: the clock's, else the end of the period or data."""
    if params.get("today"):
        return dt.date.fromisoformat(params["today"][:10])
    if figures.plan["period"]:
        return dt.date.fromisoformat(figures.plan["period"]["end"])
    return figures.trend[-1].end if figures.trend else dt.date(2000, 1, 1)


def _headline(figures: Figures) -> list[dict[str, Any]]:
    """Give the figures worth saying in an answer."""
    unit, total = unit_of(figures), figures.total
    now, then = headings(figures.plan)
    told: list[dict[str, Any]] = [
        {"label": "In short", "value": None, "text": headline(figures, unit)},
        {"label": now, "value": total.value, "text": unit.text(total.value)},
    ]
    if figures.compared:
        told += [
            {"label": then, "value": total.compare, "text": unit.text(total.compare)},
            {"label": "Growth", "value": total.growth, "text": growth_text(total)},
        ]
    if figures.ranked:
        by = figures.plan["rank"]["by"]
        named = [f"{line.name} ({growth_text(line) if by == 'growth' else unit.text(line.value)})"
                 for line in figures.ranked]  # fmt: skip
        told.append({"label": rank_heading(figures.plan), "value": None,
                     "text": sentence_list(named)})  # fmt: skip
    return told


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(PARAMS), allow_nan=False) + "\n")  # type: ignore[name-defined]  # noqa: F821
