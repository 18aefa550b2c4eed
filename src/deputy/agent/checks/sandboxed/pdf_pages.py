"""A PDF has as many pages as wanted, none of them blank."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.texts import pages_of
from deputy.agent.checks.sandboxed.verdicts import FailedError

NAME = "pdf.pages"
TITLE = "The PDF has the number of pages wanted, and none is blank"
LIMITS = "what the pages say"
KIND = "inspects"
APPLIES_TO = (".pdf",)
TAKES = "min, max: numbers of pages (default 1 and no limit); blank: true if pages may be blank."


def check(target: Path, params: dict[str, Any]) -> str:
    """Count the pages and look for visible text on each."""
    pages = pages_of(target)
    least, most = int(params.get("min", 1)), params.get("max")
    if len(pages) < least or (most is not None and len(pages) > int(most)):
        wanted = f"at least {least}" if most is None else f"{least} to {most}"
        raise FailedError(f"The PDF has {len(pages)} pages, wanted: {wanted}.")
    blank = [number for number, text in enumerate(pages, start=1) if not text.strip()]
    if blank and not params.get("blank"):
        raise FailedError(f"Page {blank[0]} shows no text.")
    return f"{len(pages)} pages, none blank." if not blank else f"{len(pages)} pages."
