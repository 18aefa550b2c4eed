"""Writes one workbook from a description on standard input; runs under the data runtime's Python.

Owns nothing but that: `{"date1904": …, "sheets": [{"name", "rows", "merged", "formats"}]}`, where
`merged` lists (first row, last row, column) and `formats` gives a column's number format. Must
never invent a value.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import Any

import xlsxwriter


def write(path: str, told: dict[str, Any]) -> None:
    """Write the workbook."""
    options = {"date_1904": bool(told.get("date1904"))}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": dt.datetime(2025, 7, 1)})  # noqa: DTZ001  a workbook's
        for sheet in told["sheets"]:
            _sheet(book, book.add_worksheet(sheet["name"]), sheet)


def _sheet(book: Any, page: Any, sheet: dict[str, Any]) -> None:
    formats = {int(c): book.add_format({"num_format": f}) for c, f in sheet["formats"].items()}
    for r, row in enumerate(sheet["rows"]):
        for c, value in enumerate(row):
            style = formats.get(c)
            if isinstance(value, dict):
                page.write_datetime(r, c, dt.datetime.fromisoformat(value["date"]), style)
            elif isinstance(value, str):
                page.write_string(r, c, value)
            elif value is not None:
                page.write_number(r, c, value, style)
    for first, last, column in sheet.get("merged", []):
        page.merge_range(first, column, last, column, sheet["rows"][first][column])


if __name__ == "__main__":
    write(sys.argv[1], json.load(sys.stdin))
