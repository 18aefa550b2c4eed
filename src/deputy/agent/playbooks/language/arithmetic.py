"""Columns computed from two others of a row: "quantity × unit price", "actual less plan".

Owns which two columns are meant and in which order. Must never multiply or subtract columns that
the words leave open.
"""

from __future__ import annotations

import re

from deputy.agent.playbooks.language import facts
from deputy.agent.playbooks.language.columns import EXACT, HEAD, SYNONYM, Index
from deputy.agent.playbooks.language.outcomes import ask
from deputy.agent.playbooks.language.shapes import How, Shaped, with_column
from deputy.agent.playbooks.language.vocabulary import listed
from deputy.agent.playbooks.language.words import WORD, key
from deputy.agent.playbooks.schema import Column, Table

_OPERATORS: tuple[tuple[How, str], ...] = (
    ("product", r"(?:x|×|\*|times|multiplied (?:by|with))"),
    ("difference", r"(?:minus|less|-|−)"),
)
_LABEL = re.compile(
    r"(?:\b(?:the|our|total|order|stock|inventory|budget|net|gross|sales|plan)\s+)*"
    r"\b(?:values?(?: of (?:the )?\w+)?|spend|spending|revenue|cost|amounts?|turnover|sales|worth"
    r"|price|variance|difference|net|margin|left|remaining|balance|gap|deviation|dollars|bill"
    r"|billings?|could we bill|profit|surplus|savings?|over(?:spend|run))\s*"
    r"(?P<by>[^(),;:.?-]{0,40}?)\s*(?:\(|,|:|-|=|i\.e\.|that is)*\s*$"
)
_QUANTITIES = listed("quantity qty stock unit piece hand inventory hour count")
_RATES = listed("price rate cost tariff fee")
_VALUES = re.compile(
    r"\b(?:(?:total|overall|the) )?(?P<said>(?:(?:stock|inventory|order|line|sales|purchase|work)"
    r" )?(?:value|worth)(?: of (?:the |our )?(?:stock|inventory|orders?|work|goods|purchases))?"
    r"|revenue|turnover|spend|spending|sales)\b"
)
_COMPARED = re.compile(
    r"(?P<side>(?:is |are |was |were |being |fell |went )?(?P<way>at or below|at or above|below"
    r"|under|less than|lower than|short of|beneath|above|over|more than|higher than|exceed(?:s|ed"
    r"|ing)?|in excess of|beyond|greater than))\s+(?:the |their |its |our )?(?P<rest>[a-z][a-z ]*)"
)
_ACTUAL = listed("actual spend spent cost real revenue sale amount stock quantity hand")
_BUDGET = listed("plan planned budget target reorder minimum level limit forecast")
_GAP = re.compile(
    r"\b(?:the )?(?:variances?|deviations?|gaps?|differences?) (?:of|between|from|in)\s+"
)
_AND = re.compile(r"\s*(?:,|and|to|from|against|versus|vs\.?|&)\s+")
_VERSUS = re.compile(r"\s+(?:versus|vs\.?|against|compared (?:to|with)|compared against)\s+")
_WITH_GAP = re.compile(
    r",?\s*(?:with|and|including|plus|showing|also)?(?: also)? (?:the |their |its )?"
    r"(?:differences?|variances?|deviations?|gaps?)\b(?! (?:of|between|from|in)\b)"
)
_OVERSPENT = re.compile(r"\b(?:overspent|overspend|overspending|overran|budget overrun)\b")


def arithmetic(shaped: Shaped, index: Index) -> Shaped:
    """Put words for a product or difference of two columns as the name of its column."""
    for rule in (_spelled, _gaps, _compared, _values):
        shaped = rule(shaped, index)
    return shaped


def _numbers(index: Index, phrase: str) -> Column | None:
    """Give the one column of numbers that some words name."""
    named = [
        one
        for one in index.named(phrase)
        if one.column.kind == "number" and one.level <= SYNONYM
        and not facts.is_identifier(one.column)
    ]  # fmt: skip
    best = min((one.level for one in named), default=EXACT)
    found = {one.column.name: one.column for one in named if one.level == best}
    return next(iter(found.values())) if len(found) == 1 else None


def _before(text: str, end: int, index: Index) -> tuple[Column, int] | None:
    """Give the column named just before a place, and where its name begins."""
    words = list(WORD.finditer(text, max(0, end - 60), end))
    for many in range(min(4, len(words)), 0, -1):
        column = _numbers(index, key(text[words[-many].start() : end]))
        if column is not None:
            return column, words[-many].start()
    return None


def _after(text: str, start: int, index: Index) -> tuple[Column, int] | None:
    """Give the column named just after a place, and where its name ends."""
    words = list(WORD.finditer(text, start, start + 60))
    skipped = 1 if words and words[0][0] in {"the", "their", "its", "our"} else 0
    words = words[skipped:]
    for many in range(min(4, len(words)), 0, -1):
        column = _numbers(index, key(text[words[0].start() : words[many - 1].end()]))
        if column is not None:
            return column, words[many - 1].end()
    return None


def _spelled(shaped: Shaped, index: Index) -> Shaped:
    """Read "order value (quantity x unit price)" and "budget minus spend"."""
    text = shaped.text.lower()
    for how, operator in _OPERATORS:
        for match in re.finditer(rf"(?<=[\w)])\s*(?<![^\W_]){operator}(?![^\W_])\s*(?=[\w(])"
                                 if how == "product" or operator.isalpha() else
                                 rf"(?<=[\w)])\s+{operator}\s+(?=[\w(])", text):  # fmt: skip
            first, second = _before(text, match.start(), index), _after(text, match.end(), index)
            if first is None or second is None or first[0].name == second[0].name:
                continue
            return _put(shaped, how, first, second)
    return shaped


def _put(shaped: Shaped, how: How, first: tuple[Column, int], second: tuple[Column, int]) -> Shaped:
    _both_filled(shaped.table, how, first[0], second[0])
    text = shaped.text
    start, end = first[1], second[1]
    closing = re.match(r"\s*[)\-]?", text[end:])
    label = _LABEL.search(text[:start].lower())
    shaped, name = with_column(shaped, how, first[0], second[0])
    word = {"product": "times", "difference": "less"}[how]
    shaped = shaped.noting(
        f"“{name}” is computed for each row: {first[0].name} {word} {second[0].name}."
    )
    if label is not None:
        by = text[label.start("by") : label.end("by")]
        opened = "(" in label[0] or re.search(r"-\s*$", label[0])
        end += closing.end() if closing and opened else 0
        return shaped.said(label.start(), end, f"{name} {by} ".replace("  ", " "))
    if re.match(r"\s*\)", text[end:]) and re.search(r"\(\s*$", text[:start]):
        # "Which cost centre overspent the most? (actual less plan)" explains the word before.
        over = _OVERSPENT.search(text.lower())
        if over is not None and over.end() <= start:
            opened_at = text.rindex("(", 0, start)
            closed = text.index(")", end) + 1
            shaped = shaped.said(opened_at, closed, "")
            return shaped.said(*over.span(), f"has {name}")
    return shaped.said(start, end, name)


def _both_filled(table: Table, how: How, first: Column, second: Column) -> None:
    """Ask where one or the other is empty in many rows: a difference of rows would lose them."""
    if how == "difference" and first.missing and second.missing:
        raise ask(
            f"{first.name} and {second.name} are each empty in some rows, so their difference "
            "cannot be formed row by row. Do you want the two figures beside each other?"
        )


def _pairing(table: Table) -> tuple[Column, Column] | None:
    """Give what was done and what was planned, where just one column is either."""
    numbers = [one for one in facts.measures(table) if not one.computed]
    planned = [one for one in numbers if _BUDGET & set(facts.core(one.name).split())]
    done = [one for one in numbers if one not in planned
            and _ACTUAL & set(facts.core(one.name).split())]  # fmt: skip
    return (done[0], planned[0]) if len(planned) == len(done) == 1 else None


def _gaps(shaped: Shaped, index: Index) -> Shaped:
    """Read "difference between budget and actual" and "variance" as actual less budget."""
    text = shaped.text.lower()
    match = _GAP.search(text)
    first = _after(text, match.end(), index) if match is not None else None
    joins = _AND.match(text, first[1]) if first is not None else None
    second = _after(text, joins.end(), index) if joins is not None else None
    if match and first and second and first[0].name != second[0].name:
        shaped, name = _less(shaped, *_ordered(shaped.table, first[0], second[0]))
        return shaped.said(match.start(), second[1], name)
    return _beside(_bare(shaped), index)


def _ordered(table: Table, one: Column, other: Column) -> tuple[Column, Column]:
    """Put what was done before what was planned."""
    found = _pairing(table)
    same = found is not None and {one.name, other.name} == {column.name for column in found}
    return found if found is not None and same else (one, other)


def _beside(shaped: Shaped, index: Index) -> Shaped:
    """Read "plan vs actual with the difference" as figures beside each other."""
    text = shaped.text.lower()
    for match in _VERSUS.finditer(text):
        first, second = _before(text, match.start(), index), _after(text, match.end(), index)
        if first is None or second is None or first[0].name == second[0].name:
            continue
        names = f"{text[first[1] : match.start()]} and {text[match.end() : second[1]]}"
        gap = _WITH_GAP.search(text, second[1])
        if gap is not None:
            shaped, name = _less(shaped, *_ordered(shaped.table, first[0], second[0]))
            shaped = shaped.said(*gap.span(), "")
            names = f"{names} and {name}"
        return shaped.said(first[1], second[1], names)
    return shaped


def _bare(shaped: Shaped) -> Shaped:
    """Read "variance by account" where one column is planned and one is not."""
    bare = re.search(r"\b(?:the )?(?:variances?|deviations?|overspends?|overspent)\b",
                     shaped.text.lower())  # fmt: skip
    found = _pairing(shaped.table)
    made = any(one.how == "difference" for one in shaped.derived)
    if bare is None or found is None or made:
        if bare is not None and made and shaped.derived:
            return shaped.said(*bare.span(), "")
        return shaped
    shaped, name = _less(shaped, *found)
    return shaped.said(*bare.span(), f"has {name}" if "spent" in bare[0] else name)


def _less(shaped: Shaped, first: Column, second: Column) -> tuple[Shaped, str]:
    _both_filled(shaped.table, "difference", first, second)
    shaped, name = with_column(shaped, "difference", first, second)
    note = f"“{name}” is computed for each row: {first.name} less {second.name}."
    return shaped.noting(note), name


def _compared(shaped: Shaped, index: Index) -> Shaped:
    """Read "stock below reorder level" as rows whose difference is below nought."""
    text = shaped.text.lower()
    for match in _COMPARED.finditer(text):
        second = _after(text, match.start("rest"), index)
        if second is None:
            continue
        first = _before(text, match.start("side"), index)
        start = first[1] if first is not None else match.start("side")
        column = first[0] if first is not None else _opposite(shaped.table, second[0])
        if column is None or column.name == second[0].name:
            continue
        if first is None and not re.search(r"\b(?:is|are|was|were|went|go|items?|rows?|lines?"
                                           r"|campaigns?|those|centre|center)\W*$",
                                           text[: match.start("way")]):  # fmt: skip
            continue
        shaped, name = with_column(shaped, "difference", column, second[0])
        side = _side(match["way"])
        words = {"below": "below", "above": "above", "at most": "not above",
                 "at least": "not below"}[side]  # fmt: skip
        shaped = shaped.noting(
            f"“{' '.join(match[0][: second[1] - match.start()].split())}” means rows whose "
            f"{column.name} is {words} {second[0].name}."
        )
        return shaped.said(start, second[1], f"with {name} {side} 0")
    return shaped


def _side(way: str) -> str:
    if way.startswith("at or"):
        return "at most" if "below" in way else "at least"
    low = {"below", "under", "less than", "lower than", "short of", "beneath"}
    return "below" if way in low else "above"


def _opposite(table: Table, column: Column) -> Column | None:
    """Give the figure that a limit such as a reorder level or a budget is set for."""
    words = set(facts.core(column.name).split())
    if not words & _BUDGET:
        return None
    family = {"reorder", "level", "minimum"} & words
    wanted = listed("stock quantity hand qty inventory") if family else _ACTUAL
    found = [one for one in facts.measures(table) if not one.computed and one != column
             and wanted & set(facts.core(one.name).split())
             and not {"value", "price"} & set(facts.core(one.name).split())]  # fmt: skip
    found = [one for one in found if "actual" in facts.core(one.name)] or found
    if len(found) > 1:
        found = [one for one in found if {"spend", "spent", "cost"}
                 & set(facts.core(one.name).split())]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _values(shaped: Shaped, index: Index) -> Shaped:
    """Read "stock value" as quantity times price where no column holds amounts."""
    match = _VALUES.search(shaped.text.lower())
    if match is None or any(one.how == "product" for one in shaped.derived):
        return shaped
    named = [one for one in index.named(key(match["said"])) if one.column.kind == "number"]
    if any(one.level <= HEAD for one in named) or facts.money(_unrated(shaped.table)):
        return shaped
    numbers = [one for one in facts.measures(shaped.table) if not one.computed]
    rates = [one for one in numbers if _RATES & set(facts.core(one.name).split())
             and facts.is_rate(one)]  # fmt: skip
    counts = [one for one in numbers if _QUANTITIES & set(facts.core(one.name).split())
              and one not in rates and not _BUDGET & set(facts.core(one.name).split())]  # fmt: skip
    counts = [one for one in counts if "hour" not in facts.core(one.name).split()] or counts
    if len(rates) != 1 or len(counts) != 1:
        return shaped
    shaped, name = with_column(shaped, "product", counts[0], rates[0])
    shaped = shaped.noting(
        f"“{match['said']}” is {counts[0].name} times {rates[0].name} of each row: no column of "
        "the table holds it."
    )
    return shaped.said(*match.span(), name)


def _unrated(table: Table) -> Table:
    """Give the table without its prices: they are no amounts."""
    kept = tuple(one for one in table.columns if not facts.is_rate(one))
    return table.model_copy(update={"columns": kept})
