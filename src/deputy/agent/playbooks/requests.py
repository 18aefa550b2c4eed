"""A request over one table's schema, taken apart: what each word asks for.

Owns the order in which the words are understood. Must never fill a gap: that is the compiler's
part, where it is stated as an assumption or asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from deputy.agent.playbooks import mentions, periods, phrases
from deputy.agent.playbooks.columns import Index, Named, core
from deputy.agent.playbooks.mentions import Mention, Roles
from deputy.agent.playbooks.periods import Asked
from deputy.agent.playbooks.phrases import By, Comparison, Counting, Files, Ranking
from deputy.agent.playbooks.plan import Aggregate, Filter
from deputy.agent.playbooks.schema import Column, Table
from deputy.agent.playbooks.words import TAKEN, Words, pattern, read, stem

_FOLLOW_UP = pattern(
    r"instead(?: of)?|now|again|this time|rather(?: than)?|as before|also|redo|repeat"
    r"|switch(?: it)?(?: to)?|change (?:it|that|this|them) to|turn it into|make it|make that"
    r"|what about|how about"
    r"|the same(?: (?:report|thing|but))?|same(?: (?:report|thing|but))|but|go back to|as well|too"
)
_INSTEAD_OF = re.compile(r"\b(?:instead of|rather than|and not|not)\s+(?:(?:by|the|per)\s+)*")
_LEADING = re.compile(r"^\W*(?:only|just|by|per|for|as|in|without|and|excluding|except|not|now)\b")
_UNIT_NOUN = re.compile(r"(?:(?:which|what)\s+|\x00\s*)(day|week|month|quarter|year)s?\b")
_EACH = ("per", "each", "every")
_BOUND = re.compile(r"\b(per|each|every|in|on|off|out of)\s+([^\W\d_]+)\b")
_OUT = pattern(
    r"(?:i|you) (?:mean|meant)|"
    r"(?:find|break|broken|breaking|split|work|spell|carry|figure|sort|print|write)"
    r"(?: (?:it|this|that|them|the figures))? out"
)
_BUT = re.compile(
    r"(\b(?:all|any|each|every\w*|anything)\b[^.,;:\n]{0,40}?\b)but(?=\s+(?!not\b|only\b|just\b))"
)
_ADDS = pattern(r"also|too|as well")
_ROW_NOUNS = frozenset({"row", "record", "entry", "line", "transaction", "observation"})
_ASK_BREAK = "\n"


@dataclass(frozen=True, slots=True)
class Request:
    """What the words ask for. `follow_up`: they change an earlier request; `adds`: "also France".

    `question` ends the matter; `leftovers` are words nobody understood.
    """

    files: Files = Files()
    comparison: Comparison = Comparison()
    growth: bool = False
    periods: tuple[Asked, ...] = ()
    ranking: Ranking | None = None
    counting: Counting | None = None
    counted_rows: str | None = None
    aggregates: tuple[Aggregate, ...] = ()
    trends: tuple[By, ...] = ()
    roles: Roles = Roles()
    conditions: tuple[tuple[Column, Filter, bool], ...] = ()
    figure: tuple[Named, ...] = ()
    figure_said: str = ""
    single: bool = False
    follow_up: bool = False
    adds: bool = False
    question: str | None = None
    leftovers: tuple[str, ...] = ()

    @property
    def idle(self) -> bool:
        """Say whether nothing was asked at all, not even a change of an earlier plan."""
        files = self.files.kinds or self.files.less
        return self.empty and not (files or self.comparison.dropped or self.follow_up)

    @property
    def empty(self) -> bool:
        """Say whether nothing was asked that a report could be about."""
        return not (
            self.periods or self.counting or self.aggregates or self.trends or self.ranking
            or self.figure or self.roles.groups or self.roles.filters or self.growth
            or self.comparison.mode or self.conditions
        )  # fmt: skip


def understand(text: str, table: Table, index: Index, *, follows: bool) -> Request:
    """Take a request apart. `follows`: an earlier request of this session may be changed."""
    words = _all_but(_drop_names(read(text), table))
    lead = follows and bool(_LEADING.search(words.text))
    words, multi = mentions.find(words, index, 2)
    words, multi, bound, question = mentions.conditions(
        words, index, phrases.conditions(words), multi
    )
    if question is not None:
        return Request(question=question)
    whole = words
    words, multi = _forget(words, multi, index) if follows else (words, multi)
    cued = words is not whole
    words, _ = words.take_all(_OUT)
    words, files = phrases.files(words)
    words, comparison = phrases.comparison(words)
    words, asked = periods.find(words)
    words, ranking, question = phrases.ranking(words)
    words, growth = phrases.growth(words)
    words, trends, one_unit = _trends(words)
    words, counting = phrases.counting(words)
    words, aggregates = phrases.aggregate(words)
    adds = bool(words.search(_ADDS))
    if follows:
        words, cues = words.take_all(_FOLLOW_UP)
        cued = cued or bool(cues)
    request = Request(
        files, comparison, growth, asked, ranking, counting, None, aggregates, trends,
        conditions=bound, follow_up=cued or lead, adds=adds, question=question, single=one_unit,
    )  # fmt: skip
    words, more = mentions.find(words, index, 1)
    return _with_roles(request, words, (*multi, *more), table)


def _all_but(words: Words) -> Words:
    """Read "all channels but Email" as "all channels not Email", at the same places."""
    return replace(words, text=_BUT.sub(r"\1not", words.text))


def _drop_names(words: Words, table: Table) -> Words:
    """Use up the file's and the sheet's own name where the requester wrote it."""
    names = [PurePosixPath(table.path).name]
    if table.sheet and len(table.sheet) > 3 and " " in table.sheet.strip():
        names.append(table.sheet.strip())
    for name in names:
        plain = read(name).text
        at = words.text.find(plain)
        if at >= 0:
            words = words.take(at, at + len(plain))
    return words


def _forget(
    words: Words, multi: tuple[Mention, ...], index: Index
) -> tuple[Words, tuple[Mention, ...]]:
    """Use up "instead of region": what is no longer wanted asks for nothing."""
    match = words.search(_INSTEAD_OF)
    if match is None:
        return words, multi
    found = mentions.find(words, index, 1)[1]
    for mention in (*multi, *found):
        column = mention.named and not mention.values
        instead = match[0].startswith(("instead", "rather"))
        if mention.start == match.end() and (instead or column):
            kept = tuple(one for one in multi if one != mention)
            return words.take(match.start(), mention.end), kept
    return words, multi


def _trends(words: Words) -> tuple[Words, tuple[By, ...], bool]:
    """Take the calendar unit to group by, and whether just one was asked for: "best month"."""
    words, trends = phrases.trend(words)
    match = words.search(_UNIT_NOUN)
    if match is not None and not trends:
        units: dict[str, By] = {
            "day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"
        }  # fmt: skip
        one = not match[0].endswith("s")
        return words.take(match.start(1), match.end()), (units[match[1]],), one
    return words, trends, False


def _with_roles(
    request: Request, words: Words, found: tuple[Mention, ...], table: Table
) -> Request:
    words, roles = mentions.sort_out(words, found, request.counting, request.ranking is not None)
    question = request.question or roles.question
    words, figure, said, unclear = _figure(words, roles)
    unclear = _share_within(words, request.ranking, found) or unclear
    counting = request.counting
    countable = not figure and not roles.figures and request.aggregates in {(), ("sum",)}
    if roles.things and countable and counting is None:
        # "Tickets by team" counts tickets: nothing else was named that could be a figure.
        counting = Counting(roles.things[0].start, False)
        roles = replace(roles, counted=roles.things[0])
    elif roles.things and unclear is None:
        unclear = _per_thing(roles.things, table)
    nouns = _table_nouns(table)
    words, counted_rows = _counted_rows(words, counting, roles, nouns)
    leftovers = tuple(
        phrase
        for phrase in words.leftovers()
        if not all(stem(word) in nouns for word in phrase.lower().split())
    )
    leftovers = (*leftovers, *_bound_nouns(words, request, table, nouns))
    return replace(
        request, roles=roles, counting=counting, figure=figure, figure_said=said,
        counted_rows=counted_rows,
        question=question or unclear, leftovers=leftovers, single=_single(words, request, roles),
    )  # fmt: skip


def _share_within(words: Words, ranking: Ranking | None, found: tuple[Mention, ...]) -> str | None:
    """Ask when "share of mobile sessions by channel" wants two totals for each group."""
    if ranking is None or ranking.share_of is None:
        return None
    for mention in found:
        start, end = ranking.share_of, mention.start
        if mention.values and start <= end and not words.original[start:end].strip():
            said, column = words.said(mention.start, mention.end), mention.values[0][0].name
            return (
                f"I give each group's share of one total, not the share of “{said}” within a "
                f"group. Do you want the figures of {said} alone, or the shares by {column}?"
            )
    return None


def _bound_nouns(words: Words, request: Request, table: Table, nouns: frozenset[str]) -> list[str]:
    """Give "per order" or "in stock": the table's own noun there says more than which table."""
    rows = request.counting is not None or not {*request.aggregates} <= {"sum"}
    sheet = (table.sheet or "").strip().lower()
    return [
        words.said(*match.span())
        for match in _BOUND.finditer(words.text)
        if stem(match[2]) in nouns and match[2] != sheet and not (match[1] in _EACH and rows)
    ]


def _per_thing(things: tuple[Mention, ...], table: Table) -> str | None:
    """Ask when a figure per thing is wanted and a thing may have several rows."""
    for thing in things:
        named = thing.of("text") or thing.of("number", "text")
        if named and named[0].column.distinct + named[0].column.missing < table.rows:
            return (
                f"One {named[0].column.name} can have several rows, and I compute per row. Do you "
                f"want it by {named[0].column.name}, or without “{thing.said}”?"
            )
    return None


def _figure(words: Words, roles: Roles) -> tuple[Words, tuple[Named, ...], str, str | None]:
    """Settle on one figure: mentions that fit together, else words that lean one way."""
    sets = [(mention, fits) for mention, fits in roles.figures]
    if not sets:
        return words, (), "", None
    sure = {fits[0].column.name for _, fits in sets if len(fits) == 1}
    if len(sure) > 1:
        listed = " or ".join(sorted(sure))
        return words, (), "", f"I report one figure at a time. Which one do you want: {listed}?"
    chosen: tuple[Named, ...] = ()
    heard = ""
    for mention, fits in sets:
        kept = tuple(one for one in fits if not sure or one.column.name in sure)
        if sure and not kept:
            listed = ", ".join(one.column.name for one in fits)
            return (
                words,
                (),
                "",
                (
                    f"I report one figure at a time. Which one do you want: {sorted(sure)[0]} or "
                    f"{listed}?"
                ),
            )
        if len(kept) > 1:
            words, kept = _lean(words, kept)
        if len(kept) > 1:
            said = words.said(mention.start, mention.end)
            return words, (), said, mentions.which("figure", said, kept)
        sure.add(kept[0].column.name)
        if not chosen or kept[0].level < chosen[0].level:
            chosen, heard = kept, words.said(mention.start, mention.end)
    return words, chosen, heard, None


def _lean(words: Words, fits: tuple[Named, ...]) -> tuple[Words, tuple[Named, ...]]:
    """Use a word such as "net" that stands in the name of one of the columns only."""
    for gram in words.grams():
        hits = tuple(one for one in fits if gram.key in core(one.column.name).split())
        if len(hits) == 1:
            return words.take(gram.start, gram.end), hits
    return words, fits


def _table_nouns(table: Table) -> frozenset[str]:
    parts = re.findall(r"[^\W\d_]+", f"{PurePosixPath(table.path).stem} {table.sheet or ''}")
    return frozenset(stem(part.lower()) for part in parts) | _ROW_NOUNS


def _counted_rows(
    words: Words, counting: Counting | None, roles: Roles, nouns: frozenset[str]
) -> tuple[Words, str | None]:
    """Give what is counted when it is the rows themselves: "tickets" of tickets.csv."""
    if counting is None or roles.counted is not None:
        return words, None
    for gram in words.grams():
        if gram.start >= counting.at and gram.words == 1 and gram.key in nouns:
            said = words.said(gram.start, gram.end)
            return words.take(gram.start, gram.end), said.lower()
    return words, "rows"


def _single(words: Words, request: Request, roles: Roles) -> bool:
    """Say whether the ranking asks for one place: "the best region", not "the best regions"."""
    if request.ranking is None or request.single:
        return request.single
    for mention, _ in roles.groups:
        before = words.text[: mention.start].rstrip()
        asked = before.endswith(TAKEN) or re.search(r"(?:which|what|the)$", before)
        said = words.said(mention.start, mention.end).lower().split()[-1]
        if asked and stem(said) == said:
            return True
    return False


def asks(texts: tuple[str, ...]) -> str:
    """Join what was said in several messages into one text, the latest last."""
    return _ASK_BREAK.join(texts)
