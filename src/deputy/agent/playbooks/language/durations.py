"""Time between two dates of a row: "length of stay", "days between sale and return", "late".

Owns which two dates are meant. Must never choose where two pairs fit equally well.
"""

from __future__ import annotations

import re
from dataclasses import replace

from deputy.agent.playbooks.language import facts
from deputy.agent.playbooks.language.columns import Index
from deputy.agent.playbooks.language.outcomes import ask
from deputy.agent.playbooks.language.shapes import How, Shaped, with_column
from deputy.agent.playbooks.language.vocabulary import listed
from deputy.agent.playbooks.language.words import key, root
from deputy.agent.playbooks.schema import Column, Table

_PLANNED = listed("due promised expected planned target deadline eta required agreed scheduled")
_ENDS = listed(
    """
    closed resolved completed end ended finish finished discharged discharge checkout out delivered
    delivery shipped returned return paid left departure drop dropoff due promised answered exit
    close completion arrival_of solved settled
    """
)
_STARTS = listed(
    """
    opened open created create start started begin began arrival admitted admission in order ordered
    booked booking loaned sold sale requested logged raised received hired joined pickup issued
    reported entry enrolled submitted lent borrowed
    """
)
_LENGTH = (
    r"(?:the )?(?:(?:average|mean|avg|median|total|longest|shortest|maximum|minimum) )?"
    r"(?P<noun>length of (?:stay|the stay|time|the campaign|loan|visit)|(?:\w+ )?durations?"
    r"|(?:campaign|stay|loan|project|contract|trip) lengths?|turn ?around(?: times?)?"
    r"|(?:\w+ )??(?:lead|cycle|repair|processing|throughput|turnaround) times?"
    r"|(?P<done>delivery|shipping|shipment|resolution|closing|completion|payment|return"
    r"|response) times?"
    r"|time (?:it takes )?(?:to|until) (?P<until>\w+)"
    r"|days? of stay)"
)
_AGGREGATED = re.compile(
    r"\b(?:average|mean|avg|median|total|longest|shortest|maximum|minimum|max|min|sum|highest"
    r"|lowest)\b(?:\W+\w+){0,2}\W*$"
)
_HOW_LONG = re.compile(
    r"\bhow (?:long|many (?P<unit>days|hours))(?: on average| is it| was it)*"
    r" (?:do|does|did|is|are|was|were)\b(?P<who>[^?.,;]{0,50}?)"
    r"\b(?P<verb>take|takes|took|last|lasts|stay|stays|stayed|open|wait|waited|need)\b"
    r"(?P<rest> (?:on average|to (?P<until>\w+)|from \w+ to \w+|open|in hospital|for))*"
)
_BETWEEN = re.compile(
    r"(?P<lead>(?:(?:the )?(?:(?:number of|how many) )?(?:time|days?|hours?|wait(?:ing time)?"
    r"|delay|gap|interval|period) (?:that (?:pass|passed) )?|(?:\w+ )?(?:time|duration)"
    r" (?:in days )?\(?)(?:between|from))\s+(?P<one>[\w -]{2,30}?)\s+(?:and|to|until|till)\s+"
    r"(?P<other>[\w-]+(?: date| time)?)\)?"
)
_TO = re.compile(
    r"(?:\w+ )?(?:time|duration|days?)(?: in (?:days|hours))? \((?:from )?(?P<one>[\w ]{2,20}?) to"
    r" (?P<other>[\w ]{2,20}?)\)"
)
_COUNT = r"(?P<number>\d+|two|three|four|five|six|seven|ten|fourteen|thirty)"
_LASTED = re.compile(
    r"(?:(?:that|which|who) )?(?:(?:lasted|lasting|took|taking|stayed|staying|stay|made|were open"
    r"|open) )?(?:for )?(?P<side>longer than|more than|less than|fewer than|shorter than|at least"
    rf"|at most|over|under|up to) {_COUNT} (?P<unit>days|hours)\b(?! ago)"
    r"(?: (?P<rel>before|after) (?P<other>[a-z]+))?"
)
_LATE = re.compile(
    r"(?:(?:that |which |who )?(?:were|was|are|is|came|arrived) )?(?:(?P<verb>delivered|returned"
    r"|completed|closed|paid|shipped|arrived|finished|resolved|came back|brought back) )?"
    r"(?P<late>late|too late|overdue|behind schedule|past (?:the )?(?:due|promised) date"
    r"|(?:after|later than) (?:the |their |its )?(?:due|promised|planned|expected|agreed|target)"
    r"(?: delivery)?(?: date)?|(?:later than|after) (?:promised|planned|agreed|due|expected)"
    r"|on time|in time)\b(?! of)"
)


def durations(shaped: Shaped, index: Index) -> Shaped:
    """Put the words for a time between two dates as the name of its column."""
    if len(shaped.table.of_kind("date")) < 2:
        return shaped
    for rule in (_late, _lasted, _between, _how_long, _lengths):
        shaped = rule(shaped, index)
    units = "|".join({one.how for one in shaped.derived if one.how in {"days", "hours"}})
    told = rf"\s*\((?:in )?(?:{units})\)|,?\s+in (?:{units})\b"
    return replace(shaped, text=re.sub(told, "", shaped.text)) if units else shaped


def _dates(table: Table) -> tuple[Column, ...]:
    return table.of_kind("date")


def _words(column: Column) -> set[str]:
    return set(facts.core(column.name).split()) | set(key(column.name.lower()).split())


def _of(table: Table, said: str, index: Index) -> Column | None:
    """Give the one date that some words name."""
    phrase = key(said.lower().removeprefix("the ").strip())
    named = [one.column for one in index.named(phrase) if one.column.kind == "date"]
    if not named:
        named = list(index.doings.get(root(phrase), ()))
    if not named:
        named = [one for one in _dates(table) if {root(word) for word in _words(one)}
                 & {root(word) for word in phrase.split()}]  # fmt: skip
    names = {one.name for one in named}
    return named[0] if len(names) == 1 else None


def _kind(column: Column, words: frozenset[str]) -> bool:
    roots = {root(word) for word in words}
    return bool({root(word) for word in _words(column)} & roots)


def _pair(table: Table, until: str | None, index: Index) -> tuple[Column, Column] | None:
    """Give the dates on which rows begin and end; planned dates end nothing."""
    dates = [one for one in _dates(table) if not _kind(one, _PLANNED)]
    end = _of(table, until, index) if until else None
    if until and end is None:
        return None
    ends = [end] if end is not None else [one for one in dates if _kind(one, _ENDS)]
    starts = [one for one in dates if _kind(one, _STARTS) and one not in ends]
    if len(ends) == 1 and not starts:
        starts = [one for one in dates if one not in ends]
    if len(ends) == 1 and len(starts) > 1 and not until:
        # A stay begins on arrival, not when it was booked.
        near = [one for one in starts if not _words(one) & {"booked", "booking", "order"}]
        starts = near or starts
    return (starts[0], ends[0]) if len(ends) == len(starts) == 1 else None


def _made(shaped: Shaped, first: Column, last: Column, said: str) -> tuple[Shaped, str]:
    hours = first.timed and last.timed and "day" not in said
    how: How = "hours" if hours else "days"
    shaped, name = with_column(shaped, how, first, last)
    note = (
        f"“{name}” is computed for each row, from {first.name} to {last.name}, in {how}; rows "
        "without one of the two dates do not count."
    )
    return shaped.noting(note), name


def _averaged(shaped: Shaped, start: int, name: str, matched: str) -> str:
    """Give the words for the column; a time is averaged when nothing else is said."""
    own = re.match(r"(?:the )?(average|mean|avg|median|total|longest|shortest|maximum|minimum) ",
                   matched)  # fmt: skip
    if own:
        spoken = {"longest": "maximum", "shortest": "minimum"}.get(own[1], own[1])
        return f"{spoken} {name}"
    if _AGGREGATED.search(shaped.text[:start].lower()):
        return name
    if re.search(r"\b(?:on average|average|mean|median)\b", shaped.text.lower()):
        return name if "average of" in shaped.text.lower() else f"average {name}"
    return f"average {name}"


def _unit_said(text: str) -> str:
    return "day" if re.search(r"\bdays?\b", text.lower()) else ""


def _own(shaped: Shaped, words: set[str]) -> list[Column]:
    """Give the columns of numbers that already hold such a time."""
    numbers = facts.measures(shaped.table)
    return [one for one in numbers if not one.computed and words & _words(one)]


def _own_column(shaped: Shaped, match: re.Match[str], own: list[Column]) -> Shaped:
    """Put the name of the one column that holds a time in place of the words for it."""
    if len(own) > 1 or match["noun"].split()[0] in _words(own[0]):
        return shaped
    said = match["noun"].strip()
    shaped = shaped.noting(f"“{said}” is read as the column {own[0].name}.")
    return shaped.said(*match.span("noun"), own[0].name)


def _lengths(shaped: Shaped, index: Index) -> Shaped:
    match = re.search(rf"\b{_LENGTH}\b(?: \(?in (?:days|hours)\)?)?", shaped.text.lower())
    if match is None:
        return shaped
    words = {"duration", "length", "night"} if "stay" in match[0] else {"duration", "length"}
    told = match["done"] or match["until"]
    words |= {root_word for root_word in (key(told or ""),) if root_word}
    if match["done"] or match["until"]:
        words |= {"resolution", "close"} & {root(told or ""), key(told or "")}
    if own := _own(shaped, words):
        return _own_column(shaped, match, own)
    until = _UNTIL.get(match["done"] or "", match["done"]) if match["done"] else match["until"]
    pair = _pair(shaped.table, until, index)
    if pair is None:
        return shaped
    shaped, name = _made(shaped, *pair, _unit_said(shaped.text))
    return shaped.said(*match.span(), _averaged(shaped, match.start(), name, match[0]))


_UNTIL = {
    "delivery": "delivered", "shipping": "shipped", "shipment": "shipped", "resolution": "resolved",
    "closing": "closed", "completion": "completed", "payment": "paid", "return": "returned",
}  # fmt: skip


def _how_long(shaped: Shaped, index: Index) -> Shaped:
    match = _HOW_LONG.search(shaped.text.lower())
    if match is None or _own(shaped, {"duration", "length", "night"}):
        return shaped
    pair = _pair(shaped.table, match["until"], index)
    if pair is None:
        return shaped
    unit = match["unit"] or _unit_said(shaped.text)
    shaped, name = _made(shaped, *pair, unit)
    who = shaped.text[match.start("who") : match.end("who")].strip()
    for_whom = f" of {who}" if who and not re.fullmatch(r"(?:it|they|people|we)", who) else ""
    return shaped.said(*match.span(), f"average {name}{for_whom}")


def _between(shaped: Shaped, index: Index) -> Shaped:
    for source in (_TO, _BETWEEN):
        match = source.search(shaped.text.lower())
        if match is None:
            continue
        one = _of(shaped.table, match["one"], index)
        other = _of(shaped.table, match["other"], index)
        if one is not None and other is not None and one.name != other.name:
            shaped, name = _made(shaped, one, other, match[0])
            return shaped.said(*match.span(), _averaged(shaped, match.start(), name, ""))
    before = re.search(r"how many days (?P<rel>before|after) (?P<other>\w+) (?:do|does|did)"
                       r"(?: \w+)? (?P<one>\w+)", shaped.text.lower())  # fmt: skip
    if before is not None:
        one = _of(shaped.table, before["one"], index)
        other = _of(shaped.table, before["other"], index)
        if one is not None and other is not None and one.name != other.name:
            first, last = (one, other) if before["rel"] == "before" else (other, one)
            shaped, name = _made(shaped, first, last, "days")
            return shaped.said(*before.span(), f"average {name}")
    return shaped


def _lasted(shaped: Shaped, index: Index) -> Shaped:
    match = _LASTED.search(shaped.text.lower())
    if match is None or _own(shaped, {"duration", "length", match["unit"].rstrip("s")}):
        return shaped
    other = _of(shaped.table, match["other"], index) if match["other"] else None
    if match["other"] and other is None:
        return shaped
    if other is not None:
        dates = [one for one in _dates(shaped.table) if one.name != other.name
                 and not _kind(one, _PLANNED)]  # fmt: skip
        starts = [one for one in dates if _kind(one, _STARTS)]
        one = starts[0] if len(starts) == 1 else None
        pair = (one, other) if one is not None else None
        if pair is not None and match["rel"] == "after":
            pair = (pair[1], pair[0])
    else:
        pair = _pair(shaped.table, None, index)
    if pair is None:
        return shaped
    shaped, name = _made(shaped, *pair, match["unit"].rstrip("s"))
    side = re.sub(r"longer than|more than|over", "above", match["side"])
    side = re.sub(r"less than|fewer than|shorter than|under", "below", side)
    return shaped.said(*match.span(), f"with {name} {side} {match['number']}")


def _late(shaped: Shaped, index: Index) -> Shaped:
    match = _LATE.search(shaped.text.lower())
    if match is None or any(key(match["late"]) in facts.core(one.name)
                            for one in shaped.table.columns):  # fmt: skip
        return shaped
    due = [one for one in _dates(shaped.table) if _kind(one, _PLANNED)]
    done = [one for one in _dates(shaped.table) if _kind(one, _ENDS) and one not in due]
    verb = _of(shaped.table, match["verb"], index) if match["verb"] else None
    done = [verb] if verb is not None and verb in done else done
    if not due or not done:
        return shaped
    if len(due) > 1 or len(done) > 1:
        listed_ = " or ".join(one.name for one in (due if len(due) > 1 else done))
        raise ask(f"Which date decides what is “{match['late']}”: {listed_}?")
    if match["late"] == "overdue" and done[0].missing:
        raise ask(
            f"Does “overdue” mean rows whose {done[0].name} is after {due[0].name}, or rows that "
            f"have no {done[0].name} yet?"
        )
    shaped, name = with_column(shaped, "days", due[0], done[0])
    timely = match["late"] in {"on time", "in time"}
    said = " ".join(match[0].split())
    without = f"; rows without {done[0].name} do not count" if done[0].missing else ""
    shaped = shaped.noting(
        f"“{said}” means rows whose {done[0].name} is {'not ' if timely else ''}after "
        f"{due[0].name}{without}."
    )
    return shaped.said(*match.span(), f"with {name} {'at most' if timely else 'above'} 0")
