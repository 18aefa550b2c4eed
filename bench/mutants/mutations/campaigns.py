"""May's campaigns: a table and a chart on one page."""

from __future__ import annotations

from pathlib import Path

from bench.mutants.mutations import Mutant, Mutations
from bench.mutants.pages import bars, table, write_pdf
from bench.mutants.tasks.campaigns import CHANNELS, Day, days

HEADER = ("Channel", "Impressions", "Clicks", "Orders", "Cost EUR", "Click rate", "Cost per order")


def _chosen(slip: str) -> list[Day]:
    month = 4 if slip == "prior_month" else 5
    found = [d for d in days() if d.day.month == month]
    return [d for d in found if d.day.day < 31] if slip == "end_day" else found


def _line(name: str, rows: list[Day], slip: str) -> list[str]:
    seen, clicks, orders, cents = (
        sum(getattr(d, field) for d in rows)
        for field in ("impressions", "clicks", "orders", "cost")
    )
    rate = clicks / seen
    if slip == "mean_of_rates":
        rate = sum(d.clicks / d.impressions for d in rows) / len(rows)
    if slip == "fraction":
        rate /= 100
    per = cents / 100 / (clicks if slip == "per_click" else orders)
    counts = [f"{n:,}" for n in (seen, clicks, orders)]
    return [name, *counts, f"{cents / 100:,.2f}", f"{rate:.2%}", f"{per:,.2f}"]


def _write(folder: Path, slip: str) -> None:
    rows = _chosen(slip)
    names = list(CHANNELS)[:-1] if slip == "channel_lost" else list(CHANNELS)
    lines = [_line(c, [d for d in rows if d.channel == c], slip) for c in names]
    lines.append(_line("All channels", rows, slip))
    drawn = "clicks" if slip == "chart_clicks" else "orders"
    heights = [sum(getattr(d, drawn) for d in rows if d.channel == c) for c in names]
    write_pdf(
        folder / "out/campaigns_may.pdf",
        '#set page(paper: "a4", flipped: true, margin: 2cm)\n#set text(size: 11pt)\n'
        "= Campaigns, May 2025\n\n"
        + table(HEADER, lines, "lrrrrrr")
        + '#v(8pt)\n#image("orders.svg", width: 60%)\n',
        {"orders.svg": bars(names, heights, "Orders per channel, May 2025")},
    )


MUTATIONS = Mutations(
    "campaigns",
    _write,
    (
        Mutant("prior_month", "period", "the figures of April under the heading May"),
        Mutant("end_day", "period", "31 May is missing"),
        Mutant("mean_of_rates", "pooled mean", "averages the click rates of the days"),
        Mutant("fraction", "unit", "click rates a hundred times too small"),
        Mutant("per_click", "share", "cost per click under the heading cost per order"),
        Mutant("channel_lost", "groups", "the last channel has no line and no bar"),
        Mutant("chart_clicks", "chart", "the chart called orders draws clicks"),
    ),
)
