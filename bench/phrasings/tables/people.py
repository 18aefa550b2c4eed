"""Tables about people's work: a staff list and a help desk's tickets.

Owns these two and their files' peculiarities. Must never depend on how anything is asked of them.
"""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

from bench.phrasings.tables import Row, Table
from bench.phrasings.tables.selling import as_csv

SITES = ("Leeds", "Bristol", "Cardiff", "Glasgow")
# Department: its positions with their usual salaries.
POSITIONS = {
    "Sales": {"Account executive": 46_000, "Sales assistant": 29_000},
    "Engineering": {"Engineer": 58_000, "Senior engineer": 74_000, "Technician": 37_000},
    "Finance": {"Accountant": 45_000, "Controller": 61_000},
    "Operations": {"Planner": 36_000, "Shift lead": 41_000, "Warehouse worker": 26_000},
    "HR": {"Recruiter": 39_000, "HR partner": 52_000},
}


def staff() -> Table:
    """A staff list whose dates are text like 31.12.2024 and in which things are missing."""
    rng = random.Random(8_105)
    first = (
        "Ada",
        "Ben",
        "Cleo",
        "Dev",
        "Eve",
        "Finn",
        "Gwen",
        "Hari",
        "Isla",
        "Jack",
        "Kate",
        "Lou",
    )
    last = ("Abbott", "Bell", "Cole", "Drew", "Ellis", "Frost", "Gray", "Hale", "Irwin", "James")
    last += ("Kerr", "Lowe", "Moss", "Nash", "Owen", "Pratt", "Quinn", "Rowe", "Shaw", "Tait")
    names = [f"{b}, {a}" for a in first for b in last]
    names += [f"{b}-{c}, Sam" for b, c in zip(last, last[1:] + last[:1], strict=True)]
    rng.shuffle(names)
    rows = [_person(rng, number, name) for number, name in enumerate(names)]
    lines: list[list[Any]] = [list(rows[0])]
    for row in rows:
        shown = {k: f"{v:%d.%m.%Y}" if isinstance(v, dt.date) else v for k, v in row.items()}
        lines.append(list(shown.values()))
    sheet = {"name": "Staff", "rows": lines, "formats": {"8": "#,##0"}}
    return Table("staff", {"staff": rows}, {"staff_list.xlsx": {"sheets": [sheet]}})


def _person(rng: random.Random, number: int, name: str) -> Row:
    department = rng.choices(list(POSITIONS), (22, 28, 12, 30, 8))[0]
    position = rng.choice(list(POSITIONS[department]))
    began = dt.date(2015, 1, 1) + dt.timedelta(days=rng.randrange(3_800))
    ended = began + dt.timedelta(days=rng.randrange(200, 3_000))
    gone = rng.random() < 0.3 and ended < dt.date(2025, 6, 30)
    return {
        "Staff no.": 4_001 + number,
        "Name": name,
        "Department": department,
        "Site": rng.choices(SITES, (40, 25, 15, 20))[0],
        "Position": position,
        "Contract": rng.choices(("permanent", "fixed-term", "apprentice"), (75, 18, 7))[0],
        "E-mail": None if rng.random() < 0.12 else f"s{4_001 + number}@kestrel.example",
        "Hours per week": rng.choices((40, 37, 30, 24, 20), (45, 25, 12, 8, 10))[0],
        "Annual salary": round(POSITIONS[department][position] * rng.uniform(0.85, 1.25)) // 10 * 10
        + number % 10,
        "Start date": began,
        "End date": ended if gone else None,
        "Training days 2025": None if rng.random() < 0.15 else rng.randrange(9),
    }


AGENTS = {
    "Amin": "Service desk", "Bea": "Service desk", "Carl": "Service desk", "Dora": "Infrastructure",
    "Eli": "Infrastructure", "Faye": "Applications", "Gus": "Applications",
}  # fmt: skip


def tickets() -> Table:
    """A help desk's tickets with times to the minute; open ones lack an end, many lack a rating."""
    rng = random.Random(8_106)
    rows: list[Row] = []
    for number in range(1_500):
        opened = _opened(rng)
        priority = rng.choices(("P1", "P2", "P3", "P4"), (6, 22, 50, 22))[0]
        hours = Decimal(
            round(rng.expovariate(1 / {"P1": 5, "P2": 14, "P3": 30, "P4": 55}[priority]), 1)
        )
        closed = rng.random() > 0.08
        agent = rng.choice(list(AGENTS))
        took = hours.quantize(Decimal("0.1"))
        rows.append(
            {
                "ticket": number + 1,
                "created": opened,
                "closed": opened + dt.timedelta(minutes=int(took * 60)) if closed else None,
                "priority": priority,
                "category": rng.choice(
                    ("Login", "Login", "Network", "Printer", "Software", "Software", "Hardware")
                ),
                "team": AGENTS[agent],
                "agent": agent,
                "channel": rng.choices(("mail", "portal", "phone", "chat"), (35, 33, 20, 12))[0],
                "first_reply_min": rng.randrange(2, 60 if priority == "P1" else 480),
                "hours_to_close": took if closed else None,
                "rating": rng.choice((1, 2, 3, 4, 4, 5, 5))
                if closed and rng.random() < 0.6
                else None,
                "reopened": "yes" if closed and rng.random() < 0.09 else "no",
            }
        )
    rows.sort(key=lambda r: r["created"])
    for number, row in enumerate(rows):
        row["ticket"] = f"T-{20_001 + number}"
    shown = [
        {k: f"{v:%Y-%m-%d %H:%M}" if isinstance(v, dt.datetime) else v for k, v in row.items()}
        for row in rows
    ]
    return Table("tickets", {"tickets": rows}, {"helpdesk_export.csv": as_csv(shown).encode()})


def _opened(rng: random.Random) -> dt.datetime:
    """Give a minute between July 2024 and June 2025, on weekends seldom, in the night hardly."""
    while True:
        day = dt.datetime(2024, 7, 1) + dt.timedelta(days=rng.randrange(365))  # noqa: DTZ001
        if day.weekday() < 5 or rng.random() < 0.25:
            break
    hour = rng.choices(
        range(24), [1] * 6 + [3, 8, 18, 22, 17, 14, 9, 13, 15, 12, 9, 6, 4, 3, 2, 2, 1, 1]
    )
    return day.replace(hour=hour[0], minute=rng.randrange(60))
