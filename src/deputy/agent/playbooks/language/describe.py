"""What a request says about the file itself: "This is our spend over £25k for September."

Owns telling such sentences from requests, and checking them against the table. Must never let a
restriction pass as a description: what does not hold for every row is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from deputy.agent.plans import Filter
from deputy.agent.playbooks.language import calendars, facts
from deputy.agent.playbooks.language.items import Dated, Item, Kept, Limit, Unknown
from deputy.agent.playbooks.language.outcomes import ask
from deputy.agent.playbooks.language.periods import Asked, resolve
from deputy.agent.playbooks.language.times import extent_of
from deputy.agent.playbooks.language.vocabulary import EVENT_NOUNS, PEOPLE, listed
from deputy.agent.playbooks.language.words import stem
from deputy.agent.playbooks.schema import Table

_SENTENCE = re.compile(r"[^.!?\n]*(?:(?<=\bvs)\.[^.!?\n]*|(?<=\d)\.(?=\d)[^.!?\n]*)*[.!?\n]?")
_DESCRIBES = re.compile(
    r"\W*(?:(?:hi|hello|hey|good morning|good afternoon|dear \w+|please)\W+)*"
    r"(?:(?:this|these|here|below|enclosed|attached)(?:'s|\s+(?:is|are|you(?:'ll| will)? find"
    r"|file|table|sheet|spreadsheet|list|data|export|extract|csv|workbook))\b"
    r"|(?:the|my|our)\s+(?:attached|enclosed)?\s*(?:file|attachment|table|spreadsheet|data|dataset"
    r"|sheet|export|extract|list|csv|workbook)\s+(?:is|are|has|have|contains?|shows?|lists?"
    r"|covers?|holds?|comes?)\b"
    r"|(?:i|we)(?:'ve|\s+have|'m|\s+am)?\s+(?:attached|attaching|uploaded|exported|enclosed|got)\b"
    r"|(?:i've|i have|we've|we have)\s+(?:got\s+)?(?:a|the|our|this|an)\s+(?:file|list|export"
    r"|extract|table|spreadsheet|sheet|dataset|csv)\b"
    r"|(?:please\s+)?(?:find|see)\s+(?:attached|enclosed)\b)",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:show|need|want|tell|summari[sz]e|please give|give me|what|how|which|who|calculate"
    r"|compute|count|only|excluding|except|without|exclude|ignore|split|break|compare|rank)\b|\?",
    re.IGNORECASE,
)
_TITLE = re.compile(r"\s*(?P<title>[^:?!.\n]{3,90}):\s+(?=\S)")
_TITLED = re.compile(
    r"\b(?:report|summary|update|review|overview|data|list|file|export|extract|log|register"
    r"|figures|analysis|request|question|spend|spending|payments?|sales|orders?|trips?|expenses?)\b",
    re.IGNORECASE,
)
_SUBJECT = (
    r"(?:the |all |some |our |most )*(?:\w+ )?(?:amounts?|figures?|numbers?|values?|prices?"
    r"|columns?|cells?|dates?|rows?|headings?|headers?|headlines?|totals?|fields?|names?|file"
    r"|table|sheet|data)"
)
_REMARKS = tuple(
    re.compile(
        rf"\W*(?:(?:note|by the way|fyi|please note|be aware)\W+(?:that )?)?{source}\W*$",
        re.IGNORECASE,
    )
    for source in (
        rf"{_SUBJECT} (?:have|has|contain|contains|come with|comes with|carry|use|uses|are written"
        r" with|are shown with|start with|include|includes)(?: an?| the| some)?(?: \w+)? (?:signs?"
        r"|symbols?|marks?|commas?|separators?|prefix(?:es)?|codes?|spaces?|blanks?|brackets"
        r"|parentheses)(?: \w+){0,5}",
        r"(?:there are|watch out for|mind|ignore|skip|beware of)(?: \w+)? (?:(?:pound|dollar|euro"
        r"|currency|percent|thousands) (?:signs?|symbols?|separators?)|(?:blank|empty) (?:rows?"
        r"|lines?|cells?)|commas|(?:a )?totals? rows?|subtotals?|title rows?|notes)(?: \w+){0,6}",
        rf"{_SUBJECT} (?:are|is|start|starts|begin|begins) (?:in|on|at) (?:row|line) \w+",
        r"(?:the )?(?:first|last|top|bottom) (?:\w+ )?(?:rows?|lines?) (?:is|are|contains?|holds?"
        r"|has|have)(?: \w+){1,6}",
        rf"{_SUBJECT} (?:are|is) (?:messy|a bit messy|raw|unsorted|clean|complete|a mess"
        r"|as exported|not sorted|unformatted|anonymi[sz]ed|up to date)",
        r"(?:it|this|that) (?:is|comes|came)(?: straight| directly)? from (?:our|the)"
        r" (?:\w+ ){0,3}"
        r"(?:system|erp|crm|export|database|software|tool|website|portal)",
        r"each (?:row|line|record|entry) (?:is|stands for|represents|means)"
        r" (?:one |an? |a single )?(?:\w+ ?){1,2}",
    )
)
_EACH_ROW = re.compile(
    r"each (?:row|line|record|entry) (?:is|stands for|represents|means) (?:one |an? |a single )?"
    r"((?:\w+ ?){1,2})",
    re.IGNORECASE,
)
_HOUSES = listed(
    """
    company firm organisation organization business ministry office group council agency
    unit headquarters branch shop uk britain
    """
)


@dataclass(frozen=True, slots=True)
class Described:
    """The request without what only describes the file; all texts as long as the whole.

    `about` describes the file, `title` stands above the request and may restrict it, `nouns` are
    what the requester calls the rows.
    """

    request: str
    about: str
    title: str
    nouns: frozenset[str]


def parted(text: str) -> Described:
    """Part a request from the sentences that only describe the file."""
    request, about, title = text, " " * len(text), " " * len(text)
    for match in _SENTENCE.finditer(text):
        sentence = match[0]
        if not sentence.strip(" .!?\n"):
            continue
        describing = _DESCRIBES.match(sentence) and not _ASKS.search(sentence)
        remark = any(one.match(sentence.strip()) for one in _REMARKS)
        if describing or remark:
            request = _blank(request, *match.span())
            if describing:
                about = _keep(about, text, *match.span())
    first = _TITLE.match(request)
    if first is not None and _is_title(first["title"]):
        request = _blank(request, *first.span())
        title = _keep(title, text, *first.span("title"))
    said = f"{about} {title} {' '.join(_EACH_ROW.findall(text))}"
    return Described(request, about, title, _nouns(said))


def _is_title(said: str) -> bool:
    return bool(_TITLED.search(said)) and not _ASKS.search(said)


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def _keep(into: str, text: str, start: int, end: int) -> str:
    return into[:start] + text[start:end] + into[end:]


def _nouns(said: str) -> frozenset[str]:
    words = (stem(word) for word in re.findall(r"[^\W\d_]+", said.lower()))
    return frozenset(word for word in words if word in EVENT_NOUNS or word in PEOPLE)


def scope_of(
    items: list[Item], table: Table, today: date, *, title: bool, said: str
) -> tuple[list[Item], tuple[str, ...]]:
    """Give what a description narrows after all, and what must be said about it.

    `title`: it stands above the request, so a period or value in it is a wish; otherwise what
    does not hold for every row is asked about.
    """
    narrows: list[Item] = []
    held = False
    for item in items:
        if isinstance(item, Unknown):
            narrows += [item] if title and not _proper(item, said) else []
            continue
        true = _everywhere(item, table, today)
        if true is False and (not title or isinstance(item, Limit)):
            raise ask(_only_those(said))
        held = held or true is True
        narrows += [item] if true is False else []
    note = f"All rows count; “{said}” is taken to describe the file."
    return narrows, (note,) if held or not narrows else ()


def _everywhere(item: Item, table: Table, today: date) -> bool | None:
    """Say whether a span that could restrict holds for every row; nothing if it could not."""
    match item:
        case Dated(asked=asked):
            return _covers(asked, table, today)
        case Limit(numbers=numbers, op=op):
            return _holds(op, numbers, [column.low for column in facts.money(table)], table)
        case Kept(filters=filters):
            return all(_true(one, table) for one in filters)
        case _:
            return None


def _only_those(said: str) -> str:
    return (
        f"“{said}” does not hold for every row of the file. Shall I count only those rows (then "
        "add “only …” to the request), or all of them?"
    )


def _proper(item: Unknown, said: str) -> bool:
    """Say whether a word in a title is a name or a kind of house, which restricts nothing."""
    capital = item.word[:1].isupper()
    return capital or item.word.lower() in _HOUSES or len(item.word) < 3


def _true(one: Filter, table: Table) -> bool:
    """Say whether a filter keeps every row."""
    column = table.column(one.column)
    if column is None:
        return False
    if isinstance(one.value, int | float):
        return _holds(one.op, (one.value,), [column.low], table)
    return one.op == "eq" and column.distinct == 1 and not column.missing


def _covers(asked: Asked, table: Table, today: date) -> bool:
    """Say whether every date lies in the period, or the file's name says that it does."""
    if _in_name(asked, table):
        return True
    for column in facts.event_dates(table)[:1]:
        extent = extent_of(column, today)
        done = resolve(asked, extent) if extent is not None else None
        period = done.period if done is not None else None
        if extent is not None and period is not None:
            first, last = date.fromisoformat(period.start), date.fromisoformat(period.end)
            if first <= extent.first and extent.last <= last:
                return True
    return False


def _in_name(asked: Asked, table: Table) -> bool:
    edge = asked.first
    if edge is None or edge.unit not in {"month", "year", "quarter"}:
        return False
    name = f"{PurePosixPath(table.path).stem} {table.sheet or ''}".lower()
    words = re.findall(r"[a-z]+|\d+", name)
    if edge.year is not None and not {str(edge.year), str(edge.year)[2:]} & set(words):
        return False
    if edge.unit == "month":
        month = calendars.MONTHS[edge.index - 1]
        return any(len(word) >= 3 and month.startswith(word) for word in words)
    return edge.unit == "year" or f"q{edge.index}" in name


def _holds(
    op: str, numbers: tuple[float, ...], lows: Sequence[float | str | None], table: Table
) -> bool:
    """Say whether every amount satisfies a comparison, or the file's name states its number."""
    plain = re.sub(r"[^a-z0-9]", "", PurePosixPath(table.path).stem.lower())
    for number in numbers:
        short = f"{int(number / 1000)}k" if number >= 1000 else ""
        if f"{int(number)}" in plain or (short and short in plain):
            return True
    known = [low for low in lows if isinstance(low, int | float)]
    return op in {"gt", "ge"} and bool(known) and all(low >= numbers[0] for low in known)
