"""Writes a question's table into the workbook: a native table with live formulas and a total.

Owns the columns of that table. Must never place it or draw anything beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from deputy.agent.reports.program.figures import TOTALS, Line, Result
from deputy.agent.reports.program.formulas import (
    Book,
    cell_value,
    change_formula,
    column,
    growth_formula,
    this_row,
    totals,
)
from deputy.agent.reports.program.styles import PALE, TABLE_STYLE, Sheets, put
from deputy.agent.reports.program.wording import (
    Column,
    Style,
    columns_of,
    free_headings,
    growth_text,
)
from deputy.agent.tables.cells import BLANK_GROUP

LIVE_RANKS_MAX = 1_000  # each rank looks at all lines
NAME_WIDTHS = (22, 44)
PLAIN = Style("", "", 0)


@dataclass(frozen=True)
class TableColumn:
    """One column of the result table: heading, kind, formula (or None) and values."""

    heading: str
    kind: str  # as in Column, or "text" for names
    style: Style
    formula: str | None
    values: list[Any]
    total_formula: str | None = None
    total: Any = None


@dataclass(frozen=True)
class Placed:
    """Where a table stands: rows of its heading and its total, and its columns from B on."""

    head: int
    last: int
    columns: list[TableColumn]

    @property
    def first(self) -> int:
        """The first row of figures."""
        return self.head + 1

    def at(self, heading: str) -> int:
        """Give the column of the sheet a heading stands in."""
        return 1 + [one.heading for one in self.columns].index(heading)

    def figure(self, kind: str, measure_at: int) -> int:
        """Give the column of a figure: its place among the columns of the sheet."""
        kinds = [one.kind for one in self.columns]
        if kind != "value":
            found = [place for place, one in enumerate(kinds) if one == kind]
            return 1 + found[min(measure_at, len(found) - 1)]
        return 1 + [place for place, one in enumerate(kinds) if one == "value"][measure_at]


def table_columns(book: Book) -> list[TableColumn]:
    """Lay out the result table; without groups it is one line, the total."""
    result = book.result
    lines = list(result.lines) or [result.total]
    name = result.group["label"] if result.group else "Figure"
    planned = columns_of(result)
    reserved = ("rank",) if result.ranked else ()
    headings = free_headings(name, (one.heading for one in planned), reserved)
    names = [line.name for line in lines]
    made = [TableColumn(free_headings("", [name])[0], "text", PLAIN, None, names)]
    spelled = dict(zip(range(len(planned)), headings, strict=True))
    for place, one in enumerate(planned):
        line_formula, total_formula = _formulas_of(book, planned, spelled, place, made[0].heading)
        made.append(TableColumn(
            spelled[place], one.kind, one.style, line_formula,
            [_shown(one, line) for line in lines], total_formula, _shown(one, result.total),
        ))  # fmt: skip
    if result.ranked and not result.pivot:
        ranks = [line.rank or "–" for line in lines]
        made.append(TableColumn("Rank", "rank", PLAIN, "rank", ranks))
    return made


def _shown(one: Column, line: Line) -> Any:
    found = one.of(line)
    if one.kind == "growth" and found is None:
        return growth_text(line.cells[one.at])
    if one.kind == "share" and line.name in TOTALS and found is None:
        return 1.0
    return cell_value(found)


def _formulas_of(book: Book, planned: list[Column], spelled: dict[int, str], place: int,
                 name: str) -> tuple[str | None, str | None]:  # fmt: skip
    """Give the formula of a column's lines and that of its total."""
    result, one, table = book.result, planned[place], book.name
    of_line = name if result.lines else ""
    if result.pivot:
        across = spelled[place] if place < len(planned) - 1 else ""
        if across and across != one.heading:
            return None, None  # the heading had to differ from the name it stands for
        return (book.figure(0, "period", of_line, across),
                book.figure(0, "period", "", across))  # fmt: skip
    if one.kind in ("value", "compare"):
        which = "period" if one.kind == "value" else "compare"
        return book.figure(one.at, which, of_line), book.figure(one.at, which)
    beside = {planned[p].kind: spelled[p] for p in spelled if planned[p].at == one.at}
    how = result.question["measures"][one.at]["aggregate"]
    here, under = this_row(table, beside["value"]), totals(table, beside["value"])
    if one.kind == "share":
        return f"={here}/{under}", f"=SUM({column(table, spelled[place])})"
    there, below = this_row(table, beside["compare"]), totals(table, beside["compare"])
    form = change_formula if one.kind == "change" else growth_formula
    return form(how, here, there), form(how, under, below)


def write_table(sheets: Sheets, sheet: Any, book: Book, head: int) -> Placed:
    """Write the native table with its totals row."""
    columns, grouped = table_columns(book), bool(book.result.lines)
    first, count = head + 1, len(columns[0].values)
    # Without groups the one line is the total.
    placed = Placed(head, head + count + grouped, columns)
    last = placed.last
    sheet.add_table(head, 1, last, len(columns), {
        "name": book.name, "style": TABLE_STYLE, "total_row": grouped, "autofilter": count > 1,
        "banded_rows": False,
        "columns": [_native_column(sheets, one, place, book.result.total.name)
                    for place, one in enumerate(columns)],
    })  # fmt: skip
    ranks = _rank_formulas(book, placed) if columns[-1].kind == "rank" else []
    for place, one in enumerate(columns):
        look = _look(sheets, one)
        for index, value in enumerate(one.values):
            formula = ranks[index] if one.kind == "rank" else one.formula
            put(sheet, first + index, place + 1, formula, value, look)
        if not grouped:
            continue
        total_look = _look(sheets, one, "total")
        if place == 0:
            sheet.write_string(last, 1, book.result.total.name, total_look)
        elif one.total is not None:
            put(sheet, last, place + 1, one.total_formula, one.total, total_look)
        else:
            sheet.write_blank(last, place + 1, None, total_look)
    _widths(sheet, book.result, placed)
    _conditional(sheets, sheet, placed)
    if book.exact:
        sheet.ignore_errors({"number_stored_as_text": f"B{first + 1}:B{last}"})
    return placed


def _look(sheets: Sheets, one: TableColumn, place: str = "body") -> Any:
    if one.kind in ("text", "rank"):
        return sheets.form(f"total_{one.kind}" if place == "total" else one.kind)
    return sheets.amount(one.kind, one.style, place)


def _native_column(sheets: Sheets, one: TableColumn, place: int, total: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "header": one.heading, "format": _look(sheets, one),
        "header_format": sheets.form("head" if place == 0 else "head_right"),
    }  # fmt: skip
    if place == 0:
        entry["total_string"] = total
    elif one.total_formula:
        entry.update(total_function=one.total_formula, total_value=one.total)
    if one.formula and one.kind != "rank" and "@" not in one.formula:
        entry["formula"] = one.formula
    return entry


def _rank_formulas(book: Book, placed: Placed) -> list[str | None]:
    """Rank by the planned figure; of equal ones the upper comes first."""
    result = book.result
    at = placed.figure(result.rank_by, result.main)
    letter, order = xl_col_to_name(at), int(result.question["rank"]["order"] == "asc")
    whole = column(book.name, placed.columns[at - 1].heading)
    first, count = placed.first + 1, len(result.lines)
    blank = [line.name for line in result.lines].count(BLANK_GROUP)
    if count > LIVE_RANKS_MAX or (blank and result.lines[-1].name != BLANK_GROUP):
        return [None] * count
    sign = "<" if order else ">"
    unnamed = f"{letter}${first + count - 1}"  # the line of blanks is the last, it takes no place
    count -= blank
    known = [one for one in placed.columns[at - 1].values[:count] if not isinstance(one, str)]
    ties = len(set(known)) < len(known)
    ranks: list[str | None] = [
        f"=IF(ISNUMBER({letter}{row}),RANK({letter}{row},{whole},{order})"
        + (f"-IF(AND(ISNUMBER({unnamed}),{unnamed}{sign}{letter}{row}),1,0)" if blank else "")
        + (f"+COUNTIF({letter}${first}:{letter}{row},{letter}{row})-1" if ties else "")
        + ',"–")'
        for row in range(first, first + count)
    ]
    return [*ranks, *([None] * blank)]


def _widths(sheet: Any, result: Result, placed: Placed) -> None:
    columns = placed.columns
    longest = max([len(str(name)) for name in columns[0].values] + [len(columns[0].heading)])
    sheet.set_column(1, 1, max(NAME_WIDTHS[0], min(NAME_WIDTHS[1], longest + 3)))
    narrow = len(columns) > 8
    wraps = 1
    for at, one in enumerate(columns[1:], start=2):
        width = _width(one, narrow)
        sheet.set_column(at, at, width)
        wraps = max(wraps, -(-len(one.heading) // max(4, int(width) - 4)))
    sheet.set_row(placed.head, 16 + 15 * min(3, max(1, wraps) - 1) + (0 if narrow else 1))


def _width(one: TableColumn, narrow: bool) -> float:
    if one.kind == "rank":
        return 9
    if one.kind not in ("value", "compare", "change"):
        return 13
    amounts = [amount for amount in (*one.values, one.total) if isinstance(amount, int | float)]
    largest = max((len(one.style.text(amount, signed=True)) for amount in amounts), default=6)
    if narrow:
        word = max((len(word) for word in one.heading.split()), default=0)
        return max(12.5, min(22, 1.15 * largest + 2.5), min(22, 1.2 * word + 2))
    return max(15, min(26, 1.5 * largest + 1), min(24, len(one.heading) + 5))


def _conditional(sheets: Sheets, sheet: Any, placed: Placed) -> None:
    """Colour growth and change by sign; a quiet bar behind each share."""
    for at, one in enumerate(placed.columns, start=1):
        if one.kind in ("growth", "change"):
            cell = f"{xl_col_to_name(at)}{placed.first + 1}"
            for operator, colour in (("<", "red"), (">", "green")):
                sheet.conditional_format(placed.first, at, placed.last, at, {
                    "type": "formula", "format": sheets.form(colour),
                    "criteria": f"=N({cell}){operator}0",
                })  # fmt: skip
        if one.kind == "share":
            sheet.conditional_format(placed.first, at, placed.last - 1, at, {
                "type": "data_bar", "bar_color": PALE, "bar_solid": True, "min_type": "num",
                "min_value": 0, "max_type": "num", "max_value": 1,
            })  # fmt: skip


def groups_growing(result: Result) -> str:
    """Say how many groups grow."""
    grown = sum(1 for line in result.lines if (line.cells[result.main].growth or 0) > 0)
    return f"{grown} of {len(result.lines)}"
