"""Computes a plan's figures from the source file by a second route, in plain decimal arithmetic.

Owns the independent reading of the plan. Must never import what the reports are made with.
"""

from __future__ import annotations

import calendar
import csv
import datetime as dt
import re
import statistics
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.spreadsheets import ErrorValue, open_workbook
from deputy.agent.checks.sandboxed.verdicts import UncheckedError

BLANK = "(blank)"
FIELD_CHARACTERS_MAX = 10_000_000
DATE_ORDERS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y",
    "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d %B %Y",
    "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%B %d, %Y", "%b %Y", "%B %Y", "%Y-%m", "%m/%Y",
)  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """A group's figures; None where there is nothing to aggregate or to compare."""

    value: float | None
    compare: float | None

    @property
    def change(self) -> float | None:
        """Give value less compare."""
        known = self.value is not None and self.compare is not None
        return self.value - self.compare if known else None  # type: ignore[operator]

    @property
    def growth(self) -> float | None:
        """Give change over compare where compare is above zero."""
        if self.change is None or not self.compare or self.compare < 0:
            return None
        return self.change / self.compare


@dataclass(frozen=True)
class Expected:
    """What a report of the plan must say; groups by name as first met."""

    groups: dict[str, Figure]
    total: Figure
    rows: int


def recompute(plan: dict[str, Any]) -> Expected:
    """Read the source and compute every group and the total."""
    headings, body = _table(plan["source"])
    at = {" ".join(h.split()).casefold(): place for place, h in reversed(list(enumerate(headings)))}

    def column(name: str) -> list[Any]:
        place = at.get(" ".join(name.split()).casefold())
        if place is None:
            raise UncheckedError(f"The source has no column {name!r}.")
        return [row[place] if place < len(row) else None for row in body]

    decimal = plan["source"].get("decimal")
    days: list[dt.date | None] = [None] * len(body)
    if plan["date_column"]:
        days = _days(column(plan["date_column"]))
    keep = [True] * len(body)
    for rule in plan["filters"]:
        fits = _filter(column(rule["column"]), rule, decimal)
        keep = [a and b for a, b in zip(keep, fits, strict=True)]
    measure = _measures(plan, column, len(body), decimal)
    names = _names(plan, column, days)
    return _gather(plan, keep, days, measure, names)


def _gather(plan: dict[str, Any], keep: list[bool], days: list[dt.date | None],
            measure: list[Any], names: list[str]) -> Expected:  # fmt: skip
    now: dict[str, list[Any]] = {}
    then: dict[str, list[Any]] = {}
    label: dict[str, str] = {}
    rows = 0
    for kept, day, value, name in zip(keep, days, measure, names, strict=True):
        if not kept or value is None:
            continue
        inside, before = _inside(plan["period"], day), _within(plan["compare"], day)
        rows += inside or before
        for hit, bins, moved in ((inside, now, False), (before, then, True)):
            if hit:
                own = _calendar_name(plan, day, moved) if _by(plan) else name
                label.setdefault(own.casefold(), own)
                bins.setdefault(own.casefold(), []).append(value)
    how, compared = plan["measure"]["aggregate"], plan["compare"] is not None
    groups = {
        label[key]: Figure(_aggregate(now.get(key, []), how),
                           _aggregate(then.get(key, []), how) if compared else None)
        for key in label
    }  # fmt: skip
    all_now = [value for values in now.values() for value in values]
    all_then = [value for values in then.values() for value in values]
    total = Figure(_aggregate(all_now, how), _aggregate(all_then, how) if compared else None)
    return Expected(groups if plan["group"] else {}, total, rows)


def _by(plan: dict[str, Any]) -> str | None:
    return plan["group"].get("by") if plan["group"] else None


def _inside(period: dict[str, Any] | None, day: dt.date | None) -> bool:
    if period is None or period["kind"] == "all":
        return True
    return _within(period, day)


def _within(part: dict[str, Any] | None, day: dt.date | None) -> bool:
    return part is not None and day is not None and part["start"] <= day.isoformat() <= part["end"]


def _aggregate(values: list[Any], how: str) -> float | None:
    if how == "count":
        return float(len(values))
    if how == "distinct":
        return float(len({str(value) for value in values}))
    if how == "sum":
        return float(sum(values, Decimal(0)))
    if not values:
        return None
    if how == "mean":
        return float(sum(values, Decimal(0)) / len(values))
    if how == "median":
        return float(statistics.median(values))
    return float(min(values) if how == "min" else max(values))


def _table(source: dict[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """Give headings and data rows; blank rows go, the footer goes."""
    path = Path(source["path"])
    if not path.is_file():
        raise UncheckedError(f"The source {path.name} is not among the turn's inputs.")
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv", ".txt"):
        rows = _text_rows(path, source)
    elif suffix in (".xlsx", ".xlsm"):
        rows = _sheet_rows(path, source["sheet"])
    else:
        rows = _other_rows(path, source["sheet"])
    while rows and all(_empty(cell) for cell in rows[-1]):
        rows.pop()
    first = source["header_row"]
    if len(rows) <= first:
        raise UncheckedError("The source has no heading where the plan says.")
    headings: list[str] = []
    for number, cell in enumerate(rows[first], start=1):
        plain = " ".join(_words(cell).replace("\ufeff", "").split()) or f"Column {number}"
        heading, copy = plain, 1
        while heading.casefold() in {known.casefold() for known in headings}:
            copy += 1
            heading = f"{plain} ({copy})"
        headings.append(heading)
    body = rows[first + 1 : len(rows) - source["skip_footer"]]
    return headings, [row for row in body if not all(_empty(cell) for cell in row)]


def _text_rows(path: Path, source: dict[str, Any]) -> list[list[Any]]:
    csv.field_size_limit(FIELD_CHARACTERS_MAX)
    with path.open(encoding=source["encoding"] or "utf-8-sig", newline="") as lines:
        return [list(row) for row in csv.reader(lines, delimiter=source["delimiter"] or ",")]


def _sheet_rows(path: Path, name: str | None) -> list[list[Any]]:
    book = open_workbook(path)
    sheet = book.sheets.get(name) if name else next(iter(book.sheets.values()))
    if sheet is None:
        raise UncheckedError(f"The source has no sheet {name!r}.")
    rows: list[list[Any]] = [[None] * sheet.columns for _ in range(sheet.rows)]
    for (row, column), value in sheet.values.items():
        rows[row - 1][column - 1] = None if isinstance(value, ErrorValue) else value
    return rows


def _other_rows(path: Path, name: str | None) -> list[list[Any]]:
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(str(path))
    sheet = book.get_sheet_by_name(name or book.sheet_names[0])
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    return rows


def _empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _words(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell)


def _label(cell: Any) -> str:
    return " ".join(_words(cell).split()) or BLANK


def to_decimal(cell: Any, mark: str | None) -> Decimal | None:
    """Read a number from a cell or from text such as "€ 1.234,50", "(12.00)", "45 %"."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return Decimal(repr(cell))
    if not isinstance(cell, str):
        return None
    bare = re.sub(r"[\s'’%€$£¥₹₽₩₺₴₦¢฿₫₱]", "", cell).replace("−", "-")
    bare = re.sub(r"^[A-Z]{3}(?=[\d(+-])|(?<=[\d)-])[A-Z]{3}$", "", bare)
    shape = re.fullmatch(r"(\(|[-+])?([\d.,]*\d[\d.,]*)(\)|-)?", bare, re.ASCII)
    if not shape:
        return None
    digits = shape.group(2)
    point = mark or _point(digits)
    plain = "".join("." if c == point else c for c in digits if c.isdigit() or c == point)
    try:
        size = Decimal(plain)
    except InvalidOperation:
        return None
    return -size if shape.group(1) in ("(", "-") or shape.group(3) == "-" else size


def _point(digits: str) -> str:
    """Tell which mark is the decimal point of a bare number."""
    marks = [c for c in digits if c in ".,"]
    if not marks:
        return "."
    if len(set(marks)) == 2:
        return marks[-1]
    in_threes = re.fullmatch(r"\d{1,3}([.,]\d{3})+", digits) is not None
    other = "." if marks[0] == "," else ","
    if in_threes and (marks[0] == "," or len(marks) > 1):
        return other
    return marks[0]


def _measures(plan: dict[str, Any], column: Any, rows: int, mark: str | None) -> list[Any]:
    name, how = plan["measure"]["column"], plan["measure"]["aggregate"]
    if name is None:
        return [Decimal(1)] * rows
    if how in ("count", "distinct"):
        texts = [_label(cell).casefold() for cell in column(name)]
        return [None if text == BLANK else text for text in texts]
    return [to_decimal(cell, mark) for cell in column(name)]


def _names(plan: dict[str, Any], column: Any, days: list[dt.date | None]) -> list[str]:
    if plan["group"] is None or _by(plan):
        return [""] * len(days)
    if plan["group"]["column"] == plan["date_column"]:
        return [day.isoformat() if day else BLANK for day in days]
    return [_label(cell) for cell in column(plan["group"]["column"])]


def _days(cells: list[Any]) -> list[dt.date | None]:
    """Read dates: real ones, spreadsheet day numbers, and text in the order that fits most."""
    texts = [re.sub(r"[T ]\d{1,2}:\d{2}.*$", "", cell.strip()) if isinstance(cell, str) else ""
             for cell in cells]  # fmt: skip
    best: list[dt.date | None] = [None] * len(cells)
    fitted = 0
    distinct = {text for text in texts if text}
    for order in DATE_ORDERS if distinct else ():
        known = {text: _parsed(text, order) for text in distinct}
        found = [known.get(text) for text in texts]
        count = sum(day is not None for day in found)
        if count > fitted:
            best, fitted = found, count
    return [_real_day(cell) or day for cell, day in zip(cells, best, strict=True)]


def _parsed(text: str, order: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text, order).replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None


def _real_day(cell: Any) -> dt.date | None:
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 20_000 < cell < 80_000:
        return dt.date(1899, 12, 30) + dt.timedelta(days=int(cell))
    return None


def _filter(cells: list[Any], rule: dict[str, Any], mark: str | None) -> list[bool]:
    """Tell for each row whether it satisfies one filter of the plan."""
    value = rule["value"]
    wanted: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    texts = all(isinstance(item, str) for item in wanted)
    dated = texts and all(re.fullmatch(r"\d{4}-\d\d-\d\d", item) for item in wanted)
    if rule["op"] in ("eq", "ne", "in") and texts:
        sought = {" ".join(item.split()).casefold() for item in wanted}
        hits = [_label(cell).casefold() in sought for cell in cells]
        if any(hits) or not dated:
            return [not hit for hit in hits] if rule["op"] == "ne" else hits
    if dated:
        found: list[Any] = list(_days(cells))
        wanted = [dt.date.fromisoformat(item) for item in wanted]
    else:
        found = [to_decimal(cell, mark) for cell in cells]
        wanted = [to_decimal(item, mark) for item in wanted]
    return [_holds(rule["op"], one, wanted) for one in found]


def _holds(op: str, one: Any, wanted: list[Any]) -> bool:
    if one is None:
        return op == "ne"
    first, last = wanted[0], wanted[-1]
    tests = {"eq": one in wanted, "in": one in wanted, "ne": one not in wanted,
             "gt": one > first, "ge": one >= first, "lt": one < first, "le": one <= first,
             "between": first <= one <= last}  # fmt: skip
    return bool(tests[op])


def _calendar_name(plan: dict[str, Any], day: dt.date | None, moved: bool) -> str:
    """Name a day's calendar unit; a day of the comparison goes where it is compared with."""
    if day is None:
        return BLANK
    unit = _by(plan) or "day"
    if moved and plan["period"]:
        day = _move(plan, day, unit)
    year, week, _ = day.isocalendar()
    named = {
        "day": day.isoformat(),
        "week": f"{year}-W{week:02d}",
        "month": day.isoformat()[:7],
        "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
        "year": str(day.year),
    }
    return named[unit]


def _move(plan: dict[str, Any], day: dt.date, unit: str) -> dt.date:
    start, past = (dt.date.fromisoformat(plan[part]["start"]) for part in ("period", "compare"))
    if unit == "week":
        return day + dt.timedelta(weeks=round((start - past).days / 7))
    months = (start.year - past.year) * 12 + start.month - past.month + day.year * 12
    year, month = divmod(months + day.month - 1, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
