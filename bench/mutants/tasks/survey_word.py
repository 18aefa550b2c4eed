"""A customer survey to be a page of Word."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bench.mutants.tasks import Task, write_csv

REASONS = ("Price", "Delivery", "Service", "Quality")


@dataclass(frozen=True)
class Answer:
    """One line of the survey; whoever did not answer has neither day nor score."""

    customer: str
    sent: date
    answered: date | None
    score: int | None
    reason: str


def answers() -> list[Answer]:
    """Give a line for each invitation; some customers answered twice and have a second line."""
    rng = random.Random(909)
    sent = date(2025, 2, 3)
    found = []
    for n in range(420):
        customer = f"K{n + 1:04d}"
        if rng.random() < 0.45:
            found.append(Answer(customer, sent, None, None, ""))
            continue
        day = sent + timedelta(rng.randrange(1, 12))
        reason = rng.choices(("", *REASONS), (10, 18, 34, 22, 16))[0]
        score = rng.choices(range(11), (2, 2, 3, 3, 4, 7, 9, 15, 18, 20, 17))[0]
        found.append(Answer(customer, sent, day, score, reason))
        if rng.random() < 0.08:
            again = rng.choice((0, 3, 9, 10))
            found.append(Answer(customer, sent, day + timedelta(4), again, rng.choice(REASONS)))
    return found


def _write(folder: Path) -> None:
    write_csv(
        folder / "survey.csv",
        ["customer", "sent_on", "answered_on", "score", "main_reason"],
        (
            [a.customer, a.sent, a.answered or "", "" if a.score is None else a.score, a.reason]
            for a in answers()
        ),
    )


TASK = Task(
    "survey_word",
    "Summarise the customer survey on one page of Word: how many customers were invited and how"
    " many answered, the net promoter score (share of 9 and 10 minus share of 0 to 6, as a whole"
    " or one-decimal number), and a table of the main reasons with how many of those who answered"
    " named each and their share of those who answered, most named first, with 'No reason given'"
    " for an empty one. Start with two sentences on the main result. If somebody answered twice,"
    " only the later answer counts.",
    ("out/survey.docx",),
    _write,
)
