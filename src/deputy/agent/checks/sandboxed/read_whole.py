"""The source was read whole: no row of data is left out, no total counted, no number misread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.amounts import settled_mark, to_decimal
from deputy.agent.checks.sandboxed.moments import to_moments, undecided
from deputy.agent.checks.sandboxed.selection import kept
from deputy.agent.checks.sandboxed.shaping import Origin, origins
from deputy.agent.checks.sandboxed.sources import (
    TEXT_KINDS,
    Cells,
    Column,
    Part,
    Rows,
    Table,
    empty,
    raw_rows,
    read_table,
    spelled,
    words_of,
)
from deputy.agent.checks.sandboxed.spreadsheets import open_workbook
from deputy.agent.checks.sandboxed.verdicts import FailedError, must
from deputy.agent.checks.sandboxed.whole_readings import Seen, rows_by_eye, seen

NAME = "sources.read_whole"
TITLE = "The source was read whole: every data row, no total row, numbers and dates as written"
LIMITS = "whether what the source says is true, nor whether the right columns were chosen"
NEEDS = ("asked", "source")
APPLIES_TO = ("*",)
KIND = "inspects"
CONTENT = False
TAKES = (
    "asked: as for figures.in_tables; or source: one such source. left_out: names of sheets with "
    "the same headings that are not to be read (default none)."
)
SHOWN_MAX = 3
DOUBTFUL_SHARE_MAX = 0.02
UNREAD_SHARE_MAX = 0.5


def check(target: Path, params: dict[str, Any]) -> str:
    """Look at each source anew and compare what the plan makes of it."""
    asked = params.get("asked") or {"source": must(params, "source")}
    sources = [asked["source"], *(asked.get("more") or ())]
    if asked.get("join"):
        sources.append(asked["join"]["source"])
    told = [_one(source, asked, sources, params.get("left_out") or ()) for source in sources]
    return " ".join(told)


def _one(source: dict[str, Any], asked: dict[str, Any], sources: Sequence[dict[str, Any]],
         left_out: Sequence[str]) -> str:  # fmt: skip
    table, name = read_table(source), Path(source["path"]).name
    by_eye = rows_by_eye(source)
    looked = seen(by_eye, int(source.get("header_row") or 0))
    wrong = [*_parting(source, by_eye), *_rows(source, table, looked, by_eye, asked)]
    sums = []
    for origin in _origins(asked):
        places = [at for one in origin.columns if (at := _at(table, one)) is not None]
        if not places:
            continue
        cells = [row[at] if at < len(row) else None for row in table.rows for at in places]
        if origin.dated:
            wrong += _dates(source, cells, origin.name)
        else:
            said, total = _numbers(source, cells, origin.name)
            wrong += said
            sums.append(f"{origin.name} sums to {total:,.2f}")
    wrong += _merged(source, table, asked)
    wrong += _sheets_left(source, table, sources, left_out)
    if wrong:
        more = f"; and {len(wrong) - SHOWN_MAX} more" if len(wrong) > SHOWN_MAX else ""
        raise FailedError(f"{name}: " + "; ".join(wrong[:SHOWN_MAX]) + more + ".")
    count = len(table.rows)
    return (f"{name}: {count:,} rows read, {len(looked.data) + len(looked.doubtful):,} seen as data"
            f" by another reading{', ' if sums else ''}{'; '.join(sums)}.")  # fmt: skip


def _parting(source: dict[str, Any], by_eye: Sequence[Sequence[Any]]) -> Iterator[str]:
    """A text file parted otherwise than the plan says has another width."""
    if Path(source["path"]).suffix.lower() not in TEXT_KINDS:
        return
    heading = int(source.get("header_row") or 0)
    ours = [len(row) for row in raw_rows(source)[heading : heading + 50]]
    eye = [len(row) for row in by_eye[heading : heading + 50]]
    if ours and eye and max(eye) > 1 and max(ours) == 1:
        yield f"the plan reads one column where the file has {max(eye)}"
    raw = Path(source["path"]).read_bytes()
    encoding = (source.get("encoding") or "utf-8").lower().replace("_", "-")
    if not raw.isascii() and not encoding.startswith(("utf", "u8")) and _is_utf8(raw):
        yield f"the text is UTF-8, the plan reads {encoding}"


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _rows(source: dict[str, Any], table: Table, looked: Seen, by_eye: Sequence[Sequence[Any]],
          asked: dict[str, Any]) -> Iterator[str]:  # fmt: skip
    """Compare which rows count as data."""
    ours, last = set(table.numbers), int(source.get("header_row") or 0)
    missed = [n for n in looked.data if n not in ours and n > last]
    above = [n for n in looked.data if n not in ours and n <= last]
    if missed:
        yield (f"{len(missed):,} of {len(looked.data):,} data rows are not read, first row "
               f"{missed[0] + 1} ({_shown(by_eye[missed[0]])})")  # fmt: skip
    if above:
        yield f"the headings are taken from row {last + 1}, below data from row {above[0] + 1}"
    used = _used(source, table, asked) if looked.totals else ours
    counted = [n for n in looked.totals if n in used]
    if counted:
        yield (f"row {counted[0] + 1} ({_shown(by_eye[counted[0]])}) is a total and is read as "
               "data")  # fmt: skip
    if looked.heading in ours:
        yield f"row {looked.heading + 1} ({_shown(by_eye[looked.heading])}) is the heading"
    remarks = [n for n in looked.remarks if n in ours]
    if remarks:
        yield (f"row {remarks[0] + 1} ({_shown(by_eye[remarks[0]])}) is a remark and is read as "
               "data")  # fmt: skip


def _used(source: dict[str, Any], table: Table, asked: dict[str, Any]) -> set[int]:
    """Give the rows that the question's filters on columns of this source leave."""
    rules = [rule for rule in (asked.get("question") or {}).get("filters") or ()
             if _at(table, rule["column"]) is not None]  # fmt: skip
    keep = kept(Rows({"source": source}), rules)
    return {number for number, hit in zip(table.numbers, keep, strict=True) if hit}


def _shown(row: Sequence[Any]) -> str:
    return ", ".join(words_of(cell) for cell in row if not empty(cell))[:60]


def _at(table: Table, heading: str) -> int | None:
    key = spelled(heading)
    return next((at for at, one in enumerate(table.headings) if spelled(one) == key), None)


def _origins(asked: dict[str, Any]) -> list[Origin]:
    """Give the columns computed with, as the sources have them; computed ones wherever used."""
    question = asked.get("question") or {}
    measures, groups = question.get("measures") or (), question.get("groups") or ()
    names: list[tuple[str, bool]] = []
    rules = list(question.get("filters") or ())
    for measure in measures:
        rules += measure.get("where") or ()
        if measure.get("aggregate", "sum") not in ("count", "distinct", "missing"):
            names += [(n, False) for n in (measure.get("column"), measure.get("over")) if n]
    names += [(group["column"], True) for group in groups if group.get("by")]
    period = question.get("period")
    if (period and period.get("kind") != "all") or question.get("compare"):
        names.append((question["date_column"], True))
    computed = {spelled(one["name"]) for one in asked.get("derived") or ()}
    used = [one["column"] for one in (*measures, *groups, *rules) if one.get("column")]
    names += [(name, False) for name in used if spelled(name) in computed]
    found = [origin for name, dated in names for origin in origins(asked, name, dated)]
    return list(dict.fromkeys(found))


def _numbers(source: dict[str, Any], cells: Cells,
             heading: str) -> tuple[list[str], Decimal]:  # fmt: skip
    """Read the cells by the plan's mark and by their own, and compare the sums."""
    column = Column((Part(cells, source.get("decimal"), None),))
    planned = column.numbers()
    own_mark = settled_mark(cells)
    own = [to_decimal(cell, own_mark) for cell in cells]
    total, other = (sum((n for n in numbers if n is not None), Decimal(0))
                    for numbers in (planned, own))  # fmt: skip
    wrong = []
    lost = [cell for cell, a, b in zip(cells, planned, own, strict=True)
            if a is None and b is not None]  # fmt: skip
    if lost:
        wrong.append(f"{len(lost):,} numbers of {heading!r} are not read, first {lost[0]!r}")
    elif own_mark and total != other:
        wrong.append(f"{heading!r} sums to {total:,.2f} as planned and to {other:,.2f} as its "
                     f"numbers are written (decimal {own_mark!r})")  # fmt: skip
    filled = sum(not empty(cell) for cell in cells)
    read = sum(number is not None for number in planned)
    if filled and read < filled * UNREAD_SHARE_MAX:
        wrong.append(f"only {read:,} of {filled:,} cells of {heading!r} are numbers")
    return wrong, total


def _dates(source: dict[str, Any], cells: Cells, heading: str) -> Iterator[str]:
    filled = [cell for cell in cells if not empty(cell)]
    read = [moment for moment in to_moments(filled, source.get("day_order")) if moment]
    if len(read) < len(filled) * UNREAD_SHARE_MAX:
        yield f"only {len(read):,} of {len(filled):,} cells of {heading!r} are dates"
    if undecided(cells) and not source.get("day_order"):
        yield (f"the dates of {heading!r} can be read day first or month first; the plan must say "
               "which (day_order)")  # fmt: skip


def _merged(source: dict[str, Any], table: Table, asked: dict[str, Any]) -> Iterator[str]:
    """A column whose cells are merged downwards must be filled down when it is grouped by."""
    path = Path(source["path"])
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return
    book = open_workbook(path)
    sheet = book.sheets.get(source.get("sheet") or "") or next(iter(book.sheets.values()))
    filled = {spelled(name) for name in source.get("fill_down") or ()}
    data = set(table.numbers)
    for group in (asked.get("question") or {}).get("groups") or ():
        at = _at(table, group["column"])
        if at is None or spelled(group["column"]) in filled:
            continue
        tall = [first for first, last in sheet.merged
                if first[1] <= at + 1 <= last[1] and last[0] > first[0]
                and first[0] - 1 in data]  # fmt: skip
        if tall:
            yield f"cells of {group['column']!r} are merged downwards and not filled down"


def _sheets_left(source: dict[str, Any], table: Table, sources: Sequence[dict[str, Any]],
                 left_out: Sequence[str]) -> Iterator[str]:  # fmt: skip
    """Another sheet with the very same headings would belong to the rows."""
    path = Path(source["path"])
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return
    book = open_workbook(path)
    read = {one.get("sheet") or next(iter(book.sheets)) for one in sources
            if one["path"] == source["path"]}  # fmt: skip
    wanted = [spelled(heading) for heading in table.headings]
    for name, sheet in book.sheets.items():
        if name in read or name in left_out or sheet.hidden:
            continue
        rows: dict[int, list[str]] = {}
        for (row, _), value in sorted(sheet.values.items()):
            if row <= 30:
                rows.setdefault(row, []).append(spelled(words_of(value)))
        if len(wanted) >= 2 and any(row == wanted for row in rows.values()):
            yield f"the sheet {name!r} has the same headings and is not read"
