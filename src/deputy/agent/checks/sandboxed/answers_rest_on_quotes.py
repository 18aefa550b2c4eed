"""Every answer of a table has a passage to rest on; where there is none, none is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import delivered, shown
from deputy.agent.checks.sandboxed.sources import label
from deputy.agent.checks.sandboxed.verdicts import FailedError

NAME = "answers.rest_on_quotes"
TITLE = "Every answer has a quoted passage, and no passage stands without an answer"
LIMITS = "whether the passage supports the answer; quotes.in_source says whether it exists"
KIND = "inspects"
APPLIES_TO = (".csv", ".tsv", ".xlsx", ".xlsm", ".json", ".jsonl")
NEEDS = ("answer",)
TAKES = "answer: column; quote: column (default Quote); rows: how many there are (optional)."
NOTHING = frozenset(["(blank)", "-", "–", "—", "n/a", "none", "not found", "not stated", "unknown"])


def check(target: Path, params: dict[str, Any]) -> str:
    """Compare the two columns row by row."""
    records = delivered(target, params)
    answers = records.column(str(params.get("answer", "Answer")))
    quotes = records.column(str(params.get("quote", "Quote")))
    if "rows" in params and len(answers) != int(params["rows"]):
        raise FailedError(f"The table has {len(answers):,} rows, not {params['rows']:,}.")
    wrong, count = [], 0
    for number, (answer, quote) in enumerate(zip(answers, quotes, strict=True), start=1):
        given, quoted = (label(one).casefold() not in NOTHING for one in (answer, quote))
        count += given
        if given and not quoted:
            wrong.append(f"record {number} answers {str(answer)[:40]!r} and quotes nothing")
        elif quoted and not given:
            wrong.append(f"record {number} quotes and gives no answer")
    if wrong:
        raise FailedError(shown(wrong))
    if not answers:
        raise FailedError("The table has no rows.")
    return f"{len(answers):,} rows, {count:,} answers, each with a quote."
