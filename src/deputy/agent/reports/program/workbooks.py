"""Writes the workbook: Summary first, then the questions, Trend, Data and Notes.

Owns the order and the names of sheets. Must never compute a figure.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from deputy.agent.reports.program.courses import Course, course_of
from deputy.agent.reports.program.datasheets import Data, lay_out
from deputy.agent.reports.program.figures import Result
from deputy.agent.reports.program.formulas import Book
from deputy.agent.reports.program.notesheets import write_notes
from deputy.agent.reports.program.overviews import write_overview
from deputy.agent.reports.program.questions import write_question
from deputy.agent.reports.program.rowsheets import write_course, write_rows
from deputy.agent.reports.program.styles import Sheets
from deputy.agent.reports.program.telling import subtitle_of
from deputy.agent.reports.program.wording import shorten
from deputy.agent.reports.program.workings import add_workings

SHEET_NAME_CHARACTERS_MAX = 31
OWN_SHEETS = ("summary", "trend", "data", "notes", "history")


def write_workbook(plan: dict[str, Any], results: Sequence[Result], path: Path,
                   created: dt.date) -> None:  # fmt: skip
    """Write the whole workbook; the same figures give the same bytes."""
    file = xlsxwriter.Workbook(str(path), {
        "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    })  # fmt: skip
    file.set_properties({
        "title": shorten(plan["title"], 200), "author": "Deputy",
        "subject": subtitle_of(plan, results[0].question)[:200],
        "created": dt.datetime.combine(created, dt.time()),
    })  # fmt: skip
    course = course_of(results[0]) if len(results) == 1 else None
    data, books = lay_out(results, course.rows if course else None)
    add_workings(data, plan["derived"])
    names = ["Summary"] if len(results) == 1 else sheet_names(results)
    sheets = Sheets(file, plan, results, books, names)
    _question_sheets(sheets)
    _further_sheets(sheets, data, books, course)
    file.close()


def _question_sheets(sheets: Sheets) -> None:
    if len(sheets.results) == 1:
        write_question(sheets, sheets.books[0], "Summary", sheets.plan["title"])
        sheets.file.worksheets()[0].activate()
        return
    overview = sheets.file.add_worksheet("Summary")
    placed = [
        write_question(sheets, book, name, book.result.question["title"])
        for book, name in zip(sheets.books, sheets.names, strict=True)
    ]
    write_overview(sheets, overview, placed)


def _further_sheets(sheets: Sheets, data: Data, books: Sequence[Book],
                    course: Course | None) -> None:  # fmt: skip
    live = any(book.live for book in books)
    if course is not None:
        write_course(sheets, course)
    if live:
        write_rows(sheets, data)
    write_notes(sheets, live)


def sheet_names(results: Sequence[Result]) -> list[str]:
    """Name a sheet after each question: plain, short enough and each once."""
    taken, names = set(OWN_SHEETS), []
    for number, result in enumerate(results, start=1):
        plain = re.sub(r"[^\w &,.()+-]", " ", result.question["title"])
        plain = " ".join(plain.split()).strip("'") or f"Question {number}"
        name = shorten(plain, SHEET_NAME_CHARACTERS_MAX).replace("…", "").rstrip()
        if name.casefold() in taken:
            ending = f" ({number})"
            name = name[: SHEET_NAME_CHARACTERS_MAX - len(ending)].rstrip() + ending
        taken.add(name.casefold())
        names.append(name)
    return names
