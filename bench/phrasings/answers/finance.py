"""Right answers about the ledger and the budget.

Owns one function per request: the readings that are right. Must never use the product's code.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from bench.phrasings.expectations import (
    Amount,
    Expected,
    Rows,
    cross,
    distinct,
    each,
    figure,
    groups,
    growth,
    means,
    month,
    of,
    quarter,
    ranked,
    share,
    signless,
    summed,
    sums,
    total,
    totals,
)
from bench.phrasings.tables import Row, table
from bench.phrasings.tables.finance import MONTHS

AMOUNT = "Amount (£)"


def _ledger(year: int | None = None) -> Rows:
    rows = table("ledger").rows["ledger"]
    return [r for r in rows if year is None or r["Posting date"].year == year]


def _spent(rows: Rows, column: str) -> dict[str, Amount]:
    """Add up money out as positive amounts."""
    out = [r for r in rows if r[AMOUNT] < 0]
    return {name: -value for name, value in summed(out, of(column), AMOUNT).items()}


def ledger_01() -> Expected:
    return ((sums(_ledger(), of("Account name"), AMOUNT),),)


def ledger_02() -> Expected:
    return ((signless(each(_spent(_ledger(2024), "Cost centre"))),),)


def ledger_03() -> Expected:
    return ((ranked(_spent(_ledger(), "Supplier"), 5, any_sign=True),),)


def ledger_04() -> Expected:
    return ((sums(_ledger(2025), month("Posting date"), AMOUNT),),)


def ledger_05() -> Expected:
    return ((totals(sum(r["Supplier"] is None for r in _ledger())),),)


def ledger_06() -> Expected:
    rows = [r for r in _ledger(2024) if r["Account name"] == "Product sales"]
    sales = summed(rows, quarter("Posting date"), AMOUNT)
    names = list(sales)
    grown = {b: growth(sales[b], sales[a]) for a, b in itertools.pairwise(names)}
    return ((each(sales), each(grown)),)


def ledger_07() -> Expected:
    rows = [r for r in _ledger(2024) if r["Account name"] == "Travel"]
    return ((ranked(_spent(rows, "Cost centre"), any_sign=True),),)


def ledger_08() -> Expected:
    return ()


def ledger_09() -> Expected:
    rows = [r for r in _ledger(2025) if r["Posting date"].month <= 3]
    pivot = cross(rows, of("Cost centre"), of("Account name"), lambda found: total(found, AMOUNT))
    return ((pivot,),)


def ledger_10() -> Expected:
    amounts = [r[AMOUNT] for r in _ledger()]
    return ((totals(figure(min(amounts), any_sign=True), max(amounts)),),)


def ledger_11() -> Expected:
    rows = [r for r in _ledger() if r["Account name"] != "Payroll"]
    return ((means(rows, of("Account name"), AMOUNT),),)


def ledger_12() -> Expected:
    centres = groups(_ledger(), of("Cost centre"))
    return ((each({n: distinct(rows, "Supplier") for n, rows in centres.items()}),),)


def _budget(*accounts: str) -> Rows:
    rows = table("budget").rows["budget"]
    return [r for r in rows if not accounts or r["Account"] in accounts]


def _planned(rows: Iterable[Row], months: tuple[str, ...]) -> Amount:
    return sum(r[m] or 0 for r in rows for m in months)


def _by_department(rows: Rows, months: tuple[str, ...]) -> dict[str, Amount]:
    return {n: _planned(mine, months) for n, mine in groups(rows, of("Department")).items()}


def budget_01() -> Expected:
    return ((sums(_budget(), of("Department"), "Full year"),),)


def budget_02() -> Expected:
    return ((sums(_budget(), of("Department"), "Mar"),),)


def budget_03() -> Expected:
    return ((ranked(summed(_budget(), of("Account"), "Full year"), 5),),)


def budget_04() -> Expected:
    return ((each(_by_department(_budget(), MONTHS[:3])),),)


def budget_05() -> Expected:
    part, whole = total(_budget("Salaries"), "Full year"), total(_budget(), "Full year")
    return ((totals(share(part, whole)),),)


def budget_06() -> Expected:
    return ((totals(sum(r["Aug"] is None for r in _budget())),),)


def budget_07() -> Expected:
    last, first = (_by_department(_budget(), (m,)) for m in ("Dec", "Jan"))
    return ((each({n: last[n] - first[n] for n in last}),),)


def budget_08() -> Expected:
    return ()


def budget_09() -> Expected:
    return ((each({f"month:2025-{n:02}": total(_budget(), m) for n, m in enumerate(MONTHS, 1)}),),)


def budget_10() -> Expected:
    pivot = cross(
        _budget("Travel", "Training"), of("Department"), of("Account"),
        lambda rows: total(rows, "Full year"),
    )  # fmt: skip
    return ((pivot,),)


def budget_11() -> Expected:
    return ((ranked(_by_department(_budget("Travel"), MONTHS[6:]), 1),),)


def budget_12() -> Expected:
    rows = [r for r in _budget() if r["Account"] != "Salaries"]
    return ((means(rows, of("Department"), "Full year"),),)
