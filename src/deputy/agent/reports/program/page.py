"""Sets the PDF: one page for one question, as few as needed for several.

Owns the page. All words and figures reach the template as data, so none can act as markup.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pypdfium2
import typst

from deputy.agent.reports.program.courses import course_of
from deputy.agent.reports.program.drawings import (
    NAMED_MAX,
    NOBODY,
    NOTHING,
    course_drawing,
    drawing_of,
    podium_of,
)
from deputy.agent.reports.program.figures import Result
from deputy.agent.reports.program.grids import Grid, grid_of
from deputy.agent.reports.program.selecting import ReportError
from deputy.agent.reports.program.telling import (
    headline,
    leaders_sentence,
    reading_notes,
    row_notes,
    source_text,
    subtitle_of,
    table_notes,
    together,
)
from deputy.agent.reports.program.template import TEMPLATE
from deputy.agent.reports.program.wording import (
    growth_text,
    measure_name,
    period_heading,
    plural,
    shorten,
    style_of,
)

ROWS_TRIED = (16, 13, 10, 7, 4)
ROWS_OF_MANY, BARS_OF_MANY = (15, 12, 10), (12, 10, 8)
ROWS_ALONE = 40  # where no other file holds the rest
SMALL = 8.0  # points, of type
TIGHT = ((1.8, True), (1.8, False), (1.1, False))  # points between lines; with a drawing or not
NOTES_MAX = 5


def write_page(plan: dict[str, Any], results: Sequence[Result], path: Path,
               created: dt.date) -> None:  # fmt: skip
    """Write the PDF."""
    write = _single_page if len(results) == 1 else _many_pages
    path.write_bytes(write(plan, results, created))


def _single_page(plan: dict[str, Any], results: Sequence[Result], created: dt.date) -> bytes:
    """Fit one question on one page: fewer groups, no course, closer lines, no drawing at last."""
    result, course = results[0], course_drawing(results[0], course_of(results[0]))
    named = len(result.ranked) + 1 if len(result.ranked) > NAMED_MAX else 0
    tried = [(rows, trend, pad, True) for rows in ROWS_TRIED if rows > named
             for trend in ([course, NOTHING] if course["kind"] else [NOTHING])
             for pad in (0.0,)]  # fmt: skip
    if named:
        tried += [(named + 1, NOTHING, pad, drawn) for pad, drawn in TIGHT]
    for rows_max, trend, pad, drawn in tried:
        block = _answer(plan, result, rows_max, rows_max)
        if pad:
            block["table"] = {**block["table"], "pad": pad, "size": min(SMALL, _size_in(block))}
        if not drawn:
            block |= {"chart": NOTHING, "rank": {**NOBODY, "note": together(result)}}
        content = {**_frame(plan, results, created), "single": True,
                   "headline": shorten(headline(result), 200),
                   "blocks": [{**block, "trend": trend}]}  # fmt: skip
        page, count = _compiled(content, created)
        if count == 1:
            return page
    if named:
        return page  # a ranking as long as this takes the pages it needs
    raise ReportError("The text is too long for one page. Shorten the title or the assumptions.")


def _size_in(block: dict[str, Any]) -> float:
    return float(block["table"].get("size", SMALL))


def _many_pages(plan: dict[str, Any], results: Sequence[Result], created: dt.date) -> bytes:
    """Set several questions; shorter tables are taken where they save a page."""
    alone = set(plan["deliverables"]) == {"pdf"}
    tried: list[tuple[bytes, int]] = []
    for rows_max, bars_max in ((ROWS_ALONE, BARS_OF_MANY[0]),) if alone else zip(
            ROWS_OF_MANY, BARS_OF_MANY, strict=True):  # fmt: skip
        blocks = [_answer(plan, result, max(rows_max, len(result.ranked) + 1), bars_max, True)
                  for result in results]  # fmt: skip
        content = {**_frame(plan, results, created), "single": False, "headline": "",
                   "blocks": blocks}  # fmt: skip
        tried.append(_compiled(content, created))
        if tried[-1][1] == 1:
            break
    return min(tried, key=lambda one: one[1])[0]


def _compiled(content: dict[str, Any], created: dt.date) -> tuple[bytes, int]:
    page: bytes = typst.compile(
        TEMPLATE.encode(), ignore_system_fonts=True, sys_inputs={"data": json.dumps(content)},
        timestamp=dt.datetime.combine(created, dt.time(), dt.UTC),
    )  # fmt: skip
    return page, len(pypdfium2.PdfDocument(page))


def _frame(plan: dict[str, Any], results: Sequence[Result], created: dt.date) -> dict[str, Any]:
    """Give what stands around the answers."""
    return {
        "date": {"year": created.year, "month": created.month, "day": created.day},
        "title": shorten(plan["title"], 110),
        "subtitle": shorten(subtitle_of(plan, results[0].question), 220)
        if len(results) == 1 else shorten(plan["subtitle"], 220),
        "notes": _notes(plan, results), "foot": shorten(source_text(plan), 90),
    }  # fmt: skip


def _answer(plan: dict[str, Any], result: Result, rows_max: int, bars_max: int,
            brief: bool = False) -> dict[str, Any]:  # fmt: skip
    """Give one answer: its sentence, key figures, drawing, ranking and table."""
    grid = grid_of(result, rows_max)
    tight = grid is not None and len(grid.rows) > 10
    dates = subtitle_of({"subtitle": ""}, result.question)
    podium = podium_of(result, brief)
    said = [headline(result), leaders_sentence(result) if brief and not podium["rows"] else ""]
    return {
        "title": shorten(f"{result.place + 1}. {result.question['title']}", 110),
        "said": shorten(" ".join(filter(None, said)), 260), "dates": shorten(dates, 120),
        "kpis": _large_figures(result), "chart": drawing_of(result, bars_max),
        "rank": podium, "trend": NOTHING,
        "table": grid.data(2.2 if tight else 3.2) if grid else {"rows": []},
        "remark": _remark(plan, grid) if grid else "",
    }  # fmt: skip


def _remark(plan: dict[str, Any], grid: Grid) -> str:
    """Say what the table leaves to another file, and its unit."""
    files = {"xlsx": "Excel file", "csv": "CSV file"}
    other = next((files[kind] for kind in plan["deliverables"] if kind in files), "")
    said = [grid.unit]
    if grid.more and other:
        said.append(f"{grid.more:,} more in the {other}.")
    if grid.dropped and other:
        said.append(f"Further columns in the {other}.")
    return " ".join(filter(None, said))


def _large_figures(result: Result) -> list[dict[str, Any]]:
    """Give the figures written large above all else."""
    question, total = result.question, result.total
    if result.compared and len(question["measures"]) == 1:
        cell, style = total.cells[0], style_of(result, 0)
        now, then = period_heading(result)
        return [
            _large(now, style.text(cell.value)), _large(then, style.text(cell.compare)),
            _large("Change", style.text(cell.change, signed=True), toned=True),
            _large("Growth", growth_text(cell), toned=True),
        ]  # fmt: skip
    if len(question["measures"]) > 1:
        return [
            _large(measure["label"], style_of(result, at).text(total.cells[at].value),
                   note=growth_text(total.cells[at]) if result.compared else "")
            for at, measure in enumerate(question["measures"])
        ]  # fmt: skip
    return _plain_figures(result)


def _large(label: str, text: str, *, toned: bool = False, note: str = "") -> dict[str, Any]:
    return {"label": shorten(label, 34), "text": text, "toned": toned, "note": note}


def _plain_figures(result: Result) -> list[dict[str, Any]]:
    style = style_of(result, result.main)
    name, value = measure_name(result.main_measure), result.total.cells[result.main].value
    found = [_large(name, style.text(value))]
    if result.lines:
        known = [line for line in result.lines if line.cells[result.main].value is not None]
        top = max(known, key=lambda line: line.cells[result.main].value or 0, default=None)
        assert result.group is not None
        label = plural(result.group["label"])
        found.append(_large(label[:1].upper() + label[1:], f"{len(result.lines):,}"))
        if top is not None:
            highest = style.text(top.cells[result.main].value)
            found.append(_large(f"Highest: {shorten(top.name, 24)}", highest))
    rows = int(result.rows.current.sum())
    return [*found, _large("Rows counted", f"{rows:,}")]


def _notes(plan: dict[str, Any], results: Sequence[Result]) -> list[str]:
    """Give the small print: reading, assumptions, rows, source."""
    notes = [shorten(text, 220) for text in plan["reading"][: 2 * NOTES_MAX]]
    notes += [shorten(f"{text}.", 220) for _, text in table_notes(plan)]
    for result in results:
        place = f"{result.place + 1}. " if len(results) > 1 else ""
        said = [text if label == "Figure" else f"Only rows where {text}"
                for label, text in reading_notes(result)
                if label in ("Figure", "Only rows where")]  # fmt: skip
        rows = " ".join(row_notes(result)) if len(results) > 1 else ""
        notes.append(shorten(f"{place}{'. '.join(said)}. {rows}".strip(), 420))
    notes += [shorten(text, 220) for text in plan["assumptions"][:NOTES_MAX]]
    if len(plan["assumptions"]) > NOTES_MAX:
        notes.append(f"{len(plan['assumptions']) - NOTES_MAX} more in the brief.")
    if any(growth_text(cell) in ("new", "n/a") for result in results if result.compared
           for line in result.lines for cell in line.cells):  # fmt: skip
        notes.append("“new”: nothing before; “n/a”: no positive figure to compare with.")
    rows = " ".join(row_notes(results[0])) if len(results) == 1 else ""
    return [*notes, shorten(f"Source: {source_text(plan)}. {rows}", 320)]
