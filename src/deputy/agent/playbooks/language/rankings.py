"""Superlatives and numbers of places: "top 5", "the three biggest", "busiest", "got the most".

Owns their patterns. Must never look at a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from deputy.agent.playbooks.language.items import By, Item, Ranked
from deputy.agent.playbooks.language.words import NUMBER, Words, number, pattern

Order = Literal["desc", "asc"]

_N = rf"(?:(?P<n>{NUMBER}) )?"
_M = rf"(?: (?P<m>{NUMBER})(?!%|[\d,.]*\d))?"
_UP = (
    r"(?:top|best|biggest|largest|highest|greatest|strongest|leading|most important|main|major"
    r"|most significant|key|number one|no\.? ?1|most"
    r"|(?:bigger|larger|higher|greater|better)(?! than))"
)
_DOWN = (
    r"(?:bottom|worst|lowest|smallest|weakest|poorest|least important|fewest|least"
    r"|(?:smaller|lower|worse)(?! than))"
)
_ABOUT: tuple[tuple[Order, str, tuple[str, ...]], ...] = (
    ("desc", r"most expensive|priciest|dearest|costliest|most costly", ("price", "cost", "fee")),
    ("asc", r"cheapest|least expensive|least costly", ("price", "cost", "fee")),
    ("desc", r"longest|slowest", ("duration", "hour", "minute", "time", "day", "distance")),
    ("asc", r"shortest|quickest|fastest(?! grow| shrink| declin| fall)",
     ("duration", "hour", "minute", "time", "day", "distance")),
    ("desc", r"oldest", ("age",)),
    ("asc", r"youngest", ("age",)),
    ("desc", r"(?:highest|best|top) paid|best earning|top earning|highest earning|top earners?",
     ("salary", "wage", "pay", "earning", "compensation")),
    ("asc", r"(?:lowest|worst|least) paid|lowest earning",
     ("salary", "wage", "pay", "earning", "compensation")),
    ("desc", r"most profitable|highest profit", ("profit", "margin")),
    ("asc", r"least profitable", ("profit", "margin")),
    ("desc", r"(?:best|highest|top) (?:rated|scoring|scored|ranked)|happiest|most satisfied",
     ("rating", "score", "satisfaction", "grade", "mark")),
    ("asc", r"(?:worst|lowest|poorest) (?:rated|scoring|scored)|least satisfied|unhappiest",
     ("rating", "score", "satisfaction", "grade", "mark")),
    ("desc", r"heaviest", ("weight",)),
    ("desc", r"most valuable", ("value", "revenue", "sale", "amount", "price")),
    ("asc", r"least valuable", ("value", "revenue", "sale", "amount", "price")),
    ("desc", r"farthest|furthest", ("distance", "km", "mile")),
    ("asc", r"lightest", ("weight",)),
)  # fmt: skip
_RANKINGS: tuple[tuple[By, Order, str], ...] = (
    ("growth", "desc", r"(?:fastest|quickest|strongest) (?:growing|growth)|most improved"
     r"|(?:highest|biggest|largest|best|greatest) (?:relative )?growth(?: rates?)?"
     r"|(?:grew|grown|growing|grow)(?: the)? (?:most|fastest|quickest|strongest)|top growing"
     r"|top growth"),
    ("growth", "asc", r"(?:slowest|weakest) (?:growing|growth)|fastest (?:declining|shrinking"
     r"|falling)|(?:lowest|smallest|worst) growth(?: rates?)?"
     r"|(?:grew|grown|grow)(?: the)? (?:least|slowest)"
     r"|(?:shrank|declined|fell|dropped|shrunk|fallen|lost)(?: the)? (?:most|fastest)"
     r"|most declining"),
    ("change", "desc", r"(?:biggest|largest|highest|greatest|strongest) (?:absolute )?(?:increase"
     r"|rise|gain|change|improvement|jump)s?|(?:rose|increased|gained|risen)(?: the)? most"),
    ("change", "asc", r"(?:biggest|largest|highest|greatest|strongest) (?:absolute )?(?:drop|fall"
     r"|decrease|decline|loss)(?:e?s)?"),
    ("count", "desc", r"busiest|most (?:common|frequent|often|popular|active|frequently used"
     r"|commonly used|used|visited|reported|requested|booked)|(?:most|more) frequently"
     r"|top (?:reported|requested)"),
    ("count", "asc", r"quietest|rarest|least (?:common|frequent|often|popular|active|used|busy)"),
    ("value", "desc", r"(?:best|top|highest|biggest) selling|top sellers?|best sellers?"
     r"|(?:best|top) performing|(?:best|top) performers?"),
    ("value", "asc", r"(?:worst|lowest|least|slowest|poorest) (?:selling|performing)"
     r"|(?:worst|bottom|poorest) performers?"),
)  # fmt: skip
_AT = r"(?:with |by |at )?(?:the |its |our )?"
_PATTERNS: tuple[tuple[By, Order, tuple[str, ...], re.Pattern[str]], ...] = (
    *(("value", order, about, pattern(rf"(?:the )?(?:top )?{_N}(?:{source}){_M}(?: first)?"))
      for order, source, about in _ABOUT),
    *((by, order, (), pattern(rf"(?:the )?(?:top )?{_N}(?:{source}){_M}(?: first)?"))
      for by, order, source in _RANKINGS),
    ("value", "desc", (), pattern(rf"{_AT}{_N}{_UP}{_M}(?: first)?")),
    ("value", "asc", (), pattern(rf"{_AT}{_N}{_DOWN}{_M}(?: first)?")),
)  # fmt: skip
_SORTED = pattern(
    r"(?:rank(?:ed|ing|s)?|sort(?:ed)?|order(?:ed)?)(?: (?:them|it|all|the list))?"
    r"(?:(?: by (?:value|size|amount))|(?:,? (?:from )?(?:highest|largest|biggest|most|lowest"
    r"|smallest)(?: to (?:lowest|smallest|highest|largest|least)| first))"
    r"|(?: in)? (?:descending|ascending)(?: order)?)"
    r"|(?:highest|largest|biggest|best) (?:first|to lowest|to smallest)|(?:descending|ascending)"
    r"(?: order)?|in order of (?:size|value)|(?:ranked|ranking|rank|sorted)(?= by|(?: of)?)"
)


def rankings(words: Words) -> tuple[Words, list[Item]]:
    """Take the superlatives, those of a special kind first."""
    found: list[Item] = []
    words, ordered = words.take_all(_SORTED)
    for match in ordered:
        up = "ascending" in match[0] or "lowest to" in match[0] or "smallest to" in match[0]
        order: Order = "asc" if up else "desc"
        found.append(Ranked(*match.span(), "value", order, everything=True))
    for by, order, about, compiled in _PATTERNS:
        words, matches = words.take_all(compiled)
        found += [_ranked(match, by, order, about) for match in matches]
    return words, found


def _ranked(match: re.Match[str], by: By, order: Order, about: tuple[str, ...]) -> Ranked:
    top = number(match["n"] or match["m"], 0) or None
    everything = top is None and match[0].endswith("first")
    said = " ".join(match[0].split())
    return Ranked(*match.span(), by, order, top, about, everything, said)


def patterns() -> Iterator[str]:
    """Give the sources of these patterns: their words are never taken for slips of the pen."""
    yield from (compiled.pattern for *_, compiled in _PATTERNS)
    yield _SORTED.pattern
