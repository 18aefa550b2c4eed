"""What the schema of a table tells about its columns: money, rates, identifiers, dates of events.

Owns these judgements and the spoken form of names. Must never read words of a request.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath

from deputy.agent.playbooks.language.vocabulary import (
    BEGINNINGS,
    EVENT_NOUNS,
    EVENTS,
    PEOPLE,
    listed,
)
from deputy.agent.playbooks.language.words import key, root
from deputy.agent.playbooks.schema import Column, Table

UNIT_WORDS = listed("eur usd gbp chf jpy cad aud sek nok dkk pln czk inr cny pct")
_CODES = UNIT_WORDS - {"pct"}
_ID_WORDS = listed("id no nr number code zip postcode postal phone sku ean year key ref reference")
_RATE_WORDS = listed(
    """
    price rate ratio percent percentage pct margin age score rating temperature average avg
    mean discount utilisation utilization share index gpa speed probability satisfaction nps csat
    ces star preis einzelpreis prix precio prezzo prijs latitude longitude lat lon humidity tenure
    level
    """
)
_UNIT_RATES = listed("cost price value margin weight")
_UNPRICED = listed("quantity qty unit piece volume hour day item count weight sold session user")
_CURRENCY_WORDS = listed("currency ccy")
_MONEY_WORDS = ("revenue", "sale", "turnover", "amount", "income", "taking", "value", "total",
                "umsatz", "netto", "brutto", "betrag", "summe", "montant", "importe", "importo",
                "bedrag", "omzet", "erlös", "balance")  # fmt: skip
_OTHER_MONEY = ("profit", "cost", "expense", "spend", "spending", "expenditure", "budget",
                "salary", "fee", "fare", "price", "paid", "payment", "premium", "wage")  # fmt: skip
_UNIT_IN_BRACKETS = re.compile(r"[(\[][^)\]]{0,20}[)\]]|\bin\s+\S{1,4}$|[€$£%]")
_PERSON_WORDS = listed(
    "salesperson seller rep representative employee agent handler assignee manager owner driver "
    "advisor adviser consultant technician engineer teacher doctor operator cashier staff person"
)
GROUPS_OF_NUMBERS_MAX = 60


@lru_cache(maxsize=4096)
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
    shouted = all(word.isupper() for word in words) and any(len(word) > 4 for word in words)
    lowered = [
        word if word.isupper() and 1 < len(word) < 5 and not shouted else word.lower()
        for word in words
    ]
    text = " ".join(lowered)
    return text[:1].upper() + text[1:]


def inner(text: str) -> str:
    """Give a label as it stands within a sentence."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def is_identifier(column: Column) -> bool:
    """Say whether a column names things rather than measures them."""
    words = core(column.name).split()
    if column.name.rstrip().endswith("#") or column.name.startswith("#"):
        return True
    if not words:
        return False
    if words[-1] == "year" and column.kind == "number" and not _in_years(column):
        return False  # "Full year" holds amounts.
    if len(words) == 1 and words[0] in EVENT_NOUNS | PEOPLE and column.kind == "text":
        return _are_codes(column)
    if re.fullmatch(r".{3,}(?:nr|nummer|number|code|_id)", core(column.name)):
        return column.kind == "text" or " " not in core(column.name)
    last = words[-1] in _ID_WORDS and not (words[-1] == "number" and column.kind == "text")
    return last or words[0] in {"id", "nr"} or bool(re.search(r"(?i)(?:^|[a-z])ID$", column.name)
                                                    and words[-1].endswith("id")
                                                    and column.kind != "date")  # fmt: skip


def _in_years(column: Column) -> bool:
    low, high = column.low, column.high
    if not (isinstance(low, int | float) and isinstance(high, int | float)):
        return True
    return low >= 1800 and high <= 2200


def _are_codes(column: Column) -> bool:
    """Say whether the values are numbers of things, such as T-1001."""
    digits = [bool(re.search(r"\d", value)) for value in column.values]
    few = column.distinct <= len(column.values) <= 20
    return bool(digits) and all(digits) and not few


def prepared(table: Table) -> Table:
    """Give the table with its numbered things as names: nobody adds ticket numbers up."""
    columns = tuple(
        column.model_copy(update={"kind": "text"}) if _numbers_things(column, table) else column
        for column in table.columns
    )
    return table.model_copy(update={"columns": columns})


def _numbers_things(column: Column, table: Table) -> bool:
    words = core(column.name).split()
    if column.kind != "number" or not words or words[-1] == "year":
        return False
    low, high = column.low, column.high
    if not (isinstance(low, int | float) and isinstance(high, int | float)):
        return False
    if low != int(low) or high != int(high):
        return False
    if is_identifier(column) or is_place(column):
        return True
    # "Respondent" with 1 to 400 numbers persons; "Orders" and "Sales" are figures.
    counted = high - low == table.rows - 1
    one = len(words) == 1 and words[0] in EVENT_NOUNS | PEOPLE
    one = one and (words[0] not in _AMOUNTS or counted)
    singular = key(column.name.lower()) == column.name.strip().lower()
    dense = high - low < 3 * table.rows
    return one and singular and dense and is_unique(column, table)


_PLACES = (["line"], ["row"], ["position"], ["entry"], ["sequence"])
"""Names of columns that number the rows of a document."""
_AMOUNTS = listed("sale purchase payment refund donation loan bill expense claim return deposit")


def is_place(column: Column) -> bool:
    """Say whether a column numbers the rows of a document: "Line" of an order."""
    return core(column.name).split() in _PLACES


def is_unique(column: Column, table: Table) -> bool:
    """Say whether every row has a value of its own."""
    return column.distinct >= table.rows > 0 and not column.missing


def is_rate(column: Column) -> bool:
    """Say whether adding the column up would be nonsense (prices, percentages, scores)."""
    if column.computed:
        return False
    words = core(column.name).split()
    per_unit = words[:1] == ["unit"] and words[-1] in _UNIT_RATES
    # "Conversions" are things that happened; a conversion never above one is a rate.
    part = "conversion" in words and isinstance(column.high, float | int) and column.high <= 1
    amount = words[-1:] and words[-1] in {"amount", "total", "value", "cost"} and not per_unit
    amount = amount or "total" in words
    rate = any(word in _RATE_WORDS or word == "per" for word in words) and not amount
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
    return plain and column.unit is None and not is_identifier(column)


def groupings(table: Table) -> tuple[Column, ...]:
    """Give the columns worth breaking a figure down by."""
    return tuple(column for column in table.of_kind("text") if not is_identifier(column))


def measures(table: Table) -> tuple[Column, ...]:
    """Give the columns that can be a figure."""
    return tuple(column for column in table.of_kind("number") if not is_identifier(column))


def money(table: Table) -> tuple[Column, ...]:
    """Give the revenue-like columns, by name; else by currency; else costs and profits."""
    figures = tuple(one for one in measures(table) if not is_rate(one) and not one.computed)
    for words in (_MONEY_WORDS, None, _OTHER_MONEY):
        found = tuple(column for column in figures if _is_money(column, words))
        if found:
            return found
    return ()


def is_named_like_money(column: Column) -> bool:
    """Say whether a column of texts bears the name of an amount."""
    last = core(column.name).split()[-1:]
    return column.kind == "text" and bool(last) and last[0] in (*_MONEY_WORDS, *_OTHER_MONEY)


def _is_money(column: Column, words: tuple[str, ...] | None) -> bool:
    if words is None:
        return bool(column.unit and len(column.unit) == 3 and column.unit.isupper())
    return core(column.name).split()[-1:] != [] and core(column.name).split()[-1] in words


def event_dates(table: Table) -> tuple[Column, ...]:
    """Give the dates that may say when a row happened: the one that bears the name of the rows, one
    named so, else on which it begins."""
    dates = table.of_kind("date")
    rows = _rows_own(table)
    if len(rows) == 1:
        return rows
    exact = tuple(column for column in dates if core(column.name) == "date")
    events = tuple(column for column in dates if EVENTS.intersection(core(column.name).split()))
    begins = tuple(column for column in dates if _begins(column))
    return exact[:1] or events or begins or dates


def _rows_own(table: Table) -> tuple[Column, ...]:
    """Give the dates whose name shares a word with the file or the sheet: loans are loaned."""
    said = f"{PurePosixPath(table.path).stem} {table.sheet or ''}"
    rows = {root(word.lower()) for word in re.findall(r"[^\W\d_]{4,}", said)} - {"dat", "date"}
    return tuple(
        column
        for column in table.of_kind("date")
        if rows & {root(word) for word in core(column.name).split()[:1]}
    )


def _begins(column: Column) -> bool:
    words = core(column.name).split()
    return bool(BEGINNINGS.intersection(words) or {root(word) for word in words} & _BEGINNING_ROOTS)


_BEGINNING_ROOTS = frozenset(root(word) for word in BEGINNINGS if len(word) > 4)


def people(table: Table) -> tuple[Column, ...]:
    """Give the columns that name persons who do things."""
    return tuple(
        column
        for column in table.of_kind("text")
        if _PERSON_WORDS.intersection(core(column.name).split())
    )


def is_rate_of_money(column: Column) -> bool:
    """Say whether a column holds prices: they are no groups, however few there are."""
    return bool({"price", "cost", "fee", "amount"} & set(core(column.name).split()))


def persons(table: Table) -> bool:
    """Say whether the rows of a table look like persons: names, genders, dates of birth."""
    told = {word for column in table.columns for word in core(column.name).split()}
    return bool(told & {"age", "gender", "sex", "birth", "dob", "hire", "salary", "surname"})
