"""What single words of a request demand of its plan: an average, a share, a breakdown, a number.

Owns these demands. Must never look at a table nor at how the plan was made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from deputy.agent.plans import Aggregate, Filter, Measure, Plan, Question
from deputy.agent.playbooks.language.vocabulary import NO, NUMBERS


@dataclass(frozen=True)
class Told:
    """The words in lower case, wishes for files blotted out, and what the plan makes of them."""

    text: str
    plan: Plan

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """Give every figure of the plan."""
        return tuple(one for question in self.plan.questions for one in question.measures)

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """Give every filter of the plan, those of single figures included."""
        own = [one for question in self.plan.questions for one in question.filters]
        return (*own, *(one for measure in self.measures for one in measure.where))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Give every column of the plan, those that others are computed from included."""
        found = [name for one in self.measures for name in (one.column, one.over) if name]
        found += [one.column for one in self.filters]
        for question in self.plan.questions:
            found += [one.column for one in question.groups]
            found += [question.date_column] if question.date_column else []
        made = {one.name: one.of for one in self.plan.derived}
        found += [name for one in reversed(self.plan.derived) if one.name in found
                  for name in made[one.name]]  # fmt: skip
        return tuple(dict.fromkeys(found))

    @cached_property
    def names(self) -> str:
        """Give the names of columns and the values of filters, in lower case."""
        values = [one for kept in self.filters for one in spoken(kept)]
        quoted = re.findall(r"“([^”]*)”", " ".join(self.plan.assumptions))
        return " | ".join((*self.columns, *values, *quoted)).lower()

    @cached_property
    def dated(self) -> bool:
        """Say whether the plan has a period or a comparison of two."""
        return self.any(lambda one: one.period is not None or one.compare is not None)

    def any(self, fits: Callable[[Question], object]) -> bool:
        """Say whether a question of the plan is so."""
        return any(fits(one) for one in self.plan.questions)

    def aggregated(self, *names: Aggregate) -> bool:
        """Say whether a figure of the plan is aggregated so."""
        return any(one.aggregate in names for one in self.measures)


def spoken(kept: Filter) -> tuple[str, ...]:
    """Give the values of a filter as text."""
    many = kept.value if isinstance(kept.value, tuple) else (kept.value,)
    return tuple(str(one) for one in many if one is not None)


def unmet(told: Told) -> Iterator[str]:
    """Give the words whose demand the plan does not meet."""
    for source, met in _DEMANDS:
        match = source.search(told.text)
        if match is not None and match[0].strip() not in told.names and not met(told):
            yield " ".join(match[0].replace("\x00", " ").split())
    yield from _one_bucket(told)
    yield from _negations(told)
    yield from _numbers(told)
    yield from _units(told)


def _one_bucket(told: Told) -> Iterator[str]:
    """Give a breakdown by time of which the period leaves a single group."""
    for question in told.plan.questions:
        by = next((one.by for one in question.groups if one.by is not None), None)
        if by is not None and question.period is not None and question.period.kind == by:
            yield f"by {by}"


def _word(source: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{source})(?![^\W_])")


def _mean(told: Told) -> bool:
    return told.aggregated("mean", "ratio")


_SHARE_OF = re.compile(
    r"\b(?:what|which)(?:'s| is)? (?:the )?(?:share|proportion|percentage|percent|fraction|part|%)"
    r" of\b"
)


def _share(told: Told) -> bool:
    together = told.any(lambda one: one.rank is not None and one.rank.together)
    kept = bool(told.filters) and bool(_SHARE_OF.search(told.text))
    grouped = not kept and told.any(lambda one: one.groups or one.compare)
    return together or grouped or told.aggregated("ratio") or _percent_kept(told)


def _percent_kept(told: Told) -> bool:
    return any(one.unit == "%" for one in told.measures) or bool(told.filters and re.search(
        r"%|percent|share|rate", told.names))  # fmt: skip


def _grown(told: Told) -> bool:
    return told.any(
        lambda one: (
            one.compare is not None
            or (one.rank is not None and one.rank.by != "value")
            or any(group.by is not None for group in one.groups)
        )
    )


def _compared(told: Told) -> bool:
    sided = told.any(lambda one: one.compare is not None or one.groups or len(one.measures) > 1)
    return sided or len(told.plan.questions) > 1 or told.aggregated("ratio")


def _ranked(told: Told) -> bool:
    return told.aggregated("max", "min") or told.any(
        lambda one: one.rank is not None or (one.chart is not None and one.chart.top is not None)
    )


def _grouped(told: Told) -> bool:
    if told.any(lambda one: one.groups):
        return True
    return told.aggregated("ratio") or any(
        re.search(r"\b(?:per|by|each)\b", one.label.lower()) for one in told.measures
    )


def _parted(told: Told) -> bool:
    return told.any(lambda one: len(one.groups) == 2)


def _two_kept(told: Told) -> bool:
    """Say whether two things are kept, two values of one column, or nothing at all."""
    many = any(one.op == "in" for one in told.filters)
    return many or len(told.filters) != 1


def _empty(told: Told) -> bool:
    return told.aggregated("missing") or any(
        one.op in {"missing", "present", "le", "eq"} for one in told.filters
    )


_DEMANDS: tuple[tuple[re.Pattern[str], Callable[[Told], object]], ...] = (
    (_word(r"averages?|averaged|avg|(?<!i )mean|on average"), _mean),
    (_word(r"medians?"), lambda told: told.aggregated("median")),
    (_word(r"maximum|minimum"), _ranked),
    (_word(r"different|distinct|unique"), lambda told: told.aggregated("distinct")),
    (_word(r"share|proportion|percentage|percent|fraction|per cent|%(?! (?:vat|tax))"), _share),
    (_word(r"growth|grew|grow|growing|grown|increased?|decreased?|declined?"), _grown),
    (_word(r"compared?|comparison|versus|vs|year on year|yoy"), _compared),
    (_word(r"highest|lowest|largest|smallest|biggest|longest|shortest|fewest"
           r"|(?<!at )(?:most|least)|top|bottom|best|worst|cheapest|dearest|oldest|youngest|fastest"
           r"|slowest|busiest|quietest"),
     _ranked),
    (_word(r"by|per|each|every|split|broken down|breakdown"), _grouped),
    (_word(r"(?:down|along|on) the side|across the top|(?:in|as) (?:the )?(?:rows|columns)|matrix"
           r"|pivot|cross ?tab\w*"), _parted),
    (_word(r"both(?! (?:years|months|periods|files|tables|sheets|quarters))"), _two_kept),
    (_word(r"missing|blank|unknown|not filled"), _empty),
    (_word(r"out of(?! all)|previous|(?:month|quarter|year|week) before"),
     lambda told: told.aggregated("ratio") or told.dated),
    (_word(r"each other|in a row|at least (?:once|twice)|more than once|only ever"
           r"|(?:per|every) working day|for the first time|except the first"
           r"|all but the (?:first|last)"
           r"|or so|respectively|excess|cumulative|running total|to date balance|moving average"
           r"|per capita|on top of|less than usual|net of|before tax|after tax"), lambda _: False),
)  # fmt: skip

_NOT = _word(
    r"not|no|non|without|excluding|excludes?|excluded|excl|except|excepting|never|neither|nor"
    r"|other than|apart from|aside from|leave out|leaving out|ignoring|ignore|omit\w*|outside"
    r"|\w+n't|besides|unless"
)
_NOT_MEANT = _word(
    r"(?:no|not) (?:more|less|fewer|later|earlier|older|higher|lower) than|not only|if not"
    r"|(?:without|no|not|drop|remove) (?:a |any |the )?(?:compar\w+|chart\w*|graph\w*)|why not"
    r"|(?:do not|don't|don t) (?:need|want|worry|know|include)|whether or not|no (?:rush|hurry)"
    r"|(?:can not|can't|couldn't|cannot|could not) (?:find|see|work|tell)|haven't (?:got|found)"
)


def _negations(told: Told) -> Iterator[str]:
    """Give words that exclude where nothing in the plan does."""
    text = _NOT_MEANT.sub(lambda match: " " * len(match[0]), told.text)
    found = list(_NOT.finditer(text))
    if not found or told.aggregated("missing"):
        return
    if any(_excludes(one) for one in told.filters):
        return
    for match in found:
        if not re.search(rf"(?<!\w){re.escape(match[0])}(?!\w)", told.names):
            yield " ".join(text[match.start() : match.end() + 20].replace("\x00", " ").split()[:3])


def _excludes(one: Filter) -> bool:
    negative = one.op in {"ne", "not_in", "missing", "lt", "le"}
    return negative or (one.op == "eq" and any(value.lower() in NO for value in spoken(one)))


_NUMBER = re.compile(r"(?<![\w.,])(\d[\d.,]*\d|\d)(?:st|nd|rd|th|k|m|mn)?(?![\w)])(?!\))")
_UNIT_NEXT = re.compile(r"\s*-?\s*(?:hours?|days?|weeks?|months?|quarters?|years?)\b")
_COUNTED_NEXT = re.compile(
    r"\s+(?:\w+\s+)?(?:things?|figures?|numbers?|files?|tables?|sheets?|columns?|questions?|parts?"
    r"|periods?|years?|months?|quarters?|weeks?|days?|decimals?|pages?|of them)\b"
)
_SCALES = (1.0, 1e2, 1e3, 1e6, 1e-2)
_WORDS = frozenset(NUMBERS) - {"one", "single", "hundred", "dozen"}


def _numbers(told: Told) -> Iterator[str]:
    """Give the numbers that occur nowhere in the plan."""
    known = _known_numbers(told.plan)
    for match in _NUMBER.finditer(told.text):
        near = told.dated and _UNIT_NEXT.match(told.text, match.end())
        variants = _read(match[1])
        if not near and not any(one * scale in known for one in variants for scale in _SCALES):
            yield match[0]
    for match in re.finditer(r"(?<![^\W_])[a-z]+(?![^\W_])", told.text):
        if match[0] not in _WORDS or NUMBERS[match[0]] in known:
            continue
        plain = _COUNTED_NEXT.match(told.text, match.end())
        if not plain and match[0] not in told.names:
            yield match[0]


def _read(number: str) -> tuple[float, ...]:
    found = []
    for text in (number.replace(",", ""), number.replace(".", "").replace(",", ".")):
        try:
            found.append(float(text))
        except ValueError:
            continue
    return tuple(found)


def _known_numbers(plan: Plan) -> frozenset[float]:
    """Give every number that the plan holds, in names and dates too."""
    found: set[float] = set()
    for question in plan.questions:
        found |= {question.rank.top} if question.rank else set()
        found |= {question.chart.top} if question.chart and question.chart.top else set()
        for span in (question.period, question.compare):
            if span is not None:
                beside = (_moved(span.start, -1), _moved(span.end, 1))
                found |= _digits(f"{span.label} {span.start} {span.end} {' '.join(beside)}")
    told = Told("", plan)
    for one in told.filters:
        found |= {float(value) for value in _plain_numbers(one)}
    found |= _digits(told.names)
    return frozenset(found | _digits(" ".join((plan.source.path, plan.source.sheet or ""))))


def _moved(day: str, days: int) -> str:
    """Give the day beside an end: "before 2025" ends on the last day of 2024."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def _plain_numbers(one: Filter) -> tuple[float, ...]:
    many = one.value if isinstance(one.value, tuple) else (one.value,)
    return tuple(float(value) for value in many if isinstance(value, int | float))


def _digits(text: str) -> set[float]:
    return {float(one) for one in re.findall(r"\d+(?:\.\d+)?", text)} | {
        float(one) for one in re.findall(r"\d+", text)
    }


_UNIT = _word(r"in (minutes|hours|seconds|days|weeks|thousands|millions|k)")
_WRITTEN = {
    "minutes": r"\bmin(?:ute)?s?\b", "hours": r"\bh(?:ou)?rs?\b|\bh\b", "seconds": r"\bs(?:ec)?\b",
    "days": r"\bdays?\b|nights?", "weeks": r"\bweeks?\b",
}  # fmt: skip


def _units(told: Told) -> Iterator[str]:
    """Give the unit asked for where the figures are in another one."""
    for match in _UNIT.finditer(told.text):
        written = _WRITTEN.get(match[1])
        names = " ".join(told.columns).lower().replace("_", " ")
        if written is None or not re.search(written, names):
            yield match[0]
