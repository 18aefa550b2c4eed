"""Finds the rows of tables in a document's text: a group's name, then nothing but figures.

Owns what is a row and which lines make a table. Must never judge a figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from deputy.agent.checks.sandboxed.likeness import is_total
from deputy.agent.checks.sandboxed.written_numbers import Written, numbers_in

NONE = re.compile(r"(?<![\w.,])(?:n/a|new|[-–—])(?=[\s|]|$)", re.IGNORECASE)
PLACE = re.compile(r"\d{1,3}[.)]?\s+(?=\S)")
WORD = re.compile(r"[^\W\d_]{2,}")
EDGES = " \t|*•→"
SIZES = frozenset(["bn", "mn", "mio", "percent", "thousand", "million", "billion", "new", "eur",
                   "usd", "gbp", "chf"])  # fmt: skip
CUT_LETTERS_MIN = 8
HEAD_LINES_MAX = 40  # headings of narrow columns are broken
REST_WORDS_MAX = 8
CUT = ("…", "...")

Cells = tuple[Written | None, ...]
Names = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class TextRow:
    """One line: the groups it may be of (none: the total or the rest), and its figures in order."""

    keys: tuple[str, ...]
    cells: Cells
    total: bool = False

    @property
    def numbers(self) -> tuple[Written, ...]:
        """Give the figures that are there."""
        return tuple(cell for cell in self.cells if cell is not None)


def squeezed(text: str) -> str:
    """Give a text without blanks, as names are compared."""
    return "".join(text.split()).casefold()


@dataclass
class TextTable:
    """Rows that follow each other, and the words above them back to the last table."""

    head: str
    rows: list[TextRow] = field(default_factory=list)


def parted(lines: Sequence[str], names: Names, units: frozenset[str]) -> tuple[
        list[TextTable], list[str]]:  # fmt: skip
    """Give the tables found, and all other lines."""
    lengths = sorted({len(name) for name in names}, reverse=True)
    words = units | SIZES
    tables: list[TextTable] = []
    others: list[str] = []
    last = -1
    for number, line in enumerate(lines):
        row = _row(line.strip(EDGES), names, lengths, words)
        if row is None:
            others.append(line)
            continue
        if number != last + 1 or not tables:
            above = lines[max(last + 1, number - HEAD_LINES_MAX) : number]
            tables.append(TextTable(" ".join(above)))
        tables[-1].rows.append(row)
        last = number
    return tables, others


def numbered(lines: Sequence[str], names: Names) -> list[tuple[int, tuple[str, ...]]]:
    """Give the groups of lines that are a place and a name, with the number of the line."""
    lengths = sorted({len(name) for name in names}, reverse=True)
    found = []
    for number, line in enumerate(lines):
        place = PLACE.match(line)
        named = next(_named(line[place.end() :], names, lengths), None) if place else None
        if named:
            found.append((number, named[0]))
    return found


def _row(line: str, names: Names, lengths: Sequence[int],
         units: frozenset[str]) -> TextRow | None:  # fmt: skip
    place = PLACE.match(line)
    if _is_axis(line, names, lengths):
        return None
    for start in (line, line[place.end() :] if place else ""):
        for keys, after in _named(start, names, lengths):
            cells = _cells(after, units)
            if cells and any(cells):
                return TextRow(keys, cells)
    first = re.match(r"[^\d€$£+−-]+", line)
    if first and is_total(first.group()):
        cells = _cells(line[first.end() :], units)
        return TextRow((), cells, total=True) if cells and any(cells) else None
    words = WORD.findall(line)
    rest = re.match(r"[\d,]+ (?:other|earlier)\b[^\d]*", line)
    if rest and len(words) < REST_WORDS_MAX:
        cells = _cells(line[rest.end() :], units)
        return TextRow((), cells) if cells else None
    return None


def _is_axis(line: str, names: Names, lengths: Sequence[int]) -> bool:
    """Say whether a line is nothing but names, as below a drawing."""
    count = 0
    while line:
        named = next(_named(line, names, lengths), None)
        if named is None:
            return False
        line = named[1].strip(EDGES)
        count += 1
    return count > 1


def _named(line: str, names: Names,
           lengths: Sequence[int]) -> Iterator[tuple[tuple[str, ...], str]]:  # fmt: skip
    """Give the groups whose name a line starts with, and what follows, the longest name first."""
    letters, ends = "", list[int]()
    for at, letter in enumerate(line[:200]):
        if not letter.isspace():
            letters += letter.casefold()
            ends += [at + 1] * (len(letters) - len(ends))
    for length in lengths:
        keys = names.get(letters[:length]) if length <= len(letters) else None
        if keys and _ends(line[ends[length - 1] :]):
            yield keys, line[ends[length - 1] :]
    for mark in CUT:
        at = letters.find(mark)
        if at >= CUT_LETTERS_MIN:
            keys = tuple({k for name, own in names.items() if name.startswith(letters[:at])
                          for k in own})  # fmt: skip
            if keys:
                yield keys, line[ends[at + len(mark) - 1] :]


def _ends(rest: str) -> bool:
    return not rest or rest[0] in " \t|:"


def _cells(rest: str, units: frozenset[str]) -> Cells | None:
    """Give the figures of what follows a name; nothing if there are other words among them."""
    apart = re.sub(r"[\s|]+(?=[\d+−–€$£¥(-])", " | ", rest)
    if {word.casefold() for word in WORD.findall(NONE.sub(" ", apart))} - units:
        return None
    numbers: list[tuple[int, Written | None]] = [(one.start, one) for one in numbers_in(apart)]
    numbers += [(match.start(), None) for match in NONE.finditer(apart)]
    return tuple(one for _, one in sorted(numbers, key=lambda pair: pair[0]))
