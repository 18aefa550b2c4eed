"""Attacks on verdicts: files beside a deliverable that would speak for the checks."""

from __future__ import annotations

import pytest

from deputy.agent import checks
from tests.execution.jails import run

REPORT = "out/report.pdf"
REQUESTS = [{"id": "c1", "check": "file.opens", "target": REPORT, "params": {}}]
FORGED = b"""
class PdfDocument:
    def __init__(self, path): pass
    def __len__(self): return 1
    def __getitem__(self, at): return self
    def get_textpage(self): return self
    def count_chars(self): return 5
    def get_text_bounded(self): return 'forged'
"""


def verdict(**beside: bytes) -> tuple[str, str]:
    """Check a PDF that is none, with other delivered files beside it."""
    code, params = checks.program(REQUESTS)
    files = {REPORT: b"This is no PDF."} | {f"{n}.py": raw for n, raw in beside.items()}
    (found,) = checks.parse(run(code, read_only=files, params=params).stdout, REQUESTS)
    return found.verdict, found.detail


@pytest.mark.parametrize("name", ["pypdfium2", "pypdfium2_raw", "json", "zipfile", "types"])
def test_a_delivered_file_named_like_a_module_is_never_imported_by_a_check(name: str) -> None:
    """Wall: the check program looks for modules in the runtime only, never among the files."""
    told = verdict(**{name: FORGED})
    assert told[0] == "fail", told
    assert told == verdict()
