"""From words to typed spans: every recogniser in its order, over one table.

Owns the order: what is said more plainly is taken first. Must never decide what a span is for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from deputy.agent.playbooks.language import (
    nearwords,
    orders,
    periods,
    phrases,
    rankings,
    states,
)
from deputy.agent.playbooks.language.columns import (
    EXACT,
    HEAD,
    PART,
    SYNONYM,
    Found,
    Index,
    Named,
)
from deputy.agent.playbooks.language.facts import is_identifier
from deputy.agent.playbooks.language.items import (
    Break,
    Dated,
    Doing,
    Figure,
    Item,
    Naming,
    Rows,
    Unknown,
    Valued,
    Wanted,
)
from deputy.agent.playbooks.language.orders import Files
from deputy.agent.playbooks.language.vocabulary import (
    EVENT_NOUNS,
    FILLERS,
    NO,
    PEOPLE,
    RATIOS,
    ROW_NOUNS,
    YES,
)
from deputy.agent.playbooks.language.words import (
    WORD,
    Gram,
    Words,
    key,
    pattern,
    read,
    root,
    stem,
)
from deputy.agent.playbooks.schema import Table

_BREAKS = re.compile(
    r"(?P<strong>[.?!;:\n]+(?=\s|\x00|$|\")|\s-\s)|(?P<comma>,|\band\b|&|\bplus\b|\bas well as\b"
    r"|\balong with\b|\btogether with\b|\bthen\b|\balso\b|\bbut\b|\bnor\b|\bnext to\b"
    r"|\balongside\b)"
    r"|(?P<or>\bor\b|/)|(?P<open>\()|(?P<close>\))"
)
_LEFT = re.compile(r"[^\W_]+(?:[.'&%-]+[^\W_]+)*|[<>=%+*]+")
_COLUMN_BESIDE = re.compile(r"\s*\"?\s*(?:columns?|fields?)\b")
_BESIDE_COLUMN = re.compile(r"\b(?:columns?|fields?)\s+(?:called\s+|named\s+)?\"?\s*$")
VALUE_CHARS_MIN = 3
_PASSED = FILLERS | nearwords.HARMLESS | {"or", "but", "nor", "plus", "then"}


@dataclass(frozen=True, slots=True)
class Recognised:
    """The spans of a request in their order, and the files asked for.

    `fits` are the figures in the units that the words name: "in minutes".
    """

    words: Words
    items: tuple[Item, ...]
    files: Files
    no_chart: bool = False
    fits: tuple[str, ...] = ()


def nouns_of(table: Table) -> frozenset[str]:
    """Give the nouns in the names of a table's file and sheet."""
    parts = re.findall(r"[^\W\d_]+", f"{PurePosixPath(table.path).stem} {table.sheet or ''}")
    return frozenset(stem(part.lower()) for part in parts if len(part) > 2)


def recognise(text: str, table: Table, index: Index, nouns: frozenset[str]) -> Recognised:
    """Give every span of a request. `nouns`: what the requester calls the rows."""
    words = _drop_names(_plain(read(text)), table)
    words, matching = phrases.matchings(words)
    words, ratios = _ratios(words, index)
    words, first = _mentions(words, index, 2, dated=bool(table.of_kind("date")))
    words, sure = _sure(words, index)
    words, signed = _signed(words, table)
    words, kept = states.states(words, table, index)
    words, own = _own_units(words, index)
    words, fits = states.units(words, table, index)
    words = orders.courtesies(words)
    words, limits = phrases.limits(words, table.decimal or ".")
    words, files = orders.files(words)
    words, charts, no_chart = orders.charts(words)
    words, compared = phrases.comparisons(words)
    words, dated = periods.find(words)
    words, ranked = rankings.rankings(words)
    words, fixed = phrases.phrases(words)
    words, counted = phrases.numbers(words)
    words, single = _mentions(words, index, 1, dated=True)
    words, more = _rest(words, table, index, nouns)
    found: list[Item] = [
        *matching, *ratios, *first, *sure, *own, *limits, *charts, *compared, *ranked, *fixed,
        *counted, *single, *more, *kept, *signed,
        *(Dated(start, end, asked) for start, end, asked in dated),
    ]  # fmt: skip
    found += _breaks(words, found)
    items = tuple(sorted(found, key=lambda item: (item.start, item.end)))
    return Recognised(words, items, files, no_chart, fits)


_BUT = re.compile(
    r"(\b(?:all|any|each|every\w*|anything)\b[^.,;:\n]{0,40}?\b)but(?=\s+(?!not\b|only\b|just\b))"
)


_TWICE = re.compile(r"\b(?=[^\W\d_]{4,} by )(\w+)( by \1\b)")


def _plain(words: Words) -> Words:
    """Read "all channels but Email" as "all channels not Email", at the same places, and
    "region by region" as "by region"."""
    text = _BUT.sub(r"\1not", words.text)
    return replace(words, text=_TWICE.sub(lambda match: " " * len(match[1]) + match[2], text))


def _drop_names(words: Words, table: Table) -> Words:
    """Use up the file's and the sheet's own name where the requester wrote it."""
    names = [PurePosixPath(table.path).name]
    if table.sheet and len(table.sheet) > 3:
        names.append(table.sheet.strip())
    for name in names:
        plain = read(name).text.strip()
        named = re.compile(
            rf"(?:(?:from|in|of|on|use|using)\s+)?(?:the\s+)?(?:(?:sheet|tab|file|table)\s+)?\"?"
            rf"(?<![^\W_]){re.escape(plain)}(?![^\W_])\"?"
            rf"(?P<after>\s+(?:sheet|tab|file|table|worksheet))?"
        )
        match = named.search(words.text)
        single = " " not in plain and "." not in plain
        marked = match and (match["after"] or re.search(r"\b(?:sheet|tab|file|table)\b", match[0]))
        if match is not None and (not single or marked):
            words = words.take(*match.span())
    return words


def _mentions(words: Words, index: Index, fewest: int, *, dated: bool) -> tuple[Words, list[Item]]:
    """Take every mention of at least so many words, longest first from the left."""
    found: list[Item] = []
    reached = 0
    for gram in words.grams(fewest if dated else 1):
        if gram.start < reached:
            continue
        item = _mention(words, gram, index)
        calendar = not dated and gram.words < fewest
        if item is not None and not (calendar and not _says_time(gram)):
            found.append(item)
            reached = gram.end
    found = [_with_sign(words, item) for item in found]
    for item in found:
        words = words.take(item.start, item.end)
    return words, found


_SIGN = re.compile(r"\s*(?:[%#€$£]|\([^()]{1,12}\))")


def _with_sign(words: Words, item: Item) -> Item:
    """Take the sign or unit that a column's name ends in: "Rabatt %", "Cost (€)"."""
    match = _SIGN.match(words.original, item.end)
    if match is None or not isinstance(item, Naming):
        return item
    sign = match[0].strip().lower()
    ends = any(one.column.name.lower().rstrip().endswith(sign) for one in item.named)
    return replace(item, end=match.end()) if ends else item


_TIME = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|q\d|h\d|(?:19|20)\d\d|month|year"
    r"|quarter|week|day|hour|weekday|mon|tue|wed|thu|fri|sat|sun"
)


def _says_time(gram: Gram) -> bool:
    """Say whether a word names a time, which a table without dates keeps in plain columns."""
    return bool(_TIME.fullmatch(gram.key))


def _mention(words: Words, gram: Gram, index: Index) -> Item | None:
    said = words.said(gram.start, gram.end)
    named = index.named(gram.key)
    if gram.words == 1 and _is_event(gram.key):
        # "Orders" are not the column Order total: what a row is outranks a part of a name.
        named = tuple(one for one in named if one.level < PART)
    values = tuple(one for one in index.values.get(gram.key, ()) if _acceptable(said, gram, one))
    if named and values:
        exact = any(one.level == EXACT for one in named)
        direct = any(one.level <= HEAD for one in named)
        as_written = any(said == one.value for one in values) and not said.islower()
        if (as_written and not exact) or not direct:
            named = ()
        else:
            values = ()
    if values:
        return Valued(gram.start, gram.end, values, said)
    if named:
        return Naming(gram.start, gram.end, named, said)
    return None


def _is_event(word: str) -> bool:
    return word in EVENT_NOUNS or word in ROW_NOUNS or word in PEOPLE


def _acceptable(said: str, gram: Gram, one: Found) -> bool:
    if gram.key in YES | NO:
        return False  # "No" and "yes" speak; they name no value.
    if one.level != EXACT:
        return True
    plain = len(said) > VALUE_CHARS_MIN and gram.key not in FILLERS and not gram.key.isdigit()
    return plain or said == one.value or (len(said) > 2 and said.upper() == one.value)


def _ratios(words: Words, index: Index) -> tuple[Words, list[Item]]:
    """Take the names of ratios whose two figures the table has, and no column of that name."""
    found: list[Item] = []
    for names, above, below, share in RATIOS:
        over = _first_figures(index, below)
        top = _first_figures(index, above)
        for name in names.split("|") if over and top else ():
            if any(one.level <= HEAD for one in index.named(key(name))):
                continue
            words, matches = words.take_all(pattern(f"(?:the |our |average )*{name}"))
            for match in matches:
                said = words.said(*match.span())
                under = Wanted(columns=over, said=over[0].column.name)
                wanted = Wanted(columns=top, said=said, over=under, share=share)
                found.append(Figure(*match.span(), wanted))
    return words, found


def _first_figures(index: Index, heads: tuple[str, ...]) -> tuple[Named, ...]:
    for head in heads:
        named = index.named(key(head))
        fits = tuple(
            one for one in named if one.column.kind == "number" and not is_identifier(one.column)
        )
        if fits:
            return fits
    return ()


def _signed(words: Words, table: Table) -> tuple[Words, list[Item]]:
    """Take names that hold a sign which would mean something else: "Rabatt %"."""
    found: list[Item] = []
    for column in table.columns:
        name = read(column.name).text.strip()
        if not re.search(r"[%#€$£/+<>=]", name):
            continue
        for match in re.finditer(rf"(?<![^\W_]){re.escape(name)}", words.text):
            said = words.said(*match.span())
            found.append(Naming(*match.span(), (Named(column, EXACT),), said, sure=True))
    for item in found:
        words = words.take(item.start, item.end)
    return words, found


def _sure(words: Words, index: Index) -> tuple[Words, list[Item]]:
    """Take "the total column" and "column total": there the words name a column themselves."""
    found: list[Item] = []
    for gram in words.grams():
        named = tuple(one for one in index.named(gram.key) if one.level <= SYNONYM)
        after = _COLUMN_BESIDE.match(words.text, gram.end)
        before = _BESIDE_COLUMN.search(words.text, 0, gram.start)
        if named and (after or before) and not (found and gram.start < found[-1].end):
            start = before.start() if before else gram.start
            end = after.end() if after else gram.end
            best = min(one.level for one in named)
            kept = tuple(one for one in named if one.level == best)
            found.append(Naming(start, end, kept, words.said(gram.start, gram.end), sure=True))
    for item in found:
        words = words.take(item.start, item.end)
    return words, found


def _own_units(words: Words, index: Index) -> tuple[Words, list[Item]]:
    """Take "hours" as the column Hours before it is a unit of time, "at Total" as a station."""
    found: list[Item] = []
    for match in WORD.finditer(words.text):
        if nearwords.own_hours(words.text, match.start(), match[0], index):
            named = tuple(one for one in index.named(stem(match[0])) if one.level == EXACT)
            found.append(Naming(*match.span(), named, words.said(*match.span())))
        elif match[0] in nearwords.LIKE_FIGURES and nearwords.is_place(words.text, match.start()):
            said = words.said(*match.span())
            values = tuple(one for one in index.values.get(match[0], ()) if one.value == said)
            found += [Valued(*match.span(), values, said)] if values else []
    for item in found:
        words = words.take(item.start, item.end)
    return words, found


def _rest(
    words: Words, table: Table, index: Index, nouns: frozenset[str]
) -> tuple[Words, list[Item]]:
    """Take what single words may still mean: a yes, a verb of a date, the rows, part of a value."""
    found: list[Item] = []
    flagged = 0
    for gram in words.grams():
        if gram.start < flagged:
            continue
        said = words.said(gram.start, gram.end)
        item = _flag(gram, index, said)
        if item is None and gram.words == 1:
            item = _single(gram, table, index, nouns, said)
        if item is not None:
            found.append(item)
            words = words.take(item.start, item.end)
            flagged = gram.end
    for match in _LEFT.finditer(words.text):
        bare = match[0].strip(".'&-")
        if any(part not in _PASSED for part in WORD.findall(bare) or [bare]):
            found.append(Unknown(match.start(), match.end(), bare))
    return words, found


def _flag(gram: Gram, index: Index, said: str) -> Item | None:
    roots = " ".join(root(word) for word in gram.key.split())
    flags = index.flags.get(roots, ())
    best = min((one.level for one in flags), default=EXACT)
    flags = tuple(one for one in flags if one.level == best)
    if flags and gram.key not in FILLERS:
        return Valued(gram.start, gram.end, flags, said)
    return None


def _single(
    gram: Gram, table: Table, index: Index, nouns: frozenset[str], said: str
) -> Item | None:
    word = gram.key
    if word in FILLERS and word not in nouns:
        return None
    if word in nouns or word in ROW_NOUNS:
        return Rows(gram.start, gram.end, word, said, sure=True)
    doing = index.doings.get(root(said.lower()), ())
    values = index.parts.get(word, ()) or (() if doing else index.parts.get(root(word), ()))
    if doing and not values:
        return Doing(gram.start, gram.end, doing, said)
    values = values or index.parts.get(root(word), ())
    if word in EVENT_NOUNS and values and not doing:
        return Valued(gram.start, gram.end, values, said)
    if word in EVENT_NOUNS or word in PEOPLE:
        return Rows(gram.start, gram.end, word, said, sure=False)
    if values and len(word) >= VALUE_CHARS_MIN:
        return Valued(gram.start, gram.end, values, said)
    return Doing(gram.start, gram.end, doing, said) if doing else None


def _breaks(words: Words, found: list[Item]) -> list[Item]:
    made: list[Item] = []
    for match in _BREAKS.finditer(words.text):
        if match["strong"]:
            sign = match["strong"].strip() or "\n"
            mark = {"-": ":", "!": "."}.get(sign[0], sign[0])
        elif match["comma"]:
            mark = "," if match[0] in {",", "but"} else "and"
        else:
            mark = "or" if match["or"] else match[0]
        made.append(Break(match.start(), match.end(), mark))
    return made
