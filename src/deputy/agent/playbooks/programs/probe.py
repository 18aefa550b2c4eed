"""Reads which tables and columns the attached files have; prints one JSON line.

Runs in the sandbox with PARAMS["paths"]; reads text tables with the standard library and
workbooks with python-calamine. It must never change a file.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deputy.agent.tables.refusals import (
    LINE_CHARACTERS_MAX,
    require_lines,
    require_small,
    require_text,
    told,
)

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
SHEETS_MAX = 20
COLUMNS_MAX = 200
HEADER_ROWS_MAX = 40
FOOTER_ROWS_MAX = 12
VALUES_MAX = 40
VALUE_CHARACTERS_MAX = 80
SAMPLE_CHARACTERS = 200_000
FORMAT_ROWS_MAX = 40
SUBTOTALS_MAX = 20
MOSTLY = 0.9

MISSING = {"", "-", "--", "n/a", "na", "nan", "null", "none", "#n/a", "?"}
TOTAL = re.compile(
    r"(?:grand |sub[- ]?|overall )?totals?:?|sum:?|gesamt(?:summe)?:?|summe:?|zwischensumme:?|total"
    r" g[ée]n[ée]ral:?",
    re.IGNORECASE,
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CURRENCIES = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "zł": "PLN"}
CODES = (
    "EUR", "USD", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "CZK", "INR", "CNY"
)  # fmt: skip
NAMED_DAY = re.compile(
    r"(\d{1,2})[ -]([A-Za-z]{3,9})[ -](\d{4}|\d{2})"
    r"|([A-Za-z]{3,9})\.? (?:(\d{1,2}),? )?(\d{4})"
)
FIGURE_MARKS = re.compile(r"[\d.,'()+\s-]+")
NUMERIC_DAY = re.compile(r"(\d{1,4})([-/.])(\d{1,2})(?:\2(\d{1,4}))?")
EXCEL_DAY_ZERO = dt.date(1899, 12, 30)


Read = tuple[str | None, list[list[Any]], dict[str, Any], dict[int, list[str]]]


def main(paths: list[str]) -> dict[str, Any]:
    """Give the tables of every file, and the files that could not be read."""
    tables: list[dict[str, Any]] = []
    problems: list[dict[str, str]] = []
    for path in paths:
        try:
            for sheet, rows, extra, formats in read(Path(path)):
                width = max(map(len, rows), default=0)
                found = describe(rows, extra, formats)
                tables.append({"path": path, "sheet": sheet, **extra, **found})
                if width > COLUMNS_MAX:
                    reason = f"it has {width:,} columns; only the first {COLUMNS_MAX} are read"
                    problems.append({"path": path, "reason": reason})
        except Exception as wrong:  # noqa: BLE001 - a broken file must not hide the others
            problems.append({"path": path, "reason": told(wrong, Path(path))})
    return {"schema_version": 1, "tables": tables, "problems": problems}


def read(path: Path) -> Iterator[Read]:
    """Yield (sheet name, rows, how it was read, number formats by column) for each table."""
    if path.suffix.lower() in TEXT_SUFFIXES:
        yield read_text(path)
        return
    require_small(path)
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(str(path))
    formats = number_formats(path)
    for name in book.sheet_names[:SHEETS_MAX]:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        extra = {"encoding": None, "delimiter": None, "decimal": None}
        yield name, rows, extra, formats.get(name, {})


def read_text(path: Path) -> Read:
    raw = path.read_bytes()
    encoding = encoding_of(raw)
    if encoding != "utf-16":
        require_text(raw, path)
    text = raw.decode(encoding)
    require_lines(text)
    csv.field_size_limit(LINE_CHARACTERS_MAX)
    delimiter = delimiter_of(text[:SAMPLE_CHARACTERS], path.suffix.lower())
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    extra = {"encoding": encoding, "delimiter": delimiter, "decimal": decimal_of(rows)}
    return None, rows, extra, {}


def encoding_of(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252" if decodes(raw, "cp1252") else "latin-1"
    return "utf-8-sig"


def decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def delimiter_of(sample: str, suffix: str) -> str:
    """Give the mark that parts most lines into the same number of cells, more than one."""
    lines = sample.splitlines(keepends=True)[:200]
    best, best_score = ("\t" if suffix == ".tsv" else ","), 0.0
    for mark in (",", ";", "\t", "|"):
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=mark) if row)
        wide = {width: count for width, count in widths.items() if width > 1}
        if wide:
            width, count = max(wide.items(), key=lambda pair: (pair[1], pair[0]))
            score = count / sum(widths.values()) + width / 1_000
            if score > best_score:
                best, best_score = mark, score
    return best


def decimal_of(rows: list[list[str]]) -> str:
    """Give the decimal mark: by numbers that hold both marks, else by what follows the mark."""
    comma = point = 0
    for row in itertools.islice(rows, 2_000):
        for cell in row:
            like = re.fullmatch(r"[^A-Za-z:/]*\d[^:/]{0,6}", cell)
            bare = re.sub(r"[^\d.,]", "", cell) if like else ""
            if "," in bare and "." in bare:
                comma += 3 * (bare.rindex(",") > bare.rindex("."))
                point += 3 * (bare.rindex(",") < bare.rindex("."))
            elif re.fullmatch(r"\d+,\d{1,2}|\d+,\d{4,}|0,\d+", bare):
                comma += 1
            elif re.fullmatch(r"\d+\.\d{1,2}|\d+\.\d{4,}|0\.\d+", bare):
                point += 1
            elif re.fullmatch(r"\d{1,3}(\.\d{3}){2,}", bare):
                comma += 1
    return "," if comma > point else "."


def number_formats(path: Path) -> dict[str, dict[int, list[str]]]:
    """Give the number formats of the first rows by sheet and column, where the file tells."""
    if path.suffix.lower() not in {".xlsx", ".xlsm"}:
        return {}
    try:
        import openpyxl

        book = openpyxl.load_workbook(path, read_only=True)
        found: dict[str, dict[int, list[str]]] = {}
        for sheet in book.worksheets[:SHEETS_MAX]:
            columns: dict[int, list[str]] = {}
            for row in sheet.iter_rows(max_row=FORMAT_ROWS_MAX, max_col=COLUMNS_MAX):
                for cell in row:
                    if isinstance(cell.value, int | float):
                        columns.setdefault(cell.column - 1, []).append(str(cell.number_format))
            found[sheet.title] = columns
        book.close()
    except Exception:  # noqa: BLE001 - formats are a hint only
        return {}
    return found


def describe(
    rows: list[list[Any]], extra: dict[str, Any], formats: dict[int, list[str]]
) -> dict[str, Any]:
    """Describe one table: where its headings stand, its rows and its columns."""
    while rows and all(blank(cell) for cell in rows[-1]):
        rows.pop()
    header = header_row(rows)
    if header is None:
        return {"header_row": 0, "skip_footer": 0, "rows": 0, "columns": [], "subtotals": []}
    names = headings(rows[header])
    footer = footer_rows(rows[header + 1 :], len(names))
    body = rows[header + 1 : len(rows) - footer]
    body = [row for row in body if not all(blank(cell) for cell in row)]
    cells = columns_of(body, len(names))
    columns = [
        column(name, cells[at], extra["decimal"], formats.get(at, []))
        for at, name in enumerate(names[:COLUMNS_MAX])
    ]
    return {
        "header_row": header, "skip_footer": footer, "rows": len(body), "columns": columns,
        "subtotals": subtotals(columns, cells),
    }  # fmt: skip


def columns_of(body: list[list[Any]], width: int) -> list[tuple[Any, ...]]:
    padded = [row if len(row) == width else (list(row) + [None] * width)[:width] for row in body]
    return list(zip(*padded, strict=True)) if padded else [()] * width


def blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def header_row(rows: list[list[Any]]) -> int | None:
    """Give the first row of different texts that is as wide as the rows below it."""
    best, best_score = None, 0.0
    for at, row in enumerate(rows[:HEADER_ROWS_MAX]):
        filled = [cell for cell in row if not blank(cell)]
        below = [sum(not blank(cell) for cell in other) for other in rows[at + 1 : at + 21]]
        if not filled or not any(below):
            continue
        width = max(below)
        texts = [cell for cell in filled if isinstance(cell, str) and number(cell, ".") is None]
        texts = [cell for cell in texts if not is_date(cell)]
        different = len({str(cell).strip().lower() for cell in filled}) / len(filled)
        score = len(texts) / len(filled) * different * min(1.0, len(filled) / width)
        if len(filled) == 1 and width > 1:
            score = 0.0
        if score > best_score + 0.05:
            best, best_score = at, score
        if best_score > 0.95:
            break
    return best


def headings(row: list[Any]) -> list[str]:
    """Make headings that are text, trimmed and unique without regard to case."""
    last = max((at for at, cell in enumerate(row) if not blank(cell)), default=-1)
    found: list[str] = []
    seen: set[str] = set()
    for at, cell in enumerate(row[: last + 1], start=1):
        plain = " ".join(text_of(cell).replace("\ufeff", "").split()) or f"Column {at}"
        heading, copy = plain, 1
        while heading.casefold() in seen:
            copy += 1
            heading = f"{plain} ({copy})"
        seen.add(heading.casefold())
        found.append(heading)
    return found


def text_of(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def footer_rows(rows: list[list[Any]], width: int) -> int:
    """Count the rows at the end that are totals or remarks, with the blank rows among them."""
    typical = Counter(sum(not blank(c) for c in row) for row in rows[:500]).most_common(1)
    usual = typical[0][0] if typical else width
    count = 0
    for back, row in enumerate(reversed(rows[-FOOTER_ROWS_MAX - 1 :]), start=1):
        filled = [cell for cell in row if not blank(cell)]
        total = any(isinstance(c, str) and TOTAL.fullmatch(c.strip()) for c in filled)
        remark = len(filled) == 1 and usual >= 3 and isinstance(filled[0], str)
        if total or remark:
            count = back
        elif filled:
            break
    return count if count < len(rows) and count <= FOOTER_ROWS_MAX else 0


def subtotals(columns: list[dict[str, Any]], cells: list[tuple[Any, ...]]) -> list[dict[str, str]]:
    """Name the values inside the table that mark a row as a sum of others."""
    found = []
    for spec, values in zip(columns, cells, strict=False):
        if spec["kind"] != "text":
            continue
        texts = {text_of(cell).strip() for cell in values if isinstance(cell, str)}
        lowered = {text.lower() for text in texts}
        for text in sorted(texts):
            rest = re.sub(r"^(?:sub)?total:? | (?:sub)?total$", "", text, flags=re.IGNORECASE)
            part = rest != text and rest.lower() in lowered
            if TOTAL.fullmatch(text) or part:
                found.append({"column": spec["name"], "value": text[:VALUE_CHARACTERS_MAX]})
    return found[:SUBTOTALS_MAX]


def column(
    name: str, cells: tuple[Any, ...], decimal: str | None, formats: list[str]
) -> dict[str, Any]:
    """Describe one column by its different values."""
    counted = Counter(key_of(cell) for cell in cells)
    missing = sum(count for cell, count in counted.items() if is_missing(cell))
    present = {cell: count for cell, count in counted.items() if not is_missing(cell)}
    spec: dict[str, Any] = {
        "name": name, "kind": "empty", "unit": unit_of(name, formats, present),
        "distinct": len(present), "missing": missing,
    }  # fmt: skip
    if not present:
        return spec
    total = sum(present.values())
    days, order = dates(present)
    figures = {cell: number(cell, decimal) for cell in present}
    as_days = sum(present[cell] for cell in days) / total
    as_figures = sum(present[cell] for cell, value in figures.items() if value is not None) / total
    if as_days >= MOSTLY:
        spec |= {"kind": "date", "unit": None, "day_order": order, **span(list(days.values()))}
        spec["missing"] += total - sum(present[cell] for cell in days)
    elif as_figures >= MOSTLY and not leading_zeros(present):
        usable = [value for value in figures.values() if value is not None]
        spec |= {"kind": "number", "low": min(usable), "high": max(usable)}
        spec["mixed_units"] = mixed_units(formats, present)
        spec["missing"] += sum(present[c] for c, value in figures.items() if value is None)
    else:
        texts: Counter[str] = Counter()
        for cell, count in present.items():
            texts[" ".join(text_of(cell).split())[:VALUE_CHARACTERS_MAX]] += count
        spec |= {"kind": "text", "values": [text for text, _ in texts.most_common(VALUES_MAX)]}
    return spec


def key_of(cell: Any) -> Any:
    if isinstance(cell, dt.datetime):
        return cell.date()
    return cell.strip() if isinstance(cell, str) else cell


def is_missing(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and cell.lower() in MISSING)


def leading_zeros(present: dict[Any, int]) -> bool:
    """Tell codes such as 00123 from numbers."""
    return any(isinstance(c, str) and re.fullmatch(r"0\d+", c) for c in present)


def span(days: list[dt.date]) -> dict[str, Any]:
    """Give first and last day, and whether every date stands for a whole month."""
    firsts = all(day.day == 1 for day in days)
    lasts = all((day + dt.timedelta(days=1)).day == 1 for day in days)
    monthly = len(set(days)) > 1 and (firsts or lasts)
    return {
        "low": min(days).isoformat(), "high": max(days).isoformat(),
        "grain": "month" if monthly else "day",
    }  # fmt: skip


def dates(present: dict[Any, int]) -> tuple[dict[Any, dt.date], str]:
    """Read the cells that are dates; slashes and dots by the order that fits every one."""
    found: dict[Any, dt.date] = {}
    numeric: dict[str, re.Match[str]] = {}
    for cell in present:
        if isinstance(cell, dt.date):
            found[cell] = cell
        elif isinstance(cell, str):
            bare = re.sub(r"[T ]\d{1,2}:\d{2}.*$", "", cell)
            match = NUMERIC_DAY.fullmatch(bare)
            if match:
                numeric[cell] = match
            elif (day := named_day(bare)) is not None:
                found[cell] = day
    small = [match for match in numeric.values() if match[4] and len(match[1]) <= 2]
    day_first = any(int(match[1]) > 12 for match in small)
    month_first = any(int(match[3]) > 12 for match in small)
    dotted = all(match[2] == "." for match in small)
    unclear = bool(small) and not day_first and not month_first and not dotted
    for cell, match in numeric.items():
        day = numeric_day(match, month_first=month_first and not day_first)
        if day is not None:
            found[cell] = day
    return found, "unclear" if unclear or (day_first and month_first) else "clear"


def is_date(cell: str) -> bool:
    return bool(dates({cell.strip(): 1})[0])


def named_day(text: str) -> dt.date | None:
    match = NAMED_DAY.fullmatch(text)
    if match is None:
        return None
    day, month, year = (
        (match[1], match[2], match[3]) if match[1] else (match[5] or "1", match[4], match[6])
    )
    if month[:3].lower() not in MONTHS:
        return None
    return make_day(full_year(year), MONTHS.index(month[:3].lower()) + 1, int(day))


def numeric_day(match: re.Match[str], *, month_first: bool) -> dt.date | None:
    first, mark, second, third = match[1], match[2], match[3], match[4]
    if third is None:
        if len(first) == 4 and mark in "-/":
            return make_day(int(first), int(second), 1)
        return None
    if len(first) == 4:
        return make_day(int(first), int(second), int(third))
    if len(third) not in {2, 4} or len(first) > 2:
        return None
    day, month = (second, first) if month_first else (first, second)
    return make_day(full_year(third), int(month), int(day))


def full_year(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year) if int(year) < 69 else 1900 + int(year)


def make_day(year: int, month: int, day: int) -> dt.date | None:
    try:
        found = dt.date(year, month, day)
    except ValueError:
        return None
    return found if 1900 <= year <= 2200 else None


def number(cell: Any, decimal: str | None) -> float | None:
    """Read a number, also as text such as "€ 1.234,50", "(12.00)", "45 %"."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return float(cell) if cell == cell and abs(cell) != float("inf") else None
    if not isinstance(cell, str):
        return None
    bare = "".join(c for c in cell if not c.isspace() and unicodedata.category(c) != "Sc")
    bare = re.sub(r"^[A-Z]{3}|[A-Z]{3}$", "", bare.replace("\u2212", "-").strip("%"))
    negative = bare.startswith(("-", "(")) or bare.endswith("-")
    digits = bare.strip("+-()").replace("'", "").replace("\u2019", "")
    if not re.fullmatch(r"[\d.,]*\d[\d.,]*", digits, re.ASCII):
        return None
    mark = decimal or decimal_of([[digits]])
    digits = digits.replace("," if mark == "." else ".", "").replace(mark, ".")
    try:
        return -float(digits) if negative else float(digits)
    except ValueError:
        return None


def unit_of(name: str, formats: list[str], present: dict[Any, int]) -> str | None:
    """Give the currency or % seen in the heading, the number formats or the cells."""
    sample = " ".join(cell for cell in itertools.islice(present, 50) if isinstance(cell, str))
    for text in (name.replace("_", " "), " ".join(formats), sample if has_digits(sample) else ""):
        if re.search(r"%|\bpct\b|\bpercent\b", text, re.IGNORECASE):
            return "%"
        if found := currencies(text):
            return found[0]
    return None


def currencies(text: str) -> list[str]:
    """Give every currency a text names by code or by sign."""
    plain = re.sub(r"\[\$([^\]-]*)(?:-[0-9A-Fa-f]+)?\]", r"\1", text)
    codes = [c for c in CODES if re.search(rf"(?<![A-Za-z]){c}(?![A-Za-z])", plain.upper())]
    signs = [code for sign, code in CURRENCIES.items() if sign in plain]
    return list(dict.fromkeys(codes + signs))


def mixed_units(formats: list[str], present: dict[Any, int]) -> list[str]:
    """Give the currencies of the amounts themselves when they are more than one."""
    marks = {FIGURE_MARKS.sub(" ", cell) for cell in present if isinstance(cell, str)}
    found = currencies(" ".join((*formats, *sorted(marks))))
    return found if len(found) > 1 else []


def has_digits(text: str) -> bool:
    return any(char.isdigit() for char in text)


if __name__ == "__main__":
    found = main(PARAMS["paths"])  # type: ignore[name-defined]  # noqa: F821
    sys.stdout.write(json.dumps(found, allow_nan=False, default=str) + "\n")
