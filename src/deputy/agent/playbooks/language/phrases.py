"""The fixed phrases of a request: comparison, ranking, aggregate, calendar units, counts, limits.

Owns their patterns. Must never look at a table: columns and values are found elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from deputy.agent.plans import Aggregate, FilterOp, Unit
from deputy.agent.playbooks.language.calendars import Unit as Calendar
from deputy.agent.playbooks.language.items import (
    Aggregated,
    Compared,
    Counted,
    Cue,
    CueKind,
    Every,
    Item,
    Limit,
    Matching,
    Mode,
)
from deputy.agent.playbooks.language.outcomes import ask
from deputy.agent.playbooks.language.vocabulary import NUMBERS
from deputy.agent.playbooks.language.words import NUMBER, Words, number, pattern

Build = Callable[[re.Match[str]], Item | None]

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
_YEAR_ALONE = (
    r"(?:and |with |to |on |against |for )?(?:(?:the )?same (?:period|quarter|month|time|days)"
    r"(?: (?:of|in|from))? (?:the )?(?:last|previous|prior) year"
    r"|(?:the )?same (?:period|quarter|month|time) (?:a|one) year (?:ago|earlier|before)"
    r"|(?:from )?year (?:on|over|to) year|y ?/ ?y|yoy|y o y)"
    r"(?: (?:growth|change|comparison|development|increase))?"
)
_PREVIOUS_ALONE = (
    r"(?:(?:from )?month (?:on|over|to) month|quarter (?:on|over|to) quarter|week (?:on|over)"
    r" week|mom|qoq|wow)(?: (?:growth|change|comparison|development))?"
)
_NO_COMPARISON = (
    r"(?:without|no|drop|remove|skip|leave out)(?: (?:the|any|a))? (?:comparisons?|compare"
    r"|comparing)"
)
_FAR = pattern(r"compar\w*")


_SAME_OF = pattern(
    rf"(?:and )?(?:{_CUE} )?(?:the )?(?:same|corresponding|equivalent) (?:period|quarter|month|week"
    r"|time|day)s?(?: (?:of|in|from))? (?P<year>(?:19|20)\d\d)"
)


def comparisons(words: Words) -> tuple[Words, list[Item]]:
    """Take the words that compare with the year or period before."""
    words, same = words.take_all(_SAME_OF)
    found: list[Item] = [Compared(*one.span(), "year", named=int(one["year"])) for one in same]
    far = bool(words.search(_FAR))
    for compiled, mode, needs_far in _COMPARISONS:
        if needs_far and not far:
            continue
        words, matches = words.take_all(compiled)
        found += [
            Compared(one.start(), one.end(), mode, _unit_in(one[0], mode), dropped=mode is None)
            for one in matches
        ]
    return words, found


def _unit_in(phrase: str, mode: Mode | None) -> Calendar | None:
    units: tuple[Calendar, ...] = ("quarter", "month", "week")
    short: dict[str, Calendar] = {"mom": "month", "qoq": "quarter", "wow": "week"}
    named = next((unit for unit in units if unit in phrase), None)
    named = named or next((unit for word, unit in short.items() if word in phrase), None)
    return named if mode == "previous" else None


_COMPARISONS: tuple[tuple[re.Pattern[str], Mode | None, bool], ...] = (
    (pattern(_NO_COMPARISON), None, False),
    (pattern(rf"(?:and )?{_CUE} (?:{_SAME_YEAR})"), "year", False),
    (pattern(_YEAR_ALONE), "year", False),
    (pattern(rf"(?:and )?{_CUE} (?:{_PREVIOUS})"), "previous", False),
    (pattern(_PREVIOUS_ALONE), "previous", False),
    (pattern(rf"(?:with|to|against|and) (?:{_SAME_YEAR})"), "year", True),
    (pattern(rf"(?:with|to|against|and) (?:{_PREVIOUS})"), "previous", True),
)

_AGGREGATES: tuple[tuple[Aggregate, str], ...] = (
    ("mean", r"(?:the |an )?(?:average|averages|avg|mean|on average|averaged|averaging)"),
    ("median", r"(?:the )?(?:medians?|middle value|midpoint)"),
    ("max", r"(?:the )?(?:maximum|max|single highest|highest single|single largest"
            r"|largest single|single biggest|biggest single|peak)"),
    ("min", r"(?:the )?(?:minimum|min|single lowest|lowest single|single smallest"
            r"|smallest single)"),
    ("sum", r"(?:(?:the |a )?(?:grand )?(?:total|totals|totalled|sum|sums|summed|overall|aggregate"
            r"|combined|cumulative total)|adds? up|added(?: up| together)?|in total|altogether"
            r"|all together"
            r"|in sum|all in all|sum total)"),
)  # fmt: skip

_UNITS: dict[str, Unit] = {
    "hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month",
    "quarterly": "quarter", "yearly": "year", "annual": "year", "annually": "year",
    "hour": "hour", "day": "day", "week": "week", "month": "month", "quarter": "quarter",
    "year": "year", "weekday": "weekday", "dates": "day",
}  # fmt: skip
_BY = (
    r"(?:by|per|for each|for every|each|every|in each|in every|across(?: the| all| all the)?"
    r"|over the|on each|broken down by|split by|grouped by)"
)
_ADJECTIVE = r"hourly|daily|weekly|monthly|quarterly|yearly|annual|annually"
_TAIL = (
    r"(?: (?:trend|development|figures|totals|view|breakdown|evolution|basis|overview|numbers))?"
)
_OF_DAY = r"hours?(?: of (?:the )?day)?|time of (?:the )?day"
_WEEKDAY = r"(?:days? of (?:the )?week|week ?days?)"


def _every(group: int | str, grouping: bool) -> Build:
    def build(match: re.Match[str]) -> Item:
        word = match[group]
        plain = word.removesuffix("s") if word not in _UNITS else word
        unit: Unit = _UNITS.get(plain, "month")
        if re.search(r"of (?:the )?week|week ?day", match[0]):
            unit = "weekday"
        elif re.search(r"of (?:the )?day", match[0]):
            unit = "hour"
        plural = bool(re.search(r"s\b", word)) and word != "dates"
        adjective = word in _UNITS and word.endswith(("ly", "al"))
        return Every(*match.span(), unit, grouping, plural, adjective)

    return build


def _trend(match: re.Match[str]) -> Item:
    return Every(*match.span(), "month", True, trend=True)


def _one_by_one(match: re.Match[str]) -> Item:
    start, end = match.span()
    return Every(start, end, _UNITS[match[0].split()[0]], grouping=True, trend=True)


def _clock(match: re.Match[str]) -> Item:
    start, end = match.span()
    unit: Unit = "weekday" if "week" in match[1] else "hour"
    return Every(start, end, unit, grouping=False, plural=match[1].endswith("s"))


def _cue(what: CueKind) -> Build:
    return lambda match: Cue(*match.span(), what)


def _aggregate(name: Aggregate) -> Build:
    return lambda match: Aggregated(*match.span(), name)


_FIGURE = (
    rf"[€$£]?\s*(\d(?:[\d.,]*\d)?|(?:{'|'.join(NUMBERS)})\b)\s*(k|m|mn|thousand|million|hundred)?"
    r"(?:\s*(?:€|\$|£|eur|usd|gbp|euros?|dollars?|pounds?|%|percent|per cent))?"
)
_OVER = (
    r"above|over|more than|greater than|higher than|larger than|bigger than|exceed(?:s|ed|ing)?"
    r"|in excess of|upwards of|longer than|older than|beyond|north of|costing more than"
)
_UNDER = (
    r"below|under|less than|fewer than|lower than|smaller than|shorter than|younger than|beneath"
    r"|cheaper than|short of"
)
_LIMIT = re.compile(
    rf"(?:\b(?:is|are|was|were|of|be|being|a|an)\s+)*(?P<op>\b(?:{_OVER}|at least|no less than"
    rf"|not less than|minimum of|a minimum of|{_UNDER}|at most|no more than|not more than|up to"
    r"|maximum of|between|from|equal to|equals|exactly)\b|>=|<=|>|<|=|≥|≤)\s*"
    + _FIGURE + r"(?:\s*(?:and|to|-)\s*" + _FIGURE + r")?(?![\w])"
)  # fmt: skip
_OR_MORE = re.compile(
    r"(?<![\w.])" + _FIGURE + r"(?P<tail>\+|\s+(?:or|and)\s+(?P<side>more|above|over|higher|longer"
    r"|greater|older|less|fewer|below|under|lower|younger|shorter))(?![\w])"
)
_OPS: dict[str, FilterOp] = {
    ">": "gt", ">=": "ge", "≥": "ge", "<": "lt", "<=": "le", "≤": "le", "=": "eq",
    "at least": "ge", "no less than": "ge", "not less than": "ge", "minimum of": "ge",
    "a minimum of": "ge", "at most": "le", "no more than": "le", "not more than": "le",
    "up to": "le", "maximum of": "le", "between": "between", "from": "between",
    "equal to": "eq", "equals": "eq", "exactly": "eq",
}  # fmt: skip
_SCALE = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "hundred": 1e2}
_MORE = frozenset(["more", "above", "over", "higher", "longer", "greater", "older"])


def limits(words: Words, decimal: str) -> tuple[Words, list[Item]]:
    """Take comparisons with numbers; `decimal` is the mark of the table's own numbers."""
    found: list[Item] = []
    for match in _LIMIT.finditer(words.text):
        op = _OPS.get(match["op"]) or ("gt" if re.fullmatch(_OVER, match["op"]) else "lt")
        numbers = tuple(_scaled(match, at, decimal) for at in (2, 4) if match[at])
        years = op == "between" and all(1900 <= figure <= 2100 for figure in numbers)
        single = op != "between" and len(numbers) == 1
        years = years or (match["op"] == "up to" and 1900 <= numbers[0] <= 2100)
        if (single or (op == "between" and len(numbers) == 2)) and not years:
            found.append(Limit(*match.span(), op, numbers, words.said(*match.span())))
            words = words.take(*match.span())
    for match in _OR_MORE.finditer(words.text):
        up = match["tail"] == "+" or match["side"] in _MORE
        numbers = (_scaled(match, 1, decimal),)
        found.append(Limit(*match.span(), "ge" if up else "le", numbers, words.said(*match.span())))
        words = words.take(*match.span())
    return words, found


def _scaled(match: re.Match[str], at: int, decimal: str) -> float:
    return _number(match[at], decimal) * _SCALE.get(match[at + 1] or "", 1)


def _number(said: str, decimal: str) -> float:
    """Read 5.000 and 1,5 as the table writes its numbers; ask where it could be either."""
    if said in NUMBERS:
        return NUMBERS[said]
    other = "." if decimal == "," else ","
    grouped = re.fullmatch(rf"\d{{1,3}}(?:\{other}\d{{3}})+(?:\{decimal}\d+)?", said)
    if grouped or other not in said:
        plain = said.replace(other, "").replace(decimal, ".")
        if not grouped and re.fullmatch(r"[1-9]\d{0,2}\.000", plain):
            raise ask(f"Is “{said}” a thousand times what stands before the point, or just that?")
        return float(plain) if plain.count(".") < 2 else float(plain.replace(".", ""))
    if re.fullmatch(rf"\d+\{other}\d{{1,2}}", said):
        return float(said.replace(other, "."))
    return float(re.sub(r"[.,]", "", said))


_TEXT = r"\s+(?:the\s+(?:words?|text|letters?|phrase)\s+)?(?:\"([^\"\n]{1,60})\"|([^\W_]{1,40}))"
_MATCHES: tuple[tuple[FilterOp, re.Pattern[str]], ...] = (
    ("starts", re.compile(r"\b(?:start(?:s|ing)?|begin(?:s|ning)?)\s+(?:with|in)" + _TEXT)),
    ("ends", re.compile(r"\b(?:end(?:s|ing)?)\s+(?:with|in)" + _TEXT)),
    ("contains", re.compile(r"\b(?:contain(?:s|ing)?|mention(?:s|ing)?|includ(?:es|ing)\s+the\s+"
                            r"(?:word|text)|with\s+the\s+(?:word|text))" + _TEXT)),
)  # fmt: skip


def matchings(words: Words) -> tuple[Words, list[Item]]:
    """Take comparisons with a piece of text."""
    found: list[Item] = []
    for op, compiled in _MATCHES:
        for match in compiled.finditer(words.text):
            group = 1 if match[1] else 2
            text = words.original[match.start(group) : match.end(group)].strip()
            found.append(Matching(*match.span(), op, text))
            words = words.take(*match.span())
    return words, found


_DIFFERENT = r"(?:different|distinct|unique|separate|individual)(?: values? (?:of|in|for))?"
_NONE = (
    r"(?:(?:do not|don't|does not|doesn't|did not|didn't|haven't|hasn't|not|never) (?:yet )?(?:have"
    r"|has|had|got|contain|show|list|record|answer|answered|give|gave|given|provided?|state|stated"
    r"|specif(?:y|ied)|fill in|filled in)(?: any| an?| got an?| yet)?"
    r"|(?:have|has|having|with|had|got) (?:no|missing|blank|empty|an? empty|an? blank|an? missing)"
    r"|(?:missing|lacking|lacks?|without)(?: an?| any| the| their)?"
    r"|(?:missing|blank|empty) values? (?:in|for|of)(?: the)?|(?:where|whose|with) no"
    r"|no (?:recorded|known|valid)|blank|empty|unassigned)"
)
_EMPTY_TAIL = (
    r"(?:is|are|was|were|being)? ?(?:missing|blank|empty|null|unknown|not (?:filled(?: in)?|given"
    r"|recorded|known|set|available|provided|entered|stated|specified))"
)
PHRASES: tuple[tuple[re.Pattern[str], Build], ...] = tuple(
    (pattern(source), build)
    for source, build in (
        (rf"{_BY} ?(?:calendar |iso |the )?(hour|day) of (?:the )?(?:day|week)", _every(1, True)),
        (rf"{_BY} (?:calendar |iso )?(week ?days?)", _every(1, True)),
        (r"(?:month) by (month)|(?:week) by (?:week)|(?:day) by (?:day)",
         _one_by_one),
        (rf"(?:{_BY}) (?:calendar |iso |single )?(hour|day|week|month|quarter|year)s?"
         r"(?: (?:trend|over \w+))?", _every(1, True)),
        (rf"(?:on an? |in |an? |the )*({_ADJECTIVE}){_TAIL}", _every(1, False)),
        (r"(?:the |a |as a )*(?:trend|trends|over time|time series|development over time|timeline"
         r"|developed over time|develop(?:ed|s)?|evolved?|evolution)(?: over time)?"
         r"(?: (?:of|in|for))?",
         _trend),
        (rf"({_OF_DAY}|{_WEEKDAY})", _clock),
        (r"(?:iso |calendar )?((?:hour|day|week|month|quarter|year)s?|dates)", _every(1, False)),
        (r"(?:the )?how many|how often|how frequently|(?:the |total |overall )*numbers? of"
         r"|(?:the )?counts? of|count(?: up)?(?: the)?|counting|no\. of|# of|#|(?:the )?tally of"
         r"|quantity of|(?:the )?volume of", _cue("count")),
        (_DIFFERENT, _cue("different")),
        (r"how much|what amount|(?:adds?|sums?|comes?) (?:up )?to|amount(?:s|ed)? to",
         _cue("much")),
        (r"(?:as|in) (?:an? |the )?(?:percentage|percent|per cent|%|share|proportion|fraction"
         r"|ratio|part)(?: of)?|(?:as )?% of|relative to|in relation to|divided by|as against"
         r"|the ratio of", _cue("ratio")),
        (r"how (?:heavily |much |strongly |highly )?(?:concentrated|dependent|reliant|exposed"
         r"|diversified)|concentration(?: risk)?|(?:how much (?:do|does|are) (?:we|it) )"
         r"(?:depend|rely|reliant)|dependen\w+ on|rely on|relian\w+", _cue("together")),
        (r"(?:what|which|the|a|and|with|their|its|each|total|overall|combined)?"
         r" ?(?:share|proportion|percentage|percent|per cent|fraction|%)(?: of)?"
         r"(?: (?:the|our|its|all))?", _cue("share")),
        (r"(?:make|makes|made|making) up|accounts? for|represents?"
         r"|contributes?(?: to)?|comprises?|constitutes?", _cue("together")),
        (r"rates?", _cue("rate")),
        *((source, _aggregate(name)) for name, source in _AGGREGATES),
        (r"(?:the |in |of |and |percent |percentage )*(?:growth(?: rates?)?|percent(?:age)? change"
         r"|grow|grew|grown|growing)", _cue("growth")),
        (r"(?:the )?(?:change|changes|changed|difference|movement)(?: in| of)?|(?:rise|rose|fall"
         r"|fell|increased?|decreased?|declined?)(?: in| of)?", _cue("change")),
        (_NONE, _cue("missing")),
        (_EMPTY_TAIL, _cue("missing")),
        (r"(?:excluding|except(?: for)?|but not|not (?:including|counting|in|from|for|by|of)"
         r"|other than|leaving out|leave out|ignoring|ignore|exclude|excl\.?|apart from|minus"
         r"|aside from|outside(?: of)?|non|not|wasn't|weren't|isn't|aren't|everything but"
         r"|neither|everyone but|discounting|disregarding|disregard|omitting|omit|never"
         r"|not yet)", _cue("not")),
        (r"(?:only|just|limited to|restricted to|restrict(?:ed)? (?:it )?to|filter(?:ed)?"
         r" (?:by|on|for|to)|exclusively|solely|limit(?: it| this)? to|nothing but|specifically)",
         _cue("only")),
        (r"either", _cue("either")),
        (r"(?:broken|split|break|grouped?|sliced|sorted|arranged|segmented|cut|shown|separated"
         r"|divided|listed|analysed|analyzed|ordered) (?:it |this |that |them )?(?:down |up |out )?"
         r"(?:by|into|across|over|per)|for each(?: of)?|for every|in each(?: of)?|in every|by each"
         r"|by|each|every|across|between|among|amongst|according to|depending on|at each"
         r"|on each|for all(?: the| of the| our)?|in all(?: the| of the| our)?|for the different"
         r"|for individual|one row (?:per|for each)|with one (?:row|line) (?:per|for each)",
         _cue("by")),
        (r"per", _cue("per")),
        (r"which|what|whose", _cue("which")),
        (r"who", _cue("who")),
        (r"versus|vs\.?|against", _cue("versus")),
        (r"(?:please )?compar\w*(?: (?:the|our))?", _cue("compares")),
        (r"(?:on|of|by|to|from|for|among|with|in) (?:them|those|these)|their|they|there|those|these"
         r"|of which|of those|of them|for this|for that|that one|in it"
         r"|(?:is|are|does|do) (?:that|this)|split it|break it", _cue("refers")),
        (r"all(?: of)?(?: the| our)?|(?:of )?the other|each other|of the", _cue("all")),
    )
)  # fmt: skip


def phrases(words: Words) -> tuple[Words, list[Item]]:
    """Take the fixed phrases, those that could be part of another one last."""
    found: list[Item] = []
    for compiled, build in PHRASES:
        for match in compiled.finditer(words.text):
            item = build(match) if match[0] else None
            if item is not None:
                found.append(item)
                words = words.take(*match.span())
    return words, found


_COUNTED = pattern(rf"({NUMBER})(?! ?(?:%|percent|per cent|[.,]\d))")


def numbers(words: Words) -> tuple[Words, list[Item]]:
    """Take small numbers that stand alone."""
    words, found = words.take_all(_COUNTED)
    return words, [Counted(*match.span(), number(match[1], 0)) for match in found]


def patterns() -> Iterator[str]:
    """Give the sources of these patterns: their words are never taken for slips of the pen."""
    yield from (compiled.pattern for compiled, _ in PHRASES)
    yield from (compiled.pattern for compiled, *_ in _COMPARISONS)
    yield from (_LIMIT.pattern, _OR_MORE.pattern)
    yield from (compiled.pattern for _, compiled in _MATCHES)
