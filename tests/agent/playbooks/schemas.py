"""Three tables of different shape, as the schema-reading program would describe them.

Owns the fixtures of the plan tests. Must never hold a table that the product ships.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

from deputy.agent.playbooks.schema import Column, Problem, Schema, Table

TODAY = date(2026, 11, 20)
NOW_US = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()) * 1_000_000


def text(name: str, *values: str, distinct: int = 0) -> Column:
    return Column(name=name, kind="text", values=values, distinct=distinct or len(values))


def day(name: str, low: str, high: str, *, monthly: bool = False, unclear: bool = False) -> Column:
    return Column(
        name=name, kind="date", low=low, high=high, distinct=300,
        grain="month" if monthly else "day", day_order="unclear" if unclear else "clear",
    )  # fmt: skip


def number(name: str, low: float, high: float, unit: str | None = None) -> Column:
    return Column(name=name, kind="number", low=low, high=high, unit=unit, distinct=200)


SALES = Table(
    path="uploads/orders.xlsx", sheet="Extract", header_row=2, skip_footer=1, rows=1900,
    columns=(
        text("Order ID", distinct=1900),
        day("Order date", "2024-10-01", "2026-11-18"),
        text("Region", "North", "South", "East", "West"),
        text("Country", "Germany", "France", "Italy"),
        text("Product", "Anvil", "Rocket", "Magnet"),
        text("Channel", "Retail", "Online"),
        number("Units", 1, 20),
        number("Unit price", 9.5, 35.25, "EUR"),
        number("Revenue (EUR)", 9.5, 705, "EUR"),
    ),
)  # fmt: skip

TICKETS = Table(
    path="uploads/helpdesk.csv", encoding="utf-8-sig", delimiter=";", decimal=",", rows=900,
    columns=(
        text("ticket_no", distinct=900),
        day("opened", "2025-01-01", "2026-11-02"),
        day("closed", "2025-01-04", "2026-11-05"),
        text("team", "Billing", "Network", "Hardware"),
        text("priority", "High", "Medium", "Low"),
        text("agentName", "Ann Lee", "Ben Ode", "Cleo Kay"),
        number("resolution_hours", 0, 40),
        number("satisfaction_score", 1, 5),
    ),
)  # fmt: skip

SPEND = Table(
    path="uploads/ledger.csv", encoding="cp1252", delimiter=",", decimal=".", rows=84,
    columns=(
        day("Month", "2025-01-01", "2026-09-01", monthly=True),
        text("Department", "HR", "IT", "Finance", "Sales"),
        text("Supplier", "Initech", "Globex", "Umbrella"),
        number("Net amount USD", 100, 9000, "USD"),
        number("Gross amount USD", 119, 10710, "USD"),
    ),
)  # fmt: skip


def stdout(*tables: Table, problems: tuple[Problem, ...] = ()) -> str:
    """Print tables as the schema-reading program does."""
    found = Schema(schema_version=1, tables=tables, problems=problems)
    return json.dumps(found.model_dump(mode="json")) + "\n"
