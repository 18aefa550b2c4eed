"""Which marks part the cells of a text table and which enclose them.

Owns this choice: the dialect that cuts most lines into the same number of cells wins. Must never
read more than a sample.
"""

from __future__ import annotations

import csv
import re
from collections import Counter

from deputy.agent.tables.records import split_records

SAMPLE_CHARACTERS = 200_000
SAMPLE_LINES = 300
USUAL = (",", ";", "\t", "|")
SEVERAL = ("||", "::", "~|~", "|~|", "~~", "^^", "##", "$$", "@@", "<>")
UNUSUAL = ("^", "~", "§", "¦", "\x1f", "\x01", ":", "#", "!", " ")
STRAY_GAIN = 0.02
SUFFIXED = {".tsv": "\t", ".tab": "\t"}
SIMPLE = re.compile(r"\s*[-+(]?[€$£]?[\d.,/: -]*\d[\d.,/: %-]*\)?\s*|\s*|[^,;|\t~^]{1,80}")


def dialect_of(text: str, suffix: str) -> tuple[str, str | None]:
    """Give the delimiter and the quotation mark: nothing for the usual one, empty for none."""
    sample = _whole_lines(text)
    filled = [line for line in sample.splitlines() if line.strip()]
    if not filled:
        return SUFFIXED.get(suffix, ","), None
    together = tuple(marks for marks in SEVERAL if _always_together(marks, filled))
    single = {mark for marks in together for mark in marks}
    quotes = _quotes(sample)
    best: tuple[str, str | None] = (SUFFIXED.get(suffix, ","), None)
    best_score = 0.0
    for rank, several in enumerate(((*together, *USUAL), UNUSUAL)):
        for mark in (mark for mark in several if mark not in single):
            if sum(mark in line for line in filled) * 2 < len(filled):
                continue
            for quote in quotes:
                score = _consistency(sample, mark, quote, len(filled)) - 0.15 * rank
                if score > best_score + 1e-9:
                    best, best_score = (mark, quote), score
    if best[1] is None and _stray_quotes(sample, best[0], len(filled)):
        return best[0], ""
    return best


def _stray_quotes(sample: str, mark: str, lines: int) -> bool:
    """Whether quotation marks enclose nothing here: without them every row has its width."""
    if '"' not in sample:
        return False
    cells = [cell for row in split_records(sample, mark, "") for cell in row if '"' in cell]
    opened = sum(cell.lstrip().startswith('"') for cell in cells)
    closed = sum(cell.rstrip().endswith('"') for cell in cells)
    usual, bare = (_consistency(sample, mark, quote, lines) for quote in (None, ""))
    return opened != closed and bare > usual + STRAY_GAIN


def _always_together(marks: str, lines: list[str]) -> bool:
    """Whether several characters part cells as one mark: none of them stands alone anywhere."""
    together = [line.count(marks) for line in lines]
    alone = sum(line.count(mark) for line in lines for mark in set(marks))
    return sum(map(bool, together)) * 2 > len(lines) and alone == sum(together) * len(marks)


def _whole_lines(text: str) -> str:
    """Give the first lines, each whole."""
    if len(text) > SAMPLE_CHARACTERS:
        text = text[:SAMPLE_CHARACTERS].rpartition("\n")[0] or text[:SAMPLE_CHARACTERS]
    return "".join(text.splitlines(keepends=True)[:SAMPLE_LINES])


def _quotes(sample: str) -> list[str | None]:
    """Give the quotation marks worth trying, the usual one first."""
    found: list[str | None] = [None]
    if len(re.findall(r"(?:^|[,;\t|^~])\s?'[^'\n]*'(?=$|[,;\t|^~\r])", sample, re.MULTILINE)) > 1:
        found.append("'")
    return found


def _consistency(sample: str, mark: str, quote: str | None, lines: int) -> float:
    """Judge a dialect: the share of lines in records of the commonest width, and clean cells.

    A record that swallows many lines by a stray quotation mark counts for one of them alone.
    """
    try:
        records = [row for row in split_records(sample, mark, quote) if any(c.strip() for c in row)]
    except csv.Error:
        return 0.0
    widths = Counter(len(row) for row in records if len(row) > 1)
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda pair: (pair[1] * min(pair[0], 4), pair[0]))
    cells = [cell for row in records[:100] for cell in row]
    clean = sum(SIMPLE.fullmatch(cell) is not None for cell in cells) / len(cells)
    covered = sum(_lines_in(row) for row in records if len(row) == width)
    share = count / len(records) * min(1.0, covered / lines)
    enclosed = sum(len(c) > 1 and c[0] == c[-1] and c[0] in "\"'" for c in cells) / len(cells)
    judged: float = share * (0.7 + 0.3 * clean) + min(width, 50) / 1_000 - 0.5 * enclosed
    return judged


def _lines_in(row: list[str]) -> int:
    breaks = sum(cell.count("\n") for cell in row)
    return 1 + breaks if breaks <= 5 * len(row) else 1
