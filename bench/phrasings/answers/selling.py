"""Right answers about the web shop, the German invoices, the coffee bars, orders and customers.

Owns one function per request: the readings that are right. Must never use the product's code.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

from bench.phrasings.expectations import (
    Expected,
    Reading,
    Rows,
    counts,
    cross,
    distinct,
    each,
    groups,
    growth,
    means,
    medians,
    month,
    of,
    quarter,
    ranked,
    share,
    summed,
    sums,
    total,
    totals,
)
from bench.phrasings.tables import table


def _shop(year: int | None = None) -> Rows:
    rows = table("shop").rows["orders"]
    return [r for r in rows if year is None or r["order_date"].year == year]


def shop_01() -> Expected:
    def best(rows: Rows) -> Reading:
        return (ranked(summed(rows, of("country"), "order_value"), 3),)

    completed = [r for r in _shop() if r["status"] == "completed"]
    kept = [r for r in _shop() if r["status"] != "cancelled"]
    return best(_shop()), best(completed), best(kept)


def shop_02() -> Expected:
    return ((counts(_shop(2024), month("order_date")),),)


def shop_03() -> Expected:
    return ((means(_shop(), of("payment"), "order_value"),),)


def shop_04() -> Expected:
    found = {
        channel: share(sum(r["status"] == "cancelled" for r in rows), len(rows))
        for channel, rows in groups(_shop(), of("channel")).items()
    }
    return ((each(found),),)


def shop_05() -> Expected:
    pivot = cross(
        _shop(2024), of("category"), of("channel"), lambda rows: total(rows, "order_value")
    )
    return ((pivot,),)


def shop_06() -> Expected:
    now = summed(_shop(2024), quarter("order_date"), "order_value")
    before = summed(_shop(2023), quarter("order_date"), "order_value")
    grown = {q: growth(v, before[q.replace("2024", "2023")]) for q, v in now.items()}
    return ((each(now), each(grown)),)


def shop_07() -> Expected:
    rows = groups(_shop(), of("country"))
    customers = {country: distinct(mine, "customer_id") for country, mine in rows.items()}
    return ((each(customers), counts(_shop(), of("country"))),)


def shop_08() -> Expected:
    return ()


def shop_09() -> Expected:
    rows = [r for r in _shop() if r["status"] == "completed"]
    values = ranked(summed(rows, of("category"), "order_value"))
    return ((values, sums(rows, of("category"), "items")),)


def shop_10() -> Expected:
    halves = [[r for r in _shop(year) if r["order_date"].month <= 6] for year in (2025, 2024)]
    return (tuple(sums(rows, of("channel"), "order_value") for rows in halves),)


def shop_11() -> Expected:
    rows = [r for r in _shop() if r["status"] != "cancelled"]
    return ((medians(rows, of("country"), "order_value"),),)


def shop_12() -> Expected:
    without = sum(r["discount_code"] is None for r in _shop())
    return ((totals(without, share(without, len(_shop()))),),)


def _invoices(year: int | None = None) -> Rows:
    rows = table("invoices").rows["invoices"]
    return [r for r in rows if year is None or r["Datum"].year == year]


def invoices_01() -> Expected:
    return ((ranked(summed(_invoices(2024), of("Bundesland"), "Netto")),),)


def invoices_02() -> Expected:
    return ((ranked(summed(_invoices(2025), of("Kunde"), "Netto"), 5),),)


def invoices_03() -> Expected:
    return ((sums(_invoices(), quarter("Datum"), "Netto"),),)


def invoices_04() -> Expected:
    pivot = cross(
        _invoices(), of("Warengruppe"), of("Bundesland"), lambda rows: total(rows, "Menge")
    )
    return ((pivot,),)


def invoices_05() -> Expected:
    def written(rows: Rows) -> Reading:
        return counts(rows, of("Verkäufer")), means(rows, of("Verkäufer"), "Netto")

    # A credit note may be taken for no invoice.
    return written(_invoices(2024)), written([r for r in _invoices(2024) if r["Netto"] > 0])


def invoices_06() -> Expected:
    large = [r for r in _invoices() if r["Netto"] > 5_000]
    return ((totals(len(large), total(large, "Netto")),),)


def invoices_07() -> Expected:
    return ((means(_invoices(), of("Warengruppe"), "Rabatt %"),),)


def invoices_08() -> Expected:
    then, now = (
        summed([r for r in _invoices(year) if r["Datum"].month <= 3], of("Bundesland"), "Netto")
        for year in (2024, 2025)
    )
    grown = {state: growth(now[state], then[state]) for state in then}
    change = {state: now[state] - then[state] for state in then}
    return (each(then), each(now)), (each(grown),), (each(change),)


def invoices_09() -> Expected:
    rows = [r for r in _invoices(2025) if r["Bundesland"] != "Bayern"]
    return ((sums(rows, month("Datum"), "Netto"),),)


def invoices_10() -> Expected:
    whole = total(_invoices(), "Netto")
    found = summed(_invoices(), of("Warengruppe"), "Netto")
    return ((each({group: share(value, whole) for group, value in found.items()}),),)


def invoices_11() -> Expected:
    rows = [r for r in _invoices(2024) if r["Warengruppe"] == "Schrauben"]
    return ((totals(distinct(rows, "Kunde")), ranked(summed(rows, of("Kunde"), "Netto"), 1)),)


def invoices_12() -> Expected:
    return ((ranked(summed(_invoices(2025), of("Verkäufer"), "Netto"), 3, lowest=True),),)


def _branches(*years: str) -> Rows:
    parts = table("branches").rows
    return [r for year in years or tuple(parts) for r in parts[year]]


def branches_01() -> Expected:
    return ((sums(_branches("2025"), of("Branch"), "Revenue"),),)


def branches_02() -> Expected:
    before = [r for r in _branches("2024") if r["Month"].month <= 9]
    return (
        (sums(_branches("2025"), of("Region"), "Revenue"), sums(before, of("Region"), "Revenue")),
    )


def branches_03() -> Expected:
    lines = groups(_branches(), of("Product line"))
    margins = {
        line: share(total(rows, "Revenue") - total(rows, "Cost"), total(rows, "Revenue"))
        for line, rows in lines.items()
    }
    return ((ranked(margins, 1),),)


def branches_04() -> Expected:
    units = summed(_branches("2024"), month("Month"), "Units")
    return ((each(units), ranked(units, 1)),)


def branches_05() -> Expected:
    lines = groups(_branches("2025"), of("Product line"))
    return ((each({n: total(r, "Revenue") / total(r, "Units") for n, r in lines.items()}),),)


def branches_06() -> Expected:
    pivot = cross(
        _branches("2024"), of("Branch"), of("Product line"), lambda rows: total(rows, "Cost")
    )
    return ((pivot,),)


def branches_07() -> Expected:
    revenue = summed(_branches("2024"), month("Month"), "Revenue")
    return ((ranked(revenue, 1, lowest=True), ranked(revenue, 1)),)


def branches_08() -> Expected:
    return ()


def branches_09() -> Expected:
    revenue = summed(_branches(), quarter("Month"), "Revenue")
    names = list(revenue)
    grown = {b: growth(revenue[b], revenue[a]) for a, b in itertools.pairwise(names)}
    return ((each(revenue), each(grown)),)


def branches_10() -> Expected:
    rows = [r for r in _branches("2024") if r["Branch"] != "Harbour"]
    return ((ranked(summed(rows, of("Branch"), "Units"), 2),),)


def branches_11() -> Expected:
    rows = [r for r in _branches("2024") if r["Product line"] == "Beans"]
    return ((totals(share(total(rows, "Revenue"), total(_branches("2024"), "Revenue"))),),)


def branches_12() -> Expected:
    rows = [r for r in _branches("2025") if r["Region"] == "South"]
    return (tuple(sums(rows, of("Branch"), column) for column in ("Revenue", "Cost", "Units")),)


def _orders(year: int | None = None) -> Rows:
    """Give orders, each beside its customer; None where the customer is not known."""
    parts = table("accounts").rows
    known = {c["Customer no"]: c for c in parts["customers"]}
    nobody = dict.fromkeys(parts["customers"][0])
    return [
        {**known.get(r["customer_no"], nobody), **r}
        for r in parts["orders"]
        if year is None or r["order_date"].year == year
    ]


def accounts_01() -> Expected:
    return ((sums(_orders(), of("Industry"), "net_amount"),),)


def accounts_02() -> Expected:
    rows = [r for r in _orders(2025) if r["order_date"].month <= 3 and r["Segment"]]
    return ((cross(rows, of("Segment"), month("order_date"), _number),),)


def accounts_03() -> Expected:
    return ((ranked(summed(_orders(2025), of("Company"), "net_amount"), 5),),)


def accounts_04() -> Expected:
    return ((means(_orders(), of("Account manager"), "net_amount"),),)


def accounts_05() -> Expected:
    ordered = {r["customer_no"] for r in _orders()}
    customers = table("accounts").rows["customers"]
    return ((totals(sum(c["Customer no"] not in ordered for c in customers)),),)


def accounts_06() -> Expected:
    found = summed(_orders(), of("State"), "net_amount")
    wholes = total(_orders(), "net_amount"), sum(found.values())
    return tuple((each({n: share(v, whole) for n, v in found.items()}),) for whole in wholes)


def accounts_07() -> Expected:
    return ((totals(sum(r["Company"] is None for r in _orders())),),)


def accounts_08() -> Expected:
    then, now = (summed(_orders(year), of("product"), "quantity") for year in (2024, 2025))
    most = (
        ranked({p: growth(now[p], then[p]) for p in now}, 1),
        ranked({p: now[p] - then[p] for p in now}, 1),
    )
    return tuple((each(then), each(now), first) for first in most)


def accounts_09() -> Expected:
    industries = groups(_orders(2025), of("Industry"))
    return ((each({n: distinct(rows, "customer_no") for n, rows in industries.items()}),),)


def accounts_10() -> Expected:
    rows = [r for r in _orders() if r["State"] == "Ohio"]
    return ((sums(rows, of("product"), "net_amount"),),)


def accounts_11() -> Expected:
    rows = [r for r in _orders() if r["Segment"] != "Enterprise"]
    return ((medians(rows, of("Segment"), "net_amount"),),)


def accounts_12() -> Expected:
    rows = [r for r in _orders() if r["quantity"] > 10]
    return ((sums(rows, of("sales_rep"), "net_amount"),),)


_number: Callable[..., int] = len
