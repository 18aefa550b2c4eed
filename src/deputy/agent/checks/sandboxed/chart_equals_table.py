"""Native charts draw the rows of the table they stand beside, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.evaluation import Area, CellError, Evaluator, Scope
from deputy.agent.checks.sandboxed.expressions import AreaText, parse
from deputy.agent.checks.sandboxed.functions import evaluator
from deputy.agent.checks.sandboxed.likeness import is_total, rounds_to, spellings
from deputy.agent.checks.sandboxed.recomputation import Answer, Figure, answer
from deputy.agent.checks.sandboxed.sources import spelled, words_of
from deputy.agent.checks.sandboxed.spreadsheets import (
    Scalar,
    Series,
    Table,
    Workbook,
    name_of,
    open_workbook,
)
from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError, close

NAME = "workbook.chart_equals_table"
TITLE = "Every chart shows the figures of its table"
APPLIES_TO = (".xlsx", ".xlsm")
LIMITS = "how the chart looks, nor charts that are pictures"
KIND = "inspects"
TAKES = (
    "charts_min: how many native charts there must be at least (default 1); points: how many bars "
    "or points one of them has; asked: as for figures.in_tables, one chart then draws its figures."
)
NOTHING = Figure(None)
ROWS_SHOWN_MIN = 15  # a chart may stop after so many rows of a longer table


def check(target: Path, params: dict[str, Any]) -> str:
    """Resolve each series to a table; `charts_min` (default 1) asks for so many charts."""
    book = open_workbook(target)
    engine = evaluator(book)
    charts = [chart for sheet in book.sheets.values() for chart in sheet.charts]
    least = int(params.get("charts_min", 1))
    if len(charts) < least:
        raise FailedError(f"The workbook has {len(charts)} native charts, expected {least}.")
    points = sum(_chart(book, engine, chart) for chart in charts)
    sizes = [max(_area(engine, series.values).shape[0] for series in chart) for chart in charts]
    if "points" in params and int(params["points"]) not in sizes:
        raise FailedError(f"The charts show {', '.join(map(str, sizes))} points, expected "
                          f"{int(params['points'])}.")  # fmt: skip
    if params.get("asked"):
        _require_asked(engine, charts, params["asked"])
    return f"{len(charts)} charts, {points:,} points, all equal to the cells of their tables."


def _chart(book: Workbook, engine: Evaluator, chart: tuple[Series, ...]) -> int:
    if not chart:
        raise FailedError("A chart has no series.")
    spans = set()
    for series in chart:
        categories, values = (_area(engine, text) for text in (series.categories, series.values))
        table = _table(book, values, categories)
        _same_rows(table, categories, values)
        _heading(engine, table, series, values)
        _stored(engine, series.stored_values, values)
        _stored(engine, series.stored_categories, categories)
        spans.add((values.first[0], values.last[0], categories))
    if len(spans) != 1:
        raise FailedError("The series of a chart show different rows.")
    columns = {series.values for series in chart}
    if len(columns) != len(chart):
        raise FailedError("Two series of a chart show the same column.")
    return sum(_area(engine, series.values).shape[0] for series in chart)


def _area(engine: Evaluator, text: str | None) -> Area:
    if text is None:
        raise FailedError("A chart shows numbers typed into it, not cells.")
    node = parse(text)
    if not isinstance(node, AreaText) or node.sheet is None:
        raise UncheckedError(f"The chart reference {text} is not understood.")
    try:
        area = Scope(engine, node.sheet, (1, 1), (0, 0)).value(node)
    except CellError as wrong:
        raise FailedError(f"The chart reference {text} leads nowhere.") from wrong
    if not isinstance(area, Area) or area.shape[1] != 1:
        raise UncheckedError(f"The chart reference {text} is not one column.")
    return area


def _table(book: Workbook, area: Area, categories: Area) -> Table:
    """Find the table whose data the values lie in."""
    for table in book.tables.values():
        top, bottom = table.body
        inside = table.first[1] <= area.first[1] <= table.last[1]
        overlaps = area.first[0] <= bottom and area.last[0] >= top
        if table.sheet.casefold() == area.sheet.casefold() and inside and overlaps:
            return table
    return _plain_table(book, area, categories)


def _plain_table(book: Workbook, area: Area, categories: Area) -> Table:
    """Take the rows around the values that have a name and a figure for a table."""
    page = next(p for n, p in book.sheets.items() if n.casefold() == area.sheet.casefold())
    column, names = area.first[1], categories.first[1]

    def held(row: int) -> bool:
        return isinstance(page.values.get((row, column)), float) and (row, names) in page.values

    top = bottom = area.first[0]
    if not held(top):
        raise FailedError(f"{_named(area)} of a chart lies in no table.")
    while held(top - 1):
        top -= 1
    while held(bottom + 1) and not is_total(str(page.values.get((bottom + 1, names)))):
        bottom += 1
    width = range(names, max(names, column) + 1)
    headings = tuple(str(page.values.get((top - 1, at), "")) for at in width)
    return Table(f"the table on {page.name}", page.name, (top - 1, names), (bottom, width[-1]),
                 headings, 1, 0)  # fmt: skip


def _require_asked(engine: Evaluator, charts: list[tuple[Series, ...]],
                   asked: dict[str, Any]) -> None:  # fmt: skip
    """Some chart draws the question's own figures, name by name."""
    question, expected = asked["question"], answer(asked)
    if not question.get("groups"):
        return  # there is nothing that could be drawn
    known = spellings(question["groups"][0], expected.lines, bare=True)
    tried = [_drawn(engine, series, question, expected, known)
             for chart in charts for series in chart]  # fmt: skip
    if "" not in tried:
        label, by = question["measures"][0]["label"], question["groups"][0]["label"]
        said = max(tried, key=_nearness, default="there is none.")
        raise FailedError(f"No chart draws {label!r} by {by!r}: {said}")


def _nearness(said: str) -> bool:
    return not said.endswith("is no group.")


def _drawn(engine: Evaluator, series: Series, question: dict[str, Any], expected: Answer,
           known: dict[str, str]) -> str:  # fmt: skip
    """Say what keeps a series from being the question's figures; nothing if it is."""
    names, values = (engine.grid(_area(engine, text))
                     for text in (series.categories, series.values))  # fmt: skip
    top = (question.get("chart") or {}).get("top")
    there = sum(not line.optional for line in expected.lines.values())
    if len(names) < min(top or ROWS_SHOWN_MIN, there):
        return f"it stops after {len(names)} groups."
    across = _across(engine, series, question, expected)
    for (name,), (value,) in zip(names, values, strict=True):
        key = known.get(spelled(words_of(name)))
        if key is None:
            return f"{name!r} is no group."
        line = expected.lines[key]
        shown = line.figures if across is None else (line.across.get(across) or NOTHING,)
        figures = [f for one in shown for f in (one.value, one.growth)]
        scaled = [f * s for f in figures if f is not None for s in (1.0, 100.0, 1e-3, 1e-6)]
        blank = value is None or isinstance(value, str)
        nought = across is not None and value == 0 and figures[0] is None
        if (
            not nought
            and not (blank and None in figures)
            and not any(isinstance(value, float) and rounds_to(value, one) for one in scaled)
        ):
            return f"{name} is drawn as {value}."
    return ""


def _across(engine: Evaluator, series: Series, question: dict[str, Any],
            expected: Answer) -> str | None:  # fmt: skip
    """Give which of the second group's values a series is named after, if any."""
    if len(question["groups"]) < 2 or series.name is None:
        return None
    area = _area(engine, series.name)
    name = spelled(words_of(engine.cell(area.sheet, area.first)))
    return spellings(question["groups"][1], expected.across, bare=True).get(name)


def _same_rows(table: Table, categories: Area, values: Area) -> None:
    """The chart shows the table's rows from the first, all or at least the leading ones."""
    top, bottom = table.body
    if (categories.sheet, categories.first[0], categories.last[0]) != (
        values.sheet, values.first[0], values.last[0],
    ):  # fmt: skip
        raise FailedError(f"{_named(categories)} names other rows than {_named(values)} draws.")
    if categories.first[1] != table.first[1]:
        raise FailedError(f"{_named(categories)} is not the column of names of {table.name}.")
    if values.first[0] != top or values.last[0] > bottom:
        raise FailedError(f"A chart draws {_named(values)}, but the rows of {table.name} are "
                          f"{top} to {bottom}.")  # fmt: skip
    shown, there = values.shape[0], bottom - top + 1
    if shown < min(there, ROWS_SHOWN_MIN):
        raise FailedError(f"A chart shows {shown} of the {there} rows of {table.name}.")


def _heading(engine: Evaluator, table: Table, series: Series, values: Area) -> None:
    """The name of a series is the heading of the column it draws."""
    if series.name is None:
        return
    wanted = table.columns[values.first[1] - table.first[1]]
    area = _area(engine, series.name)
    found = engine.cell(area.sheet, area.first)
    if str(found).casefold() != wanted.casefold():
        raise FailedError(f"A series is called {found!r} but draws the column {wanted!r}.")


def _stored(engine: Evaluator, stored: dict[int, str], area: Area) -> None:
    """Points kept with the chart equal the cells; a blank cell may have no point."""
    cells = [row[0] for row in engine.grid(area)]
    for place, shown in stored.items():
        cell = cells[place] if place < len(cells) else None
        if place >= len(cells) or not _equal(cell, shown):
            at = (area.first[0] + place, area.first[1])
            raise FailedError(f"A chart keeps {shown!r} for {area.sheet}!{name_of(at)}, "
                              f"which holds {cell!r}.")  # fmt: skip


def _equal(cell: Scalar, shown: str) -> bool:
    if isinstance(cell, float):
        try:
            return close(float(shown), cell)
        except ValueError:
            return False
    # Text in a column of figures, such as "n/a", is drawn as nothing or zero.
    return cell is None or str(cell) == shown or shown in ("", "0")


def _named(area: Area) -> str:
    return f"{area.sheet}!{name_of(area.first)}:{name_of(area.last)}"
