"""Writes `sales.xlsx`, the invented order book that the demo asks about.

Owns the example data: two and a half years of order lines of a maker of office furniture that
does not exist. The same code gives the same bytes. Must never contain a real company or person.

Run it with the data runtime's Python: `python examples/make_sales.py [where to write]`.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
from pathlib import Path

import xlsxwriter

SEED = 20_261_118
FIRST_DAY = dt.date(2024, 7, 1)
LAST_DAY = dt.date(2026, 11, 18)
LINES_PER_WORKDAY = 10.6

# Region: (share of lines, growth a year, countries, sales representatives)
REGIONS = {
    "DACH": (0.215, 0.04, ("Germany", "Austria", "Switzerland"), ("J. Brandt", "M. Keller")),
    "France": (0.150, -0.05, ("France",), ("C. Morel", "A. Lefort")),
    "UK & Ireland": (0.145, -0.08, ("United Kingdom", "Ireland"), ("H. Ashdown", "R. Doyle")),
    "Benelux": (0.110, 0.10, ("Netherlands", "Belgium", "Luxembourg"), ("S. de Wit",)),
    "Nordics": (0.105, 0.21, ("Sweden", "Denmark", "Norway", "Finland"), ("L. Nyberg",)),
    "Italy": (0.085, 0.01, ("Italy",), ("P. Fontana",)),
    "Iberia": (0.075, 0.30, ("Spain", "Portugal"), ("I. Vidal",)),
    "Central & Eastern Europe": (0.070, 0.37, ("Poland", "Czechia", "Romania"), ("T. Zielak",)),
    "Middle East": (0.045, 0.14, ("United Arab Emirates", "Qatar"), ("N. Haddad",)),
}
SEGMENTS = ("Enterprise", "Mid-market", "Public sector", "Reseller")
MONTH_WEIGHT = (0.86, 0.90, 1.06, 0.98, 1.0, 1.07, 0.88, 0.74, 1.10, 1.14, 1.20, 1.07)
# Product: (category, list price in EUR, usual quantity)
PRODUCTS = {
    "Lina sit-stand desk 160": ("Desks", 689.0, 8),
    "Lina sit-stand desk 180": ("Desks", 749.0, 7),
    "Forma bench, 4 seats": ("Desks", 1490.0, 3),
    "Forma meeting table 240": ("Desks", 1180.0, 4),
    "Aero task chair": ("Seating", 398.0, 14),
    "Aero task chair, headrest": ("Seating", 459.0, 12),
    "Visit stacking chair": ("Seating", 129.0, 36),
    "Lounge two-seater": ("Seating", 1240.0, 4),
    "Kubo locker, 6 doors": ("Storage", 612.0, 8),
    "Kubo pedestal": ("Storage", 219.0, 20),
    "Kubo sideboard 120": ("Storage", 438.0, 10),
    "Halo pendant": ("Lighting", 264.0, 16),
    "Halo desk lamp": ("Lighting", 98.0, 44),
    "Hush booth, 1 person": ("Acoustics", 5290.0, 1),
    "Hush wall panel": ("Acoustics", 148.0, 30),
    "Hush desk screen": ("Acoustics", 176.0, 24),
    "Monitor arm, dual": ("Accessories", 139.0, 28),
    "Cable tray set": ("Accessories", 42.0, 80),
}
FIRST_WORDS = (
    "Alder",
    "Bright",
    "Cobalt",
    "Delta",
    "Ember",
    "Fjord",
    "Granite",
    "Harbour",
    "Indigo",
    "Juniper",
    "Kestrel",
    "Linden",
    "Meridian",
    "Northgate",
    "Orchard",
    "Pinnacle",
    "Quarry",
    "Riverside",
    "Sable",
    "Tandem",
    "Umber",
    "Vantage",
)
SECOND_WORDS = (
    "Logistics",
    "Insurance",
    "Labs",
    "Foods",
    "Partners",
    "Energy",
    "Media",
    "Clinic",
    "Bank",
    "University",
    "Systems",
    "Retail",
)
HEADINGS = (
    "Order date",
    "Order no",
    "Region",
    "Country",
    "Customer",
    "Segment",
    "Product",
    "Category",
    "Quantity",
    "Unit price",
    "Discount",
    "Net sales (EUR)",
    "Sales rep",
    "Customer reference",
)
WIDTHS = (12, 12, 25, 21, 24, 14, 28, 13, 10, 12, 10, 16, 14, 20)
READ_ME = (
    "Order lines of Lindqvist Workplace, an invented maker of office furniture.",
    "",
    "Sheet Orders: one row for each order line, 1 July 2024 to 18 November 2026.",
    "Net sales (EUR) is quantity × unit price less discount, without VAT and freight.",
    "Credit notes are lines with a negative quantity.",
    "Customer reference and sales rep are optional and may be empty.",
)


def lines(rng: random.Random) -> list[list[object]]:
    """Give every order line, oldest first, as the values of `HEADINGS`."""
    customers = {region: _customers(region, rng) for region in REGIONS}
    rows: list[list[object]] = []
    order_no = 40_117
    day = FIRST_DAY
    while day <= LAST_DAY:
        for region in _regions_ordering_on(day, rng):
            order_no += 1
            customer, country, segment = rng.choice(customers[region])
            rows += [
                _line(day, order_no, region, country, customer, segment, rng)
                for _ in range(rng.choice((1, 1, 2)))
            ]
        day += dt.timedelta(days=1)
    return rows


def _customers(region: str, rng: random.Random) -> list[tuple[str, str, str]]:
    """Invent the customers of a region: name, country, segment."""
    _, _, countries, _ = REGIONS[region]
    names = [f"{a} {b}" for a in FIRST_WORDS for b in SECOND_WORDS]
    return [(name, rng.choice(countries), rng.choice(SEGMENTS)) for name in rng.sample(names, 22)]


def _regions_ordering_on(day: dt.date, rng: random.Random) -> list[str]:
    """Give the region of each order of that day: fewer at weekends, growth from day to day."""
    years = (day - FIRST_DAY).days / 365.25
    season = MONTH_WEIGHT[day.month - 1] * (0.04 if day.weekday() >= 5 else 1.0)
    regions = []
    for region, (share, growth, _, _) in REGIONS.items():
        expected = LINES_PER_WORKDAY / 1.33 * share * season * (1 + growth) ** years
        # A whole part and a coin: less noise than a Poisson draw, so growth stays visible.
        count = int(expected) + (rng.random() < expected % 1)
        regions += [region] * count
    rng.shuffle(regions)
    return regions


def _line(
    day: dt.date,
    order_no: int,
    region: str,
    country: str,
    customer: str,
    segment: str,
    rng: random.Random,
) -> list[object]:
    """Invent one order line, now and then with a blemish such as real exports have."""
    product = rng.choice(tuple(PRODUCTS))
    category, price, usual = PRODUCTS[product]
    quantity = max(1, round(usual * rng.uniform(0.55, 1.45)))
    if rng.random() < 0.008:
        quantity = -max(1, quantity // 4)
    unit_price = round(price * (1.03 if day.year >= 2026 else 1.0), 2)
    discount = rng.choice((None, 0.0, 0.0, 0.05, 0.05, 0.1, 0.12, 0.15))
    net = round(quantity * unit_price * (1 - (discount or 0.0)), 2)
    rep = rng.choice(REGIONS[region][3]) if rng.random() > 0.015 else None
    reference = f"PO-{rng.randrange(100_000, 999_999)}" if rng.random() > 0.18 else None
    if rng.random() < 0.006:
        region += " "
    if rng.random() < 0.004:
        customer += "  "
    return [
        day,
        f"SO-{order_no}",
        region,
        country,
        customer,
        segment,
        product,
        category,
        quantity,
        unit_price,
        discount,
        net,
        rep,
        reference,
    ]


def write(path: Path) -> int:
    """Write the workbook to `path`; gives the number of order lines."""
    rows = lines(random.Random(SEED))
    book = xlsxwriter.Workbook(str(path))
    book.set_properties(
        {
            "title": "Order lines",
            "company": "Lindqvist Workplace (invented)",
            "created": dt.datetime.combine(LAST_DAY, dt.time()),
        }
    )
    bold = book.add_format({"bold": True, "font_size": 14})
    about = book.add_worksheet("Read me")
    about.set_column(0, 0, 90)
    about.write_string(0, 0, "Sales order book", bold)
    for index, text in enumerate(READ_ME):
        about.write_string(2 + index, 0, text)
    _write_orders(book, rows)
    book.close()
    return len(rows)


def _write_orders(book: xlsxwriter.Workbook, rows: list[list[object]]) -> None:
    """Write the order lines as an ERP system would export them."""
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    date = book.add_format({"num_format": "dd/mm/yyyy"})
    money = book.add_format({"num_format": "#,##0.00"})
    percent = book.add_format({"num_format": "0%"})
    formats = {0: date, 9: money, 10: percent, 11: money}
    sheet = book.add_worksheet("Orders")
    sheet.freeze_panes(1, 0)
    for column, (heading, width) in enumerate(zip(HEADINGS, WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, head)
    for index, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(index, column, value, formats.get(column))
    sheet.autofilter(0, 0, len(rows), len(HEADINGS) - 1)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("sales.xlsx")
    print(f"{write(target)} order lines in {target}")
