"""Daily figures of advertising channels, to be a monthly report."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bench.mutants.tasks import Task, money, write_csv

CHANNELS = {"Search": 4_000, "Social": 15_000, "Display": 40_000, "Email": 1_500, "Video": 9_000}


@dataclass(frozen=True)
class Day:
    """One day of one channel; the cost in cents."""

    day: date
    channel: str
    impressions: int
    clicks: int
    orders: int
    cost: int


def days() -> list[Day]:
    """Give April to June 2025."""
    rng = random.Random(1_717)
    found = []
    for n in range(91):
        for place, (channel, size) in enumerate(CHANNELS.items()):
            impressions = round(size * rng.uniform(0.3, 2.0))
            clicks = round(impressions * rng.uniform(0.004, 0.03) * (5 - place) / 2)
            orders = round(clicks * rng.uniform(0.02, 0.09))
            cost = clicks * rng.randrange(18, 95)
            day = date(2025, 4, 1) + timedelta(n)
            found.append(Day(day, channel, impressions, clicks, orders, cost))
    return found


def _write(folder: Path) -> None:
    write_csv(
        folder / "campaigns.csv",
        ["date", "channel", "impressions", "clicks", "orders", "cost_eur"],
        (
            [d.day.isoformat(), d.channel, d.impressions, d.clicks, d.orders, money(d.cost)]
            for d in days()
        ),
    )


TASK = Task(
    "campaigns",
    "Campaign report for May 2025 as PDF: per channel impressions, clicks, orders, cost, click rate"
    " in percent (clicks per impression over the month) and cost per order, with a line for all"
    " channels together, and a bar chart of orders per channel.",
    ("out/campaigns_may.pdf",),
    _write,
)
