"""What is weak in a brief, said before work is built on it.

Owns the findings. They are told to the model that wrote the brief and shown to its requester; they
stop nothing. Must never read anything but the brief and the requester's typed words.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from deputy.agent import checks, fitness
from deputy.core.brief import Brief

FINDINGS_MAX = 20

_PERIOD = re.compile(
    r"\b(?:(?:19|20)\d\d|q[1-4]|(?:first|second|third|fourth|last|this|previous|current|past) "
    r"(?:\w+ )?(?:days?|weeks?|months?|quarters?|years?|half)|january|february|march|april|june|"
    r"july|august|september|october|november|december|year[- ]to[- ]date|ytd|since|"
    r"until|yesterday|today)\b",
    re.IGNORECASE,
)
_DATED = re.compile(r"(?:19|20)\d\d|\bperiod\b|\bq[1-4]\b|month|quarter|year|week", re.IGNORECASE)
_FIGURES = re.compile(
    r"\b(?:exclud\w+|includ\w+|ignor\w+|left out|leav\w+ out|without|net|gross|tax|vat|currenc\w+|"
    r"convert\w*|missing|blank|empty|duplicates?|counted|treated|taken as|rounded|negative|"
    r"returns?|credit notes?|fiscal|calendar|instead|assum\w+ to be|as zero|filled|dropped)\b",
    re.IGNORECASE,
)
_FORMATS = (
    (r"\b(?:excel|xlsx|spreadsheet|workbook)\b", (".xlsx", ".xlsm"), "an Excel file"),
    (r"\bpdf\b", (".pdf",), "a PDF"),
    (r"\bcsv\b", (".csv", ".tsv"), "a CSV file"),
    (r"\b(?:html|web ?page)\b", (".html", ".htm"), "an HTML page"),
    (r"\b(?:powerpoint|pptx|slides?)\b", (".pptx",), "slides"),
    (r"\b(?:docx|word document|word file)\b", (".docx",), "a Word document"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One weakness: a word of a closed set, and what to do about it."""

    kind: str
    text: str


def challenge(
    brief: Brief, words: str, *, has_files: bool, unattended: bool = False
) -> tuple[Finding, ...]:
    """Give what is weak in a brief, the gravest first; `words` are the requester's typed words."""
    found = [
        *_fitness(words, has_files),
        *_deliverables(brief, words),
        *_criteria(brief),
        *_period(brief, words),
        *_assumptions(brief, unattended),
    ]
    return tuple(found[:FINDINGS_MAX])


def _fitness(words: str, has_files: bool) -> list[Finding]:
    advice = fitness.advise(words, has_files=has_files)
    if advice is None or advice.kind == "vague":
        return []
    way = "Decline it and say so." if advice.declines else "Make the result once and say so."
    return [Finding("unfit", f"{advice.told} {way}")]


def _deliverables(brief: Brief, words: str) -> list[Finding]:
    if not brief.deliverables:
        return [Finding("no_deliverable", "No file is promised: say which one will be delivered.")]
    there = tuple(d.path.lower() for d in brief.deliverables)
    return [
        Finding("format", f"The request names {name}, and no deliverable is one.")
        for pattern, endings, name in _FORMATS
        if re.search(pattern, words, re.IGNORECASE)
        and not any(path.endswith(endings) for path in there)
        and not re.search(rf"\b(?:from|of|in|this|these|attached) (?:\w+ )?{pattern}", words, re.I)
    ]


def _criteria(brief: Brief) -> list[Finding]:
    found = []
    paths = {d.path for d in brief.deliverables}
    for deliverable in brief.deliverables:
        mine = [c for c in brief.criteria if c.target == deliverable.path]
        if not mine:
            text = f"No criterion says when {deliverable.path} is right: it could not be verified."
            found.append(Finding("no_criterion", text))
        elif not any(checks.substantial(c.check) for c in mine):
            text = (
                f"No criterion looks at what {deliverable.path} says, only at its form: add a check"
                " that compares it with the source."
            )
            found.append(Finding("no_content", text))
    lost = [c for c in brief.criteria if c.target not in paths]
    found += [
        Finding("no_target", f"“{c.text}” is about {c.target}, which will not be delivered.")
        for c in lost
    ]
    return found


def _period(brief: Brief, words: str) -> list[Finding]:
    said = _PERIOD.search(words)
    if said is None or _DATED.search(_text(brief)):
        return []
    return [
        Finding("period", f"The request speaks of “{said[0]}”, the brief names no period: say it.")
    ]


def _assumptions(brief: Brief, unattended: bool) -> list[Finding]:
    way = (
        "nobody was asked: put it to the owner with `ask` unless the source settles it."
        if unattended
        else "it is shown to the requester; ask instead if the source does not settle it."
    )
    return [
        Finding("assumption", f"“{sentence}” changes figures; {way}")
        for sentence in brief.assumptions
        if _FIGURES.search(sentence)
    ]


def _text(brief: Brief) -> str:
    shown = brief.model_dump(mode="json", include={"reading", "assumptions", "criteria"})
    titles = [d.title for d in brief.deliverables]
    return json.dumps([brief.goal, titles, shown], ensure_ascii=False)
