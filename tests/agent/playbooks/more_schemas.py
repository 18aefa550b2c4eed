"""Tables of other shapes: persons, rides, lines of orders with their customers, clicks, stays.

Owns the fixtures of the tests of whole requests. Must never hold a table that the product ships.
"""

from __future__ import annotations

from deputy.agent.playbooks.schema import Column, Table
from tests.agent.playbooks.schemas import day, number, text

KEYS = tuple(f"C{n:03}" for n in range(60))


def moment(name: str, low: str, high: str, *, missing: int = 0) -> Column:
    return day(name, low, high).model_copy(update={"timed": True, "missing": missing})


def few(name: str, low: float, high: float, distinct: int) -> Column:
    return number(name, low, high).model_copy(update={"distinct": distinct})


def lacking(column: Column, missing: int) -> Column:
    return column.model_copy(update={"missing": missing})


STAFF = Table(
    path="uploads/employees.csv", encoding="utf-8-sig", delimiter=",", decimal=".", rows=220,
    columns=(
        text("Employee ID", distinct=220),
        text("Name", "Ann Lee", "Ben Ode", distinct=180),
        text("Department", "Engineering", "Sales", "Human Resources", "Finance"),
        text("Job Title", "Analyst", "Manager", "Director"),
        text("Office", "Berlin", "London", "Madrid"),
        text("Gender", "F", "M"),
        few("Age", 21, 64, 44),
        lacking(day("Hire Date", "2012-01-27", "2026-08-26"), 9),
        lacking(day("Termination Date", "2014-03-01", "2026-09-28"), 190),
        number("Annual Salary (EUR)", 30_000, 120_000, "EUR"),
        text("Remote", "Yes", "No"),
        lacking(few("Performance Rating", 1, 5, 5), 33),
    ),
)  # fmt: skip

RIDES = Table(
    path="uploads/rides.csv", encoding="utf-8-sig", delimiter=",", decimal=".", rows=6_000,
    columns=(
        moment("pickup", "2026-02-28", "2026-03-31"),
        moment("dropoff", "2026-02-28", "2026-04-01"),
        few("passengers", 0, 6, 7),
        number("fare", 1, 150),
        number("tip", 0, 33.2),
        number("total", 1.3, 174.8),
        lacking(text("payment", "credit card", "cash"), 44),
        lacking(text("pickup_borough", "North", "South", "Old Town"), 26),
        lacking(text("dropoff_borough", "North", "South", "Old Town"), 45),
    ),
)  # fmt: skip

ORDERS = Table(
    path="uploads/order_lines.csv", encoding="utf-8-sig", delimiter=",", decimal=".", rows=900,
    columns=(
        text("Order ID", distinct=450),
        day("Order Date", "2024-01-01", "2025-12-30"),
        day("Ship Date", "2024-01-02", "2026-01-11"),
        text("Customer ID", *KEYS),
        text("Product", "Desk lamp", "Office chair", "Standing desk", "Monitor arm"),
        text("Category", "Furniture", "Lighting"),
        few("Quantity", 1, 20, 20),
        few("Unit Price", 9.9, 120, 4),
        number("Sales", 7.92, 2_400),
        few("Discount", 0, 0.2, 3),
        text("Status", "Delivered", "Returned", "Cancelled"),
        text("Payment Method", "Credit card", "PayPal", "Bank transfer"),
    ),
)  # fmt: skip

CLIENTS = Table(
    path="uploads/customers.csv", encoding="utf-8-sig", delimiter=",", decimal=".", rows=60,
    columns=(
        text("Customer ID", *KEYS),
        text("Company", "Berg Ltd", "Falk Inc", distinct=60),
        text("Country", "Germany", "France", "Spain"),
        text("Segment", "Enterprise", "SMB", "Public sector"),
    ),
)  # fmt: skip

CLICKS = Table(
    path="uploads/campaigns.csv", encoding="utf-8-sig", delimiter=",", decimal=".", rows=360,
    columns=(
        day("Day", "2026-01-01", "2026-04-30"),
        text("Campaign", "Spring push", "Brand search", "Retargeting"),
        text("Platform", "Google", "Meta"),
        number("Impressions", 1_000, 9_000),
        number("Clicks", 10, 440),
        number("Cost (€)", 4, 600, "EUR"),
        few("Conversions", 0, 50, 48),
        number("Revenue (€)", 0, 400, "EUR"),
    ),
)  # fmt: skip

STAYS = Table(
    path="uploads/hotel_bookings.csv", encoding="utf-8-sig", delimiter=",", decimal=".", rows=700,
    columns=(
        text("Booking no", distinct=700),
        day("Booked on", "2025-01-05", "2026-06-20"),
        day("Check-in", "2025-02-01", "2026-06-30"),
        day("Check-out", "2025-02-03", "2026-07-08"),
        text("Room type", "Single", "Double", "Suite"),
        text("Source", "Booking.com", "Direct", "Expedia"),
        text("Guest country", "Germany", "Italy", "USA"),
        few("Nights", 1, 10, 10),
        few("Guests", 1, 4, 4),
        number("Total price", 60, 3_000),
        text("Cancelled", "No", "Yes"),
    ),
)  # fmt: skip

SPENDING = Table(
    path="uploads/council_spending_over_25000_for_September_2026.csv", encoding="cp1252",
    delimiter=",", decimal=".", rows=406,
    columns=(
        text("Entity", "City Council"),
        day("Date", "2026-09-03", "2026-09-28"),
        text("Expense area", "Estates", "Digital", "Legal"),
        text("Supplier", "INITECH LTD", "GLOBEX", "UMBRELLA SERVICES", distinct=118),
        number("Amount", -101_125, 17_265_919),
    ),
)  # fmt: skip


def month_of(name: str, low: str, high: str) -> Table:
    """Give one of several files of the same kind."""
    return Table(
        path=f"uploads/sales_{name}.csv", encoding="utf-8-sig", delimiter=",", decimal=".", rows=90,
        columns=(
            day("Date", low, high),
            text("Region", "North", "South"),
            text("Rep", "Ann", "Bob"),
            few("Units", 1, 9, 9),
            number("Amount", 20, 900),
        ),
    )  # fmt: skip
