"""The figures a summary names stand in the table it sums up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.grids import grids_of
from deputy.agent.checks.sandboxed.records import shown
from deputy.agent.checks.sandboxed.texts import in_one_line, text_of
from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError, must
from deputy.agent.checks.sandboxed.written_numbers import Written, numbers_in, tells

NAME = "text.agrees_with_table"
TITLE = "Every larger figure of the text stands in the table it belongs to"
LIMITS = "whether it is said of the right row"
KIND = "inspects"
CONTENT = False
APPLIES_TO = (".pdf", ".docx", ".pptx", ".html", ".htm", ".md", ".txt")
NEEDS = ("table",)
TAKES = "table: path of a delivered table file; ignore: [number] that come from elsewhere."
TELLING = 1_000.0
YEARS = range(1_900, 2_101)


def check(target: Path, params: dict[str, Any]) -> str:
    """Look for each figure of four digits or more, and each with decimals, among the cells."""
    path = Path(must(params, "table"))
    if not path.is_file():
        raise UncheckedError(f"{path.name} is not delivered with the text.")
    cells = {cell.number for grid in grids_of(path) for cell in grid.cells.values()
             if cell.number is not None}  # fmt: skip
    values = sorted(cells | {float(one) for one in params.get("ignore") or ()})
    text = in_one_line(text_of(target))
    told = [number for number in numbers_in(text) if _is_telling(number)]
    wrong = [f"{text[n.start : n.end]} stands nowhere in {path.name}" for n in told
             if not any(_told(n, value) for value in values)]  # fmt: skip
    if wrong:
        raise FailedError(shown(list(dict.fromkeys(wrong))))
    if not told:
        raise FailedError("The text names no larger figure.")
    return f"{len(told):,} figures, all in {path.name}."


def _is_telling(number: Written) -> bool:
    value, decimals = number.readings[0] if number.readings else (0.0, 0)
    if number.percent or (decimals == 0 and int(value) in YEARS and number.size == 1):
        return False
    return abs(value) * number.size >= TELLING


def _told(number: Written, value: float) -> bool:
    return tells(number, value, sign=False)
