"""Which words name which column: exact, by its head noun, or by a small list of synonyms.

Owns the business vocabulary and the kinds of figures (money, rates, identifiers). Must never
know a particular file: everything is derived from the names and kinds in its schema.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from deputy.agent.playbooks.schema import Column, Table
from deputy.agent.playbooks.words import FILLERS, NGRAM_WORDS_MAX, key, listed

EXACT, HEAD, SYNONYM = 0, 1, 2

SYNONYMS: tuple[frozenset[str], ...] = tuple(
    frozenset(key(phrase) for phrase in group.split(", "))
    for group in (
        "revenue, sales, turnover, amount, income, takings, sales amount, sales value, net amount",
        "cost, costs, expense, expenses, expenditure, spend, spending, outlay, amount",
        "profit, gain, earnings",
        "quantity, qty, units, pieces, volume, units sold, quantity sold, items sold",
        "price, unit price, list price",
        "customer, client, buyer, account",
        "product, item, article, sku",
        "region, territory, area, sales region, sales area",
        "country, nation",
        "city, town",
        "salesperson, seller, sales rep, representative, rep, sales person, account manager",
        "category, product category, product group, product line, product type",
        "department, dept",
        "employee, staff member, worker, staff",
        "supplier, vendor",
        "store, shop, branch, outlet",
        "channel, sales channel",
        "hours, hours worked, time spent",
        "salary, pay, wage",
        "status, state",
        "ticket, case, issue, request, incident",
        "order, purchase",
    )
)
_SYNONYM_GROUPS: Mapping[str, tuple[frozenset[str], ...]] = {
    word: tuple(group for group in SYNONYMS if word in group)
    for word in frozenset().union(*SYNONYMS)
}

UNIT_WORDS = listed("eur usd gbp chf jpy cad aud sek nok dkk pln czk inr cny pct")
_CODES = UNIT_WORDS - {"pct"}
_TAIL_WORDS = listed("name id no nr number code key title label local")
_ID_WORDS = listed("id no nr number code zip postcode postal phone sku ean year key")
_RATE_WORDS = listed(
    """
    price rate ratio percent percentage pct margin age score rating temperature average avg
    mean discount utilisation utilization share index gpa speed probability duration
    """
)
_UNIT_RATES = listed("cost price value margin weight")
_UNPRICED = listed("quantity qty unit piece volume hour day item count weight sold session user")
_CURRENCY_WORDS = listed("currency ccy")
_MONEY_WORDS = ("revenue", "sale", "turnover", "amount", "income", "taking", "value", "total")
_OTHER_MONEY = ("profit", "cost", "expense", "spend", "spending", "expenditure", "budget")
_EVENT_WORDS = listed(
    """
    order invoice transaction sale sold booking posting event purchase created opened
    """
)
_UNIT_IN_BRACKETS = re.compile(r"[(\[][^)\]]{0,20}[)\]]|\bin\s+\S{1,4}$")


@dataclass(frozen=True, slots=True)
class Named:
    """A column that some words may mean, and how directly (0 exact, 1 head noun, 2 synonym)."""

    column: Column
    level: int


@dataclass(frozen=True, slots=True)
class Index:
    """Every phrase that can mean a column, or a value of a text column."""

    columns: Mapping[str, tuple[Named, ...]]
    values: Mapping[str, tuple[tuple[Column, str], ...]]

    def named(self, phrase: str) -> tuple[Named, ...]:
        """Give the columns a phrase may mean, the most direct level only."""
        found = self.columns.get(phrase, ())
        best = min((named.level for named in found), default=0)
        return tuple(named for named in found if named.level == best)


def index(table: Table) -> Index:
    """List the phrases of one table."""
    columns: dict[str, dict[str, Named]] = {}
    values: dict[str, list[tuple[Column, str]]] = {}
    for column in table.columns:
        for phrase, level in _phrases(column):
            rows = columns.setdefault(phrase, {})
            if column.name not in rows or rows[column.name].level > level:
                rows[column.name] = Named(column, level)
        for value in column.values if column.kind == "text" else ():
            phrase = key(value)
            if phrase and phrase.count(" ") < NGRAM_WORDS_MAX:
                values.setdefault(phrase, []).append((column, value))
    return Index(
        {phrase: tuple(rows.values()) for phrase, rows in columns.items()},
        {phrase: tuple(rows) for phrase, rows in values.items()},
    )


def _phrases(column: Column) -> list[tuple[str, int]]:
    full = key(column.name)
    bare = core(column.name)
    found = [(full, EXACT), (bare, EXACT)]
    if column.kind == "text" or is_identifier(column):
        words = bare.split()
        while len(words) > 1 and words[-1] in _TAIL_WORDS:
            words = words[:-1]
        found.append((" ".join(words), HEAD))
        found += [(" ".join(words[start:]), HEAD) for start in range(1, len(words))]
    else:
        words = bare.split()
        found += [(" ".join(words[start:]), HEAD) for start in range(1, len(words))]
    heads = {phrase for phrase, _ in found}
    for head in heads:
        for group in _SYNONYM_GROUPS.get(head, ()):
            found += [(word, SYNONYM) for word in group]
    return [
        (phrase, level)
        for phrase, level in found
        if phrase and (level == EXACT or phrase not in FILLERS)
    ]


def core(name: str) -> str:
    """Give the stems of a column's name without unit: "Net sales (EUR)" and "net_sales_eur"."""
    words = key(_UNIT_IN_BRACKETS.sub(" ", name) or name).split()
    kept = [word for word in words if word not in UNIT_WORDS]
    return " ".join(kept or words)


def label(name: str) -> str:
    """Give a column's heading for a reader: "net_sales_eur" becomes "Net sales"."""
    plain = _UNIT_IN_BRACKETS.sub(" ", name).strip() or name
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", plain).replace("_", " ").split()
    words = [word for word in words if word.lower() not in UNIT_WORDS] or words
    lowered = [word if word.isupper() and len(word) > 1 else word.lower() for word in words]
    text = " ".join(lowered)
    return text[:1].upper() + text[1:]


def is_identifier(column: Column) -> bool:
    """Say whether a column names things rather than measures them."""
    words = core(column.name).split()
    return bool(words) and (words[-1] in _ID_WORDS or words[0] in {"id", "nr"})


def is_rate(column: Column) -> bool:
    """Say whether adding the column up would be nonsense (prices, percentages, scores)."""
    words = core(column.name).split()
    per_unit = words[:1] == ["unit"] and words[-1] in _UNIT_RATES
    # "Conversions" are things that happened; a conversion never above one is a rate.
    part = "conversion" in words and isinstance(column.high, float | int) and column.high <= 1
    rate = any(word in _RATE_WORDS or word == "per" for word in words)
    return column.unit == "%" or rate or per_unit or part


def currency_column(table: Table) -> Column | None:
    """Give the column that says in which of several currencies each row's amounts are."""
    for column in table.of_kind("text"):
        named = bool(_CURRENCY_WORDS.intersection(core(column.name).split()))
        codes = bool(column.values) and all(one.lower() in _CODES for one in column.values)
        if column.distinct > 1 and (named or codes):
            return column
    return None


def in_currency(column: Column) -> bool:
    """Say whether the column may hold amounts whose currency its own heading does not tell."""
    plain = not _UNPRICED.intersection(core(column.name).split())
    return plain and column.unit is None


def groupings(table: Table) -> tuple[Column, ...]:
    """Give the columns worth breaking a figure down by."""
    return tuple(column for column in table.of_kind("text") if not is_identifier(column))


def measures(table: Table) -> tuple[Column, ...]:
    """Give the columns that can be a figure."""
    return tuple(column for column in table.of_kind("number") if not is_identifier(column))


def money(table: Table) -> tuple[Column, ...]:
    """Give the revenue-like columns, by name; else by currency; else costs and profits."""
    figures = tuple(column for column in measures(table) if not is_rate(column))
    for words in (_MONEY_WORDS, None, _OTHER_MONEY):
        found = tuple(
            column
            for column in figures
            if (
                bool(column.unit and len(column.unit) == 3 and column.unit.isupper())
                if words is None
                else core(column.name).split()[-1:] and core(column.name).split()[-1] in words
            )
        )
        if found:
            return found
    return ()


def event_dates(table: Table) -> tuple[Column, ...]:
    """Give the date columns that say when something happened; all of them when none stands out."""
    dates = table.of_kind("date")
    exact = tuple(column for column in dates if core(column.name) == "date")
    events = tuple(
        column for column in dates if _EVENT_WORDS.intersection(core(column.name).split())
    )
    return exact[:1] or events or dates
