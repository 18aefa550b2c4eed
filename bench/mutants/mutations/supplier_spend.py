"""The board's page of suppliers: a sentence, a table of ten, a chart."""

from __future__ import annotations

import re
from pathlib import Path

from bench.mutants.mutations import Mutant, Mutations
from bench.mutants.pages import bars, plain, table, write_pdf
from bench.mutants.tasks.supplier_spend import german, postings


def _read(cents: int, slip: str) -> float:
    """Give an amount in euro as somebody would read it who makes this mistake."""
    text = german(cents)
    if slip == "comma_ignored":
        return float(re.sub("[.,]", "", text))
    if slip == "dot_is_decimal" and "." in text:
        return float(text.replace(",", ""))
    return abs(cents) / 100 if slip == "credits_added" else cents / 100


def _spend(slip: str) -> tuple[float, list[tuple[str, float]]]:
    """Give the total and the ten suppliers with their sums."""
    sums: dict[str, float] = {}
    counts: dict[str, int] = {}
    for _, supplier, _, cents in postings():
        sums[supplier] = sums.get(supplier, 0.0) + _read(cents, slip)
        counts[supplier] = counts.get(supplier, 0) + 1
    total = sum(sums.values()) * (2 if slip == "totals_row" else 1)
    order = sorted(sums, key=lambda s: counts[s] if slip == "by_count" else sums[s], reverse=True)
    if slip == "ascending":
        order.reverse()
    return total, [(s, sums[s]) for s in order[:10]]


def _write(folder: Path, slip: str) -> None:
    total, ten = _spend(slip)
    base = sum(v for _, v in ten) if slip == "share_of_ten" else total
    rows = [[s, f"{v:,.2f}", f"{v / base:.1%}"] for s, v in ten]
    first = ten[1 if slip == "sentence" else 0][0]
    drawn = ten[: 9 if slip == "chart_bar" else 10]
    chart = bars([s for s, _ in drawn], [v / 1_000 for _, v in drawn], "EUR thousand", lying=True)
    write_pdf(
        folder / "out/suppliers.pdf",
        '#set page(paper: "a4", margin: 1.8cm)\n#set text(size: 10pt)\n'
        "= Supplier spend 2024\n"
        f"We spent EUR {total:,.2f} in total. Most went to {plain(first)}. Credit notes are taken"
        " off.\n\n"
        + table(["Supplier", "Amount EUR", "Share of total"], rows, "lrr")
        + '#v(6pt)\n#image("chart.svg", width: 90%)\n',
        {"chart.svg": chart},
    )


MUTATIONS = Mutations(
    "supplier_spend",
    _write,
    (
        Mutant(
            "comma_ignored", "decimal comma", "both separators dropped: a hundred times too much"
        ),
        Mutant("dot_is_decimal", "thousands separator", "1.441,19 is read as 1.44119"),
        Mutant("credits_added", "sign", "credit notes raise the spend"),
        Mutant("by_count", "ranking", "the ten suppliers with the most invoices"),
        Mutant("ascending", "ranking", "the ten smallest suppliers, smallest first"),
        Mutant("share_of_ten", "share", "shares of the ten's sum instead of total spend"),
        Mutant("totals_row", "totals row", "the last line 'Summe' counts in the total"),
        Mutant("sentence", "text", "the sentence names the second supplier as the largest"),
        Mutant("chart_bar", "chart", "the chart has nine bars; the tenth supplier is missing"),
    ),
)
