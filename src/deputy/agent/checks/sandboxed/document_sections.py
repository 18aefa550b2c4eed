"""A document has the parts asked for, in their order, and none is empty."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import shown
from deputy.agent.checks.sandboxed.texts import pages_of, text_of
from deputy.agent.checks.sandboxed.verdicts import FailedError, must

NAME = "document.has_sections"
TITLE = "The sections asked for are there, in their order, each with words below it"
LIMITS = "whether what the sections say is right"
KIND = "inspects"
APPLIES_TO = (".docx", ".pptx", ".pdf", ".html", ".htm", ".md", ".txt")
NEEDS = ("sections",)
TAKES = "sections: [heading]; words_min: words below each (default 5); words_max: words in all."
MARKS = re.compile(r"^[\s#*\d.)(§–-]*|[\s:*#]*$")


def check(target: Path, params: dict[str, Any]) -> str:
    """Find each heading as a line of its own below the one before and count the words."""
    lines = [_bare(line) for page in pages_of(target) for line in page.splitlines()]
    sections = [str(one) for one in must(params, "sections")]
    places, start, wrong = [], 0, []
    for name in sections:
        at = next((n for n in range(start, len(lines)) if lines[n] == _bare(name)), None)
        if at is None:
            wrong.append(f"{name!r} is not there, or not in its place")
            continue
        places.append((name, at))
        start = at + 1
    least = int(params.get("words_min", 5))
    for number, (name, at) in enumerate(places):
        end = places[number + 1][1] if number + 1 < len(places) else len(lines)
        words = sum(len(line.split()) for line in lines[at + 1 : end])
        if words < least:
            wrong.append(f"below {name!r} stand {words} words")
    words = len(text_of(target).split())
    if "words_max" in params and words > int(params["words_max"]):
        wrong.append(f"it has {words:,} words, more than {int(params['words_max']):,}")
    if wrong:
        raise FailedError(shown(wrong))
    return f"{len(sections)} sections in order, {words:,} words."


def _bare(line: str) -> str:
    return " ".join(MARKS.sub("", line).split()).casefold()
