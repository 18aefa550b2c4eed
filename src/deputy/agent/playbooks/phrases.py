"""The fixed phrases of a request: files, comparison, ranking, aggregate, trend, conditions.

Owns their patterns. Must never look at a table: columns and values are found elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from deputy.agent.playbooks.calendars import ENDPOINT, Unit
from deputy.agent.playbooks.plan import Aggregate, FilterOp, Kind, RankBy
from deputy.agent.playbooks.words import NUMBER, Words, number, pattern

TOP_DEFAULT = 3

Mode = Literal["year", "previous"]
By = Literal["day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class Files:
    """Which files were asked for; `more`: besides those of the plan before."""

    kinds: tuple[Kind, ...] = ()
    more: bool = False
    less: tuple[Kind, ...] = ()
    chart: bool = False


_ARTICLE = r"(?:an? |the |one |as |in )*"
_DROP = r"(?:without|no|not|drop|remove|skip|leave out|don't need|do not need)"
_FILES: tuple[tuple[Kind, str], ...] = (
    (
        "pdf",
        _ARTICLE + r"(?:(?:one|single|1) ?page(?:d|r)? )?pdf(?: (?:file|report|document|page"
        r"|version|copy))?|(?:one|1|single) ?pager",
    ),
    (
        "xlsx",
        _ARTICLE + r"(?:ms |microsoft )?(?:excel|xlsx|spreadsheet|workbook)"
        r"(?: (?:report|file|workbook|sheet|table|spreadsheet|format|version|copy))?",
    ),
    ("csv", _ARTICLE + r"csv(?: (?:file|table|export|format|version|copy))?"),
)
_FILE_PATTERNS = tuple(
    (
        kind,
        pattern(
            rf"(?:(also )(?:as |in |give me )?)?(?:({_DROP}) )?(?:(?:only|just) )?(?:{source})"
            r"(?: only| alone)?( too| as well)?"
        ),
    )
    for kind, source in _FILES
)
_CHART = pattern(
    r"(?:with |and |including |plus |a |an |the )*(?:bar |column )?(?:chart|graph|diagram|plot)s?"
)


def files(words: Words) -> tuple[Words, Files]:
    """Take the files asked for. A chart comes with the workbook."""
    asked: list[Kind] = []
    less: list[Kind] = []
    more = False
    for kind, compiled in _FILE_PATTERNS:
        words, found = words.take_all(compiled)
        for match in found:
            (less if match[2] else asked).append(kind)
            more = more or bool(match[1] or match[3])
    words, charts = words.take_all(_CHART)
    if charts and asked and "xlsx" not in asked and "pdf" not in asked:
        asked.append("xlsx")
    order: tuple[Kind, ...] = ("xlsx", "pdf", "csv")
    kinds = tuple(kind for kind in order if kind in asked)
    return words, Files(kinds, more, tuple(dict.fromkeys(less)), bool(charts))


_SAME_YEAR = (
    r"(?:the )?(?:same|corresponding|equivalent|comparable) (?:period|quarter|month|week|time"
    r"|days|dates|weeks|months)(?: (?:of|in|from|a|the|one)){0,2} (?:(?:last|previous|prior"
    r"|preceding|past) year|year (?:ago|earlier|before))"
    r"|(?:a|one) year (?:ago|earlier|before)"
    r"|(?:the )?(?:last|previous|prior|preceding) year(?: (?:period|figures?|quarter|month))?"
    r"|(?:the )?year before"
)
_PREVIOUS = (
    r"(?:the )?(?:last|previous|prior|preceding) (?:period|quarter|month|week)"
    r"|(?:the )?(?:quarter|month|week|period) (?:before(?: that)?|prior)"
)
_CUE = (
    r"(?:(?:as )?compar\w*(?: (?:it|this|that|them|these|those|each|the figures|figures))?"
    r" (?:with|to|against)|versus|vs\.?|against|relative to|than|up on|down on"
    r"|(?:growth|change|changes|increase|decrease|difference|development|movement)(?: rate)?"
    r" (?:over|on|versus|vs\.?|from|since|against|to)"
    r"|(?:grow|grew|grown|changed?|rose|fell|developed) (?:over|on|from|since|against))"
)
_YEAR_CUED = pattern(rf"(?:and )?{_CUE} (?:{_SAME_YEAR})")
_PREVIOUS_CUED = pattern(rf"(?:and )?{_CUE} (?:{_PREVIOUS})")
_YEAR_FAR = pattern(rf"(?:with|to|against|and) (?:{_SAME_YEAR})")
_PREVIOUS_FAR = pattern(rf"(?:with|to|against|and) (?:{_PREVIOUS})")
_YEAR_ALONE = pattern(
    r"(?:and |with |to |on |against |for )?(?:(?:the )?same (?:period|quarter|month|time|days)"
    r"(?: (?:of|in|from))? (?:the )?(?:last|previous|prior) year"
    r"|(?:the )?same (?:period|quarter|month|time) (?:a|one) year (?:ago|earlier|before)"
    r"|year (?:on|over|to) year|y ?/ ?y|yoy|y o y)"
    r"(?: (?:growth|change|comparison|development|increase))?"
)
_PREVIOUS_ALONE = pattern(
    r"(?:month (?:on|over) month|quarter (?:on|over) quarter|week (?:on|over) week|mom|qoq)"
    r"(?: (?:growth|change|comparison|development))?"
)
_COMPARES = pattern(r"compar\w*")
_PAIR = pattern(r"compar\w*|versus|vs\.?|against")
_TOWARDS = re.compile(
    r"\b(?:compar\w*\b[^.;]{0,80}?\b(?:with|to|against)|versus|vs\.?|against|relative to|than)\s+"
    r"(?:the\s+)?(?:same\s+\w+\s+(?:of|in)\s+)?(?:in\s+)?"
    + pattern(rf"(?:{ENDPOINT}|(?:this|current|latest|last|previous|prior|past) \w+)").pattern
)
_GROWTH = pattern(
    r"(?:the |in |of |and |% |percent |percentage )*(?:growth(?: rates?)?|(?:% |percent(?:age)? )"
    r"change|change (?:in|of)|grow|grew|grown|growing|(?:the )?change)"
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How to compare: a mode (and the unit it names), or two periods set against each other.

    `towards`: a period stands behind "compared with", so it is not the period asked about.
    """

    mode: Mode | None = None
    pair: bool = False
    unit: Unit | None = None
    towards: bool = False
    dropped: bool = False


_NO_COMPARISON = pattern(
    r"(?:without|no|drop|remove|skip|leave out)(?: (?:the|any|a))? (?:comparisons?|compare"
    r"|comparing)"
)


def comparison(words: Words) -> tuple[Words, Comparison]:
    """Take the words that ask for a comparison."""
    words, dropped = words.take_all(_NO_COMPARISON)
    far = bool(words.search(_COMPARES))
    mode: Mode | None = None
    unit: Unit | None = None
    tries: tuple[tuple[re.Pattern[str], Mode, bool], ...] = (
        (_YEAR_CUED, "year", True),
        (_YEAR_ALONE, "year", True),
        (_PREVIOUS_CUED, "previous", True),
        (_PREVIOUS_ALONE, "previous", True),
        (_YEAR_FAR, "year", far),
        (_PREVIOUS_FAR, "previous", far),
    )
    for compiled, meant, usable in tries:
        if usable and mode is None:
            words, found = words.take_all(compiled)
            mode = meant if found else None
            unit = _named_unit(found[0][0]) if found and meant == "previous" else None
    pair = bool(words.search(_PAIR))
    towards = bool(words.search(_TOWARDS))
    words, _ = words.take_all(_PAIR)
    return words, Comparison(mode, pair, unit, towards, bool(dropped))


def _named_unit(phrase: str) -> Unit | None:
    units: tuple[Unit, ...] = ("quarter", "month", "week")
    return next((unit for unit in units if unit in phrase), None)


def growth(words: Words) -> tuple[Words, bool]:
    """Take a bare wish for growth; it asks for a comparison."""
    words, found = words.take_all(_GROWTH)
    return words, bool(found)


@dataclass(frozen=True, slots=True)
class Ranking:
    """A ranking as asked. `top` missing: no number was named. `share_of`: where "share of" ends."""

    by: RankBy
    order: Literal["desc", "asc"]
    top: int | None = None
    everything: bool = False
    share_of: int | None = None


_N = rf"(?:(?P<n>{NUMBER}) )?"
_M = rf"(?: (?P<m>{NUMBER}))?"
_UP = r"(?:top|best|biggest|largest|highest|greatest|strongest|leading|most important)"
_DOWN = r"(?:bottom|worst|lowest|smallest|weakest|poorest|least important)"
_RANKINGS: tuple[tuple[RankBy, Literal["desc", "asc"], str], ...] = (
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
     r"|rise|gain|change|improvement)s?|(?:rose|increased|gained|risen)(?: the)? most"),
    ("change", "asc", r"(?:biggest|largest|highest|greatest|strongest) (?:absolute )?(?:drop|fall"
     r"|decrease|decline|loss)(?:e?s)?"),
    ("value", "desc", r"(?:best|top|highest) selling|top sellers?|best sellers?"),
    ("value", "asc", r"(?:worst|lowest|least|slowest) selling"),
)  # fmt: skip
_RANK_PATTERNS = tuple(
    (by, order, pattern(rf"(?:the )?(?:top )?{_N}(?:{source}){_M}"))
    for by, order, source in _RANKINGS
)
_TOP = pattern(rf"(?:the )?{_N}{_UP}{_M}(?: performing| performers?)?")
_BOTTOM = pattern(rf"(?:the )?{_N}{_DOWN}{_M}(?: performing| performers?)?")
_MOST = pattern(
    r"(?:sold|sells|sell|selling|earned|earns|spent|spends|made|makes)(?: the)? (most|least)"
)
_RANKED = pattern(
    r"(?:rank(?:ed|ing|s)?|sort(?:ed)?|ordered)(?: (?:them|it|all))?"
    r"(?:(?: by (?:value|size|amount))|(?: (?:from )?(?:highest|largest|biggest) to (?:lowest"
    r"|smallest))|(?: in)? (?:descending|ascending)(?: order)?)?"
)
_BY_TAIL = pattern(r"(?:by|in|in terms of) (?:relative )?(growth|change|share)(?: rates?)?")
_SHARE = pattern(
    r"(?:(?:what|the|which|percentage|percent|%|and|with|a|their|its|each) )*(?:share|proportion"
    r"|percentage|percent)(?: of)?(?: the| our| its)?(?: (?:total|overall))?"
)


_WHICH_N = pattern(
    r"(?:which|what|who|the|name|list|identify|find|show|give)(?: me| us)?(?: the)?"
    rf" (?P<n>{NUMBER})"
)


def ranking(words: Words) -> tuple[Words, Ranking | None, str | None]:
    """Take the ranking; more than one kind of ranking is a question."""
    found: list[Ranking] = []
    for by, order, compiled in _RANK_PATTERNS:
        words, matches = words.take_all(compiled)
        found += [Ranking(by, order, _top(match)) for match in matches]
    words, ranked = words.take_all(_RANKED)
    for compiled, order in ((_TOP, "desc"), (_BOTTOM, "asc")):
        words, matches = words.take_all(compiled)
        ordered: Literal["desc", "asc"] = "desc" if order == "desc" else "asc"
        found += [Ranking("value", ordered, _top(match)) for match in matches]
    words, most = words.take_all(_MOST)
    found += [Ranking("value", "desc" if match[1] == "most" else "asc") for match in most]
    words, shares = words.take_all(_SHARE)
    words, tails = words.take_all(_BY_TAIL)
    tail = next((match[1] for match in tails), "share" if shares else None)
    if tail is not None:
        base = found[0] if found else Ranking("value", "desc", None, everything=True)
        of = next((match.end() for match in shares if re.search(r"\bof\b", match[0])), None)
        found = [Ranking(_rank_by(tail), base.order, base.top, base.everything, of)]
    elif ranked and not found:
        up = any("ascending" in match[0] for match in ranked)
        found = [Ranking("value", "asc" if up else "desc", None, everything=True)]
    kinds = {(one.by, one.order) for one in found}
    if len(kinds) > 1:
        return words, None, "I can name one ranking in a report. Which of the rankings do you want?"
    words, found = _number_elsewhere(words, found)
    tops = {one.top for one in found if one.top}
    if len(tops) > 1:
        return words, None, "You named two different numbers of top places. Which one do you want?"
    return words, next((one for one in found if one.top), found[0] if found else None), None


def _number_elsewhere(words: Words, found: list[Ranking]) -> tuple[Words, list[Ranking]]:
    """Take the number of "which three suppliers grew the most"."""
    match = words.search(_WHICH_N)
    if not found or match is None or any(one.top for one in found):
        return words, found
    top = number(match["n"], 0)
    return words.take(*match.span("n")), [replace(one, top=top) for one in found]


def _rank_by(word: str) -> RankBy:
    return "growth" if word == "growth" else "change" if word == "change" else "share"


def _top(match: re.Match[str]) -> int | None:
    return number(match["n"] or match["m"], 0) or None


_DIFFERENT = r"(?:different|distinct|unique)"
_COUNT = pattern(
    r"how many|(?:the |total |overall )*numbers? of|(?:the )?count(?:s)? of(?: the)?|count"
    rf"(?: up)?(?: the)?|no\. of|{_DIFFERENT}"
)
_COUNT_TAIL = re.compile(r"\s*(?:(?:different|distinct|unique|separate|the|our|all)\s+)*")
_AGGREGATES: tuple[tuple[Aggregate, re.Pattern[str]], ...] = (
    ("mean", pattern(r"(?:the )?(?:average|averages|avg|mean|on average|averaged)(?: of)?")),
    ("median", pattern(r"(?:the )?medians?(?: of)?")),
    ("max", pattern(r"(?:the )?(?:maximum|max|single highest|highest single|single largest"
                    r"|largest single)(?: of)?")),
    ("min", pattern(r"(?:the )?(?:minimum|min|single lowest|lowest single|single smallest)"
                    r"(?: of)?")),
    ("sum", pattern(r"(?:the )?(?:total|totals|totalled|sum|sums|summed|overall|add up|adds? up"
                    r"|aggregate)(?: of)?")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counting:
    """Where a count was asked for: the counted thing stands from `at` on."""

    at: int
    different: bool


def counting(words: Words) -> tuple[Words, Counting | None]:
    """Take "how many" and the like."""
    match = words.search(_COUNT)
    if match is None:
        return words, None
    tail = _COUNT_TAIL.match(words.text, match.end())
    end = tail.end() if tail else match.end()
    different = bool(re.search(_DIFFERENT, words.text[match.start() : end]))
    words = words.take(match.start(), end)
    again = words.search(_COUNT)
    return (words.take(*again.span()) if again else words), Counting(end, different)


def aggregate(words: Words) -> tuple[Words, tuple[Aggregate, ...]]:
    """Take the aggregates named; totals beside another one do not count as a second."""
    found: list[Aggregate] = []
    for name, compiled in _AGGREGATES:
        words, matches = words.take_all(compiled)
        if matches:
            found.append(name)
    if len(found) > 1 and "sum" in found:
        found.remove("sum")
    return words, tuple(found)


_UNIT_OF: dict[str, By] = {
    "daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter",
    "yearly": "year", "annual": "year", "annually": "year",
}  # fmt: skip
_TREND_BY = pattern(
    r"(?:(?:a |the )?(?:trend|development|evolution) )?(?:by|per|for each|each|every|in each)"
    r" (?:calendar )?(day|week|month|quarter|year)(?: (?:trend|over \w+))?"
    r"|(?:month) by (month)|(daily|weekly|monthly|quarterly|yearly|annual|annually)"
    r"(?: (?:trend|development|figures|totals|view|breakdown|evolution))?"
)
_TREND = pattern(
    r"(?:the |a |as a )*(?:trend|trends|over time|time series|development over time|timeline"
    r"|developed over time|evolution)(?: (?:of|in|for|over time))?"
)


def trend(words: Words) -> tuple[Words, tuple[By, ...]]:
    """Take the calendar units to group by; a bare trend is by month."""
    words, found = words.take_all(_TREND_BY)
    units = tuple(dict.fromkeys(_by_unit(match) for match in found))
    words, bare = words.take_all(_TREND)
    return words, units or (("month",) if bare else ())


def _by_unit(match: re.Match[str]) -> By:
    word = next(filter(None, match.groups()))
    plain: dict[str, By] = {
        "day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"
    }  # fmt: skip
    return _UNIT_OF.get(word) or plain[word]


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison with numbers, and where it stands."""

    op: FilterOp
    numbers: tuple[float, ...]
    start: int
    end: int


_FIGURE = r"[€$£]?\s*(\d[\d,]*(?:\.\d+)?)\s*(k|m|thousand|million)?(?:\s*(?:€|\$|£|eur|usd|gbp|%))?"
_CONDITION = re.compile(
    r"(?:\b(?:is|are|was|were|of|be)\s+)?(?P<op>\b(?:above|over|more than|greater than|higher than"
    r"|larger than|at least|no less than|below|under|less than|fewer than|lower than|smaller than"
    r"|at most|no more than|between|equal to|equals|exactly)\b|>=|<=|>|<|=)\s*"
    + _FIGURE
    + r"(?:\s+and\s+"
    + _FIGURE
    + r")?(?![\w])"
)
_OPS: dict[str, FilterOp] = {
    "above": "gt", "over": "gt", "more than": "gt", "greater than": "gt", "higher than": "gt",
    "larger than": "gt", ">": "gt", "at least": "ge", "no less than": "ge", ">=": "ge",
    "below": "lt", "under": "lt", "less than": "lt", "fewer than": "lt", "lower than": "lt",
    "smaller than": "lt", "<": "lt", "at most": "le", "no more than": "le", "<=": "le",
    "between": "between", "equal to": "eq", "equals": "eq", "exactly": "eq", "=": "eq",
}  # fmt: skip
_SCALE = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}


def conditions(words: Words) -> tuple[Condition, ...]:
    """Find comparisons with numbers; they are taken only once their column is known."""
    found = []
    for match in _CONDITION.finditer(words.text):
        op = _OPS[match["op"]]
        numbers = tuple(
            float(match[at].replace(",", "")) * _SCALE.get(match[at + 1] or "", 1)
            for at in (2, 4)
            if match[at]
        )
        years = op == "between" and all(1900 <= figure <= 2100 for figure in numbers)
        if not years and len(numbers) == (2 if op == "between" else 1):
            found.append(Condition(op, numbers, match.start(), match.end()))
    return tuple(found)
