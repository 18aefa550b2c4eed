"""Runs the report: reads the plan, computes, writes the files asked for, prints one JSON line.

Owns the order of work and what is printed. Must never reach outside the working folder.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deputy.agent.reports.program.figures import Figure, Result, compute
from deputy.agent.reports.program.page import write_page
from deputy.agent.reports.program.plain import write_csv
from deputy.agent.reports.program.selecting import Cells
from deputy.agent.reports.program.telling import headline, leaders, row_notes, together
from deputy.agent.reports.program.wording import (
    growth_text,
    rank_heading,
    style_of,
    together_name,
)
from deputy.agent.reports.program.workbooks import write_workbook
from deputy.agent.tables.reading import read_tables

OUT = Path("out")


def run(params: dict[str, Any]) -> dict[str, Any]:
    """Write every file of `params["plan"]` and give what is to be printed."""
    plan = params["plan"]
    cells = Cells(read_tables(plan), plan["source"]["decimal"], plan["source"]["day_order"])
    results = [compute(place, question, cells) for place, question in enumerate(plan["questions"])]
    created = _created(params, results)
    OUT.mkdir(exist_ok=True)
    files = []
    for kind in plan["deliverables"]:
        path = OUT / f"{plan['stem']}.{kind}"
        if kind == "xlsx":
            write_workbook(plan, results, path, created)
        elif kind == "pdf":
            write_page(plan, results, path, created)
        else:
            write_csv(results, path)
        files.append(path.as_posix())
    used = results[0].rows.used
    for result in results[1:]:
        used |= result.rows.used
    told = [one for result in results for one in _told(result)]
    return {"headline": told, "rows": int(used.sum()), "files": files, "notes": _counted(results)}


def _counted(results: Sequence[Result]) -> list[str]:
    """Say which rows counted: once what holds for every question, else with its title."""
    told = [row_notes(result) for result in results]
    shared = [note for note in told[0] if all(note in other for other in told)]
    own = [f"{result.question['title']}: {note}" for result in results
           for note in row_notes(result) if note not in shared]  # fmt: skip
    return [*shared, *dict.fromkeys(own)]


def _created(params: dict[str, Any], results: Sequence[Result]) -> dt.date:
    """The day the files say they were made: the clock's, else the end of the period or data."""
    if params.get("today"):
        return dt.date.fromisoformat(params["today"][:10])
    ends = [one.question["period"]["end"] for one in results if one.question["period"]]
    if ends:
        return dt.date.fromisoformat(max(ends))
    days = [one.rows.date.max() for one in results if one.rows.date is not None]
    known = [day.date() for day in days if day == day]
    return max(known, default=dt.date(2000, 1, 1))


def _told(result: Result) -> list[dict[str, Any]]:
    """Give the figures worth saying in an answer; `question` is its place in the plan, from 0."""
    question = result.question
    told = [_one("In short", None, headline(result))]
    places = [result.main] if result.pivot else range(len(question["measures"]))
    for at in places:
        measure = question["measures"][0 if result.pivot else at]
        cell, style = result.total.cells[at], style_of(result, at)
        told.append(_one(measure["label"], cell.value, style.text(cell.value)))
        if result.compared:
            told += _comparison(result, measure["label"], cell, style.text(cell.compare))
    if result.ranked:
        told.append(_one(rank_heading(result), None, leaders(result)))
    if result.together is not None:
        value = result.together.cells[result.main].value
        text = together(result).removeprefix(f"{together_name(result)}: ")
        told.append(_one(together_name(result), value, text))
    return [{**one, "question": result.place} for one in told]


def _comparison(result: Result, label: str, cell: Figure, text: str) -> list[dict[str, Any]]:
    several = f"{label}, " if len(result.question["measures"]) > 1 else ""
    return [
        _one(f"{several}{result.question['compare']['label']}", cell.compare, text),
        _one(f"{several}growth" if several else "Growth", cell.growth, growth_text(cell)),
    ]


def _one(label: str, value: float | None, text: str) -> dict[str, Any]:
    clean = None if value is None else float(f"{value:.15g}")
    return {"label": label, "value": clean, "text": text}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(PARAMS), allow_nan=False) + "\n")  # type: ignore[name-defined]  # noqa: F821
