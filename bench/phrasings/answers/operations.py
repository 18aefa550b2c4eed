"""Right answers about the taxi trips and the stock list.

Owns one function per request: the readings that are right. Must never use the product's code.
"""

from __future__ import annotations

import datetime as dt

from bench.phrasings.expectations import (
    Expected,
    Pairs,
    Rows,
    counts,
    cross,
    distinct,
    each,
    groups,
    hour,
    mean,
    means,
    median,
    medians,
    month,
    of,
    ranked,
    share,
    summed,
    sums,
    total,
    totals,
    values,
    weekday,
)
from bench.phrasings.tables import table


def _trips() -> Rows:
    return table("trips").rows["trips"]


def trips_01() -> Expected:
    found = {
        payment: share(total(rows, "Tip"), total(rows, "Fare"))
        for payment, rows in groups(_trips(), of("Payment")).items()
    }
    return ((each(found),),)


def trips_02() -> Expected:
    return ((counts(_trips(), hour("Pickup")),),)


def trips_03() -> Expected:
    fares = summed(_trips(), weekday("Pickup"), "Fare")
    return ((each(fares), ranked(fares, 1)),)


def trips_04() -> Expected:
    key = of("From zone")
    return ((means(_trips(), key, "Distance km"), means(_trips(), key, "Fare")),)


def trips_05() -> Expected:
    rows = [r for r in _trips() if r["From zone"] == "Airport" and r["To zone"] != "Airport"]
    return ((counts(rows, of("To zone")),),)


def trips_06() -> Expected:
    pivot = cross(_trips(), month("Pickup"), of("Payment"), lambda rows: total(rows, "Fare"))
    return ((pivot,),)


def trips_07() -> Expected:
    longest = max(values(_trips(), "Distance km"))
    return ((totals(longest, median(_trips(), "Distance km")),),)


def trips_08() -> Expected:
    many = sum(r["Passengers"] > 3 for r in _trips())
    return ((totals(many, share(many, len(_trips()))),),)


def trips_09() -> Expected:
    zones = groups(_trips(), of("From zone"))
    found = {n: total(rows, "Fare") / total(rows, "Distance km") for n, rows in zones.items()}
    return ((ranked(found, 3),),)


def trips_10() -> Expected:
    saturdays = [r for r in _trips() if r["Pickup"].weekday() == 5]
    return ((counts(saturdays, hour("Pickup")),),)


def trips_11() -> Expected:
    rows = [r for r in _trips() if r["Payment"] != "Cash"]
    return ((ranked(summed(rows, of("Driver"), "Tip"), 5),),)


def trips_12() -> Expected:
    return ()


def _stock() -> Rows:
    return table("stock").rows["stock"]


def stock_01() -> Expected:
    return ((sums(_stock(), of("Warehouse"), "Stock value"),),)


def stock_02() -> Expected:
    low = [r for r in _stock() if r["Stock on hand"] < r["Reorder level"]]
    rest = [r for r in _stock() if r not in low]
    return tuple(
        (
            Pairs(
                tuple((r[name], None) for r in low),
                absent=tuple(r[name] for r in rest),
                listing=True,
            ),
        )
        for name in ("Item", "Item no.")
    )


def stock_03() -> Expected:
    there = [r for r in _stock() if r["Stock on hand"] > 0]
    return tuple(
        (ranked(summed(there, of(name), column), 10),)
        for name in ("Item", "Item no.")
        for column in ("Stock value", "Unit price")
    )


def stock_04() -> Expected:
    return ((counts(_stock(), of("Group")), sums(_stock(), of("Group"), "Stock on hand")),)


def stock_05() -> Expected:
    pivot = cross(
        _stock(), of("Supplier"), of("Warehouse"), lambda rows: total(rows, "Stock value")
    )
    return ((pivot,),)


def stock_06() -> Expected:
    prices = {
        group: mean(rows, "Unit price") for group, rows in groups(_stock(), of("Group")).items()
    }
    return ((ranked(prices),),)


def stock_07() -> Expected:
    return ((counts([r for r in _stock() if r["Stock on hand"] == 0], of("Warehouse")),),)


def stock_08() -> Expected:
    rows = [r for r in _stock() if r["Last counted"] and r["Last counted"] < dt.date(2025, 1, 1)]
    return ((counts(rows, of("Warehouse")),),)


def stock_09() -> Expected:
    rows = [r for r in _stock() if r["Group"] != "Packaging"]
    whole = total(rows, "Stock value")
    found = summed(rows, of("Supplier"), "Stock value")
    return ((each({n: share(v, whole) for n, v in found.items()}),),)


def stock_10() -> Expected:
    key = of("Warehouse")
    highest = {n: max(values(rows, "Unit price")) for n, rows in groups(_stock(), key).items()}
    return ((medians(_stock(), key, "Unit price"), each(highest)),)


def stock_11() -> Expected:
    found = groups(_stock(), of("Group"))
    return ((each({n: distinct(rows, "Supplier") for n, rows in found.items()}),),)


def stock_12() -> Expected:
    rows = [r for r in _stock() if r["Unit price"] > 100]
    return ((totals(total(rows, "Stock value"), len(rows)),),)
