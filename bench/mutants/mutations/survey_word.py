"""The survey on a page of Word: two sentences, key figures, a table."""

from __future__ import annotations

from pathlib import Path

import docx

from bench.mutants.mutations import Mutant, Mutations
from bench.mutants.tasks.survey_word import Answer, answers

NONE = "No reason given"


def _counted(slip: str) -> tuple[int, list[Answer]]:
    """Give the number invited, and the answer of each who answered."""
    invited = {a.customer for a in answers()}
    given = [a for a in answers() if a.answered]
    if slip == "counted_twice":
        return len(invited), given
    chosen: dict[str, Answer] = {}
    for a in given:
        if slip != "earlier_answer" or a.customer not in chosen:
            chosen[a.customer] = a
    return len(invited), list(chosen.values())


def _score(chosen: list[Answer], slip: str) -> float:
    scores = [a.score for a in chosen if a.score is not None]
    promoters = sum(s >= (8 if slip == "eights" else 9) for s in scores)
    detractors = sum(s <= 6 for s in scores)
    net = 100 * (promoters - detractors) / len(scores)
    return -net if slip == "sign" else net


def _write(folder: Path, slip: str) -> None:
    invited, chosen = _counted(slip)
    counts: dict[str, int] = {}
    for a in chosen:
        if a.reason or slip != "blank_dropped":
            counts[a.reason or NONE] = counts.get(a.reason or NONE, 0) + 1
    order = sorted(counts, key=lambda reason: -counts[reason])
    base = invited if slip == "share_of_invited" else len(chosen)
    named = [reason for reason in order if reason != NONE]
    most = named[1 if slip == "sentence" else 0]
    net = _score(chosen, slip)
    document = docx.Document()
    document.add_heading("Customer survey, February 2025", 1)
    document.add_paragraph(
        f"{len(chosen)} of {invited} invited customers answered, and the net promoter score is"
        f" {net:.1f}. The reason named most often is {most}."
    )
    facts = document.add_table(rows=0, cols=2)
    for name, value in (
        ("Invited", str(invited)),
        ("Answered", str(len(chosen))),
        ("Net promoter score", f"{net:.1f}"),
    ):
        cells = facts.add_row().cells
        cells[0].text, cells[1].text = name, value
    document.add_heading("Main reasons", 2)
    table = document.add_table(rows=1, cols=3, style="Table Grid")
    for cell, title in zip(table.rows[0].cells, ("Reason", "Named by", "Share"), strict=True):
        cell.text = title
    for reason in order:
        cells = table.add_row().cells
        shown = (reason, str(counts[reason]), f"{counts[reason] / base:.1%}")
        for cell, text in zip(cells, shown, strict=True):
            cell.text = text
    document.save(str(folder / "out/survey.docx"))


MUTATIONS = Mutations(
    "survey_word",
    _write,
    (
        Mutant("counted_twice", "distinct", "those who answered twice are counted twice"),
        Mutant("earlier_answer", "stale value", "the earlier of two answers counts"),
        Mutant("eights", "measure", "an 8 counts as a promoter"),
        Mutant("sign", "sign", "detractors minus promoters"),
        Mutant("share_of_invited", "share", "shares of all who were invited"),
        Mutant("blank_dropped", "groups", "the line 'No reason given' is missing"),
        Mutant("sentence", "text", "the sentence names the second reason as the first"),
    ),
)
