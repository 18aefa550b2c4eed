"""Makes a wide table long for a request about its months, quarters or years.

Owns putting the words about them as names of columns and values. Must never count a column of
totals beside the columns it adds up, nor count the rows of a table made long.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

from deputy.agent.plans import Filter, Plan, Question, Unpivot
from deputy.agent.playbooks.language.columns import EXACT, Index
from deputy.agent.playbooks.language.outcomes import ask
from deputy.agent.playbooks.language.shapes import Shaped
from deputy.agent.playbooks.language.vocabulary import listed
from deputy.agent.playbooks.language.wide import MONTHS, Spread, spread_of
from deputy.agent.playbooks.language.words import WORD, root, stem
from deputy.agent.playbooks.schema import Column, Table

VALUE = "Amount"
_NOUNS = listed(
    "budget plan planned budgeted sale revenue cost spend forecast turnover amount expense income"
    " figure"
)
_M = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:[a-z]{0,6})\.?"
_Y = r"(?:\s+(?:of\s+)?(?P<{0}>20\d\d))?"
_TO = r"\s*(?:to|until|till|through|thru|-|up to)(?:\s+(?:the\s+)?end\s+of)?\s*"
_ORDINAL = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4,
            "4th": 4, "last": 4}  # fmt: skip
_NTH = "(?P<{0}>first|1st|second|2nd|third|3rd|fourth|4th|last)"
_LEAD = r"(?:\b(?:in|for|during|of|from|between|over|until end of|until|up to)\s+)?(?:the\s+)?"
_TIME = re.compile(
    rf"{_LEAD}(?:"
    rf"\b(?P<first>{_M}){_Y.format('y1')}{_TO}(?P<last>{_M}){_Y.format('y2')}"
    rf"|\bq(?P<q1>[1-4]){_Y.format('y3')}{_TO}q(?P<q2>[1-4]){_Y.format('y4')}"
    rf"|\bq(?P<q>[1-4]){_Y.format('y5')}"
    rf"|\b{_NTH.format('nq')}\s+quarter{_Y.format('y6')}"
    rf"|\bh(?P<h>[12]){_Y.format('y7')}"
    rf"|\b{_NTH.format('nh')}\s+half(?:\s+of\s+the\s+year)?(?:[\s-]+year)?{_Y.format('y8')}"
    r"|\b(?P<ytd>year to date|ytd|so far this year)"
    rf"|\b(?P<one>{_M}){_Y.format('y9')}"
    r"|\b(?P<year>20\d\d)"
    r")(?![\w])"
)
_WHOLE = re.compile(
    r"(?:\b(?:in|for|over|of|during)\s+)?(?:the\s+)?\b(?:full|whole|entire)[ -]year(?:'s)?"
    r"(?:\s+20\d\d)?(?:\s+total)?\b|\b(?:annual|yearly|full-year)\b|\b(?:for|over)\s+the\s+year\b"
)
_EACH = r"\b(?:by|per|each|every|which|what|{0} by)\s+(?:calendar\s+)?{0}s?\b|\b{0}ly\b|\b{0}s\b"
_COUNTS = re.compile(r"\b(?:how many|number of|count of)\b")
_NOTHING = re.compile(
    rf"\b(?:with |have |has |having |had )?(?:nothing|no (?:\w+)|nought)(?: (?:planned|budgeted"
    rf"|entered|booked|filled in))?(?: (?:in|for)) (?P<month>{_M})(?![\w])"
)
_GROWING = re.compile(r"\b(?:growth|grew|grow|change[ds]?|develop\w*|increase[ds]?|rose|fell)\b")
_AVERAGE = re.compile(
    r"\b(?:average|mean|avg)\b[^.;?]{0,30}\b(?:monthly|quarterly|yearly|(?:per|a|each) (?:month"
    r"|quarter|year))\b|\b(?:monthly|quarterly) (?:average|mean)\b"
)


def made_long(shaped: Shaped, index: Index, today: date) -> Shaped:
    """Give the request over the table made long, or over its column of totals."""
    spread = spread_of(shaped.table)
    if spread is None:
        return shaped
    if _COUNTS.search(shaped.text.lower()):
        return _nothing_in(shaped, spread)
    shaped = _own_year(shaped, spread)
    text = shaped.text.lower()
    times = _times(shaped.text, spread, today)
    grouped = bool(re.search(_EACH.format(spread.unit.lower()), text))
    if _AVERAGE.search(text):
        raise ask(
            f"Do you want the average of single cells, or the total of each {spread.unit.lower()} "
            "and then their average?"
        )
    whole = _WHOLE.search(text)
    if not times and not grouped:
        return _total(shaped, spread, index, whole)
    if _GROWING.search(text):
        raise ask(
            f"I cannot give growth between columns such as {spread.columns[0].name} and "
            f"{spread.columns[1].name}. Do you want their figures beside each other?"
        )
    name, value = _names(shaped, spread, index)
    shaped = _spoken_times(shaped, times)
    return _long(shaped, spread, name, value)


def _nothing_in(shaped: Shaped, spread: Spread) -> Shaped:
    """Read "nothing planned in August" as a cell that is empty; other counts are of wide rows."""
    match = _NOTHING.search(shaped.text.lower())
    names = (
        spread.named(None, (_month(match["month"]),)) if match and spread.unit == "Month" else ()
    )
    if match is None or len(names) != 1:
        return shaped
    return shaped.said(*match.span(), f"where {names[0]} is missing")


def _month(said: str) -> int:
    short = said[:3]
    return next(at for at, name in enumerate(MONTHS, 1) if name.startswith(short))


def _is_month(said: str) -> bool:
    plain = said.strip(".").lower()
    return any(name == plain or plain in {name[:3], name[:4]} for name in MONTHS)


Mention = tuple[int, int, tuple[str, ...]]


def _times(text: str, spread: Spread, today: date) -> list[Mention]:
    """Give the stretches that name months, quarters or years, and the headings they mean."""
    found: list[Mention] = []
    for match in _TIME.finditer(text.lower()):
        named = [match[group] for group in ("first", "last", "one") if match[group]]
        if not all(_is_month(one) for one in named) or _doubtful(text, match):
            continue
        headings = _meant(match, spread, today)
        if headings is None:
            continue
        if not headings:
            said = " ".join(match[0].split())
            raise ask(
                f"The table has no column for “{said}”: its columns run from "
                f"{spread.columns[0].name} to {spread.columns[-1].name}. Which of them do you mean?"
            )
        found.append((match.start(), match.end(), headings))
    return found


def _doubtful(text: str, match: re.Match[str]) -> bool:
    """Say whether "may" or "march" is more likely a verb."""
    word = match["one"]
    if word not in {"may", "march", "mar"}:
        return False
    led = match[0].startswith(("in ", "for ", "during ", "of ", "over ", "until", "up to"))
    return not (led or text[match.start("one")].isupper())


def _meant(match: re.Match[str], spread: Spread, today: date) -> tuple[str, ...] | None:
    """Give the headings that a mention means; nothing at all when it is about another thing."""
    told = match.groupdict()
    years = [int(told[f"y{at}"]) for at in range(1, 10) if told.get(f"y{at}")]
    year = years[-1] if years else None
    if told["year"] and spread.unit == "Year":
        return spread.named(None, (int(told["year"]),))
    if told["year"]:
        own = any(one is not None for one, _ in spread.places)
        return spread.named(int(told["year"]), tuple(range(1, 13))) if own else None
    numbers = _numbers(told, spread.unit, today) if spread.unit != "Year" else None
    return None if numbers is None else spread.named(year, tuple(numbers))


def _numbers(told: dict[str, str | None], unit: str, today: date) -> Sequence[int] | None:
    """Give the months, or the quarters, of a year that are meant."""
    month = unit == "Month"
    quarter = told["q"] or (str(_ORDINAL[told["nq"]]) if told["nq"] else None)
    half = told["h"] or (str(min(2, _ORDINAL[told["nh"]])) if told["nh"] else None)
    if told["first"] and told["last"]:
        return range(_month(told["first"]), _month(told["last"]) + 1) if month else None
    if told["q1"] and told["q2"]:
        first, last = int(told["q1"]), int(told["q2"])
        return range(3 * first - 2, 3 * last + 1) if month else range(first, last + 1)
    if quarter:
        return range(3 * int(quarter) - 2, 3 * int(quarter) + 1) if month else (int(quarter),)
    if half:
        size = 6 if month else 2
        return range(size * (int(half) - 1) + 1, size * int(half) + 1)
    if told["ytd"]:
        return range(1, today.month + 1) if month else range(1, (today.month - 1) // 3 + 2)
    return (_month(told["one"]),) if told["one"] and month else None


def _spoken_times(shaped: Shaped, times: list[Mention]) -> Shaped:
    """Put the headings in place of the mentions, the last one first; what repeats goes."""
    seen = [one[2] for one in times]
    for at in range(len(times) - 1, -1, -1):
        start, end, headings = times[at]
        now = f"{', '.join(headings[:-1])} and {headings[-1]}" if headings[1:] else headings[0]
        led = headings[1:] or _LED.match(shaped.text[start:end].lower())
        now = f" in {now} " if led else f"{now} "
        shaped = shaped.said(start, end, "" if headings in seen[:at] else now)
    return replace(shaped, text=re.sub(r"\(\s*\)", "", shaped.text))


_LED = re.compile(r"(?:in|for|of|during|over) ")


def _years_of(table: Table) -> frozenset[str]:
    """Give the years in the names of the file and the sheet."""
    names = f"{PurePosixPath(table.path).stem} {table.sheet or ''}"
    return frozenset(re.findall(r"(?<!\d)20\d\d(?!\d)", names))


def _own_year(shaped: Shaped, spread: Spread) -> Shaped:
    """Let go of the year that the file itself is named after; ask about any other."""
    if spread.unit == "Year" or any(own is not None for own, _ in spread.places):
        return shaped
    own = _years_of(shaped.table)
    for match in reversed(list(_YEAR.finditer(shaped.text))):
        if match["year"] not in own:
            raise ask(
                f"The columns {spread.columns[0].name} to {spread.columns[-1].name} do not tell "
                f"their year. Are they those of {match['year']}? Then leave the year out."
            )
        shaped = shaped.said(*match.span(), "")
    return shaped


_YEAR = re.compile(
    r"\s*(?:\b(?:in|for|of|during)\s+)?(?:the year\s+)?(?<![\d.])(?P<year>20\d\d)(?![\d.,]\d)"
)


def _names(shaped: Shaped, spread: Spread, index: Index) -> tuple[str, str]:
    """Give the headings of the two new columns; the figure takes the requester's own word."""
    taken = {one.name.lower() for one in shaped.table.columns}
    name = spread.unit if spread.unit.lower() not in taken else f"{spread.unit} of column"
    value = _noun(shaped, index) or VALUE
    return name, value if value.lower() not in taken else f"{value} in cell"


def _noun(shaped: Shaped, index: Index) -> str | None:
    """Give the word of the request for the figures: one of the file's name, or "budget"."""
    table = shaped.table
    told = re.findall(r"[^\W\d_]+", f"{PurePosixPath(table.path).stem} {table.sheet or ''}")
    nouns = _NOUNS | {stem(one.lower()) for one in told if len(one) > 2}
    for match in WORD.finditer(shaped.text.lower()):
        word = stem(match[0])
        valued = any(one.level == EXACT for one in index.values.get(word, ()))
        valued = valued or bool(index.parts.get(word) or index.parts.get(root(word)))
        if word in nouns and not valued:
            return match[0].capitalize()
    return None


def _long(shaped: Shaped, spread: Spread, name: str, value: str) -> Shaped:
    gone = {one.name for one in spread.columns} | ({spread.total.name} if spread.total else set())
    kept = [one for one in shaped.table.columns if one.name not in gone]
    headings = tuple(one.name for one in spread.columns)
    units = {one.unit for one in spread.columns if one.kind == "number"}
    numbers = [one for one in spread.columns if isinstance(one.low, int | float)]
    columns = (
        *kept,
        Column(name=name, kind="text", values=headings, distinct=len(headings)),
        Column(
            name=value, kind="number", unit=units.pop() if len(units) == 1 else None,
            distinct=shaped.table.rows, missing=sum(one.missing for one in spread.columns),
            low=min((float(one.low or 0) for one in numbers), default=None),
            high=max((float(one.high or 0) for one in numbers), default=None),
        ),
    )  # fmt: skip
    table = shaped.table.model_copy(
        update={"columns": columns, "rows": shaped.table.rows * len(headings)}
    )
    return replace(
        shaped, table=table, unpivot=Unpivot(columns=headings, name=name, value=value)
    ).noting(
        f"The columns {headings[0]} to {headings[-1]} are read as one column {value} with a row "
        f"for each {spread.unit.lower()}."
        + (f" The column {spread.total.name} is not counted beside them." if spread.total else "")
    )


def _total(shaped: Shaped, spread: Spread, index: Index, whole: re.Match[str] | None) -> Shaped:
    """Read "full year budget" as the column of totals, or as all columns together."""
    noun = _noun(shaped, index)
    total = spread.total
    if total is None:
        if whole is None and noun is None and not re.search(r"\b(?:total|sum)\b", shaped.text):
            return shaped
        name, value = _names(shaped, spread, index)
        if whole is not None:
            shaped = shaped.said(*whole.span(), "" if noun else f"total {value}")
        return _long(shaped, spread, name, value)
    if whole is None and noun is None:
        return shaped
    said = stem(noun.lower()) if noun else ""
    named = (
        rf"(?:\b(?:full|whole|entire)[ -]year(?:'s)? |\bannual |\byearly )?\b{said}(?:s|ned|ed)?\b"
    )
    if noun is not None:
        text = re.sub(named, total.name, shaped.text, count=1, flags=re.IGNORECASE)
        rest = _WHOLE.search(text.lower())
        if rest is not None and total.name.lower() not in rest[0]:
            text = text[: rest.start()] + text[rest.end() :]
        shaped = replace(shaped, text=text)
    elif whole is not None and total.name.lower() not in whole[0]:
        shaped = shaped.said(*whole.span(), total.name)
    gone = {one.name for one in spread.columns}
    table = shaped.table.model_copy(
        update={"columns": tuple(one for one in shaped.table.columns if one.name not in gone)}
    )
    return replace(shaped, table=table).noting(
        f"The column {total.name} is used; the columns {spread.columns[0].name} to "
        f"{spread.columns[-1].name} are not counted beside it."
    )


_OF_CELLS = frozenset({"mean", "median", "min", "max"})


def again(table: Table, base: Plan) -> tuple[Table, Unpivot | None]:
    """Give the table as the plan before made it long."""
    spread = spread_of(table)
    if spread is None or base.unpivot is None:
        return table, None
    shaped = _long(Shaped("", table), spread, base.unpivot.name, base.unpivot.value)
    return shaped.table, shaped.unpivot


def long_only(plan: Plan, table: Table) -> Plan:
    """Keep groups without any figure out, and never count the rows of a table made long."""
    unpivot = plan.unpivot
    if unpivot is None:
        return plan
    for one in (measure for question in plan.questions for measure in question.measures):
        if one.column != unpivot.value and one.aggregate != "distinct":
            raise ask(f"Which figure do you want: the total of {unpivot.value}?")
    for question in plan.questions:
        settled = any(one.column == unpivot.name for one in question.groups)
        settled = settled or any(one.column == unpivot.name and one.op == "eq"
                                 for one in question.filters)  # fmt: skip
        if not settled and any(one.aggregate in _OF_CELLS for one in question.measures):
            raise ask(
                f"Is that figure meant over the single cells of {unpivot.columns[0]} to "
                f"{unpivot.columns[-1]}, or shall each row be added up first, which I cannot do?"
            )
    value = table.column(unpivot.value)
    gaps = value is not None and value.missing > 0
    questions = tuple(_without_gaps(one, unpivot, gaps=gaps) for one in plan.questions)
    return plan.model_copy(update={"questions": questions})


def _without_gaps(question: Question, unpivot: Unpivot, *, gaps: bool) -> Question:
    if not gaps or not any(one.column == unpivot.name for one in question.groups):
        return question
    kept = Filter(column=unpivot.value, op="present")
    return question.model_copy(update={"filters": (*question.filters, kept)})
