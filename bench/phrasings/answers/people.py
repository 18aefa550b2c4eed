"""Right answers about the staff list and the help desk's tickets.

Owns one function per request: the readings that are right. Must never use the product's code.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from bench.phrasings.expectations import (
    Expected,
    Reading,
    Rows,
    counted,
    counts,
    cross,
    each,
    groups,
    growth,
    hour,
    mean,
    means,
    medians,
    month,
    of,
    ranked,
    share,
    summed,
    total,
    totals,
    values,
    weekday,
    year,
)
from bench.phrasings.tables import Row, table


def _staff() -> Rows:
    return table("staff").rows["staff"]


def _all_or_present(read: Callable[[Rows], Reading]) -> Expected:
    """Read a request over everybody listed, and over those who have not left."""
    return read(_staff()), read([r for r in _staff() if r["End date"] is None])


def _number(rows: Iterable[Row]) -> int:
    return len(list(rows))


def staff_01() -> Expected:
    return _all_or_present(lambda rows: (counts(rows, of("Department")),))


def staff_02() -> Expected:
    def read(rows: Rows) -> Reading:
        key = of("Department")
        return means(rows, key, "Annual salary"), medians(rows, key, "Annual salary")

    return _all_or_present(read)


def staff_03() -> Expected:
    rows = [r for r in _staff() if r["Start date"].year >= 2018]
    return ((counts(rows, year("Start date")),),)


def staff_04() -> Expected:
    def read(rows: Rows) -> Reading:
        return (counts([r for r in rows if r["E-mail"] is None], of("Site")),)

    return _all_or_present(read)


def staff_05() -> Expected:
    def read(rows: Rows) -> Reading:
        found = {
            site: share(sum(r["Hours per week"] < 35 for r in mine), len(mine))
            for site, mine in groups(rows, of("Site")).items()
        }
        return (each(found),)

    return _all_or_present(read)


def staff_06() -> Expected:
    return _all_or_present(lambda r: (cross(r, of("Department"), of("Contract"), _number),))


def staff_07() -> Expected:
    return _all_or_present(lambda rows: (ranked(summed(rows, of("Name"), "Annual salary"), 5),))


def staff_08() -> Expected:
    def read(rows: Rows) -> Reading:
        mine = [r for r in rows if r["Site"] == "Leeds" and r["Department"] != "Sales"]
        return (totals(total(mine, "Annual salary")),)

    return _all_or_present(read)


def staff_09() -> Expected:
    left = [r for r in _staff() if r["End date"] and r["End date"].year == 2024]
    return ((counts(left, of("Department")),),)


def staff_10() -> Expected:
    return _all_or_present(
        lambda rows: (ranked(summed(rows, of("Site"), "Training days 2025"), lowest=True),)
    )


def staff_11() -> Expected:
    def read(rows: Rows) -> Reading:
        found = {n: values(g, "Annual salary") for n, g in groups(rows, of("Position")).items()}
        return tuple(each({n: pick(v) for n, v in found.items()}) for pick in (min, max))

    return _all_or_present(read)


def staff_12() -> Expected:
    return ()


def _tickets() -> Rows:
    return table("tickets").rows["tickets"]


def tickets_01() -> Expected:
    return ((counts(_tickets(), weekday("created")),),)


def tickets_02() -> Expected:
    return ((ranked(counted(_tickets(), hour("created")), 3),),)


def tickets_03() -> Expected:
    return ((means(_tickets(), of("priority"), "hours_to_close"),),)


def tickets_04() -> Expected:
    return ((counts([r for r in _tickets() if r["closed"] is None], of("team")),),)


def tickets_05() -> Expected:
    found = {agent: mean(rows, "rating") for agent, rows in groups(_tickets(), of("agent")).items()}
    return ((ranked(found, 3, lowest=True),),)


def tickets_06() -> Expected:
    found = {
        category: share(sum(r["reopened"] == "yes" for r in rows), len(rows))
        for category, rows in groups(_tickets(), of("category")).items()
    }
    return ((each(found),),)


def tickets_07() -> Expected:
    months = counted(_tickets(), month("created"))
    names = list(months)
    steps = list(itertools.pairwise(names))
    most = ranked(counted(_tickets(), of("category")), 1)
    changes = (
        each({b: months[b] - months[a] for a, b in steps}),
        each({b: growth(months[b], months[a]) for a, b in steps}),
    )
    return tuple((each(months), change, most) for change in changes)


def tickets_08() -> Expected:
    rows = [r for r in _tickets() if r["priority"] == "P1"]
    return ((counts(rows, of("channel")), medians(rows, of("channel"), "first_reply_min")),)


def tickets_09() -> Expected:
    rows = [r for r in _tickets() if r["created"].year == 2025]
    return ((cross(rows, of("category"), of("priority"), _number),),)


def tickets_10() -> Expected:
    rows = [r for r in _tickets() if r["hours_to_close"] is not None and r["hours_to_close"] > 48]
    return ((counts(rows, of("team")),),)


def tickets_11() -> Expected:
    weekend = sum(r["created"].weekday() >= 5 for r in _tickets())
    return ((totals(share(weekend, len(_tickets()))),),)


def tickets_12() -> Expected:
    return ()
