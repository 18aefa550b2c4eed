"""Every passage quoted stands in the very document that is named for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import delivered, shown
from deputy.agent.checks.sandboxed.sources import empty
from deputy.agent.checks.sandboxed.texts import DOCUMENTS, text_of
from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError, must

NAME = "quotes.in_source"
TITLE = "Every quoted passage stands word for word in the source document its row names"
LIMITS = "whether the passage means what is made of it"
KIND = "recomputes"
CONTENT = True
APPLIES_TO = (".csv", ".tsv", ".xlsx", ".xlsm", ".json", ".jsonl", ".md", ".txt", ".html", ".docx")
NEEDS = ("sources",)
TAKES = (
    "sources: [uploaded document]; for tables quote: column of passages, document: column of file "
    "names; other kinds: every passage between quotation marks of words_min (default 5) words."
)
SPANS = re.compile(r"[“„«\"]([^“”„«»\"]{1,4000})[”“»\"]")
LETTERS_MIN = 8


def check(target: Path, params: dict[str, Any]) -> str:
    """Look for each passage, white space and quotation marks aside."""
    sources = _sources(must(params, "sources"))
    if target.suffix.lower() in DOCUMENTS:
        return _spans(target, sources, int(params.get("words_min", 5)))
    records = delivered(target, params)
    quotes = records.column(str(params.get("quote", "Quote")))
    named = records.column(str(params.get("document", "Source")))
    wrong, count = [], 0
    for number, (quote, name) in enumerate(zip(quotes, named, strict=True), start=1):
        if empty(quote):
            continue
        count += 1
        texts = _named(sources, name)
        if not texts:
            wrong.append(f"record {number} names {name!r}, which is no source")
        elif len(plain(str(quote))) < LETTERS_MIN:
            wrong.append(f"record {number} quotes too little to be found: {quote!r}")
        elif not any(plain(str(quote)) in text for text in texts):
            wrong.append(f"record {number}: {str(quote)[:60]!r} does not stand in {name}")
    if wrong:
        raise FailedError(shown(wrong))
    if not count:
        raise FailedError("Nothing is quoted.")
    return f"{count:,} passages, each in the document named for it."


def _sources(paths: Sequence[str]) -> dict[str, str]:
    found = {}
    for one in paths:
        path = Path(one)
        if not path.is_file():
            raise UncheckedError(f"{path.name} is not among the turn's inputs.")
        text = text_of(path) if path.suffix.lower() in DOCUMENTS else path.read_text("utf-8")
        if not text.strip():
            raise UncheckedError(f"{path.name} holds no text; it may be a scan.")
        found[one] = plain(text)
    return found


def _named(sources: dict[str, str], name: Any) -> list[str]:
    """Give the texts of the sources a row names: by path, file name or name without ending."""
    wanted = " ".join(str(name or "").split()).casefold()
    forms = {one: {one.casefold(), Path(one).name.casefold(), Path(one).stem.casefold()}
             for one in sources}  # fmt: skip
    return [text for one, text in sources.items() if wanted in forms[one]]


def plain(text: str) -> str:
    """Give a text as passages are compared: one blank, plain marks, no soft hyphens."""
    text = text.replace("\u00ad", "").replace("\u2011", "-").replace("\u2010", "-")
    text = re.sub(r"[‘’‚`´]", "'", re.sub(r"[“”„«»]", '"', text))
    text = re.sub(r"[–—−]", "-", re.sub(r"-\s*\n\s*", "-", text))
    return " ".join(text.split()).strip(" \"'….").casefold()


def _spans(target: Path, sources: dict[str, str], words_min: int) -> str:
    found = [span for span in SPANS.findall(text_of(target)) if len(span.split()) >= words_min]
    wrong = [f"{span[:60]!r} stands in no source" for span in found
             if not any(plain(span) in text for text in sources.values())]  # fmt: skip
    if wrong:
        raise FailedError(shown(wrong))
    if not found:
        raise FailedError(f"Nothing of {words_min} words or more is quoted.")
    return f"{len(found):,} passages, each in a source."
