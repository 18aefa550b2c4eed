"""Where the words name a column or a value, and in which role.

Owns finding mentions and sorting them into figure, grouping, dates and filters. Must never
decide between columns that fit equally well: that is a question for the requester.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deputy.agent.playbooks import columns as names
from deputy.agent.playbooks.columns import Index, Named
from deputy.agent.playbooks.phrases import Condition, Counting
from deputy.agent.playbooks.plan import Filter, Scalar
from deputy.agent.playbooks.schema import Column, Kind
from deputy.agent.playbooks.words import FILLERS, TAKEN, Gram, Words

GROUPS_OF_NUMBERS_MAX = 60

_BY = re.compile(
    r"(?:^|\W)(?:by|per|each|every|across|between|among|amongst|which|what)"
    r"(?: the| each| our| of the| individual| all| single| other)*$"
)
_PER = re.compile(r"(?:^|\W)per$")
_ALL = re.compile(r"(?:^|\W)all(?: the| our)?$")
_NOT = re.compile(
    r"(?:^|(?<=\W))(?:excluding|except(?: for)?|without|not(?: including| counting)?|other than"
    r"|but not|leaving out|leave out|ignoring|ignore|exclude|excl\.?|apart from|minus|no)"
    r"(?: (?:the|any|all|from|in|for|those|rows|orders|sales))*$"
)
_ONLY = re.compile(
    r"(?:^|(?<=\W))(?:(?:only|just|limited to|restricted to|restrict(?:ed)? (?:it )?to|where|filter"
    r"(?:ed)? (?:by|on|for|to)|equal to|equals|=|rows|lines|records|entries)"
    r"(?: (?:for|in|from|the|to|at|of|with|is|an?|rows|lines|records|entries|where|whose"
    r"|having))*)$"
)
_LIST = re.compile(r"[\s,\"]*(?:and|or|&|as well as)?[\s,\"]*(?:the )?")
_LINK = re.compile(r"\s*(?:is|=|:|are|being|of|in)?\s*(?:the )?\"?\s*")
_OR = re.compile(r"\bor\b")
_AFTER_ONLY = re.compile(r"\s*(?:only|alone)\b")
_ROWS = re.compile(
    r"(?:^|\W)(?:where|only|rows|lines|records|entries|orders|transactions|single)\W"
)
_HAVING = re.compile(r"(?:with|having|whose|that have|which have)(?: an?| the)?$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in the words that names columns or values of columns."""

    start: int
    end: int
    named: tuple[Named, ...] = ()
    values: tuple[tuple[Column, str], ...] = ()
    said: str = ""

    def of(self, *kinds: Kind, identifiers: bool | None = None) -> tuple[Named, ...]:
        """Give the columns of some kinds it may mean, the most direct level only."""
        fits = [
            named
            for named in self.named
            if named.column.kind in kinds
            and (identifiers is None or names.is_identifier(named.column) == identifiers)
        ]
        best = min((named.level for named in fits), default=0)
        return tuple(named for named in fits if named.level == best)


@dataclass(frozen=True, slots=True)
class Roles:
    """The mentions by role. `counted` is the mention whose things are counted."""

    figures: tuple[tuple[Mention, tuple[Named, ...]], ...] = ()
    groups: tuple[tuple[Mention, tuple[Named, ...]], ...] = ()
    dates: tuple[Column, ...] = ()
    by_date: bool = False
    counted: Mention | None = None
    things: tuple[Mention, ...] = ()
    freed: tuple[Column, ...] = ()
    filters: tuple[Filter, ...] = ()
    question: str | None = None


def find(words: Words, index: Index, fewest: int) -> tuple[Words, tuple[Mention, ...]]:
    """Take every mention of at least so many words, longest first from the left."""
    found: list[Mention] = []
    reached = 0
    for gram in words.grams(fewest):
        if gram.start < reached:
            continue
        mention = _mention(words, gram, index)
        if mention is not None:
            found.append(mention)
            reached = gram.end
    for mention in found:
        words = words.take(mention.start, mention.end)
    return words, tuple(found)


def _mention(words: Words, gram: Gram, index: Index) -> Mention | None:
    named = index.columns.get(gram.key, ())
    values = index.values.get(gram.key, ())
    if values and not _acceptable(words, gram, values):
        values = ()
    if named and values:
        exact = any(one.level == names.EXACT for one in named)
        before = words.before(gram.start)
        marked = _ONLY.search(before) or _NOT.search(before)
        said_so = any(words.said(gram.start, gram.end) == value for _, value in values)
        if marked or (said_so and not exact):
            named = ()
        else:
            values = ()
    if not named and not values:
        return None
    return Mention(gram.start, gram.end, named, values, words.said(gram.start, gram.end))


def _acceptable(words: Words, gram: Gram, values: tuple[tuple[Column, str], ...]) -> bool:
    said = words.said(gram.start, gram.end)
    plain = len(said) > 3 and gram.key not in FILLERS and not gram.key.isdigit()
    return plain or any(said == value for _, value in values)


def conditions(
    words: Words, index: Index, found: tuple[Condition, ...], taken: tuple[Mention, ...]
) -> tuple[Words, tuple[Mention, ...], tuple[tuple[Column, Filter, bool], ...], str | None]:
    """Bind comparisons with numbers to the numeric column beside them.

    Gives the mentions left and, per condition, its column, the filter and whether the words
    speak of single rows.
    """
    bound: list[tuple[Column, Filter, bool]] = []
    for condition in found:
        beside = _beside(words, index, condition, taken)
        if beside is None:
            continue
        start, end, named = beside
        if len(named) > 1:
            return words, taken, (), which("figure", words.said(start, end), named)
        column = named[0].column
        before = words.before(min(start, condition.start), 200)
        rows = bool(_ROWS.search(before + " ")) and not _HAVING.search(before)
        value = _value(condition.numbers)
        bound.append((column, Filter(column=column.name, op=condition.op, value=value), rows))
        words = words.take(start, end).take(condition.start, condition.end)
        words = _take_before(words, min(start, condition.start), _ONLY)
        taken = tuple(one for one in taken if one.start != start)
    return words, taken, tuple(bound), None


def _value(numbers: tuple[float, ...]) -> Scalar | tuple[Scalar, ...]:
    plain: tuple[Scalar, ...] = tuple(int(one) if one == int(one) else one for one in numbers)
    return plain if len(plain) > 1 else plain[0]


def _beside(
    words: Words, index: Index, condition: Condition, taken: tuple[Mention, ...]
) -> tuple[int, int, tuple[Named, ...]] | None:
    spots: list[tuple[int, int, tuple[Named, ...]]] = [
        (one.start, one.end, one.of("number", identifiers=False)) for one in taken
    ]
    for gram in words.grams():
        named = Mention(gram.start, gram.end, index.columns.get(gram.key, ()))
        spots.append((gram.start, gram.end, named.of("number", identifiers=False)))
    spots = sorted((spot for spot in spots if spot[2]), key=lambda spot: spot[0] - spot[1])
    for start, end, named_columns in spots:
        if end <= condition.start and not words.text[end : condition.start].strip(" ,"):
            return start, end, named_columns
    for start, end, named_columns in spots:
        if start >= condition.end and not words.text[condition.end : start].strip():
            return start, end, named_columns
    return None


def sort_out(
    words: Words, found: tuple[Mention, ...], counting: Counting | None, ranked: bool
) -> tuple[Words, Roles]:
    """Give every mention its role; values become filters and use up their marking words."""
    found = tuple(sorted(found, key=lambda mention: mention.start))
    values = [mention for mention in found if mention.values]
    others = [mention for mention in found if not mention.values]
    words, filters, used, question = _filters(words, values, others)
    if question is not None:
        return words, Roles(question=question)
    others = [mention for mention in others if mention not in used]
    figures, groups, dates, freed, things = [], [], [], [], []
    counted: Mention | None = None
    by_date = False
    ends = {mention.end for mention in found}
    for mention in others:
        before = words.before(mention.start)
        if counting and counted is None and _follows(words, counting.at, mention.start):
            counted = mention
            continue
        taken = len(words.text[: mention.start].rstrip())
        at_rank = ranked and words.text[:taken].endswith(TAKEN) and taken not in ends
        role, fits = _role(mention, bool(_BY.search(before)), at_rank, ranked)
        if role == "group" and _PER.search(before) and _divides(fits[0].column):
            return words, Roles(question=_per_number(words, mention, fits[0].column))
        if _ALL.search(before) and role == "group":
            freed += [named.column for named in fits]
        if role == "figure":
            figures.append((mention, fits))
        elif role == "group":
            groups.append((mention, fits))
        elif role == "thing":
            things.append(mention)
        else:
            dates += [named.column for named in fits[:1]]
            by_date = by_date or bool(_BY.search(before))
    return words, Roles(
        tuple(figures), tuple(groups), tuple(dates), by_date, counted, tuple(things),
        tuple(freed), filters,
    )  # fmt: skip


def _divides(column: Column) -> bool:
    return column.kind == "number" and not names.is_identifier(column)


def _per_number(words: Words, mention: Mention, column: Column) -> str:
    said = words.said(mention.start, mention.end)
    return (
        f"I cannot divide by “{said}”. Shall I leave “per {said}” out, or do you want one row for "
        f"each value: “by {column.name}”?"
    )


def _follows(words: Words, at: int, start: int) -> bool:
    if start < at:
        return False
    between = words.text[at:start].replace(TAKEN, " ").split()
    return all(word in FILLERS for word in between) and len(between) <= 2


def _role(mention: Mention, by: bool, at_rank: bool, ranked: bool) -> tuple[str, tuple[Named, ...]]:
    """Give a mention's role. A "thing" is what a row is about: orders, tickets, invoices."""
    texts = mention.of("text") or mention.of("number", "text", identifiers=True)
    numbers = mention.of("number", identifiers=False)
    if texts and (by or not numbers or texts[0].level < numbers[0].level):
        thing = all(names.is_identifier(one.column) for one in texts)
        return ("thing" if thing and not by and not at_rank else "group"), texts
    small = tuple(
        one
        for one in numbers
        if one.column.distinct <= GROUPS_OF_NUMBERS_MAX
        and not one.column.unit
        and one.level == names.EXACT
    )
    if by and small and not ranked:
        return "group", small
    if numbers:
        return "figure", numbers
    return "date", mention.of("date") or mention.named[:1]


def _filters(
    words: Words, values: list[Mention], others: list[Mention]
) -> tuple[Words, tuple[Filter, ...], list[Mention], str | None]:
    """Turn value mentions into filters; a column named beside a value belongs to the value."""
    chosen: list[tuple[Column, str, bool]] = []
    used: list[Mention] = []
    previous: Mention | None = None
    negative = False
    for mention in values:
        beside = [other for other in others if _linked(words, other, mention)]
        # "By region in the north" is both: a breakdown, and rows of one region.
        used += [other for other in beside if not _BY.search(words.before(other.start))]
        columns = _narrow(mention, beside)
        if len({column.name for column, _ in columns}) > 1:
            return words, (), used, _ambiguous(words, mention, columns)
        start = min([mention.start, *(other.start for other in beside)])
        listed = previous is not None and bool(
            _LIST.fullmatch(words.text[previous.end : mention.start])
        )
        if listed and previous is not None and chosen[-1][0].name != columns[0][0].name:
            if negative or _OR.search(words.text[previous.end : mention.start]):
                return (
                    words,
                    (),
                    used,
                    (
                        "A list of values across two columns can mean several things. Which "
                        "of them shall count?"
                    ),
                )
            listed = False
        if (
            listed
            and previous is not None
            and (either := _OR.search(words.text, previous.end, mention.start))
        ):
            words = words.take(*either.span())
        if not listed:
            negative = bool(_NOT.search(words.before(start)))
        words = _take_before(words, start, _NOT if negative else _ONLY)
        after = _AFTER_ONLY.match(words.text, mention.end)
        if after:
            words = words.take(*after.span())
        chosen += [(column, value, negative) for column, value in columns]
        previous = mention
    return words, _merged(chosen), used, None


def _take_before(words: Words, start: int, compiled: re.Pattern[str]) -> Words:
    match = compiled.search(words.before(start))
    if match is None:
        return words
    offset = max(0, start - 40)
    return words.take(offset + match.start(), offset + match.end())


def _linked(words: Words, other: Mention, value: Mention) -> bool:
    if not {named.column.name for named in other.named} & {col.name for col, _ in value.values}:
        return False
    if other.end <= value.start:
        return bool(_LINK.fullmatch(words.text[other.end : value.start]))
    return not words.text[value.end : other.start].strip()


def _narrow(mention: Mention, beside: list[Mention]) -> tuple[tuple[Column, str], ...]:
    named = {named.column.name for other in beside for named in other.named}
    kept = tuple((column, value) for column, value in mention.values if column.name in named)
    return kept or mention.values


def _ambiguous(words: Words, mention: Mention, found: tuple[tuple[Column, str], ...]) -> str:
    said = words.said(mention.start, mention.end)
    listed = " or ".join(dict.fromkeys(column.name for column, _ in found))
    return f"“{said}” stands in several columns. Which do you mean: {listed}?"


def _merged(chosen: list[tuple[Column, str, bool]]) -> tuple[Filter, ...]:
    filters: list[Filter] = []
    wanted: dict[str, list[str]] = {}
    for column, value, negative in chosen:
        if negative:
            filters.append(Filter(column=column.name, op="ne", value=value))
        elif value not in wanted.setdefault(column.name, []):
            wanted[column.name].append(value)
    kept = [
        Filter(column=name, op="eq", value=listed[0])
        if len(listed) == 1
        else Filter(column=name, op="in", value=tuple(listed))
        for name, listed in wanted.items()
    ]
    return (*kept, *dict.fromkeys(filters))


def which(what: str, said: str, named: tuple[Named, ...]) -> str:
    listed = " or ".join(dict.fromkeys(one.column.name for one in named))
    return f"Which {what} do you mean by “{said}”: {listed}?"
