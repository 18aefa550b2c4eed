"""Draws random plans over random messy tables, for reports that must pass every check.

Owns what may be asked and how untidy a table may be. Must never compute a figure.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Sequence
from typing import Any

from deputy.agent.plans import Plan

NAMES = (
    "North", "South", "East", "West", "DACH", "Iberia", "Nordics", "Île-de-France", "2024", "2025",
    "0012", "12", "7", "Plan 2", "Unit 3 (450)", "3.5 t", "2026-03", "01/02/2026", "A & B", "A",
    "AB", "North East", "Other", "n/a", "100 %", "-5", "+44", "=A1", "@home", "O'Neill", "Q1",
    "Zürich, Altstetten", "A very long name of a place that goes on and on, beyond any column",
    "A very long name of a place that goes on and on, past any page", "Müller-Lüdenscheidt GmbH",
    "1,5 mm", "May", "Monday", "Top 5", "TRUE", "€ 50 voucher", "5-HTP", "Store #14", "Summit 41",
)  # fmt: skip
PRODUCTS = ("Chair", "Table", "Lamp", "Desk 120", "Desk 160", "Shelf", "Sofa", "Rug", "Clock",
            "Vase", "Bed", "Bench", "Stool", "Mirror", "Curtain", "Pillow")  # fmt: skip
WIDE = ("Jan", "Feb", "Mar", "Apr", "May", "Jun")
SIMPLE = ("sum", "mean", "count", "min", "max", "median", "distinct", "missing")
UNITS = ("month", "quarter", "week", "weekday", "hour", "day", "year")
ROWS = (3, 40, 150, 400)
Drawn = dict[str, Any]


def drawn(number: int) -> Drawn:
    """Give the plan and the files of one number: `{"plan", "files": {name: text or rows}}`."""
    draw = random.Random(number)
    sheet = draw.random() < 0.35
    mark = "." if sheet else draw.choice(".,")
    rows = _rows(draw, mark, sheet)
    kind = draw.choices(("plain", "joined", "stacked", "long"), (6, 2, 1, 1))[0]
    tables: Drawn = {}
    files: Drawn = {}
    if kind == "long":
        rows = _wide_rows(draw, mark)
        tables["unpivot"] = {"columns": WIDE, "name": "Month", "value": "Spent"}
    source = _written(files, "orders", rows, mark, sheet, draw)
    tables["source"] = source
    if kind == "stacked":
        more = [rows[0], *_rows(draw, mark, sheet)[1:]]
        tables["more"] = [_written(files, "later", more, mark, sheet, draw)]
    if kind == "joined":
        looked_up = [["Code", "Manager"], *([one, draw.choice(("Ann", "Bo", "Cy 3", ""))]
                                            for one in PRODUCTS[:-2])]  # fmt: skip
        tables["join"] = {"source": _written(files, "lists", looked_up, mark, sheet, draw),
                          "on": [["Product", "Code"]]}  # fmt: skip
    if kind != "long":
        tables["derived"] = _derived(draw)
    questions = [_question(draw, place, kind, tables) for place in range(draw.choice((1, 1, 2, 4)))]
    plan = {**tables, "questions": questions, "title": f"Report {number}", "stem": "report",
            "deliverables": ["xlsx", "pdf", "csv"]}  # fmt: skip
    return {"plan": Plan.model_validate(plan).model_dump(mode="json"), "files": files}


def _rows(draw: random.Random, mark: str, sheet: bool) -> list[list[Any]]:
    """Give orders with blanks, texts among figures, returns, and one region without sales."""
    regions = draw.sample(NAMES, draw.choice((1, 3, 8, 30)))
    products = PRODUCTS[: draw.choice((1, 4, 9, 16))]
    losses, cents = draw.random() < 0.3, draw.random() < 0.7
    heads = ["Region", "Product", "Order date", "Shipped", "Amount", "Cost", "Units", "Paid"]
    rows: list[list[Any]] = [heads]
    for _ in range(draw.choice(ROWS)):
        day = dt.datetime(2025, 1, 1) + dt.timedelta(minutes=draw.randrange(700 * 1440))  # noqa: DTZ001
        amount = round(draw.lognormvariate(5, 1.5), 2 if cents else 0)
        amount *= -1 if losses and draw.random() < 0.4 else 1
        region = "" if draw.random() < 0.04 else draw.choice(regions)
        if region == regions[0] and draw.random() < 0.7:
            amount = 0
        shipped = day + dt.timedelta(days=draw.randrange(20))
        rows.append([
            region if draw.random() < 0.97 else f" {region} ", draw.choice(products),
            _day(day, sheet, draw), "" if draw.random() < 0.1 else _day(shipped, sheet, draw),
            _amount(amount, mark, sheet, draw), _amount(amount * 0.6, mark, sheet, draw),
            draw.randrange(9), draw.choice(("yes", "no", "Yes", "")),
        ])  # fmt: skip
    return rows


def _wide_rows(draw: random.Random, mark: str) -> list[list[Any]]:
    return [["Region", "Product", *WIDE], *(
        [region, draw.choice(PRODUCTS[:3]),
         *(_amount(draw.randrange(9_000) / 10, mark, False, draw) for _ in WIDE)]
        for region in draw.sample(NAMES, 9))]  # fmt: skip


def _day(day: dt.datetime, sheet: bool, draw: random.Random) -> str:
    if draw.random() < 0.02:
        return ""
    return f"{day:%Y-%m-%d %H:%M}" if sheet else f"{day:%d.%m.%Y %H:%M}"


def _amount(value: float, mark: str, sheet: bool, draw: random.Random) -> Any:
    if draw.random() < 0.05:
        return draw.choice(("", "", "tbd", "-"))
    if sheet:
        return round(value, 2)
    text = f"{value:,.2f}" if draw.random() < 0.5 else f"{value:.2f}"
    text = text if mark == "." else text.translate(str.maketrans(",.", ".,"))
    return f"€ {text}" if draw.random() < 0.03 else text


def _written(files: Drawn, name: str, rows: Sequence[Sequence[Any]], mark: str, sheet: bool,
             draw: random.Random) -> Drawn:  # fmt: skip
    """Keep a table as a file; gives its source."""
    if sheet:
        files[f"{name}.xlsx"] = rows
        return {"path": f"{name}.xlsx", "sheet": "Lines"}
    delimiter = ";" if mark == "," else draw.choice(",;\t")
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    files[f"{name}.csv"] = text.getvalue()
    return {"path": f"{name}.csv", "delimiter": delimiter, "decimal": mark, "encoding": "utf-8",
            "day_order": "dmy"}  # fmt: skip


def _derived(draw: random.Random) -> list[Drawn]:
    known = [
        {"name": "Margin", "how": "difference", "of": ["Amount", "Cost"]},
        {"name": "Value", "how": "product", "of": ["Units", "Amount"]},
        {"name": "Days", "how": "days", "of": ["Order date", "Shipped"]},
        {"name": "Each", "how": "quotient", "of": ["Amount", "Units"]},
    ]
    return known if draw.random() < 0.4 else []


def _question(draw: random.Random, place: int, kind: str, tables: Drawn) -> Drawn:
    if kind == "long":
        return _long_question(draw, place)
    compared = draw.random() < 0.35
    dated = compared or draw.random() < 0.3
    groups = _groups(draw, kind)
    crossed = len(groups) == 2
    figures = ["Amount", "Cost", "Units", *(one["name"] for one in tables.get("derived", ()))]
    count = 1 if crossed else draw.choice((1, 1, 2, 3))
    measures = [_measure(draw, at, figures) for at in range(count)]
    question: Drawn = {"title": f"Question {place + 1}", "groups": groups, "measures": measures,
                       "date_column": "Order date"}  # fmt: skip
    if draw.random() < 0.3:
        question["filters"] = [_filter(draw)]
    if dated:
        question["period"] = {"kind": "range", "label": "H1 2026", "start": "2026-01-01",
                              "end": "2026-06-30"}  # fmt: skip
    if compared and not crossed:
        question["compare"] = {"label": "H1 2025", "start": "2025-01-01", "end": "2025-06-30"}
    if groups and draw.random() < 0.5:
        question["rank"] = {
            "measure": draw.randrange(count), "top": draw.choice((2, 3, 5, 10)),
            "order": draw.choice(("desc", "asc")), "together": draw.random() < 0.4,
            "by": draw.choice(("value", "growth", "change")) if "compare" in question else "value",
        }  # fmt: skip
    if groups and draw.random() < 0.3:
        question["chart"] = {"kind": draw.choice(("bar", "column", None)),
                             "top": draw.choice((None, 4, 20))}  # fmt: skip
    return question


def _long_question(draw: random.Random, place: int) -> Drawn:
    groups = draw.choice((["Month"], ["Region"], ["Region", "Month"], ["Month", "Product"]))
    return {"title": f"Question {place + 1}", "groups": [{"column": g, "label": g} for g in groups],
            "measures": [{"column": "Spent", "label": "Spent", "unit": "EUR",
                          "aggregate": draw.choice(("sum", "mean", "max"))}]}  # fmt: skip


def _groups(draw: random.Random, kind: str) -> list[Drawn]:
    def one() -> Drawn:
        if draw.random() < 0.35:
            unit = draw.choice(UNITS)
            column = draw.choice(("Order date", "Order date", "Shipped"))
            return {"column": column, "label": unit.capitalize(), "by": unit}
        names = ["Region", "Region", "Product", "Paid", *(["Manager"] if kind == "joined" else [])]
        name = draw.choice(names)
        return {"column": name, "label": name}

    count = draw.choices((0, 1, 2), (1, 6, 3))[0]
    groups = [one() for _ in range(count)]
    return groups[:1] if len({g["label"] for g in groups}) < len(groups) else groups


def _measure(draw: random.Random, at: int, figures: Sequence[str]) -> Drawn:
    where = [{"column": "Paid", "op": "eq", "value": "yes"}] if draw.random() < 0.2 else []
    if draw.random() < 0.2:
        column, over = draw.choice(((None, None), ("Cost", "Amount"), ("Amount", "Units")))
        return {"label": f"Rate {at}", "aggregate": "ratio", "column": column, "over": over,
                "unit": draw.choice(("%", None)) if over != "Units" else "EUR",
                "where": where or [{"column": "Units", "op": "gt", "value": 3}]}  # fmt: skip
    if draw.random() < 0.2:
        return {"label": f"Orders {at}", "aggregate": "count", "where": where}
    how = draw.choice((*SIMPLE, "sum", "sum", "sum"))
    column = draw.choice(figures)
    words = {"sum": column, "mean": f"Average {column}", "count": f"{column} filled"}
    label = f"{words.get(how, f'{how} of {column}')} {at or ''}".strip()
    unit = draw.choice((None, "EUR", "EUR", "USD", "pcs"))
    counted = how in ("count", "distinct", "missing")
    return {"label": label, "aggregate": how, "column": column, "where": where,
            "unit": None if counted else unit}  # fmt: skip


def _filter(draw: random.Random) -> Drawn:
    op, column, value = draw.choice((
        ("eq", "Product", "Chair"), ("in", "Product", ["chair ", "Table"]), ("ne", "Paid", "yes"),
        ("not_in", "Product", ["Lamp", "Sofa"]), ("gt", "Units", 2), ("ge", "Amount", 10),
        ("lt", "Amount", 1_000), ("le", "Units", 5), ("between", "Amount", [5, 5_000]),
        ("contains", "Product", "a"), ("starts", "Region", "A"), ("ends", "Product", "e"),
        ("missing", "Shipped", None), ("present", "Region", None),
        ("ge", "Order date", "2025-06-01"),
    ))  # fmt: skip
    return {"column": column, "op": op, "value": value}
