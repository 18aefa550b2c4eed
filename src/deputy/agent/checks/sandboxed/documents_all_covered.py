"""Every source document, sheet, page or archive member is dealt with in the result."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.grids import grids_of
from deputy.agent.checks.sandboxed.records import shown
from deputy.agent.checks.sandboxed.sources import spelled
from deputy.agent.checks.sandboxed.spreadsheets import open_workbook
from deputy.agent.checks.sandboxed.texts import DOCUMENTS, in_one_line, text_of
from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError, must

NAME = "documents.all_covered"
TITLE = "Every source file, or each of its sheets or members, is named in the result"
LIMITS = "whether what is said of each is right"
KIND = "inspects"
CONTENT = True
APPLIES_TO = (".csv", ".tsv", ".xlsx", ".xlsm", ".json", ".jsonl", ".pdf", ".docx", ".pptx",
              ".html", ".md", ".txt")  # fmt: skip
NEEDS = ("sources",)
TAKES = "sources: [uploaded path]; of: files (default), sheets (workbooks) or members (.zip)."


def check(target: Path, params: dict[str, Any]) -> str:
    """Look for each name, with or without its ending, where a reader would see it."""
    text = _text(target)
    wanted = list(_wanted(must(params, "sources"), str(params.get("of", "files"))))
    missing = [f"{name!r} does not appear" for name in wanted
               if not any(_stands(form, text) for form in _forms(name))]  # fmt: skip
    if missing:
        raise FailedError(shown(missing))
    return f"{len(wanted):,} names, all there."


def _text(target: Path) -> str:
    kind = target.suffix.lower()
    if kind in (".csv", ".tsv", ".xlsx", ".xlsm"):
        cells = (cell.text for grid in grids_of(target) for cell in grid.cells.values())
        return "\n".join(spelled(cell) for cell in cells)
    if kind in DOCUMENTS:
        return in_one_line(text_of(target)).casefold()
    return target.read_text("utf-8").casefold()


def _wanted(sources: list[str], of: str) -> Iterator[str]:
    for one in sources:
        path = Path(one)
        if not path.is_file():
            raise UncheckedError(f"{path.name} is not among the turn's inputs.")
        if of == "sheets":
            sheets = open_workbook(path).sheets.values()
            yield from (sheet.name for sheet in sheets if sheet.values and not sheet.hidden)
        elif of == "members":
            with zipfile.ZipFile(path) as archive:
                yield from (entry.filename for entry in archive.infolist() if not entry.is_dir())
        else:
            yield one


def _forms(name: str) -> tuple[str, ...]:
    path = Path(name)
    return spelled(path.name), spelled(path.stem)


def _stands(form: str, text: str) -> bool:
    """Look for a name that is not a part of a longer one."""
    at = text.find(form)
    while at >= 0 and form:
        around = text[at - 1 : at] + text[at + len(form) : at + len(form) + 1]
        if not any(sign.isalnum() for sign in around):
            return True
        at = text.find(form, at + 1)
    return False
