"""Reads the source table as planned: rows as they stand, then numbers, dates and group names.

Owns what a cell means. Must never choose which rows count: that is the next part's work.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import unicodedata
from pathlib import Path
from typing import Any

import pandas as pd
import python_calamine

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
CELL_CHARACTERS_MAX = 10_000_000
HEADING_CHARACTERS_MAX = 200  # a table's heading holds 255
BLANK_GROUP = "(blank)"
DATE_FORMATS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y",
    "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d %B %Y",
    "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%B %d, %Y", "%b %Y", "%B %Y", "%Y-%m", "%m/%Y",
)  # fmt: skip
EXCEL_DAY_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001 -- cells know no zone
EXCEL_DAYS = (20_000, 80_000)  # 1954 to 2119: numbers that may be dates in a date column


class ReportError(Exception):
    """The report cannot be made; the message says what to change."""


def read_table(source: dict[str, Any]) -> pd.DataFrame:
    """Give the planned rows as objects, one column per heading, wholly blank rows left out.

    Headings are trimmed; a heading that is empty or comes twice gets a number.
    """
    path = Path(source["path"])
    if not path.is_file():
        raise ReportError(f"There is no file {path}. Attach it again or name another one.")
    rows = _text_rows(path, source) if path.suffix.lower() in TEXT_SUFFIXES else _sheet(source)
    while rows and all(_blank(cell) for cell in rows[-1]):
        rows.pop()
    if len(rows) <= source["header_row"] + 1:
        raise ReportError(
            f"{path.name} has no rows below row {source['header_row'] + 1}. "
            "Say which sheet or row holds the headings."
        )
    headings = _headings(rows[source["header_row"]])
    body = rows[source["header_row"] + 1 : len(rows) - source["skip_footer"]]
    body = [row for row in body if not all(_blank(cell) for cell in row)]
    width = len(headings)
    body = [(row + [None] * width)[:width] for row in body]
    return pd.DataFrame(body, columns=headings, dtype=object)


def _sheet(source: dict[str, Any]) -> list[list[Any]]:
    book = python_calamine.CalamineWorkbook.from_path(source["path"])
    name = source["sheet"] or book.sheet_names[0]
    if name not in book.sheet_names:
        raise ReportError(
            f"There is no sheet {name!r}; the workbook has "
            f"{', '.join(book.sheet_names)}. Name one of these."
        )
    rows: list[list[Any]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return rows


def _text_rows(path: Path, source: dict[str, Any]) -> list[list[Any]]:
    csv.field_size_limit(CELL_CHARACTERS_MAX)
    encoding = source["encoding"] or "utf-8-sig"
    try:
        with path.open(encoding=encoding, newline="") as lines:
            return list(csv.reader(lines, delimiter=source["delimiter"] or ","))
    except UnicodeDecodeError as wrong:
        raise ReportError(f"{path.name} is not {encoding} text. Save it as UTF-8.") from wrong


def _headings(cells: list[Any]) -> list[str]:
    """Make headings that are text, trimmed and unique without regard to case."""
    headings: list[str] = []
    seen: set[str] = set()
    for number, cell in enumerate(cells, start=1):
        plain = " ".join(_text(cell).replace("\ufeff", "").split()) or f"Column {number}"
        plain = plain[:HEADING_CHARACTERS_MAX]
        heading, copy = plain, 1
        while heading.casefold() in seen:
            copy += 1
            heading = f"{plain} ({copy})"
        seen.add(heading.casefold())
        headings.append(heading)
    return headings


def column_named(table: pd.DataFrame, name: str) -> str:
    """Give the table's own spelling of a planned column name."""
    wanted = " ".join(name.split())[:HEADING_CHARACTERS_MAX].casefold()
    for heading in table.columns:
        if heading.casefold() == wanted:
            return str(heading)
    raise ReportError(
        f"There is no column {name!r}; the table has {', '.join(table.columns)}. Name one of these."
    )


def numbers(cells: pd.Series, decimal: str | None) -> pd.Series:
    """Give floats; what is no number is missing."""
    return cells.map(lambda cell: to_number(cell, decimal)).astype(float)


def to_number(cell: Any, decimal: str | None) -> float | None:
    """Read one cell: a number, or text such as "€ 1.234,50", "(12.00)", "45 %", "12-"."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return float(cell)
    return _number_in_text(cell, decimal) if isinstance(cell, str) else None


def _number_in_text(text: str, decimal: str | None) -> float | None:
    bare = "".join(c for c in text if not c.isspace() and unicodedata.category(c) != "Sc")
    bare = bare.replace("\u2212", "-").strip("%")
    bare = re.sub(r"^[A-Z]{3}|[A-Z]{3}$", "", bare)
    negative = bare.startswith(("-", "(")) or bare.endswith("-")
    digits = bare.strip("+-()").replace("'", "").replace("\u2019", "")
    if not re.fullmatch(r"[\d.,]*\d[\d.,]*", digits, re.ASCII):
        return None
    mark = decimal or _decimal_mark(digits)
    digits = digits.replace("," if mark == "." else ".", "").replace(mark, ".")
    try:
        return -float(digits) if negative else float(digits)
    except ValueError:
        return None


def _decimal_mark(digits: str) -> str:
    """Tell which mark splits off the decimals when nobody said so."""
    if "," in digits and "." in digits:
        return "," if digits.rindex(",") > digits.rindex(".") else "."
    if "," in digits:
        return "." if re.fullmatch(r"\d{1,3}(,\d{3})+", digits) else ","
    return "," if re.fullmatch(r"\d{1,3}(\.\d{3}){2,}", digits) else "."


def dates(cells: pd.Series) -> pd.Series:
    """Give timestamps; what is no date is missing. Text is read in the order that fits most."""
    found = cells.map(_date_in_cell)
    if not cells.map(lambda cell: isinstance(cell, str) and not _blank(cell)).any():
        return pd.to_datetime(found)
    texts = cells.where(cells.map(lambda cell: isinstance(cell, str))).str.strip()
    best = pd.Series(pd.NaT, index=cells.index)
    for form in DATE_FORMATS:
        read = pd.to_datetime(texts.str.replace(r"[T ]\d{1,2}:\d{2}.*$", "", regex=True),
                              format=form, errors="coerce")  # fmt: skip
        if read.notna().sum() > best.notna().sum():
            best = read
    return pd.to_datetime(found).fillna(best)


def _date_in_cell(cell: Any) -> Any:
    if isinstance(cell, dt.datetime):
        return cell
    if isinstance(cell, dt.date):
        return dt.datetime.combine(cell, dt.time())
    number = isinstance(cell, int | float) and not isinstance(cell, bool)
    if number and EXCEL_DAYS[0] < cell < EXCEL_DAYS[1]:
        return EXCEL_DAY_ZERO + dt.timedelta(days=float(cell))
    return None


def names(cells: pd.Series) -> pd.Series:
    """Give group names: trimmed, the commonest spelling where only case differs."""
    plain = cells.map(lambda cell: " ".join(_text(cell).split()) or BLANK_GROUP)
    spelling = {name.casefold(): name for name in reversed(list(plain.value_counts().index))}
    return plain.map(lambda name: spelling[name.casefold()])


def _text(cell: Any) -> str:
    if cell is None or (isinstance(cell, float) and cell != cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell)


def _blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
