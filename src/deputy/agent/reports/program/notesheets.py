"""Writes the sheet Notes: how the figures came about, in words that stay true.

Owns the order of the notes. Must never compute a figure.
"""

from __future__ import annotations

import math
from typing import Any

from deputy.agent.reports.program.figures import ADDITIVE
from deputy.agent.reports.program.formulas import WITHOUT_FORMULA, Book, column, totals
from deputy.agent.reports.program.styles import Sheets, print_setup
from deputy.agent.reports.program.tables import table_columns
from deputy.agent.reports.program.telling import reading_notes, row_notes, source_text, table_notes

NOTE_CHARACTERS_A_LINE = 115
RECEIPT = (
    "Deputy checks this file after it is written. The receipt that comes with it names each check "
    "and its result."
)
HELPING = (
    "Columns of Data whose name begins with “Counts:” or “In:” hold 1 where a row counts; those "
    "that end with “counted” name the group or calendar unit, some after the word “is”, so that no "
    "name is taken for a number or a date."
)

Entry = tuple[str, str, str]  # a section, or a label and a text


def write_notes(sheets: Sheets, live: bool) -> None:
    """Write the notes and, where groups must add up, that they do."""
    sheet = sheets.file.add_worksheet("Notes")
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 1.5)
    sheet.set_column(1, 1, 20)
    sheet.set_column(2, 2, 100)
    sheet.set_row(0, 26)
    sheet.write_string(0, 1, "Notes", sheets.form("title"))
    row = 1
    for section, label, text in _entries(sheets, live):
        row += 1 + bool(section)
        if section:
            sheet.write_string(row, 1, section, sheets.form("section"))
            continue
        sheet.write_string(row, 1, label, sheets.form("label"))
        sheet.write_string(row, 2, text, sheets.form("wrap"))
        sheet.set_row(row, 15 * math.ceil(max(len(text), 1) / NOTE_CHARACTERS_A_LINE))
    for book in sheets.books:
        row = _reconciliation(sheets, sheet, book, row + 1)
    print_setup(sheets, sheet)


def _entries(sheets: Sheets, live: bool) -> list[Entry]:
    plan, several = sheets.plan, len(sheets.results) > 1
    entries: list[Entry] = [("How it was read", "", "")]
    entries += [("", "", text) for text in plan["reading"]]
    entries += [("", *pair) for pair in table_notes(plan)]
    for result in sheets.results:
        if several:
            entries.append((f"{result.place + 1}. {result.question['title']}", "", ""))
        entries += [("", *pair) for pair in reading_notes(result)]
        if several:
            entries += [("", "Rows", text) for text in row_notes(result)]
    if plan["assumptions"]:
        entries += [("Assumptions", "", ""), *(("", "", text) for text in plan["assumptions"])]
    entries += [("Rows and source", "", ""), ("", "Source", source_text(plan))]
    if not several:
        entries += [("", "", text) for text in row_notes(sheets.results[0])]
    unmatched = sheets.results[0].rows.cells.table.attrs.get("unmatched", 0)
    if unmatched:
        entries.append(("", "Looked up", f"{unmatched:,} rows found no partner and keep blanks."))
    entries += [("How to check", "", ""), *_checking(sheets, live), ("", "Receipt", RECEIPT)]
    return entries


def _checking(sheets: Sheets, live: bool) -> list[Entry]:
    """Say which figures are formulas and which are values."""
    if not live:
        return [("", "Values", "The figures are written as values; change, growth, share and "
                 "totals of these follow.")]  # fmt: skip
    entries: list[Entry] = [
        ("", "Formulas", "Figures are formulas over the rows of the sheet Data, between the dates "
         "on their sheet."),
    ]  # fmt: skip
    if any(book.filters or _helped(book) for book in sheets.books):
        entries.append(("", "Helping columns", HELPING))
    fixed = _fixed(sheets)
    if fixed:
        entries.append(("", "Values", f"Written as values, since no plain formula gives them or "
                        f"there would be too many: {'; '.join(fixed)}."))  # fmt: skip
    return entries


def _helped(book: Book) -> bool:
    units = any(group["by"] for group in book.result.question["groups"]) or any(book.marked)
    own = any(one and one.part.conditions for one in book.recipes)
    return book.live and (units or own)


def _fixed(sheets: Sheets) -> list[str]:
    named = []
    for book in sheets.books:
        question = book.result.question
        if not book.live:
            named.append(question["title"])
            continue
        named += [one["label"] for one in question["measures"]
                  if one["aggregate"] in WITHOUT_FORMULA
                  or (book.exact and one["aggregate"] in ("min", "max"))]  # fmt: skip
    return list(dict.fromkeys(named))


def _reconciliation(sheets: Sheets, sheet: Any, book: Book, row: int) -> int:
    """Show that the groups add up to the total, where they must; gives the last row used."""
    result = book.result
    if not result.lines or result.main_measure["aggregate"] not in ADDITIVE:
        return row - 1
    columns = table_columns(book)
    values = [one for one in columns if one.kind == "value"]
    heading = (values[-1] if result.pivot else values[result.main]).heading
    formula = f"=ROUND(SUM({column(book.name, heading)})-{totals(book.name, heading)},2)"
    several = len(sheets.books) > 1
    label = f"Groups less total{f' ({result.place + 1})' if several else ''}"
    sheet.write_string(row, 1, label, sheets.form("label"))
    sheet.write_formula(row, 2, formula, sheets.form("left_amount"), 0)
    return row
