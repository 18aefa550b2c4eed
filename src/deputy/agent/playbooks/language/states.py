"""What business people call rows by a state: out of stock, still open, unpaid, never delivered.

Owns these words and the figure or date that tells the state. Must never take a word that is a
value of a column.
"""

from __future__ import annotations

import re

from deputy.agent.plans import Filter
from deputy.agent.playbooks.language.columns import Index
from deputy.agent.playbooks.language.facts import core, is_rate, measures, money
from deputy.agent.playbooks.language.items import Item, Kept
from deputy.agent.playbooks.language.vocabulary import UNITS, listed
from deputy.agent.playbooks.language.words import Words
from deputy.agent.playbooks.schema import Column, Table

_IN_STOCK = re.compile(r"\b(?:currently |still )?(?P<out>out of|not in|in)[ -]stock\b|\bsold out\b")
_THINGS = (
    r"(?= (?:tickets?|cases?|issues?|incidents?|requests?|complaints?|orders?|tasks?|jobs?|ones"
    r"|invoices?|bills?|loans?|items?)\b)"
)
_OPEN: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (
        re.compile(
            r"\b(?:still open|not (?:yet )?(?:closed|resolved|solved|completed|finished)(?: yet)?"
            rf"|unresolved|unclosed|(?:currently |still )open|open{_THINGS})"
        ),
        listed("closed resolved solved completed finished completion resolution closing"),
    ),
    (
        re.compile(
            r"\b(?:unpaid|outstanding|not (?:yet )?(?:paid|settled)(?: yet)?|still to be paid)"
        ),
        listed("paid payment settled settlement"),
    ),
    (
        re.compile(r"\b(?:undelivered|not (?:yet )?(?:delivered|received)(?: yet)?)"),
        listed("delivered delivery received arrival"),
    ),
    (
        re.compile(r"\b(?:unshipped|not (?:yet )?(?:shipped|dispatched|sent)(?: yet)?)"),
        listed("shipped ship shipping dispatched dispatch"),
    ),
    (
        re.compile(
            r"\b(?:still employed|current(?:ly employed)?(?= (?:employees?|staff|people)\b))"
        ),
        listed("end leaving left exit termination terminated departure"),
    ),
)


def states(words: Words, table: Table, index: Index) -> tuple[Words, list[Item]]:
    """Take the states that a figure or a date of the table tells."""
    found: list[Item] = []
    stock = [
        one
        for one in measures(table)
        if listed("stock inventory") & set(core(one.name).split())
        and one not in money(table)
        and not is_rate(one)
        and "value" not in core(one.name).split()
    ]
    for match in _IN_STOCK.finditer(words.text) if len(stock) == 1 else ():
        out = match["out"] != "in"
        if out or not re.search(r"\d$", words.text[: match.start()].rstrip(" \x00")):
            only = Filter(column=stock[0].name, op="le" if out else "gt", value=0)
            found.append(_kept(words, match, only))
    for pattern, ends in _OPEN:
        found += _ended(words, table, index, pattern, ends)
    for item in found:
        words = words.take(item.start, item.end)
    return words, found


_IN_UNIT = re.compile(r"\bin (?P<unit>[a-z]{2,12})\b(?! \w+ (?:days|hours|minutes)\b)")


def units(words: Words, table: Table, index: Index) -> tuple[Words, tuple[str, ...]]:
    """Take "in minutes" where a figure of the table is in minutes; give the columns it fits."""
    fits: list[str] = []
    for match in _IN_UNIT.finditer(words.text):
        family = next((one for one in UNITS if match["unit"] in one), None)
        found = [one.name for one in measures(table) if family and _is_in(one, family)]
        if found and match["unit"] not in index.values:
            fits += found
            words = words.take(*match.span())
    return words, tuple(fits)


def _is_in(column: Column, family: frozenset[str]) -> bool:
    told = set(re.findall(r"[a-z]+|[€£$]", column.name.lower().replace("_", " ")))
    return bool(family & told) or (column.unit or "").lower() in family


def _ended(
    words: Words, table: Table, index: Index, pattern: re.Pattern[str], ends: frozenset[str]
) -> list[Item]:
    """Read "still open" as rows without the date on which they ended, if there is one such date."""
    dates = [
        one for one in table.of_kind("date") if ends & set(core(one.name).split()) and one.missing
    ]
    if len(dates) != 1:
        return []
    only = Filter(column=dates[0].name, op="missing")
    return [
        _kept(words, match, only)
        for match in pattern.finditer(words.text)
        if not any(word in index.values for word in match[0].split())
    ]


def _kept(words: Words, match: re.Match[str], only: Filter) -> Kept:
    said = words.said(*match.span())
    how = {"missing": "is empty", "gt": "is above 0"}.get(only.op, "is 0 or less")
    note = f"“{said}” means rows whose {only.column} {how}."
    return Kept(*match.span(), (only,), (note,), said, (only.column,))
