"""Everyday words beside the table's own: takings for its one fee, "A x B", short forms.

Owns these rewordings, each of them said in a note where it chooses a column. Must never choose
where two columns fit, nor reword what is the name of a column or a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from deputy.agent.playbooks.language.columns import EXACT, HEAD, SYNONYM, Index
from deputy.agent.playbooks.language.facts import core, is_identifier, is_rate, label
from deputy.agent.playbooks.language.vocabulary import listed
from deputy.agent.playbooks.language.words import Gram, key, read, root, stem
from deputy.agent.playbooks.schema import Column, Table

HARMLESS = listed(
    """
    treated treat treats rang rung ring rings draw draws drew drawn parked
    park parks borrowed borrow borrows attract attracts attracted yield yielded yields serve
    served serves carry carried carries host hosted hosts welcome welcomed
    """
)
"""Verbs that only say what the rows are anyhow; they choose no figure where none is named."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A request as rewritten so far, with the table it is about and what must be said."""

    text: str
    table: Table
    index: Index
    notes: tuple[str, ...] = ()

    def figure(self, phrase: str) -> Column | None:
        """Give the one column of numbers that a phrase names outright."""
        named = [one for one in self.index.named(key(phrase.lower())) if one.level <= HEAD]
        named = [one for one in named if one.level == EXACT] or named
        plain = [one.column for one in named if _measures(one.column)]
        return plain[0] if len(named) == len(plain) == 1 else None

    def category(self, phrase: str) -> Column | None:
        """Give the one column of categories that a phrase names."""
        named = self.index.named(key(phrase.lower()))
        best = [one for one in named if one.level == named[0].level]
        fits = len(best) == 1 and best[0].level <= SYNONYM and best[0].column.kind == "text"
        return best[0].column if fits else None

    def knows(self, word: str) -> bool:
        """Say whether a word names a column or a value as it stands."""
        plain = key(word.lower())
        named = any(one.level <= SYNONYM for one in self.index.named(plain))
        return named or plain in self.index.values


def reworded(text: str, table: Table, index: Index) -> tuple[str, tuple[str, ...]]:
    """Give the request in words that the table and the grammar know, and what to say about it."""
    sight = Sight(text, table, index)
    for rule in _RULES:
        sight = rule(sight)
    return sight.text, sight.notes


def _measures(column: Column) -> bool:
    return column.kind == "number" and not is_identifier(column)


_SHORT: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"(?i)(?<![\w/])(?:{source})(?![\w/])"), said)
    for source, said in (
        (r"pls|plz|plse", "please"),
        (r"th?x|thanx|many thx|(?:thanks|thx) (?:a lot|a bunch|loads|a million)", "thanks"),
        (r"whats|what's", "what is"),
        (r"w/o", "without"),
        (r"(?:hi|hello|hey) (?:there|all|team)", "hello"),
        (r"totl|toal", "total"),
        (r"fill-ups?|fillups?", "fills"),
    )
)


def _short_forms(sight: Sight) -> Sight:
    """Write short forms out."""
    text = sight.text
    for pattern, said in _SHORT:
        if not any(sight.knows(match[0]) for match in pattern.finditer(text)):
            text = pattern.sub(said, text)
    return _with(sight, text)


_EXCLUDED = re.compile(
    r"(?i)(?:^|[,;(])\s*(?:with )?(?P<what>[^\W\d][^,;.:()?!\n]{1,60}?)(?: (?:are|is|being|to be))?"
    r" (?:excluded|left out|not included|not counted|excepted)(?=\s*(?:[,.;:!?)\n]|$))"
)
_ONLY = re.compile(r"(?i)(?<=\w), (?P<what>\w+) (?P<figure>hours|minutes|days) only\b")
_FILLED_IN = re.compile(r"(?i)\b(?P<no>no (?:[\w#]+ ){1,3})filled in\b")


def _exclusions(sight: Sight) -> Sight:
    """Read "UK excluded" as "excluding UK", and "no country filled in" as "no country"."""
    text = _EXCLUDED.sub(lambda match: f", excluding {match['what']}", sight.text)
    for match in reversed(list(_ONLY.finditer(text))):
        flagged = root(match["what"].lower()) in sight.index.flags or sight.knows(match["what"])
        if flagged and sight.figure(match["figure"]) is not None:
            text = f"{text[: match.start('what')]}only {match['what']}{text[match.end() :]}"
    return _with(sight, _FILLED_IN.sub(lambda match: match["no"].rstrip(), text))


_TWO = r"[^\W\d]\w*(?: [^\W\d]\w*)?"
_SIDES: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rf"(?i){source}")
    for source in (
        rf"(?P<a>{_TWO}) (?:down|along|on) the side,?(?: and)? (?P<b>{_TWO}) (?:across|along|at|on)"
        r" the top",
        rf"(?P<a>{_TWO}) (?:in|as) (?:the )?rows,?(?: and)? (?P<b>{_TWO}) (?:in|as) (?:the )?"
        r"columns",
        rf"(?P<a>{_TWO}) [x×] (?P<b>{_TWO})",
    )
)
_MATRIX = re.compile(
    rf"(?i)\b(?:an? |the )?(?:matrix|pivot(?: table)?|cross ?tab(?:ulation)?) of (?P<of>[^,:;]+)"
    rf"[,:] (?P<a>{_TWO}) by (?P<b>{_TWO})"
)
_PIVOT = re.compile(r"(?i)\b(?:an? |the )?(?:matrix|pivot(?: table)?|cross ?tab(?:ulation)?) of ")
_COUNTS = re.compile(rf"(?i)(?P<a>{_TWO}) (?:vs\.?|versus|by|x) (?P<b>{_TWO}) counts\b")


def _layouts(sight: Sight) -> Sight:
    """Read two columns named for the side and the top as a table by both."""
    text = sight.text
    for pattern in _SIDES:
        for match in pattern.finditer(text):
            made = _both(sight, match["a"], match["b"])
            if made is not None:
                before = text[: match.start()].rstrip(" ,:;")
                glued = f"{before} {made}".strip()
                return _with(sight, _PIVOT.sub("", glued) + text[match.end() :])
    for pattern, lead in ((_MATRIX, "of"), (_COUNTS, None)):
        found = pattern.search(text)
        made = _both(sight, found["a"], found["b"]) if found else None
        if found is not None and made is not None:
            what = found[lead] if lead else "number of rows"
            head, tail = text[: found.start()], text[found.end() :]
            return _with(sight, f"{head} {what} {made}{tail}".strip())
    return sight


def _both(sight: Sight, first: str, second: str) -> str | None:
    """Give "… by A and B" where the words end and begin with names of columns of categories."""
    lead, one = _ending(sight, first)
    other, rest = _beginning(sight, second)
    if one is None or other is None or key(one) == key(other):
        return None
    return f"{lead} by {one} and {other} {rest}".strip()


def _ending(sight: Sight, said: str) -> tuple[str, str | None]:
    words = said.split()
    for start in range(len(words)):
        if sight.category(" ".join(words[start:])) is not None:
            return " ".join(words[:start]), " ".join(words[start:])
    return said, None


def _beginning(sight: Sight, said: str) -> tuple[str | None, str]:
    words = said.split()
    for end in range(len(words), 0, -1):
        if sight.category(" ".join(words[:end])) is not None:
            return " ".join(words[:end]), " ".join(words[end:])
    return None, said


_MARKS = re.compile(r"(?i) (?P<noun>scores?|marks?|results?|grades?|points|value|values)\b")
_COUNTING = re.compile(r"(?i)(?:number|count|how many|share|percentage)\b[^,;.]*$")


def _head_nouns(sight: Sight) -> Sight:
    """Read "Math score" as the column Math where no column is called a score."""
    text = sight.text
    for match in reversed(list(_MARKS.finditer(text))):
        last = _gram_before(text, match.start(), lambda said: sight.figure(said) is not None)
        if last is None or sight.knows(match["noun"]):
            continue
        column = sight.figure(text[last.start : last.end])
        whole = sight.index.named(key(text[last.start : match.end()].lower()))
        missing = re.search(r"(?i)\b(?:missing|no|blank|empty)\b[^,;.]*$", text[: last.start])
        counted = _COUNTING.search(text[: last.start]) and not missing
        if column is not None and not whole and not counted:
            text = text[: match.start()] + text[match.end() :]
    return _with(sight, text)


def _gram_before(text: str, end: int, fits: Callable[[str], bool]) -> Gram | None:
    """Give the longest run of words that ends at a place and fits."""
    grams = [gram for gram in read(text).grams() if gram.end == end]
    return next((gram for gram in grams if fits(text[gram.start : gram.end])), None)


def _gram_after(text: str, start: int, fits: Callable[[str], bool]) -> Gram | None:
    grams = [gram for gram in read(text).grams() if not text[start : gram.start].strip()]
    grams = [gram for gram in grams if gram.start >= start]
    return next((gram for gram in grams if fits(text[gram.start : gram.end])), None)


_HIGH = r"(?:highest|largest|biggest|greatest|maximum|max|dearest|most expensive|best)"
_LOW = r"(?:lowest|smallest|minimum|min|cheapest|worst)"
_EXTREMES: tuple[tuple[re.Pattern[str], str, bool], ...] = tuple(
    (re.compile(rf"(?i)\b(?:the )?(?:{source})\s+"), said, single)
    for source, said, single in (
        (rf"{_HIGH} single|single {_HIGH}", "maximum", True),
        (rf"{_LOW} single|single {_LOW}", "minimum", True),
        (rf"{_HIGH} and (?:the )?{_LOW}", "maximum and minimum", False),
        (rf"{_LOW} and (?:the )?{_HIGH}", "minimum and maximum", False),
        (r"coldest", "minimum", False),
        (r"hottest|warmest", "maximum", False),
    )
)
_LEVELS = listed("balance temperature stock level mark score grade age price rating humidity")
_RANKS = re.compile(r"(?i)\b(?:which|who|whose|where|top|with(?: the)?|have|has|had|having)\b")
_AGES = re.compile(
    r"(?i)\bage of (?:the )?(?P<one>youngest|oldest) and (?:the )?(?P<two>youngest|oldest)\b"
)


def _extremes(sight: Sight) -> Sight:
    """Read "largest single debit" and "lowest and highest balance" as figures of single rows."""
    text = sight.text
    for pattern, said, single in _EXTREMES:
        match = pattern.search(text)
        while match is not None:
            after = match.end()
            gram = _gram_after(text, after, lambda words: sight.figure(words) is not None)
            column = sight.figure(text[gram.start : gram.end]) if gram is not None else None
            if (
                column is not None
                and gram is not None
                and (single or _is_level(sight, column, text, match.start(), gram.end))
            ):
                text = text[: match.start()] + said + " " + text[after:]
            match = pattern.search(text, match.start() + 1)
    ages = _AGES.search(text)
    if ages is not None and sight.figure("age") is not None and ages["one"] != ages["two"]:
        order = "minimum and maximum" if ages["one"].lower() == "youngest" else (
            "maximum and minimum")  # fmt: skip
        text = f"{text[: ages.start()]}{order} age of{text[ages.end() :]}"
    return _with(sight, text)


def _is_level(sight: Sight, column: Column, text: str, start: int, end: int) -> bool:
    """Say whether nobody would add a column up, and nothing in its sentence is ranked by it."""
    level = is_rate(column) or bool(_LEVELS & set(core(column.name).split()))
    level = level or bool(_MARKS.match(text, end))
    clause = re.split(r"[.;?!\n]", text[:start])[-1]
    thing = _gram_after(text, end, lambda said: sight.category(said) is not None)
    return level and not _RANKS.search(clause) and thing is None


_INCOMING = re.compile(
    r"(?i)\b(?:takings|revenues?|income|turnover|proceeds|fares?|fees|earnings)\b"
)
_OUTGOING = re.compile(r"(?i)\b(?:spending|spend|outgoings?|expenses|expenditure|outlay|costs)\b")
_ENERGY = re.compile(r"(?i)\b(?:(?:energy |power )?consumption|energy|electricity)\b")
_TALK = re.compile(r"(?i)\b(?:talk time|call (?:time|length|duration)|handling time)\b")
_IN_HEADS = listed("fee fare amount takings taking revenue sale income turnover receipt charge")
_NOT_IN = listed(
    "cost expense spend budget salary wage profit margin tax vat discount balance debit credit"
    " plan refund deposit debt loan bonus"
)
_OUT_HEADS = listed("cost expense spend expenditure outlay")


def _near_figures(sight: Sight) -> Sight:
    """Read takings as the only amount of the table, spending as its debits, and the like."""
    for pattern, found in (
        (_INCOMING, _incoming(sight.table)), (_OUTGOING, _outgoing(sight.table)),
        (_ENERGY, _of_unit(sight.table)), (_TALK, _lasting(sight.table)),
    ):  # fmt: skip
        if len(found) == 1:
            sight = _replaced(sight, pattern, found[0])
    return sight


def _money(table: Table) -> list[Column]:
    """Give every column that may hold money, whatever it is for."""
    words = _IN_HEADS | _NOT_IN | _OUT_HEADS | {"price", "paid", "payment", "total", "value", "net"}
    return [one for one in table.columns if _measures(one) and (
        _currency(one) or words & set(core(one.name).split()))]  # fmt: skip


def _currency(column: Column) -> bool:
    return bool(column.unit and len(column.unit) == 3 and column.unit.isupper())


def _sides(table: Table, side: str) -> list[Column]:
    """Give the column of one side of a bank statement."""
    both = {core(one.name): one for one in table.columns if _measures(one)}
    return [both[side]] if {"debit", "credit"} <= set(both) else []


def _incoming(table: Table) -> list[Column]:
    found = [one for one in _money(table) if not is_rate(one)]
    plain = [one for one in found if not _NOT_IN & set(core(one.name).split())
             and (_currency(one) or core(one.name).split()[-1] in _IN_HEADS)]  # fmt: skip
    return plain if len(_money(table)) == 1 else _sides(table, "credit")


def _outgoing(table: Table) -> list[Column]:
    found = _money(table)
    plain = [one for one in found if core(one.name).split()[-1] in _OUT_HEADS]
    return plain if len(found) == 1 else _sides(table, "debit")


def _of_unit(table: Table) -> list[Column]:
    units = listed("kwh mwh wh")
    return [one for one in table.columns if _measures(one) and (
        (one.unit or "").lower() in units
        or units & set(re.findall(r"[a-z]+", one.name.lower())))]  # fmt: skip


def _lasting(table: Table) -> list[Column]:
    return [one for one in table.columns if _measures(one) and core(one.name) == "duration"]


def _replaced(sight: Sight, pattern: re.Pattern[str], column: Column) -> Sight:
    text, notes = sight.text, list(sight.notes)
    for match in reversed(list(pattern.finditer(text))):
        if sight.knows(match[0]) or _in_longer_name(sight, match.start(), match.end()):
            continue
        text = text[: match.start()] + label(column.name).lower() + text[match.end() :]
        notes.append(f"“{match[0]}” is read as the column {column.name}.")
    return Sight(text, sight.table, sight.index, tuple(dict.fromkeys(notes)))


def _in_longer_name(sight: Sight, start: int, end: int) -> bool:
    """Say whether a word is part of several that name a column or value: "Revenue office"."""
    return any(
        gram.start <= start and end <= gram.end and gram.words > 1
        and (gram.key in sight.index.values
             or any(one.level <= SYNONYM for one in sight.index.named(gram.key)))
        for gram in read(sight.text).grams(2)
    )  # fmt: skip


def _with(sight: Sight, text: str) -> Sight:
    return Sight(text, sight.table, sight.index, sight.notes)


_RULES: tuple[Callable[[Sight], Sight], ...] = (
    _short_forms, _exclusions, _layouts, _extremes, _head_nouns, _near_figures,
)  # fmt: skip


_UNITS_OF_TIME = listed("hour minute second day night week month")
_CALENDAR = re.compile(
    r"(?:\b(?:by|per|each|every|last|past|next|previous|first|working|in|of) |\d\s?)$"
)


def own_hours(text: str, at: int, word: str, index: Index) -> bool:
    """Say whether "hours" is the column Hours here, and no unit of time."""
    plain = stem(word)
    if plain not in _UNITS_OF_TIME or not word.endswith("s") or _CALENDAR.search(text[:at]):
        return False
    named = index.named(plain)
    exact = [one for one in named if one.level == EXACT]
    return len(exact) == 1 and _measures(exact[0].column) and not text[at:].startswith(f"{word} of")


LIKE_FIGURES = listed("total sum mean overall maximum minimum peak")
"""Words for figures that a brand or a place may be called by."""
_PLACE = re.compile(r"\b(?:at|from|in|only|excluding|without|not|except|against|vs\.?|=) $")


def is_place(text: str, at: int) -> bool:
    """Say whether a word stands where a name does: "at Total"."""
    return bool(_PLACE.search(text[:at]))
