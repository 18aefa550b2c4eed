"""Where a table stands among its rows: headings, data, footers, and what is between.

Owns this choice. Must never leave a row out without saying so.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from deputy.agent.tables.amounts import number_in
from deputy.agent.tables.cells import blank, blank_row, key_of
from deputy.agent.tables.days import moment_in
from deputy.agent.tables.headings import headings_of
from deputy.agent.tables.remarks import is_code_among, plainly_remark
from deputy.agent.tables.sums import (
    Row,
    is_sum_of_all,
    is_total,
    marked_rows,
    plain_values,
    says_total,
    strongly_marked,
    summing_rows,
)

HEADER_ROWS_MAX = 40
HEADING_ROWS_MAX = 3
BELOW_ROWS = 25
SAMPLE_ROWS = 300
FOOTER_ROWS_MAX = 30
SKIPPED_MAX = 2_000
MOSTLY = 0.9
YEARS_NAMED = (1900, 2100)
CLEARLY = 0.3  # how much better a later row must be that is not much wider
WIDER = 1.5
SEQUENCE_MIN = 3
SPAN_SHARE = 0.7  # of the width: what spans more is a title
ABSENT = {"-", "--", "–", "—", "n/a", "na", "nan", "null", "none", "#n/a", "?", ".", "..", "nil",
          "n.a.", "tbd", "tbc", "k.a.", "keine angabe"}  # fmt: skip
REMARK = ("source", "note", "quelle", "*", "footnote", "hinweis", "stand:", "generated", "page ")
Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]


@dataclass
class Layout:
    """How one table is to be read; rows are counted as the file has them."""

    header_row: int
    header_rows: int
    names: list[str]
    skip_rows: list[int] = field(default_factory=list)
    skip_footer: int = 0
    marked: dict[int, tuple[int, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    plain: set[tuple[int, str]] = field(default_factory=set)
    """Words for a sum, by column, that are values like any other."""


def layout_of(rows: list[Row], decimal: str | None, merged: Merged = ()) -> Layout | None:
    """Find the first table among rows, or nothing; trailing blank rows must be gone."""
    header = header_row(rows)
    if header is None:
        return None
    header = _lowered(rows, header)
    first, last = heading_span(rows, header, merged)
    names = headings_of([list(row) for row in rows[first : last + 1]])
    found = Layout(last, last - first + 1, names)
    if last > first:
        found.notes.append(
            f"The headings stand in {last - first + 1} rows ({first + 1} to {last + 1}) and are "
            "read together."
        )
    above = [row for row in rows[:first] if _has_figures(row, decimal)]
    if len(above) > 1:
        found.notes.append(f"{len(above)} rows with figures above the headings are not read.")
    numeric = numeric_columns(_block(rows, last + 1), len(names), decimal)
    end = _end_of_first(rows, found, numeric)
    found.plain = plain_values(rows[last + 1 : end], len(names), numeric, decimal)
    for column, text in sorted(found.plain):
        found.notes.append(
            f"Rows whose {names[column]} is {text!r} are data like the others: their figures are "
            "not the sums of the rows around them."
        )
    end = _without_footer(rows, found, numeric, decimal, end)
    found.skip_footer = len(rows) - end
    _leave_out(rows, found, numeric, decimal, end)
    return found


def header_row(rows: Sequence[Row]) -> int | None:
    """Give the first row of different texts that is as wide as the rows below it."""
    best, best_score, best_width = None, 0.0, 0
    for at, row in enumerate(rows[:HEADER_ROWS_MAX]):
        filled = [cell for cell in row if not blank(cell)]
        below = [sum(not blank(cell) for cell in other) for other in rows[at + 1 : at + BELOW_ROWS]]
        if not filled or not any(below):
            continue
        width = _usual_width(below)
        texts = [cell for cell in filled if _is_words(cell)]
        different = len({key_of(cell) for cell in filled}) / len(filled)
        score = len(texts) / len(filled) * different * min(1.0, len(filled) / width)
        score *= 1.0 - _recurring(rows, at)
        if len(filled) == 1 and width > 1:
            score = 0.0
        if score > best_score + (0.05 if len(filled) > WIDER * best_width else CLEARLY):
            best, best_score, best_width = at, score, len(filled)
        if best_score > 0.95:
            break
    return best


def heading_span(rows: Sequence[Row], header: int, merged: Merged) -> tuple[int, int]:
    """Give the first and last row of a heading that may need more than one."""
    first = last = header
    while last - first + 1 < HEADING_ROWS_MAX and _continues(rows, first, last + 1):
        last += 1
    while first and last - first + 1 < HEADING_ROWS_MAX and _leads(rows, first, last, merged):
        first -= 1
    return first, last


def _usual_width(widths: list[int]) -> int:
    """Give the most cells that at least two rows have; rows all different, the one between."""
    filled = sorted(width for width in widths if width)
    shared = [width for width, times in Counter(filled).items() if times > 1]
    return max(shared) if shared else filled[len(filled) // 2]


def _recurring(rows: Sequence[Row], at: int) -> float:
    """Give the share of a row's cells that come again below, which names of columns do not."""
    keys = [key_of(cell) for cell in rows[at]]
    filled = [column for column, key in enumerate(keys) if key]
    below = [row for row in rows[at + 1 : at + 1 + SAMPLE_ROWS]
             if [key_of(cell) for cell in row] != keys]  # fmt: skip
    again = sum(
        any(column < len(row) and key_of(row[column]) == keys[column] for row in below)
        for column in filled
    )
    return again / len(filled)


def _lowered(rows: Sequence[Row], header: int) -> int:
    """Give the row that stands right above the data, when a title is as wide as the headings."""
    while header + 2 < len(rows):
        row = rows[header + 1]
        numeric = numeric_columns(_block(rows, header + 2), len(row), None)
        keys = [key_of(cell) for cell in row]
        words = all(_is_words(cell) and not _absent(cell) for cell in row)
        if not numeric or not words or len(set(keys)) < len(keys):
            break
        if any(says_total(cell) for cell in row) or keys == [key_of(c) for c in rows[header]]:
            break
        header += 1
    return header


def _block(rows: Sequence[Row], start: int) -> Sequence[Row]:
    """Give the rows down to a blank one; when there is but one, those after it too."""
    end = start
    while end < min(len(rows), start + SAMPLE_ROWS) and not blank_row(rows[end]):
        end += 1
    return rows[start : end if end > start + 1 else start + SAMPLE_ROWS]


def looks_headless(rows: Sequence[Row], layout: Layout, decimal: str | None) -> bool:
    """Whether the heading itself looks like a row of data: its figures stand among figures."""
    if layout.header_rows > 1:
        return False
    heading = rows[layout.header_row]
    body = rows[layout.header_row + 1 : layout.header_row + 1 + SAMPLE_ROWS]
    numeric = set(numeric_columns(body, len(layout.names), decimal))
    figures = {at: value for at, cell in enumerate(heading)
               if (value := number_in(cell, decimal)) is not None}  # fmt: skip
    values = list(figures.values())
    counted = len(values) >= SEQUENCE_MIN and all(
        later - earlier == 1 for earlier, later in itertools.pairwise(values)
    )
    alike = [
        at for at, value in figures.items()
        if at in numeric and not counted and not (_is_year(value) and not _mostly_years(body, at))
    ]  # fmt: skip
    days = [at for at, cell in enumerate(heading) if _is_day(cell) and _mostly_days(body, at)]
    return bool(alike or days)


def numeric_columns(rows: Sequence[Row], width: int, decimal: str | None) -> list[int]:
    """Give the columns whose filled cells are mostly numbers."""
    found = []
    for at in range(width):
        cells = [row[at] for row in rows if at < len(row) and not _absent(row[at])]
        known = sum(number_in(cell, decimal) is not None for cell in cells)
        if cells and known >= MOSTLY * len(cells):
            found.append(at)
    return found


def _has_figures(row: Row, decimal: str | None) -> bool:
    filled = [cell for cell in row if not blank(cell)]
    return len(filled) > 1 and any(number_in(cell, decimal) is not None for cell in filled)


def _is_words(cell: Any) -> bool:
    return isinstance(cell, str) and number_in(cell) is None and not _is_day(cell)


def _is_day(cell: Any) -> bool:
    if isinstance(cell, str):
        return any(c.isdigit() for c in cell) and moment_in(cell) is not None
    return isinstance(cell, dt.date)


def _mostly_days(rows: Sequence[Row], at: int) -> bool:
    cells = [row[at] for row in rows if at < len(row) and not _absent(row[at])]
    return bool(cells) and sum(_is_day(cell) for cell in cells) >= MOSTLY * len(cells)


def _absent(cell: Any) -> bool:
    return blank(cell) or (isinstance(cell, str) and cell.strip().lower() in ABSENT)


def _is_year(value: float | None) -> bool:
    return value is not None and value == int(value) and YEARS_NAMED[0] <= value <= YEARS_NAMED[1]


def _mostly_years(rows: Sequence[Row], at: int) -> bool:
    cells = [row[at] for row in rows if at < len(row) and not _absent(row[at])]
    years = sum(_is_year(number_in(cell, ".")) for cell in cells)
    return bool(cells) and years >= MOSTLY * len(cells)


def _continues(rows: Sequence[Row], first: int, at: int) -> bool:
    """Whether a row below a heading belongs to it: words where all rows below have figures."""
    if at + 2 >= len(rows):
        return False
    below = rows[at + 1 : at + 1 + SAMPLE_ROWS]
    width = max(len(row) for row in rows[first : at + 1])
    numeric = numeric_columns(below, width, None)
    row = (list(rows[at]) + [None] * width)[:width]
    over = [row[column] for column in numeric if not blank(row[column])]
    others = [row[column] for column in range(width) if column not in numeric]
    return (
        bool(over)
        and all(_is_words(cell) and not _absent(cell) for cell in over)
        and not any(_is_day(cell) or says_total(cell) for cell in row)
        and all(blank(cell) for cell in others)
    )


def _leads(rows: Sequence[Row], first: int, last: int, merged: Merged) -> bool:
    """Whether the row above a heading belongs to it: it spans, completes or parts the names."""
    above, heading = rows[first - 1], [list(row) for row in rows[first : last + 1]]
    filled = [at for at, cell in enumerate(above) if not blank(cell)]
    if not filled or not all(
        _is_words(above[at]) or _is_year(number_in(above[at], ".")) for at in filled
    ):
        return False
    width = max(len(headings_of(heading)), 1)
    if filled[-1] >= width and filled[-1] >= max(map(len, rows[last + 1 : last + 3]), default=0):
        return False
    spans = [
        cells for cells in merged
        if cells[0][0] <= first - 1 <= cells[1][0] and cells[1][1] > cells[0][1]
    ]  # fmt: skip
    if any(end[1] - start[1] + 1 <= SPAN_SHARE * width for start, end in spans):
        return True
    if len(filled) == 1:
        return False
    bare = [key_of(cell) for cell in rows[last] if not blank(cell)]
    if len(set(bare)) < len(bare):
        return True
    bottom = (list(rows[first]) + [None] * width)[:width]
    gaps = [at for at in range(width) if blank(bottom[at])]
    return bool(gaps) and all(at < len(above) and not blank(above[at]) for at in gaps)


def _end_of_first(rows: Sequence[Row], found: Layout, numeric: list[int]) -> int:
    """Give where the first table ends: at a second heading after a blank row, else at the end."""
    names = [name.casefold() for name in found.names]
    at = found.header_row + 1
    while at < len(rows):
        if blank_row(rows[at]):
            start = at
            while at < len(rows) and blank_row(rows[at]):
                at += 1
            title = at
            if at + 1 < len(rows) and sum(not blank(cell) for cell in rows[at]) == 1:
                at += 1
                while at < len(rows) and blank_row(rows[at]):
                    at += 1
            if start > found.header_row + 1 and _heads_another(rows, at, names, numeric):
                found.notes.append(
                    f"Another table begins in row {title + 1}; only the first one, down to row "
                    f"{start}, is read."
                )
                return start
            at = title
        at += 1
    return len(rows)


def _heads_another(rows: Sequence[Row], at: int, names: list[str], numeric: list[int]) -> bool:
    """Whether a row is the heading of another table: different names, figures below words."""
    if at + 1 >= len(rows) or blank_row(rows[at + 1]):
        return False
    row = rows[at]
    filled = [cell for cell in row if not blank(cell)]
    keys = [key_of(cell) for cell in filled]
    if len(filled) < 2 or not all(_is_words(cell) for cell in filled) or keys == names:
        return False
    if len(set(keys)) < len(keys) or any(says_total(cell) for cell in filled):
        return False
    below = next((r for r in rows[at + 1 : at + 2]), [])
    width = sum(not blank(cell) for cell in below)
    over_figures = any(c < len(row) and not blank(row[c]) for c in numeric)
    other_figures = any(
        not blank(cell) and n < len(row) and not blank(row[n]) and not _is_words(cell)
        for n, cell in enumerate(below)
    )
    return width >= len(filled) - 1 and (over_figures or not numeric) and other_figures


def _without_footer(
    rows: Sequence[Row], found: Layout, numeric: list[int], decimal: str | None, end: int
) -> int:
    """Give where the data end: totals and remarks at the end are left out."""
    start = found.header_row + 1
    counts = Counter(sum(not blank(c) for c in row) for row in rows[start : start + SAMPLE_ROWS])
    counts.pop(0, None)
    usual = max(counts, key=lambda width: (counts[width], width), default=len(found.names))
    keep, at = end, end
    while at > start + 1 and end - at < FOOTER_ROWS_MAX:
        row = rows[at - 1]
        if not blank_row(row):
            if not _is_footer(rows, row, at - 1, start, usual, found, numeric, decimal):
                break
            keep = at - 1
        at -= 1
    return keep if keep > start else end


def _is_footer(
    rows: Sequence[Row], row: Row, at: int, start: int, usual: int, found: Layout,
    numeric: list[int], decimal: str | None,
) -> bool:  # fmt: skip
    filled = [cell for cell in row if not blank(cell)]
    words = [cell for cell in filled if _is_words(cell)]
    if any((column, row[column]) in found.plain for column in range(len(row))):
        return False
    if any(is_total(cell) for cell in words):
        return True
    if len(filled) == 1 and words:
        apart = blank_row(rows[at - 1]) or str(words[0]).strip().lower().startswith(REMARK)
        longer = len(str(words[0])) > 25
        if usual >= 3 and not apart:
            column = next(n for n, cell in enumerate(row) if not blank(cell))
            above = [one[column] for one in rows[start:at] if column < len(one)]
            return not is_code_among(str(words[0]), above)
        return usual >= 3 or (usual == 2 and ((apart and longer) or plainly_remark(words[0])))
    body = [one for one in rows[start:at] if not blank_row(one)]
    if len(body) < 3 or len(words) > 1 or (words and not says_total(words[0])):
        return False
    figures = [n for n in numeric if n < len(row) and not blank(row[n])]
    if not figures or len(figures) + len(words) < len(filled):
        return False
    plain = [one for n, one in enumerate(body) if n not in _proven(body, found, numeric, decimal)]
    if not is_sum_of_all(plain, row, figures, decimal):
        return False
    if not words:
        found.notes.append(
            f"Row {at + 1} has no name and its figures are the sums of the rows above; it is left "
            "out as a total."
        )
    return True


def _proven(
    body: Sequence[Row], found: Layout, numeric: list[int], decimal: str | None
) -> set[int]:
    marked = _marked(body, found)
    return summing_rows(body, marked, numeric, decimal)


def _marked(body: Sequence[Row], found: Layout) -> dict[int, tuple[int, str]]:
    marked = marked_rows(body, len(found.names))
    return {at: said for at, said in marked.items() if said not in found.plain}


def _leave_out(
    rows: Sequence[Row], found: Layout, numeric: list[int], decimal: str | None, end: int
) -> None:
    """Take repeated headings and proven subtotals out of the data, and say so."""
    start = found.header_row + 1
    heading = [key_of(cell) for cell in rows[found.header_row]]
    repeated = [
        at for at in range(start, end)
        if len(rows[at]) and key_of(rows[at][0]) == heading[0]
        and [key_of(cell) for cell in rows[at]][: len(heading)] == heading
    ]  # fmt: skip
    if repeated:
        found.notes.append(_listed("{} the headings; {} left out.", repeated,
                                   "repeats", "repeat"))  # fmt: skip
    remarks = [at for at in range(start, end) if len(found.names) > 2 and _remark(rows[at])]
    if remarks:
        found.notes.append(_listed("{}, not data; {} left out.", remarks,
                                   "is a remark", "are remarks"))  # fmt: skip
    gone = {*repeated, *remarks}
    places = [at for at in range(start, end) if at not in gone and not blank_row(rows[at])]
    body = [rows[at] for at in places]
    marked = _marked(body, found)
    proven = summing_rows(body, marked, numeric, decimal)
    sums = sorted(places[at] for at in proven)
    if sums:
        found.notes.append(_listed("{} rows above or below as the words say; {} left out.", sums,
                                   "sums up", "sum up"))  # fmt: skip
    doubted = sorted(strongly_marked(marked, body) - proven)
    found.marked = {places[at]: marked[at] for at in doubted}
    if doubted:
        named = ", ".join(repr(marked[at][1]) for at in doubted[:3])
        found.notes.append(
            f"Row {places[doubted[0]] + 1} and others like it call themselves totals ({named}), "
            "but their figures are not the sums of the rows around them."
            if len(doubted) > 1
            else f"Row {places[doubted[0]] + 1} calls itself a total ({named}), but its figures "
            "are not the sums of the rows around it."
        )
    left_out = sorted([*gone, *sums])
    if len(left_out) > SKIPPED_MAX:
        found.notes.append(
            f"More than {SKIPPED_MAX:,} rows are sums, remarks or repeated headings; all rows are "
            "kept."
        )
        left_out = []
    found.skip_rows = left_out


def _remark(row: Row) -> bool:
    filled = [cell for cell in row if not blank(cell)]
    return len(filled) == 1 and plainly_remark(filled[0])


def _listed(sentence: str, places: list[int], one: str, several: str) -> str:
    """Say something of rows, naming the first few."""
    shown = ", ".join(str(at + 1) for at in places[:5])
    more = f" and {len(places) - 5} more" if len(places) > 5 else ""
    if len(places) == 1:
        return f"Row {shown} " + sentence.format(one, "it is")
    return f"Rows {shown}{more} " + sentence.format(several, "they are")
