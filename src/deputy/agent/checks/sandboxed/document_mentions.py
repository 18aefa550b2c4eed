"""A document says what it must and does not say what it must not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import shown
from deputy.agent.checks.sandboxed.texts import in_one_line, text_of
from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError

NAME = "document.mentions"
TITLE = "The phrases asked for are there, those forbidden are not, and nothing is left to fill in"
LIMITS = "what is said about them"
KIND = "inspects"
APPLIES_TO = (".docx", ".pptx", ".pdf", ".html", ".htm", ".svg", ".md", ".txt")
NEEDS = ("phrases", "without")
TAKES = "phrases: [text] that must stand there; without: [text] that must not. Case is no matter."
UNFINISHED = re.compile(
    r"lorem ipsum|\bTODO\b|\bTBD\b|\bXXX\b|\{\{.*?\}\}"
    r"|\[(?:insert|your|name|date|company)\b[^\]]*\]"
)


def check(target: Path, params: dict[str, Any]) -> str:
    """Look for each phrase in the visible text, white space aside."""
    wanted = [str(one) for one in params.get("phrases") or ()]
    forbidden = [str(one) for one in params.get("without") or ()]
    if not all(one.strip() for one in (*wanted, *forbidden)) or not (wanted or forbidden):
        raise UncheckedError("State phrases, none of them blank.")
    text = in_one_line(text_of(target))
    if not text.strip():
        raise FailedError(f"{target.name} shows no text.")
    folded = text.casefold()
    wrong = [f"{one!r} is not there" for one in wanted if in_one_line(one).casefold() not in folded]
    wrong += [f"{one!r} is there" for one in forbidden if in_one_line(one).casefold() in folded]
    left = UNFINISHED.search(text)
    wrong += [f"{left.group(0)[:40]!r} is left to fill in"] if left else []
    if wrong:
        raise FailedError(shown(wrong))
    return f"{len(wanted)} phrases found, {len(forbidden)} absent."
