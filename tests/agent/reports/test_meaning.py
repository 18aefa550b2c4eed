"""The figures of the workbook equal a plain computation, for small random tables and plans."""

from __future__ import annotations

import csv
import datetime as dt
import random
from pathlib import Path
from typing import Any

import pytest

from deputy.agent.plans import Plan
from tests.agent.reports import brute
from tests.agent.reports.asking import reported, table
from tests.requirement import requirement

PLANS = 40
ROWS = 40
CITIES = ("Aachen", "Bonn", "Coburg", "0012", "2026-03", "Nord*", None)
KINDS = ("gold", "silver", "tin", None)
FILTERS: tuple[dict[str, Any], ...] = (
    {"column": "Kind", "op": "eq", "value": " GOLD"},
    {"column": "Kind", "op": "ne", "value": "tin"},
    {"column": "Kind", "op": "not_in", "value": ["gold", "Silver"]},
    {"column": "City", "op": "contains", "value": "O"},
    {"column": "City", "op": "ends", "value": "en"},
    {"column": "City", "op": "missing", "value": None},
    {"column": "Kind", "op": "present", "value": None},
    {"column": "Amount", "op": "gt", "value": 100},
    {"column": "Amount", "op": "between", "value": [-50, 300]},
    {"column": "Units", "op": "le", "value": 5},
)
MEASURES: tuple[dict[str, Any], ...] = (
    {"column": "Amount", "aggregate": "sum"}, {"column": "Amount", "aggregate": "mean"},
    {"column": "Amount", "aggregate": "min"}, {"column": "Amount", "aggregate": "max"},
    {"column": "Amount", "aggregate": "median"}, {"column": None, "aggregate": "count"},
    {"column": "Kind", "aggregate": "count"}, {"column": "Kind", "aggregate": "distinct"},
    {"column": "Amount", "aggregate": "missing"},
    {"column": "Amount", "over": "Units", "aggregate": "ratio"},
    {"column": None, "aggregate": "ratio", "unit": "%"},
    {"column": "Amount", "aggregate": "ratio", "unit": "EUR"},
)  # fmt: skip


def rows_of(draw: random.Random) -> list[dict[str, Any]]:
    """Give a table with blanks, losses and awkward names."""
    start = dt.date(2026, 1, 1)
    return [
        {"City": draw.choice(CITIES), "Kind": draw.choice(KINDS),
         "Day": start + dt.timedelta(days=draw.randrange(200)),
         "Amount": None if draw.random() < 0.1 else round(draw.uniform(-90, 900), 2),
         "Units": None if draw.random() < 0.1 else draw.randint(1, 9)}
        for _ in range(ROWS)
    ]  # fmt: skip


def question_of(draw: random.Random) -> dict[str, Any]:
    """Give a question of any kind a plan can state."""
    pivot = draw.random() < 0.25
    units = [None, "month", "quarter", "week", "weekday", "day", "year"]
    groups: list[dict[str, Any]] = [
        {"column": "City", "label": "Place"}, {"column": "Kind", "label": "Metal"},
        {"column": "Day", "label": "Time", "by": draw.choice(units[1:])},
    ]  # fmt: skip
    draw.shuffle(groups)
    measures = draw.sample(MEASURES, 1 if pivot else draw.randint(1, 4))
    question: dict[str, Any] = {
        "title": "A question", "groups": groups[: 2 if pivot else draw.randint(0, 1)],
        "measures": [
            {**one, "label": f"Figure {at}",
             "where": draw.sample(FILTERS, 1) if draw.random() < 0.4 else []}
            for at, one in enumerate(measures)
        ],
        "filters": draw.sample(FILTERS, 1) if draw.random() < 0.4 else [],
    }  # fmt: skip
    moved = any(group.get("by") not in (None, "weekday") for group in question["groups"])
    if draw.random() < 0.5:
        question |= {
            "date_column": "Day",
            "period": {
                "kind": "range",
                "label": "Spring",
                "start": "2026-03-01",
                "end": "2026-06-30",
            },
        }
        if not pivot and not moved and draw.random() < 0.6:
            question["compare"] = {"label": "Winter", "start": "2026-01-01", "end": "2026-02-28"}
    if question["groups"] and draw.random() < 0.5:
        question["rank"] = {"top": draw.randint(1, 4), "together": draw.random() < 0.5,
                            "by": draw.choice(["value", "growth"]),
                            "order": draw.choice(["asc", "desc"])}  # fmt: skip
    return question


def differences(question: dict[str, Any], rows: list[dict[str, Any]],
                sheet: list[list[Any]]) -> list[str]:  # fmt: skip
    """Compare a question's table with the plain computation."""
    right = brute.lines(rows, question)
    first = question["groups"][0]["label"] if question["groups"] else "Figure"
    shown = table(sheet, first)
    wrong = [f"{name} is missing" for name in right if name not in shown]
    wrong += [f"{name} does not belong there" for name in shown if name not in right]
    for name in right.keys() & shown.keys():
        for heading, value in right[name].items():
            found = shown[name].get(heading, "no column")
            same = found == "n/a" if value is None else found == pytest.approx(value, abs=1e-7)
            wrong += [] if same else [f"{name}, {heading}: {found!r}, not {value!r}"]
    return wrong


@requirement("R083")
def test_every_figure_equals_a_plain_computation(tmp_path: Path) -> None:
    draw = random.Random(11)
    rows = rows_of(draw)
    file = tmp_path / "metal.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    source = {"path": "metal.csv", "encoding": "utf-8", "delimiter": ",", "decimal": "."}
    plans = [
        Plan.model_validate({
            "source": source, "title": "All of it", "stem": "metal", "deliverables": ["xlsx"],
            "questions": [question_of(draw) for _ in range(draw.randint(1, 3))],
        }).model_dump(mode="json")
        for _ in range(PLANS)
    ]  # fmt: skip
    compared = 0
    for plan, told in zip(plans, reported(tmp_path, plans, [file]), strict=True):
        empty = [one for one in plan["questions"] if not brute.used(rows, one, "period")]
        if empty:
            assert "drop a filter" in told["error"]
            continue
        assert "error" not in told, (told, plan["questions"])
        names = [name for name in told["sheets"] if name not in ("Summary", "Trend", "Notes")]
        sheets = [told["sheets"][name] for name in names or ["Summary"]]
        for question, sheet in zip(plan["questions"], sheets, strict=True):
            assert differences(question, rows, sheet) == [], question
            compared += 1
    assert compared > PLANS
