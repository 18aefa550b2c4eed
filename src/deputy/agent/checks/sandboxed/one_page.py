"""The PDF has exactly one page of the paper asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.verdicts import FailedError, size_of

NAME = "pdf.one_page"
TITLE = "The PDF is one page"
LIMITS = "what the page says"
KIND = "inspects"
APPLIES_TO = (".pdf",)
TAKES = "paper: A4 (default) or Letter."
PAPERS = {"A4": (595.28, 841.89), "Letter": (612.0, 792.0)}
POINTS_OFF_MAX = 2.0
EDGE_POINTS = 8.0


def check(target: Path, params: dict[str, Any]) -> str:
    """Count pages; measure the paper; no text may run off it."""
    import pypdfium2

    size_of(target)
    document = pypdfium2.PdfDocument(target)
    if len(document) != 1:
        raise FailedError(f"{target.name} has {len(document)} pages.")
    page = document[0]
    width, height = sorted(page.get_size())
    wanted = str(params.get("paper", "A4"))
    right = PAPERS.get(wanted, PAPERS["A4"])
    if abs(width - right[0]) > POINTS_OFF_MAX or abs(height - right[1]) > POINTS_OFF_MAX:
        raise FailedError(f"The page measures {width:.0f} × {height:.0f} points, not {wanted}.")
    text = page.get_textpage()
    page_width, page_height = page.get_size()
    for at in range(text.count_rects()):
        left, bottom, far, top = text.get_rect(at)
        inside = left >= EDGE_POINTS and far <= page_width - EDGE_POINTS
        if not (inside and bottom >= EDGE_POINTS and top <= page_height - EDGE_POINTS):
            raise FailedError("Text runs off the page.")
    return f"One page, {wanted}, {text.count_chars():,} characters, none off the paper."
